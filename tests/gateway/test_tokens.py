"""Whose tokens are taken: those of the one issuer, for this audience, of this moment, signed with a key it publishes."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import jwt
import pytest
from temporalio.testing import WorkflowEnvironment

from starter.client import MlcClient
from tests.gateway import doors
from tests.gateway.doors import PROCESSES, bearer
from tests.gateway.issuer import Issuer, Key, rsa_key
from tests.stand_ins import free_port

READ = "mlc-read"
MINUTE = 60


Trusting = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def trusting(temporal: WorkflowEnvironment, issuer: Issuer) -> Trusting:
    """A gateway that takes the issuer's tokens; other auth settings as they are given."""
    client = MlcClient(temporal.client)
    return lambda **auth: doors.door(client, issuer.settings | auth)


@pytest.fixture
async def door(trusting: Trusting) -> AsyncGenerator[httpx.AsyncClient]:
    async with trusting() as http:
        yield http


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(200):
        if await holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{holds.__name__} did not come true")


async def look(door: httpx.AsyncClient, token: str) -> httpx.Response:
    return await door.get(PROCESSES, params={"process": "none"}, headers=bearer(token))


async def refused(door: httpx.AsyncClient, token: str, why: str) -> None:
    answer = await look(door, token)
    assert (answer.status_code, answer.json()["type"]) == (401, "Unauthorized")
    assert why in answer.json()["message"]
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="mlc", error="invalid_token"'
    assert token not in answer.text


@pytest.mark.parametrize(
    "algorithm", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
)
async def test_every_asymmetric_signature_is_taken(
    door: httpx.AsyncClient, issuer: Issuer, algorithm: str
) -> None:
    key = Key(algorithm)
    issuer.keys.append(key)
    assert (await look(door, issuer.token(READ, key=key))).status_code == 200


async def test_a_token_from_another_issuer_is_refused(door: httpx.AsyncClient, issuer: Issuer) -> None:
    await refused(door, issuer.token(READ, iss="https://elsewhere.example"), "its iss is not")
    await refused(door, issuer.token(READ, iss=None), "the token has no iss")


async def test_a_token_for_another_audience_is_refused(door: httpx.AsyncClient, issuer: Issuer) -> None:
    await refused(door, issuer.token(READ, aud="somebody-else"), "its aud is not")
    await refused(door, issuer.token(READ, aud=None), "the token has no aud")
    assert (await look(door, issuer.token(READ, aud=["account", "mlc"]))).status_code == 200


async def test_a_token_that_has_expired_or_never_does_is_refused(
    door: httpx.AsyncClient, issuer: Issuer
) -> None:
    await refused(door, issuer.token(READ, exp=time.time() - MINUTE), "the token has expired")
    await refused(door, issuer.token(READ, exp=None), "the token has no exp")


async def test_a_token_that_is_not_valid_yet_is_refused(door: httpx.AsyncClient, issuer: Issuer) -> None:
    await refused(door, issuer.token(READ, nbf=time.time() + MINUTE), "not valid yet")
    await refused(door, issuer.token(READ, iat=time.time() + MINUTE), "not valid yet")


async def test_clocks_may_differ_by_seconds(door: httpx.AsyncClient, issuer: Issuer) -> None:
    now = time.time()
    for claims in ({"exp": now - 5}, {"nbf": now + 5}, {"iat": now + 5}):
        assert (await look(door, issuer.token(READ, **claims))).status_code == 200


async def test_a_token_signed_with_a_key_that_the_issuer_does_not_publish_is_refused(
    door: httpx.AsyncClient, issuer: Issuer
) -> None:
    await refused(door, issuer.token(READ, key=Key()), "a key that is none of its issuer's")
    await refused(door, issuer.token(READ, kid=None), "a key that is none of its issuer's")


async def test_a_token_signed_with_another_key_under_a_known_name_is_refused(
    door: httpx.AsyncClient, issuer: Issuer
) -> None:
    await refused(door, issuer.token(READ, key=Key(), kid=issuer.key.id), "signature is wrong")


async def test_a_key_signs_only_by_the_algorithm_it_is_published_for(
    door: httpx.AsyncClient, issuer: Issuer
) -> None:
    key = Key("PS256", alg="RS256")
    issuer.keys.append(key)
    await refused(door, issuer.token(READ, key=key), "a key that is none of its issuer's")


