"""Variables: what a signal, a schedule or the command line gives to a process, held against the fields of a contract.

A field travels under its name in capitals (`model_stage` is MODEL_STAGE) unless a `Variable` mark says otherwise.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Self, cast

from pydantic import ConfigDict, ValidationError

from mlc.contract import Contract
from mlc.errors import InvalidInput
from mlc.text import plain

# Characters of a name that somebody else chose.
SHOWN = 60


class Variable:
    """Marks a field that travels under other names. `at` names the part of an object that counts, such as its id."""

    def __init__(self, *names: str, at: str | None = None) -> None:
        self.names = names
        self.at = at


class Variables(Contract):
    """Base of everything that is read from variables."""

    # What is refused may be a credential.
    model_config = ConfigDict(hide_input_in_errors=True)

    # ModelOp Center's own signals may tell more than we need; in a person's signal an unknown name is a misspelt one.
    takes_others: ClassVar[bool] = False

    @classmethod
    def variable_names(cls) -> dict[str, str]:
        """Variable name → field name; of a field with several names the preferred one comes first."""
        return {name: field for field, mark in cls._marks().items() for name in mark.names}

    @classmethod
    def preferred_names(cls) -> dict[str, bool]:
        """One name for each field, in order → whether it must be given."""
        return {mark.names[0]: cls.model_fields[field].is_required() for field, mark in cls._marks().items()}

    @classmethod
    def from_variables(cls, variables: Mapping[str, Any], where: str) -> Self:
        """Reads plain values. Raises InvalidInput with `where` and the variable that is wrong, missing or unknown."""
        known, marks = cls.variable_names(), cls._marks()
        fields: dict[str, Any] = {}
        for name, value in variables.items():
            field = known.get(name)
            if field is None:
                if cls.takes_others:
                    continue
                raise InvalidInput(
                    f"{where}: variable {plain(name, SHOWN)} is not known; there are {', '.join(known) or 'none'}"
                )
            if field in fields:
                raise InvalidInput(
                    f"{where}: {' and '.join(marks[field].names)} say the same: give one of them"
                )
            fields[field] = _part(value, marks[field].at)
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            raise InvalidInput(f"{where}: {cls._complaint(error, variables)}") from None

    @classmethod
    def _marks(cls) -> dict[str, Variable]:
        return {
            name: next(
                (mark for mark in field.metadata if isinstance(mark, Variable)), Variable(name.upper())
            )
            for name, field in cls.model_fields.items()
        }

    @classmethod
    def _complaint(cls, error: ValidationError, variables: Mapping[str, Any]) -> str:
        first, marks = error.errors()[0], cls._marks()
        fields = {field.alias or name: name for name, field in cls.model_fields.items()}
        path = [str(part) for part in first["loc"]]
        if not path:
            return first["msg"].removeprefix("Value error, ")
        field = fields.get(path[0], path[0])
        mark = marks[field]
        given = next((name for name in mark.names if name in variables), mark.names[0])
        if first["type"] == "missing" and len(path) == 1:
            return f"variable {given} is missing"
        where = ".".join([given, *([mark.at] if mark.at else []), *path[1:]])
        return f"variable {where}: {first['msg'].removeprefix('Value error, ')}"


def _part(value: object, at: str | None) -> object:
    """The part of an entity that counts; a value that is no entity is taken as that part itself."""
    if at is None or not isinstance(value, dict):
        return value
    return cast(dict[str, Any], value).get(at)
