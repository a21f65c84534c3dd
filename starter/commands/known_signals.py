"""The signals that are known: those of the catalogue, and those that processes of other packages listen to."""

from mlc.catalogue import Catalogue
from mlc.contract import Contract
from mlc.signals import SIGNALS
from mlc.variables import Variables


class KnownSignal(Contract):
    """One signal. `optional` are those of its variables that may be left out; `starts` names processes."""

    name: str
    effect: str
    variables: tuple[str, ...]
    optional: tuple[str, ...]
    starts: tuple[str, ...]


def known_signals(catalogue: Catalogue) -> list[KnownSignal]:
    """One entry for each name, those of ModelOp Center first."""
    own = (name for process in catalogue.processes for name in process.signals)
    return [_known(name, catalogue) for name in dict.fromkeys([*SIGNALS, *own])]


def variables_of(signal: str, catalogue: Catalogue) -> type[Variables] | None:
    """What the variables of a signal are read into; None for a signal that nobody knows."""
    if signal in SIGNALS:
        return SIGNALS[signal].variables
    return next((process.request for process in catalogue.started_by(signal)), None)


def _known(name: str, catalogue: Catalogue) -> KnownSignal:
    starts = tuple(process.name for process in catalogue.started_by(name))
    kind = variables_of(name, catalogue)
    variables = kind.preferred_names() if kind else {}
    return KnownSignal(
        name=name,
        effect=SIGNALS[name].effect if name in SIGNALS else f"starts {', '.join(starts)}",
        variables=tuple(variables),
        optional=tuple(name for name, needed in variables.items() if not needed),
        starts=starts,
    )
