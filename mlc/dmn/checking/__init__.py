"""Decision tables looked at before they decide: what they say, and what is wrong with them."""

from mlc.dmn.checking.files import Checked, Judged, check, judged
from mlc.dmn.checking.outline import DecisionOutline, TableOutline
from mlc.dmn.checking.problems import Problem

__all__ = ["Checked", "DecisionOutline", "Judged", "Problem", "TableOutline", "check", "judged"]
