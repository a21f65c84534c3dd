"""Credentials in a file's fields and address: found under the names that they have, and nothing else taken for one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mlc.files import FileAsset

EXTERNAL = {"assetType": "EXTERNAL_FILE", "fileUrl": "s3://bucket/in.csv"}
SECRET = "hunter2"
CREDENTIALS = [
    *(
        "password",
        "dbPassword",
        "DB_PASSWORD",
        "db-password",
        "passwords",
        "password1",
        "pwd",
        "passphrase",
        "smtp_pass",
    ),
    *("secret", "clientSecret", "secretKey", "secretAccessKey", "secretValue", "credential", "credentials"),
    *(
        "accessKey",
        "AWSAccessKeyId",
        "accountKey",
        "storageAccountKey",
        "apiKey",
        "x-api-key",
        "privateKey",
        "sharedKey",
    ),
    *(
        "Authorization",
        "Proxy-Authorization",
        "authorizationHeader",
        "Cookie",
        "Set-Cookie",
        "sessionCookies",
        "basicAuth",
    ),
    *(
        "connectionString",
        "azure.storage.connection.string",
        "connStr",
        "token",
        "accessToken",
        "refresh_token",
        "bearer",
    ),
    *("X-Amz-Security-Token", "sasToken", "sas", "sig", "signature", "sharedAccessSignature", "jwt"),
]
HARMLESS = [
    *("metaData", "custom", "repositoryInfo", "host", "port", "user", "username", "tags", "description"),
    *(
        "key",
        "primaryKey",
        "keyColumn",
        "partitionKey",
        "foreignKey",
        "publicKey",
        "objectKey",
        "keyspace",
        "monkey",
    ),
    *(
        "tokenizer",
        "maxTokens",
        "stop_tokens",
        "padToken",
        "eos_token",
        "mask_token",
        "tokenCount",
        "tokenType",
    ),
    *(
        "secretName",
        "passwordFile",
        "passwordColumn",
        "credentialsProvider",
        "connectionTimeout",
        "authType",
        "author",
    ),
    *("signatureDate", "modelSignature", "cookiePolicy", "compass", "bandPass", "countryCode", "code"),
]


def refusal(**fields: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        FileAsset.model_validate({**EXTERNAL, **fields})
    told = str(refused.value)
    assert SECRET not in told
    assert "into the runtime, not into a signal" in told
    return told


def taken(**fields: Any) -> bool:
    file = FileAsset.model_validate({**EXTERNAL, **fields})
    return file.model_dump(mode="json", by_alias=True, exclude_unset=True) == {**EXTERNAL, **fields}


# How a field may be wrapped, and where it is then.
WRAPPINGS = st.lists(
    st.sampled_from(
        [
            (lambda value: {"custom": value}, "custom"),
            (lambda value: {"tags": ["a"], "repositoryInfo": value}, "repositoryInfo"),
            (lambda value: [value], "0"),
            (lambda value: [{"host": ""}, value], "1"),
        ]
    ),
    max_size=5,
)


def wrapped(value: Any, wrappings: list[Any]) -> tuple[Any, str]:
    path = ""
    for wrap, where in wrappings:
        value, path = wrap(value), f"{where}.{path}"
    return value, path


@given(st.sampled_from(CREDENTIALS), WRAPPINGS, st.sampled_from([SECRET, 4711, [SECRET], {"value": SECRET}]))
def test_a_credential_is_found_in_objects_and_lists_and_named_with_its_place(
    name: str, wrappings: list[Any], secret: Any
) -> None:
    value, path = wrapped({name: secret}, wrappings)
    assert f"options.{path}{name} looks like a credential" in refusal(options=value)


@given(st.sampled_from(HARMLESS), WRAPPINGS, st.sampled_from(["x", 4711, ["x"], {"a": "x"}]))
def test_what_only_looks_like_one_reaches_the_runtime(name: str, wrappings: list[Any], harmless: Any) -> None:
    assert taken(options=wrapped({name: harmless}, wrappings)[0])


@pytest.mark.parametrize("nothing", [None, "", [], {}, True, False])
def test_a_field_that_is_empty_or_says_yes_or_no_is_none(nothing: Any) -> None:
    assert taken(password=nothing, headers=[{"name": "Authorization", "value": nothing}])


@pytest.mark.parametrize("word", ["name", "key", "header"])
def test_a_header_in_two_parts_is_found(word: str) -> None:
    assert "headers.0.value looks like" in refusal(headers=[{word: "Authorization", "value": SECRET}])
    assert taken(columns=[{word: "password", "type": "string"}], headers=[{word: "Accept", "value": "x"}])


@pytest.mark.parametrize(
    "rest",
    [
        *(
            "?X-Amz-Signature=hunter2",
            "?AWSAccessKeyId=hunter2&Expires=1",
            "?sv=1&sig=hunter2",
            "?code=hunter2",
        ),
        *(
            "?key=hunter2",
            "?a=1;token=hunter2",
            "?%73ig=hunter2",
            "#access_token=hunter2",
            "#/x?access_token=hunter2",
        ),
        *(";password=hunter2/x", "?from=https%3A%2F%2Fhost%2Fx%3Fsig%3Dhunter2", "?a=1&amp;apikey=hunter2"),
    ],
)
def test_a_key_or_signature_in_an_address_is_refused_wherever_the_address_is(rest: str) -> None:
    address = f"https://host/in.csv{rest}"
    assert "fileUrl" in refusal(fileUrl=address)
    assert "repositoryInfo.remote looks like" in refusal(repositoryInfo={"remote": address})


@pytest.mark.parametrize("login", ["user:hunter2@", ":hunter2@", "hunter2@"])
def test_a_login_in_an_address_is_refused_wherever_the_address_is(login: str) -> None:
    assert "fileUrl" in refusal(fileUrl=f"https://{login}host/in.csv")
    assert "mirrors.0 looks like" in refusal(mirrors=[f"https://{login}host/in.csv"])


@pytest.mark.parametrize(
    "address",
    [
        *(
            "https://host/in.csv?version=3&region=eu",
            "https://host/code/key/token/in.csv",
            "s3://bucket/a?versionId=1",
        ),
        *("https://host/in.csv?key=&sig", "https://host/in.csv#row=5", "https://host/in.csv?countryCode=DE"),
    ],
)
def test_a_harmless_address_is_taken(address: str) -> None:
    assert taken(fileUrl=address, repositoryInfo={"remote": address})


@pytest.mark.parametrize(
    "address", ["ssh://git@host/x.git", "abfss://box@account/x", "git@host:x.git", "http://[", "a://b"]
)
def test_a_place_in_a_store_or_a_repository_is_no_login(address: str) -> None:
    assert taken(repositoryInfo={"remote": address})


def test_fields_that_are_nested_beyond_reason_are_refused_in_one_line() -> None:
    deep: Any = SECRET
    for _ in range(300):
        deep = [{"a": deep}]
    with pytest.raises(ValidationError, match=r"options\.0\.a is nested more than 20 deep"):
        FileAsset.model_validate({**EXTERNAL, "options": deep})


@pytest.mark.parametrize(
    "name", ["secret" + "1" * 200_000 + "x", "secret" * 50_000 + "x", "a\nb\x1bpassword"]
)
def test_a_strange_name_costs_no_time_and_breaks_no_line(name: str) -> None:
    if name.endswith("password"):
        assert "a b password looks like" in refusal(**{name: SECRET})
    else:
        assert taken(**{name: SECRET})