async def test_a_key_for_encryption_signs_nothing(door: httpx.AsyncClient, issuer: Issuer) -> None:
    key = Key(use="enc")
    issuer.keys.append(key)
    await refused(door, issuer.token(READ, key=key), "a key that is none of its issuer's")


async def test_a_key_that_is_too_short_signs_nothing(door: httpx.AsyncClient, issuer: Issuer) -> None:
    key = Key("RS256")
    key.private = rsa_key(1024)
    key.jwk |= jwt.algorithms.RSAAlgorithm.to_jwk(key.private.public_key(), as_dict=True)
    issuer.keys.append(key)
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        weak = issuer.token(READ, key=key)
    assert (await look(door, weak)).status_code == 401


async def test_a_token_without_a_signature_is_refused(door: httpx.AsyncClient, issuer: Issuer) -> None:
    unsigned = jwt.encode(issuer.claims(READ), None, "none", {"kid": issuer.key.id})
    await refused(door, unsigned, "not signed by one of RS256")
    signed = issuer.token(READ)
    assert (await look(door, signed.rpartition(".")[0] + ".")).status_code == 401


async def test_a_token_whose_secret_is_the_public_key_is_refused(
    door: httpx.AsyncClient, issuer: Issuer
) -> None:
    unguarded = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    head, payload, _ = jwt.encode(issuer.claims(READ), "x" * 32, "HS256", {"kid": issuer.key.id}).split(".")
    signature = unguarded.sign(f"{head}.{payload}".encode(), issuer.key.public_pem)
    forged = f"{head}.{payload}.{jwt.utils.base64url_encode(signature).decode()}"
    await refused(door, forged, "not signed by one of RS256")


@pytest.mark.parametrize("garbage", ["x", "a.b.c", "..", "e30.e30.e30", "x" * 20_000, "é" * 40])
async def test_what_is_no_token_is_refused_without_asking_the_issuer(
    door: httpx.AsyncClient, issuer: Issuer, garbage: str
) -> None:
    answer = await door.get(PROCESSES, headers=[(b"Authorization", f"Bearer {garbage}".encode())])
    assert (answer.status_code, answer.json()["type"]) == (401, "Unauthorized")
    assert issuer.fetches == 0


async def test_a_large_token_is_refused_although_it_holds(door: httpx.AsyncClient, issuer: Issuer) -> None:
    await refused(door, issuer.token(READ, *(f"group-{n}" * 10 for n in range(300))), "larger than 16384")


async def test_keys_are_fetched_once_for_all_who_ask(door: httpx.AsyncClient, issuer: Issuer) -> None:
    tokens = [issuer.token(READ) for _ in range(20)]
    answers = await asyncio.gather(*(look(door, token) for token in tokens))
    assert {answer.status_code for answer in answers} == {200}
    assert issuer.fetches == 1


async def test_tokens_with_made_up_keys_do_not_hammer_the_issuer_nor_keep_others_out(
    door: httpx.AsyncClient, issuer: Issuer
) -> None:
    good = issuer.token(READ)
    assert (await look(door, good)).status_code == 200
    stranger = Key()
    forged = [issuer.token(READ, key=stranger, kid=f"made-up-{n}") for n in range(40)]
    began = time.monotonic()
    answers = await asyncio.gather(*(look(door, token) for token in forged))
    assert {answer.status_code for answer in answers} == {401}
    assert issuer.fetches <= 2 + (time.monotonic() - began) / 2
    assert (await look(door, good)).status_code == 200


async def test_a_key_that_is_new_at_the_issuer_is_learnt(door: httpx.AsyncClient, issuer: Issuer) -> None:
    old = issuer.token(READ)
    assert (await look(door, old)).status_code == 200
    issuer.rotate()

    async def new_one_is_taken() -> bool:
        return (await look(door, issuer.token(READ))).status_code == 200

    await until(new_one_is_taken)
    await refused(door, old, "a key that is none of its issuer's")


async def test_a_key_that_the_issuer_withdrew_is_forgotten_when_its_time_is_over(
    trusting: Trusting, issuer: Issuer
) -> None:
    async with trusting(keys_seconds=0.1) as door:
        old = issuer.token(READ)
        assert (await look(door, old)).status_code == 200
        issuer.rotate()

        async def is_refused() -> bool:
            return (await look(door, old)).status_code == 401

        await until(is_refused)


