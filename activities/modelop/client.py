"""ModelOp Center over HTTP: login, paging, errors. Nothing here knows what the bodies mean."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast
from urllib.parse import quote

import httpx

from activities.http_errors import error_of
from mlc.dialect import Json
from mlc.errors import InvalidInput, MlcError, Unavailable
from mlc.settings import ModelOpSettings

CONNECT_SECONDS = 3.05


class ModelOpClient:
    """One client for a worker; the token is fetched when it is first needed and again when it is refused."""

    def __init__(self, settings: ModelOpSettings) -> None:
        self._settings = settings
        self._dialect = settings.dialect
        self._token: str | None = None
        self._login = asyncio.Lock()
        timeout = httpx.Timeout(settings.timeout_seconds, connect=CONNECT_SECONDS)
        self._http = httpx.AsyncClient(base_url=settings.base_url.rstrip("/"), timeout=timeout)

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def get(self, collection: str, entity_id: str) -> Json:
        """One entity. Raises NotFound."""
        path = f"{collection}/{_segment(entity_id)}"
        return _object(await self._ask("GET", path), path)

    async def create(self, collection: str, body: Json) -> Json:
        """Creates an entity and answers it with its id. Repeating this may duplicate: find before create."""
        return _object(await self._ask("POST", collection, json=body), collection)

    async def patch(self, collection: str, entity_id: str, body: Json) -> Json:
        """Changes top-level fields. Raises Conflict when `version` is in the body and somebody else was faster."""
        path = f"{collection}/{_segment(entity_id)}"
        return _object(await self._ask("PATCH", path, json=body), path)

    async def newest_first(self, collection: str) -> AsyncIterator[Json]:
        """All entities of a collection, newest first, a page at a time."""
        page = 0
        while True:
            query = {"page": page, "size": self._dialect.page_size, "sort": self._dialect.newest_first}
            body = _object(await self._ask("GET", collection, params=query), collection)
            embedded = cast(Json, body.get("_embedded") or {})
            for entity in cast(list[Json], embedded.get(collection) or []):
                yield entity
            page += 1
            if page >= int(cast(Json, body.get("page") or {}).get("totalPages") or 0):
                return

    async def log_in(self) -> None:
        """Fetches a token. Raises Unauthorized when the login is refused."""
        form = {"username": self._settings.username, "password": self._settings.password.get_secret_value()}
        what = f"ModelOp Center at {self._settings.base_url} refuses the login of {self._settings.username}"
        response = await self._send("POST", self._dialect.token_path, data=form)
        if response.status_code >= 400:
            raise _error(
                response, what if response.status_code < 500 else f"token from {self._settings.base_url}"
            )
        body = _object(_json(response, "token"), "token")
        self._token = str(body.get("access_token") or "")
        if not self._token:
            raise InvalidInput(
                f"{self._settings.base_url}{self._dialect.token_path} answered without an access_token"
            )

    async def _ask(self, method: str, path: str, **how: Any) -> object:
        token = self._token
        if token is None:
            token = await self._renew(None)
        url, what = f"{self._dialect.api_path}/{path}", f"ModelOp Center, {method} {path}"
        response = await self._send(method, url, headers={"Authorization": f"Bearer {token}"}, **how)
        if response.status_code == 401:
            token = await self._renew(token)
            response = await self._send(method, url, headers={"Authorization": f"Bearer {token}"}, **how)
        if response.status_code >= 400:
            raise _error(response, what)
        return _json(response, what)

    async def _renew(self, refused: str | None) -> str:
        """A token other than the refused one; of many callers at once, one logs in."""
        async with self._login:
            if self._token is None or self._token == refused:
                await self.log_in()
            return cast(str, self._token)

    async def _send(self, method: str, url: str, **how: Any) -> httpx.Response:
        try:
            return await self._http.request(method, url, **how)
        except httpx.InvalidURL as error:
            raise InvalidInput(
                f"ModelOp Center's address {self._settings.base_url} cannot be used: {error}"
            ) from error
        except httpx.HTTPError as error:
            why = str(error) or type(error).__name__
            raise Unavailable(
                f"ModelOp Center does not answer at {self._settings.base_url}: {why}"
            ) from error


def _segment(entity_id: str) -> str:
    """An id as one path segment, whatever it holds."""
    return quote(entity_id, safe="")


def _json(response: httpx.Response, what: str) -> object:
    try:
        return response.json()
    except ValueError as error:
        raise Unavailable(
            f"{what}: the answer is not JSON ({response.headers.get('content-type', 'no type')})"
        ) from error


def _object(body: object, what: str) -> Json:
    if not isinstance(body, dict):
        raise Unavailable(f"ModelOp Center, {what}: the answer is not a JSON object")
    return cast(Json, body)


def _error(response: httpx.Response, what: str) -> MlcError:
    try:
        body = response.json()
    except ValueError:
        body = None
    said = cast(Json, body).get("message") if isinstance(body, dict) else ""
    return error_of(response.status_code, what, str(said or ""), response.headers.get("Retry-After"))
