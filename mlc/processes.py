"""What starts a process: its argument, by name."""

from pydantic import Field

from mlc.contract import Contract


class DeployRequest(Contract):
    """Starts a deploy process for a snapshot (deployable model) by its id."""

    snapshot_id: str = Field(min_length=1, max_length=200, pattern=r"^\S+$")
