"""The stand-in's tokens are those of an identity provider: signed, with groups, checked by its published key."""

import asyncio
import json
import shutil
import stat
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.sandbox.modelop_server import ACCOUNTS, API, ISSUER, JsonObject, ModelOp, modelop

READER = {"username": "rita", "password": "ritas"}


@pytest.fixture(scope="module")
async def user(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[ModelOp]:
    accounts = {
        **ACCOUNTS,
        "reader": {**READER, "groups": ["mlc-read", "mlc-decide"]},
        "secret": "no account",
    }
    async with modelop(tmp_path_factory.mktemp("modelop"), accounts=accounts) as user:
        yield user


async def issued(user: ModelOp, **account: str) -> str:
    answer = await user.http.post("/gocli/token", data=account or ACCOUNTS["moc"])
    return answer.raise_for_status().json()["access_token"]


async def published(user: ModelOp) -> JsonObject:
    # No token is needed to read the keys.
    answer = await user.http.get("/gocli/jwks", headers={"Authorization": ""})
    (key,) = answer.raise_for_status().json()["keys"]
    return key


def checked(token: str, key: JsonObject) -> JsonObject:
    """The claims, as anybody reads them who trusts the key."""
    assert jwt.get_unverified_header(token)["kid"] == key["kid"]
    return jwt.decode(token, jwt.PyJWK(key), algorithms=[key["alg"]], audience="modelop", issuer=ISSUER)


async def status(user: ModelOp, token: str) -> int:
    return (await user.http.get(f"{API}/jobs", headers={"Authorization": f"Bearer {token}"})).status_code


async def test_a_token_says_whose_it_is_and_until_when(user: ModelOp) -> None:
    claims = checked(await issued(user), await published(user))
    assert claims.keys() == {"iss", "aud", "sub", "preferred_username", "groups", "iat", "exp", "jti"}
    assert (claims["iss"], claims["aud"]) == (ISSUER, "modelop")
    assert claims["sub"] == claims["preferred_username"] == "mlc-service"
    assert abs(claims["iat"] - time.time()) < 10
    assert abs(claims["exp"] - claims["iat"] - 3600) <= 1
    assert claims["jti"] != checked(await issued(user), await published(user))["jti"]


async def test_groups_come_from_the_accounts(user: ModelOp) -> None:
    key = await published(user)
    assert checked(await issued(user), key)["groups"] == ["mlc-admin"]
    assert checked(await issued(user, **READER), key)["groups"] == ["mlc-read", "mlc-decide"]
    for extra in ({}, {"groups": ["mlc-deploy"]}):
        account = {"username": "ann", "password": "anns"}
        await user.http.post("/sandbox/accounts", json={**account, **extra})
        assert checked(await issued(user, **account), key)["groups"] == extra.get("groups", [])
    answer = await user.http.post("/sandbox/accounts", json={**READER, "groups": "mlc-admin"})
    assert (answer.status_code, answer.json()["message"]) == (400, "groups is no array of names")


async def test_only_the_public_key_is_published(user: ModelOp) -> None:
    key = await published(user)
    assert key.keys() == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    assert (key["alg"], key["use"]) == ("ES256", "sig")
    file = user.data / "token-key.pem"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")


async def test_the_key_and_its_tokens_outlive_the_process(tmp_path: Path) -> None:
    async with modelop(tmp_path) as user:
        token, key = await issued(user), await published(user)
    (tmp_path / "token-key.pem").chmod(0o644)
    async with modelop(tmp_path) as user:
        assert await published(user) == key
        assert await status(user, token) == 200
    assert stat.S_IMODE((tmp_path / "token-key.pem").stat().st_mode) == 0o600


async def test_a_token_of_another_stand_in_is_worth_nothing(user: ModelOp, tmp_path: Path) -> None:
    async with modelop(tmp_path) as other:
        token = await issued(other)
        assert await published(other) != await published(user)
    assert await status(user, token) == 401


def signed(claims: JsonObject, key: Any, algorithm: str, kid: str) -> str:
    return jwt.encode(claims, key, algorithm, {"kid": kid})


async def test_a_forged_token_is_refused(user: ModelOp) -> None:
    token, key = await issued(user, **READER), await published(user)
    claims = {**checked(token, key), "groups": ["mlc-admin"], "sub": "mlc-service"}
    header, _, signature = token.split(".")
    unsigned = jwt.encode(claims, None, "none", {"kid": key["kid"]})
    forged = {
        "tampered": f"{header}.{unsigned.split('.')[1]}.{signature}",
        "alg none": unsigned,
        "alg none with the old signature": f"{unsigned}{signature}",
        "wrong key": signed(claims, ec.generate_private_key(ec.SECP256R1()), "ES256", key["kid"]),
        "what is published as a secret": signed(claims, key["x"], "HS256", key["kid"]),
        "cut off": token[:-2],
        "prolonged": token + "A",
    }
    for name, attempt in forged.items():
        assert await status(user, attempt) == 401, name
        with pytest.raises(jwt.InvalidTokenError):
            checked(attempt, key)
    assert await status(user, token) == 200


async def test_an_expired_token_is_refused_by_everybody(user: ModelOp) -> None:
    await user.http.patch("/sandbox/settings", json={"tokenSeconds": 0})
    token = await issued(user)
    await user.http.patch("/sandbox/settings", json={"tokenSeconds": 3600})
    assert await status(user, token) == 401
    with pytest.raises(jwt.ExpiredSignatureError):
        checked(token, await published(user))


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
async def test_the_documented_curl_command_gets_a_token(user: ModelOp) -> None:
    await user.http.post("/sandbox/accounts", json={"username": "ann o'nym", "password": "a&b=c%d +ü"})
    curl = await asyncio.create_subprocess_exec(
        *("curl", "-sS", "--noproxy", "*", "-X", "POST", str(user.http.base_url.join("/gocli/token"))),
        *("--data-urlencode", "username=ann o'nym", "--data-urlencode", "password=a&b=c%d +ü"),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await curl.communicate()
    answer = json.loads(output)
    assert answer.keys() == {"access_token", "refresh_token", "expires_in", "token_type"}
    assert await status(user, answer["access_token"]) == 200


async def test_reading_the_keys_is_not_counted_as_asking_for_a_token(user: ModelOp) -> None:
    before = (await user.http.get("/sandbox/requests")).json()
    await published(user)
    await issued(user)
    after = (await user.http.get("/sandbox/requests")).json()
    assert after["GET jwks"] - before.get("GET jwks", 0) == 1
    assert after["POST token"] - before["POST token"] == 1
