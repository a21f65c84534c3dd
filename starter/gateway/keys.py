"""The public keys of the issuer of tokens."""

import asyncio
import logging
import math
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import httpx
import jwt
from pydantic import BaseModel

from mlc.errors import Unavailable

# Asymmetric ones alone: with a public key as its secret anybody could sign by HS256.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
FETCH_SECONDS = 5.0
# Tokens that name keys nobody has seen, and an issuer that is down, cost a request this often and no oftener.
PAUSE_SECONDS = 2.0

logger = logging.getLogger("mlc.gateway")

Keys = Mapping[tuple[str | None, str], jwt.PyJWK]


class _KeySet(BaseModel):
    """A JSON Web Key Set (RFC 7517)."""

    keys: list[dict[str, Any]]


class IssuerKeys:
    """Keys from a JWKS URL, kept for `kept_seconds`. One that is not among them has them fetched anew: it may be a new one."""

    def __init__(self, url: str, kept_seconds: float) -> None:
        self._url = url
        self._kept_seconds = kept_seconds
        self._keys: Keys = {}
        self._fetched = self._tried = -math.inf
        self._trouble: str | None = None
        self._one_fetches = asyncio.Lock()

    async def find(self, key_id: str | None, algorithm: str) -> jwt.PyJWK | None:
        """The key with this id for this algorithm, if the issuer has it. Raises Unavailable when the issuer does not say."""
        wanted = key_id, algorithm
        if self._is_worth_a_fetch(wanted):
            async with self._one_fetches:
                if self._is_worth_a_fetch(wanted):
                    await self._fetch()
        if self._trouble and self._is_unsure(wanted):
            raise Unavailable(self._trouble)
        return self._keys.get(wanted)

    def _is_worth_a_fetch(self, wanted: tuple[str | None, str]) -> bool:
        return self._is_unsure(wanted) and time.monotonic() - self._tried >= PAUSE_SECONDS

    def _is_unsure(self, wanted: tuple[str | None, str]) -> bool:
        return wanted not in self._keys or time.monotonic() - self._fetched > self._kept_seconds

    async def _fetch(self) -> None:
        try:
            async with httpx.AsyncClient(timeout=FETCH_SECONDS) as http:
                answer = (await http.get(self._url)).raise_for_status()
            self._keys = _usable(_KeySet.model_validate_json(answer.content))
            self._fetched, self._trouble = time.monotonic(), None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            why = type(error).__name__ if isinstance(error, httpx.TransportError) else _first_line(error)
            self._trouble = (
                f"tokens cannot be checked: MLC_GATEWAY__AUTH__JWKS_URL {self._url} gives no keys: {why}"
            )
            logger.warning("%s", self._trouble)
        self._tried = time.monotonic()


def _usable(key_set: _KeySet) -> Keys:
    keys: dict[tuple[str | None, str], jwt.PyJWK] = {}
    for jwk in key_set.keys:
        for algorithm in ALGORITHMS:
            if jwk.get("alg", algorithm) == algorithm and jwk.get("use", "sig") == "sig":
                with suppress(jwt.PyJWTError):
                    keys[jwk.get("kid"), algorithm] = jwt.PyJWK(jwk, algorithm)
    if not keys:
        raise ValueError("none of its keys checks signatures by RS, PS or ES")
    return keys


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
