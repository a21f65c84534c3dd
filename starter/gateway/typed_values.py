"""Variables as Camunda's REST API writes them, `{value, type?, valueInfo?}`, made plain."""

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, cast

from pydantic import ValidationError

from mlc.contract import Contract
from mlc.errors import InvalidInput
from mlc.text import plain
from starter.gateway.bodies import parsed_json

WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+")
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
DATE, DATE_LIKE = "%Y-%m-%dT%H:%M:%S.%f%z", "2017-02-10T14:33:19.000+0200"
JSON_FORMAT = "application/json"
SHOWN = 60


class TypedValue(Contract):
    """Camunda's VariableValueDto."""

    value: Any = None
    type: str | None = None
    value_info: dict[str, Any] | None = None


def plain_values(variables: Mapping[str, Any]) -> dict[str, Any]:
    """The values by name. Raises InvalidInput naming the variable whose type is not known, or whose value does not fit it."""
    return {name: _value(name, typed) for name, typed in variables.items()}


def _value(name: str, typed: object) -> Any:
    variable = _variable(name, typed)
    if variable.type is None:
        return variable.value
    read = READERS.get(variable.type[:1].lower() + variable.type[1:])
    if read is None:
        raise InvalidInput(f"Unsupported value type '{plain(variable.type, SHOWN)}' of variable {name}")
    data_format = (variable.value_info or {}).get("serializationDataFormat", JSON_FORMAT)
    if read is _json and data_format != JSON_FORMAT:
        raise InvalidInput(f"variable {name}: valueInfo.serializationDataFormat is not {JSON_FORMAT}")
    try:
        return None if variable.value is None else read(variable.value)
    except (ValueError, RecursionError) as error:
        shown = plain(variable.value, SHOWN)
        raise InvalidInput(
            f"variable {name}: '{shown}' is not a value of type {variable.type}: {error}"
        ) from None


def _variable(name: str, typed: object) -> TypedValue:
    given = cast(dict[str, Any], typed) if isinstance(typed, dict) else {"": typed}
    # Whoever forgot `value` around an object would else send nothing, and not be told.
    if "value" not in given and not given.keys() <= {"type", "valueInfo"}:
        raise InvalidInput(f"variable {name} is not an object with a value")
    try:
        return TypedValue.model_validate(given)
    except ValidationError as error:
        wrong = error.errors()[0]
        raise InvalidInput(f"variable {name}: {wrong['loc'][0]}: {wrong['msg']}") from None


def _boolean(value: object) -> bool:
    word = value.lower() if isinstance(value, str) else value
    # By identity: 1 equals true.
    if word is True or word == "true":
        return True
    if word is False or word == "false":
        return False
    raise ValueError("true or false")


def _whole_number(bits: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        # Not one written with a fraction, and not true or false, which Python counts as numbers.
        text = value if isinstance(value, str) else json.dumps(value)
        if not WHOLE_NUMBER.fullmatch(text):
            raise ValueError("a whole number")
        number = int(text)
        if not -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
            raise ValueError(f"a number of {bits} bits")
        return number

    return read


def _double(value: object) -> float:
    text = value if isinstance(value, str) else json.dumps(value)
    if not NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        raise ValueError("a number")
    return float(text)


def _string(value: object) -> str:
    if isinstance(value, dict | list):
        raise ValueError("text")  # noqa: TRY004 - one kind of error for whatever does not fit
    return value if isinstance(value, str) else json.dumps(value)


def _date(value: object) -> str:
    try:
        datetime.strptime(str(value), DATE)  # noqa: DTZ007 - the format has an offset
    except ValueError:
        raise ValueError(f"a date is written as {DATE_LIKE}") from None
    return str(value)


def _null(value: object) -> None:
    raise ValueError("null alone")


def _json(value: object) -> Any:
    if not isinstance(value, str):
        raise ValueError("JSON as text; JSON itself goes without a type")  # noqa: TRY004
    return parsed_json(value)


READERS: Mapping[str, Callable[[object], Any]] = {
    "boolean": _boolean,
    "short": _whole_number(16),
    "integer": _whole_number(32),
    "long": _whole_number(64),
    "double": _double,
    "string": _string,
    "date": _date,
    "null": _null,
    "json": _json,
    "object": _json,
}
