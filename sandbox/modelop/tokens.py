"""Bearer tokens as an identity provider issues them: JWTs that others can check with the published key."""

import base64
import hashlib
import json
import os
import uuid
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from sandbox.modelop.entities import Entity

AUDIENCE = "modelop"
_ALGORITHM = "ES256"


class UnusableKeyError(Exception):
    """The key file holds no key of the right kind; the message names it."""


class TokenIssuer:
    """Signs with the key of `key_file`, which is made where there is none yet. `name` is the tokens' `iss`.

    Raises `UnusableKeyError`, or `OSError` where the file cannot be read or written.
    """

    def __init__(self, key_file: Path, name: str) -> None:
        self._key = _kept_key(key_file)
        self._name = name
        public: Entity = ECAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        self._jwk = {**public, "kid": _thumbprint(public), "alg": _ALGORITHM, "use": "sig"}

    def issue(self, username: str, groups: list[str], issued: float, expires: float) -> str:
        claims: Entity = {
            "iss": self._name,
            "aud": AUDIENCE,
            "sub": username,
            "preferred_username": username,
            "groups": groups,
            "iat": int(issued),
            "exp": int(expires),
            "jti": str(uuid.uuid4()),
        }
        return jwt.encode(claims, self._key, _ALGORITHM, {"kid": self._jwk["kid"]})

    def jwks(self) -> Entity:
        """The public key as a JSON Web Key Set."""
        return {"keys": [self._jwk]}


def _kept_key(path: Path) -> ec.EllipticCurvePrivateKey:
    if not path.exists():
        _make_key(path)
    path.chmod(0o600)
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise UnusableKeyError(f"{path} holds no private key in PEM without a password") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise UnusableKeyError(f"{path} holds another key than one on the curve P-256")
    return key


def _make_key(path: Path) -> None:
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    # Into its place only when it is whole, and never readable by others, not even for a moment.
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    part.replace(path)


def _thumbprint(jwk: Entity) -> str:
    """The key's id by RFC 7638: the same key has the same one everywhere."""
    canonical = json.dumps({name: jwk[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(canonical.encode()).digest()).rstrip(b"=").decode()
