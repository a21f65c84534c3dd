"""Decision tables: DMN 1.1 to 1.5 read, checked and evaluated. Nothing in a file is ever executed as code."""

from mlc.dmn.definitions import Decided, Definitions, load
from mlc.dmn.errors import DmnError
from mlc.dmn.table import Condition, MatchedRule
from mlc.dmn.values import Value
from mlc.dmn.verdict import Comparison, Verdict, VerdictRule, judge

__all__ = [
    "Comparison",
    "Condition",
    "Decided",
    "Definitions",
    "DmnError",
    "MatchedRule",
    "Value",
    "Verdict",
    "VerdictRule",
    "judge",
    "load",
]
