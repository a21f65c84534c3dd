"""The built-in functions of FEEL. A wrong argument gives null, as the specification asks."""

# Each of these modules adds its functions to FUNCTIONS.
from mlc.dmn.feel.library import (
    contexts as contexts,
)
from mlc.dmn.feel.library import (
    conversion as conversion,
)
from mlc.dmn.feel.library import (
    dates as dates,
)
from mlc.dmn.feel.library import (
    lists as lists,
)
from mlc.dmn.feel.library import (
    logic as logic,
)
from mlc.dmn.feel.library import (
    numbers as numbers,
)
from mlc.dmn.feel.library import (
    range_literals as range_literals,
)
from mlc.dmn.feel.library import (
    ranges as ranges,
)
from mlc.dmn.feel.library import (
    regular_expressions as regular_expressions,
)
from mlc.dmn.feel.library import (
    strings as strings,
)
from mlc.dmn.feel.library.registry import FUNCTIONS as FUNCTIONS