async def test_while_the_keys_cannot_be_had_the_answer_is_503_and_not_401(
    door: httpx.AsyncClient, issuer: Issuer
) -> None:
    issuer.status = 500
    for _ in range(5):
        answer = await look(door, issuer.token(READ))
        assert (answer.status_code, answer.json()["type"]) == (503, "RestException")
        assert f"{issuer.url}/jwks" in answer.json()["message"]
        assert "WWW-Authenticate" not in answer.headers
    assert issuer.fetches == 1

    issuer.status = 200

    async def well_again() -> bool:
        return (await look(door, issuer.token(READ))).status_code == 200

    await until(well_again)


async def test_an_issuer_that_is_not_there_or_publishes_no_keys_is_503(
    trusting: Trusting, issuer: Issuer
) -> None:
    nobody = f"http://127.0.0.1:{free_port()}/jwks"
    async with trusting(jwks_url=nobody) as door:
        answer = await look(door, issuer.token(READ))
        assert answer.status_code == 503
        assert f"MLC_GATEWAY__AUTH__JWKS_URL {nobody} gives no keys: ConnectError" in answer.json()["message"]
    issuer.keys = []
    async with trusting() as door:
        answer = await look(door, issuer.token(READ))
        assert answer.status_code == 503
        assert "none of its keys" in answer.json()["message"]


@pytest.mark.parametrize(
    ("claim", "claims"),
    [
        ("groups", {"groups": ["/mlc-read", "others"]}),
        ("groups", {"groups": "mlc-read"}),
        ("realm_access.roles", {"realm_access": {"roles": ["mlc-read"]}}),
        ("https://mlc.example/groups", {"https://mlc.example/groups": ["mlc-read"]}),
    ],
    ids=["a path of Keycloak", "one alone", "a way to it", "a claim with dots in its name"],
)
async def test_groups_are_where_the_settings_say(
    trusting: Trusting, issuer: Issuer, claim: str, claims: dict[str, Any]
) -> None:
    async with trusting(groups_claim=claim) as door:
        assert (await look(door, issuer.token(**{"groups": None} | claims))).status_code == 200


@pytest.mark.parametrize(
    "groups", [None, [], {}, 7, [7, None, ["mlc-read"]], ["MLC-READ"], ["/sub/mlc-read"], {"a": 1}]
)
async def test_without_the_group_in_its_claim_a_valid_token_is_not_enough(
    door: httpx.AsyncClient, issuer: Issuer, groups: Any
) -> None:
    answer = await look(door, issuer.token(groups=groups))
    assert (answer.status_code, answer.json()["userId"]) == (403, "ann")


async def test_a_token_that_names_nobody_is_refused(door: httpx.AsyncClient, issuer: Issuer) -> None:
    await refused(door, issuer.token(READ, sub=None, preferred_username=" "), "the token names nobody")


@pytest.mark.parametrize("header", ["", "Bearer", "Basic YTpi", "Bearer a b", "bearer"])
async def test_a_header_of_another_form_is_refused_and_the_form_is_told(
    door: httpx.AsyncClient, header: str
) -> None:
    answer = await door.get(PROCESSES, headers={"Authorization": header})
    assert answer.status_code == 401
    assert "not of the form `Bearer <token>`" in answer.json()["message"]


async def test_two_tokens_in_one_request_are_refused(door: httpx.AsyncClient, issuer: Issuer) -> None:
    both = [("Authorization", f"Bearer {issuer.token(READ)}"), ("Authorization", "Bearer x")]
    assert (await door.get(PROCESSES, headers=both)).status_code == 401


async def test_the_scheme_is_read_without_case(door: httpx.AsyncClient, issuer: Issuer) -> None:
    answer = await door.get(PROCESSES, headers={"Authorization": f"bearer {issuer.token(READ)}"})
    assert answer.status_code == 200


async def test_no_token_stands_in_the_log(
    door: httpx.AsyncClient, issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "mlc.gateway")
    tokens = [issuer.token(READ), issuer.token(), issuer.token(READ, key=Key()), issuer.token(READ, exp=1)]
    for token in tokens:
        await look(door, token)
    assert "refused" in caplog.text
    assert not any(part in caplog.text for token in tokens for part in token.split("."))
