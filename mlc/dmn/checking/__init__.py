"""Decision tables looked at before they decide: what they say, what is wrong with them, what comes of cases."""

from mlc.dmn.checking.cases import Case, Difference, Tried, refuse_unknown, tried
from mlc.dmn.checking.files import Checked, Judged, check, judged
from mlc.dmn.checking.hyphens import refuse_unusable
from mlc.dmn.checking.outline import DecisionOutline, InputOutline, TableOutline
from mlc.dmn.checking.problems import Problem, did_you_mean

__all__ = [
    "Case",
    "Checked",
    "DecisionOutline",
    "Difference",
    "InputOutline",
    "Judged",
    "Problem",
    "TableOutline",
    "Tried",
    "check",
    "did_you_mean",
    "judged",
    "refuse_unknown",
    "refuse_unusable",
    "tried",
]
