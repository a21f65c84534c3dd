"""What the shell offers on Tab. Whatever is wrong, it offers nothing and says nothing."""

from collections.abc import Iterable

import typer

from mlc.catalogue import installed
from mlc.errors import MlcError
from mlc.signals import PREFIX, full_name
from starter.client import MlcClient
from starter.commands.known_signals import known_signals, variables_of
from starter.commands.session import with_client

ANSWER_SECONDS = 1.0

# A word, and what stands beside it.
Offer = tuple[str, str]


def processes(incomplete: str) -> list[Offer]:
    """Names of processes, each with its title."""
    try:
        found = installed().processes
    except MlcError:
        return []
    return _beginning(incomplete, ((process.name, process.title) for process in found))


def signals(incomplete: str) -> list[Offer]:
    """Names of signals without their prefix, each with what it does."""
    try:
        found = known_signals(installed())
    except MlcError:
        return []
    return _beginning(incomplete, ((signal.name.removeprefix(PREFIX), signal.effect) for signal in found))


def variables(ctx: typer.Context, incomplete: str) -> list[Offer]:
    """`NAME=` for the variables of the process, or of the signal, that the line names already."""
    # An option that still lacks its value keeps the words before it from becoming arguments.
    left = next(iter(ctx.args), "")
    try:
        if ctx.info_name == "signal":
            kind = variables_of(full_name(ctx.params.get("signal") or left), installed())
        else:
            kind = installed().process(ctx.params.get("process") or left).request
    except MlcError:
        return []
    return _beginning(incomplete, ((f"{name}=", "") for name in (kind.variable_names() if kind else ())))


def running_processes(incomplete: str) -> list[Offer]:
    """Ids of processes that run."""

    async def look(client: MlcClient) -> list[Offer]:
        rows = await client.list(state="running")
        return [(row.workflow_id, f"{row.process} of {row.model_name or 'unknown model'}") for row in rows]

    try:
        return _beginning(incomplete, with_client(look, within=ANSWER_SECONDS))
    except (MlcError, TimeoutError):
        return []


def _beginning(incomplete: str, offers: Iterable[Offer]) -> list[Offer]:
    return [offer for offer in offers if offer[0].startswith(incomplete)]
