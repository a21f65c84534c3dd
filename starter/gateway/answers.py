"""What the gateway answers when it refuses or cannot serve, in the form of Camunda's errors: `{type, message}`.

Where Camunda has a word for the type it is Camunda's; else it is the name of the house's error.
"""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mlc.errors import Conflict, InvalidInput, MlcError, NotFound, RateLimited, Unauthorized

# An error that is not named here is one that goes away by itself.
ANSWERS: Mapping[type[MlcError], tuple[int, str]] = {
    InvalidInput: (400, "InvalidRequestException"),
    Unauthorized: (401, "Unauthorized"),
    NotFound: (404, "NotFoundException"),
    Conflict: (409, "Conflict"),
    RateLimited: (429, "RateLimited"),
}
UNAVAILABLE = (503, "RestException")
OF_HTTP = {
    404: "NotFoundException",
    405: "NotAllowedException",
    413: "InvalidRequestException",
    415: "NotSupportedException",
}


def refusal(
    status: int, kind: str, message: str, headers: Mapping[str, str] | None = None, **more: str
) -> JSONResponse:
    """An answer of this form. What a message repeats of a request need not be proper text."""
    proper = message.encode(errors="replace").decode()
    return JSONResponse({"type": kind, "message": proper, **more}, status, headers)


def refusal_of(error: MlcError, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer to an error of the house."""
    status, kind = ANSWERS.get(type(error), UNAVAILABLE)
    return refusal(status, kind, str(error), headers)


async def house_error(_: Request, error: Exception) -> Response:
    """The handler of `MlcError`."""
    assert isinstance(error, MlcError)  # noqa: S101 - Starlette hands each handler its own kind
    return refusal_of(error)


async def http_error(request: Request, error: Exception) -> Response:
    """The handler of what the router, or a route, says in HTTP's terms."""
    assert isinstance(error, HTTPException)  # noqa: S101 - Starlette hands each handler its own kind
    kind = OF_HTTP.get(error.status_code, "RestException")
    missing = f"there is no {request.method} {request.url.path}"
    message = missing if error.status_code in (404, 405) else error.detail
    return refusal(error.status_code, kind, message, error.headers)


async def own_fault(_: Request, error: Exception) -> Response:
    """The handler of what nobody foresaw; the error itself goes to the log, and no further."""
    return refusal(500, "RestException", "the gateway failed: its log says why")
