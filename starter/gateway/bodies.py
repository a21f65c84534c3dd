"""Bodies of requests: of a size that can be held, and JSON where JSON is needed."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from mlc.errors import InvalidInput

M = TypeVar("M", bound=BaseModel)

# A snapshot is told with all its embedded files.
LARGEST_BODY = 64 * 1024 * 1024


async def body_of(request: Request) -> bytes:
    """The whole body. Raises HTTPException 413 as soon as it is too large, however large it says it is."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_BODY:
            raise HTTPException(413, f"the body is larger than {LARGEST_BODY} bytes")
    return bytes(body)


async def json_object(request: Request) -> dict[str, Any]:
    """The JSON object that is the body. Raises HTTPException 413 and 415, InvalidInput for what is no such object."""
    media_type = request.headers.get("Content-Type", "application/json").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise HTTPException(415, f"the body is {media_type}: send JSON, with Content-Type: application/json")
    try:
        parsed = parsed_json(await body_of(request))
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"the body is not JSON: {error}") from None
    if not isinstance(parsed, dict):
        raise InvalidInput("the body is not a JSON object")
    return cast(dict[str, Any], parsed)


def parsed_json(text: str | bytes) -> Any:
    """Parsed JSON, without the numbers that Python takes and JSON does not have. Raises ValueError, RecursionError."""
    return json.loads(text, parse_constant=_no_number)


def _no_number(constant: str) -> Any:
    raise ValueError(f"{constant} is no number of JSON")


def read(kind: type[M], values: Mapping[str, Any]) -> M:
    """A model from what a caller gave. Raises InvalidInput naming what is wrong, or not known."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        raise InvalidInput(f"{name} is not taken here; there are {', '.join(kind.model_fields)}")
    raise InvalidInput(f"{name}: {first['msg']}")
