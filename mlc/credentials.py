"""Credentials among the fields of a file and in its address, known by their names: there they would stay in the history.

Names are compared in small letters and without what joins words, so `dbPassword`, `db-password` and `DB_PASSWORD` are one.
"""

import re
from collections.abc import Iterator, Mapping
from typing import cast
from urllib.parse import unquote, urlsplit

from mlc.text import plain

DEEPEST = 20
# Characters of a name that somebody else chose.
SHOWN = 60

# The end of a name counts: `passwordFile` and `secretName` say where a credential is kept, `tokenizer` is none at all. Of keys
# only those that open something: `primaryKey`, `partitionKey`, `publicKey` and a plain `key` are what tables and stores have.
_CREDENTIAL = re.compile(
    r"""
    (?:
        .*(?:password|passwd|passphrase|passcode|pwd|secret|credential|authorization|bearer|jwt|auth|cookie)
      | .*(?:connectionstring|connstr|accesssignature)
      | .*(?:access|account|admin|api|auth|client|encryption|function|master|private|secret|service|session|shared|signing|ssh
            |storage|subscription)key(?:id)?
      | .*(?<!pad|eos|bos|unk|sep|cls)(?<!mask)token  # those that are left out are a tokenizer's
      | (?:account|admin|db|ftp|login|smtp|user)?pass
      | sas | sig | signature
    )
    (?:base64|header|json|text|value|\d|(?<!token)s)*
    """,
    re.VERBOSE,
)
# In an address also what signs it, and the names under which services take their keys.
_IN_ADDRESS = re.compile(r"code|key|.*signature")
# A parameter that has a value, of the path, of the query or of the fragment.
_PARAMETER = re.compile(r"[?&#;]([^?&#;=]+)=[^?&#;]")


def credential_in(fields: Mapping[str, object]) -> str | None:
    """Where the first credential is, such as `options.0.password`, or None; nothing of its value.

    Objects and lists are searched, at most 20 deep: beyond that ValueError. What is empty, or only yes or no, is no credential.
    """
    return next(_credentials(fields, ()), None)


def address_holds_credential(address: str) -> bool:
    """Whether a login or a parameter of it is one. Raises ValueError for what is no address."""
    parts = urlsplit(address)
    if parts.password or (parts.username and parts.scheme in ("http", "https")):
        return True
    names = _PARAMETER.findall(unquote(address))
    return any(is_credential(name) or _IN_ADDRESS.fullmatch(_joined(name)) for name in names)


def is_credential(name: str) -> bool:
    """Whether something of that name is one."""
    return _CREDENTIAL.fullmatch(_joined(name)) is not None


def _credentials(value: object, path: tuple[str, ...]) -> Iterator[str]:
    if len(path) > DEEPEST:
        raise ValueError(f"{'.'.join(path[:3])} is nested more than {DEEPEST} deep")
    if isinstance(value, str):
        if _is_address_with_credential(value):
            yield ".".join(path)
    elif isinstance(value, Mapping):
        fields = cast(Mapping[str, object], value)
        if _is_named_credential(fields):
            yield ".".join((*path, "value"))
        for name, inner in fields.items():
            within = (*path, plain(name, SHOWN))
            if is_credential(name) and not _says_nothing(inner):
                yield ".".join(within)
            yield from _credentials(inner, within)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(cast(list[object], value)):
            yield from _credentials(inner, (*path, str(index)))


def _is_named_credential(fields: Mapping[str, object]) -> bool:
    """A header or an option that is written as `{name: Authorization, value: …}`."""
    names = [fields.get(word) for word in ("name", "key", "header")]
    named = any(isinstance(name, str) and is_credential(name) for name in names)
    return named and not _says_nothing(fields.get("value"))


def _says_nothing(value: object) -> bool:
    return value is None or isinstance(value, bool) or value in ("", [], {})


def _is_address_with_credential(text: str) -> bool:
    try:
        return "://" in text and address_holds_credential(text)
    except ValueError:
        return False


def _joined(name: str) -> str:
    return re.sub(r"[\W_]", "", name[-2 * SHOWN :].casefold())
