"""Provisional door, until the library is there."""

from mlc.dmn.feel.functions import FUNCTIONS

__all__ = ["FUNCTIONS"]
