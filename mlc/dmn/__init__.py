"""Decision tables: DMN 1.1 to 1.5 read, checked and evaluated. Nothing in a file is ever executed as code.

`load` reads a file, with those it imports, into `Definitions`:

- `evaluate(name, inputs)` gives the value of a decision, a decision service or a business knowledge model;
- `decide(name, inputs)` gives a `Decided`: the decision's value and, for a table, each `MatchedRule` that the value comes
  from, with its number, id, description (and annotations), outputs, and a `Condition` for each cell that asked for
  something: the variable, the cell's text and the value that it met;
- `problems` tells everything that is wrong with a file whose other decisions can be used.

`judge` reads the one table of a file as a verdict on a test result. Every error is a `DmnError`.
"""

from mlc.dmn.definitions import Decided, Definitions, load
from mlc.dmn.errors import DmnError
from mlc.dmn.table import Condition, MatchedRule
from mlc.dmn.values import Value
from mlc.dmn.verdict import judge
from mlc.verdict import Comparison, Verdict, VerdictRule

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
