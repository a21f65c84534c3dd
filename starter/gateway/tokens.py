"""Who calls: a bearer token, checked, is a user with groups."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import jwt

from mlc.errors import Unauthorized
from mlc.settings import AuthSettings
from mlc.text import plain
from starter.gateway.keys import ALGORITHMS, IssuerKeys

# Enough for a user of some hundred groups; what is larger is not even parsed.
LARGEST_TOKEN = 16 * 1024
# Clocks differ.
LEEWAY_SECONDS = 30
LONGEST_NAME = 200
NAMES = ("preferred_username", "email", "sub")
# Not `nbf`: it is checked where a token carries it, and many issuers leave it out.
REQUIRED = ("exp", "iss", "aud")

REASONS: tuple[tuple[type[jwt.PyJWTError], str], ...] = (
    (jwt.ExpiredSignatureError, "the token has expired: ask for a new one"),
    (jwt.ImmatureSignatureError, "the token is not valid yet"),
    (jwt.InvalidAudienceError, "the token is for somebody else: its aud is not MLC_GATEWAY__AUTH__AUDIENCE"),
    (jwt.InvalidIssuerError, "the token is from somebody else: its iss is not MLC_GATEWAY__AUTH__ISSUER"),
    (jwt.InvalidSignatureError, "the token's signature is wrong"),
)


@dataclass(frozen=True)
class User:
    """Who calls. `name` is what a record tells; `names` are all that the token gives the person."""

    name: str
    names: tuple[str, ...]
    groups: frozenset[str]


class Tokens:
    """Checks tokens as the settings say."""

    def __init__(self, auth: AuthSettings) -> None:
        self._auth = auth
        self._keys = IssuerKeys(auth.jwks_url, auth.keys_seconds)
        needed = {"ISSUER": auth.issuer, "AUDIENCE": auth.audience, "JWKS_URL": auth.jwks_url}
        self._unset = [f"MLC_GATEWAY__AUTH__{name}" for name, value in needed.items() if not value]

    async def user(self, token: str | None) -> User:
        """The user of a token. Raises Unauthorized saying what is wrong with it, Unavailable when the keys cannot be had."""
        if self._unset:
            raise Unauthorized(f"the gateway takes no tokens as long as it lacks {', '.join(self._unset)}")
        if token is None:
            raise Unauthorized("there is no token: send the header `Authorization: Bearer <token>`")
        if len(token) > LARGEST_TOKEN:
            raise Unauthorized(f"the token is larger than {LARGEST_TOKEN} bytes")
        try:
            return self._user_of(await self._claims(token))
        except jwt.PyJWTError as error:
            raise Unauthorized(_reason(error)) from None

    async def _claims(self, token: str) -> Mapping[str, Any]:
        header = jwt.get_unverified_header(token)
        algorithm = header.get("alg")
        if algorithm not in ALGORITHMS:
            raise Unauthorized(f"the token is not signed by one of {', '.join(ALGORITHMS)}")
        key = await self._keys.find(header.get("kid"), algorithm)
        if key is None:
            raise Unauthorized("the token is signed with a key that is none of its issuer's")
        return jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            issuer=self._auth.issuer,
            audience=self._auth.audience,
            leeway=LEEWAY_SECONDS,
            options={"require": list(REQUIRED), "enforce_minimum_key_length": True},
        )

    def _user_of(self, claims: Mapping[str, Any]) -> User:
        found = (claims.get(claim) for claim in NAMES)
        names = tuple(plain(name, LONGEST_NAME) for name in found if isinstance(name, str) and name.strip())
        if not names:
            raise Unauthorized(f"the token names nobody: it has none of {', '.join(NAMES)}")
        return User(names[0], names, frozenset(_groups(claims, self._auth.groups_claim)))


def _groups(claims: Mapping[str, Any], claim: str) -> list[str]:
    """The names at a claim, or on the way of dots to it. Keycloak writes a group as its path."""
    found: object = claims.get(claim)
    if found is None:
        found = claims
        for part in claim.split("."):
            found = cast(Mapping[str, Any], found).get(part) if isinstance(found, dict) else None
    several = cast(list[object], found) if isinstance(found, list) else [found]
    return [name.removeprefix("/") for name in several if isinstance(name, str)]


def _reason(error: jwt.PyJWTError) -> str:
    if isinstance(error, jwt.MissingRequiredClaimError):
        return f"the token has no {error.claim}"
    known = (reason for kind, reason in REASONS if isinstance(error, kind))
    return next(known, "the token cannot be read as a JWT")
