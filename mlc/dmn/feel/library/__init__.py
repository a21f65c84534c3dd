"""The built-in functions of FEEL. A wrong argument gives null, as the specification asks.

Each module adds its functions to FUNCTIONS.
"""

from mlc.dmn.feel.library import (
    contexts,
    conversion,
    dates,
    lists,
    logic,
    numbers,
    range_literals,
    ranges,
    regular_expressions,
    strings,
)
from mlc.dmn.feel.library.registry import FUNCTIONS

__all__ = [
    "FUNCTIONS",
    "contexts",
    "conversion",
    "dates",
    "lists",
    "logic",
    "numbers",
    "range_literals",
    "ranges",
    "regular_expressions",
    "strings",
]
