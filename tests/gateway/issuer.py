"""An issuer of tokens whose keys and moods a test controls: what a Keycloak would do, on loopback."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.gateway.doors import listening

AUDIENCE = "mlc"
Json = dict[str, Any]


class Key:
    """A signing key with its published half."""

    def __init__(self, algorithm: str = "ES256", **published: str) -> None:
        self.algorithm = algorithm
        self.id = uuid4().hex
        self.private = _ec_key(algorithm) if algorithm.startswith("ES") else rsa_key()
        kind = ECAlgorithm if algorithm.startswith("ES") else RSAAlgorithm
        public: Json = kind.to_jwk(self.private.public_key(), as_dict=True)
        self.jwk = public | {"kid": self.id} | published

    @property
    def public_pem(self) -> bytes:
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )


class Issuer:
    """Signs what it is told to; `keys` are those it publishes, `status` what its JWKS endpoint answers with."""

    def __init__(self) -> None:
        self.url = ""
        self.key = Key()
        self.keys = [self.key]
        self.status = 200
        self.fetches = 0

    @property
    def settings(self) -> Json:
        """The gateway's auth settings for this issuer."""
        return {"issuer": self.url, "audience": AUDIENCE, "jwks_url": f"{self.url}/jwks"}

    def claims(self, *groups: str, **claims: Any) -> Json:
        now = time.time()
        told = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "5f0c",
            "preferred_username": "ann",
            "groups": list(groups),
            "iat": now,
            "exp": now + 300,
        } | claims
        return {name: value for name, value in told.items() if value is not None}

    def token(self, *groups: str, key: Key | None = None, kid: str | None = "", **claims: Any) -> str:
        """A token of a member of these groups; a claim that is None is left out, and so is a `kid` that is None."""
        signing = key or self.key
        headers = {} if kid is None else {"kid": kid or signing.id}
        return jwt.encode(self.claims(*groups, **claims), signing.private, signing.algorithm, headers)

    def rotate(self) -> None:
        """A new key signs from now on, and the old one is withdrawn."""
        self.key = Key()
        self.keys = [self.key]

    async def jwks(self, _: Request) -> Response:
        self.fetches += 1
        return JSONResponse({"keys": [key.jwk for key in self.keys]}, self.status)


@asynccontextmanager
async def issuing() -> AsyncGenerator[Issuer]:
    """An issuer on a free port."""
    issuer = Issuer()
    async with listening(Starlette(routes=[Route("/jwks", issuer.jwks)])) as issuer.url:
        yield issuer


def rsa_key(size: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=size)


def _ec_key(algorithm: str) -> ec.EllipticCurvePrivateKey:
    curves: dict[str, ec.EllipticCurve] = {
        "ES256": ec.SECP256R1(),
        "ES384": ec.SECP384R1(),
        "ES512": ec.SECP521R1(),
    }
    return ec.generate_private_key(curves[algorithm])
