"""The built-in functions of FEEL. A wrong argument gives null, as the specification asks."""

from mlc.dmn.feel.library.registry import FUNCTIONS as FUNCTIONS
