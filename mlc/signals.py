"""The catalogue of signals: the name on the wire, its variables, and what it starts."""

from typing import Any

from pydantic import ConfigDict, Field, ValidationError

from mlc.contract import Contract
from mlc.errors import InvalidInput
from mlc.processes import DeployRequest

PREFIX = "com.modelop.mlc.definitions.Signals_"
DEPLOYABLE_MODEL_CHANGED = PREFIX + "deployable_model_changed"


class DeployableModelRef(Contract):
    """The part of DEPLOYABLE_MODEL that counts: the snapshot is read afresh, so only its id is taken."""

    model_config = ConfigDict(extra="ignore")
    id: str = Field(min_length=1, max_length=200, pattern=r"^\S+$")


def deploy_request(variables: dict[str, Any]) -> DeployRequest:
    """The start of a deploy process from the variables of `deployable_model_changed`.

    Raises InvalidInput naming the variable.
    """
    if "DEPLOYABLE_MODEL" not in variables:
        raise InvalidInput(f"{DEPLOYABLE_MODEL_CHANGED}: variable DEPLOYABLE_MODEL is missing")
    try:
        model = DeployableModelRef.model_validate(variables["DEPLOYABLE_MODEL"])
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(["DEPLOYABLE_MODEL", *(str(part) for part in first["loc"])])
        raise InvalidInput(f"{DEPLOYABLE_MODEL_CHANGED}: variable {where}: {first['msg']}") from None
    return DeployRequest(snapshot_id=model.id)
