"""What all routes share: reading JSON bodies and answering errors in ModelOp Center's shape."""

import json
from http import HTTPStatus
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import JSONResponse

from sandbox.modelop.entities import Entity, timestamp
from sandbox.modelop.model_manage import RefusedError


async def json_body(request: Request) -> Any:
    """The request's JSON. Raises `RefusedError` 400 for anything that is no JSON (NaN included)."""
    try:
        return json.loads(await request.body(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise RefusedError(400, f"the body is no JSON: {error}") from error


async def json_object(request: Request) -> Entity:
    """The request's JSON object. Raises `RefusedError` 400 for any other JSON too."""
    body = await json_body(request)
    if not isinstance(body, dict):
        raise RefusedError(400, "the body is no JSON object")
    return cast("Entity", body)


def error_answer(request: Request, status: int, message: str) -> JSONResponse:
    """The error body of a Spring service."""
    body = {
        "timestamp": timestamp(),
        "status": status,
        "error": HTTPStatus(status).phrase,
        "message": message,
        "path": request.url.path,
    }
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None
    return JSONResponse(body, status, headers)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")
