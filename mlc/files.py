"""Files that a job reads or writes, as whoever starts a process names them: ModelOp Center's asset objects."""

import re
from collections.abc import Mapping
from typing import Any, Literal, cast
from urllib.parse import parse_qsl, urlsplit

from pydantic import ConfigDict, Field, field_validator, model_validator

from mlc.contract import Contract

# Passed through to the runtime, which is the one that reads and writes them.
SCHEMES = ("file", "http", "https", "hdfs", "s3", "s3a")
# A file that travels inside of a signal stays in the process's history: bytes of base64.
LARGEST_EMBEDDED = 512 * 1024
MOST_FILES = 20
# Compared in small letters, without what joins words.
_CREDENTIALS = frozenset(
    (
        *("password", "passwd", "pwd", "secret", "secretkey", "clientsecret", "privatekey", "apikey"),
        *("accesskey", "accesskeyid", "secretaccesskey", "credential", "credentials"),
        *("token", "accesstoken", "sessiontoken", "securitytoken", "signature", "sig", "sas"),
        *("xamzsignature", "xamzcredential", "xamzsecuritytoken", "xgoogsignature", "xgoogcredential"),
    )
)


class FileAsset(Contract):
    """An asset object of a signal (INPUT_FILE, OUTPUT_FILE). Fields that are not named here reach the runtime unchanged.

    `EXTERNAL_FILE` is at `file_url`; `FILE` is embedded: an input carries `file_content` (base64), an output only its name.
    """

    model_config = ConfigDict(extra="allow")

    asset_type: Literal["FILE", "EXTERNAL_FILE"]
    asset_role: str = "UNKNOWN"
    name: str = Field(default="", max_length=300)
    filename: str = Field(default="", max_length=300)
    file_format: Literal["JSON", "CSV", "UNKNOWN"] = "UNKNOWN"
    file_url: str | None = Field(default=None, max_length=2000)
    file_content: str | None = Field(default=None, max_length=LARGEST_EMBEDDED, repr=False)

    @field_validator("file_url")
    @classmethod
    def _readable_address(cls, url: str | None) -> str | None:
        if url is None:
            return None
        try:
            parts = urlsplit(url)
            holds_login = "@" in parts.netloc
        except ValueError as error:
            raise ValueError(f"is not an address: {error}") from None
        if parts.scheme not in SCHEMES:
            raise ValueError(f"is not an address of one of the kinds {', '.join(f'{s}:' for s in SCHEMES)}")
        if holds_login or any(_is_credential(name) for name, _ in parse_qsl(parts.query)):
            raise ValueError(
                "holds a login or a signature: credentials belong into the runtime, not into a signal"
            )
        return url

    @model_validator(mode="after")
    def _complete(self) -> "FileAsset":
        if self.asset_type == "EXTERNAL_FILE" and not self.file_url:
            raise ValueError("an EXTERNAL_FILE needs its fileUrl")
        if self.asset_type == "FILE" and not (self.filename or self.name):
            raise ValueError("a FILE needs its filename")
        secret = _secret_in(self.model_extra or {})
        if secret is not None:
            raise ValueError(
                f"{secret} looks like a credential: it belongs into the runtime, not into a signal"
            )
        return self

    @property
    def label(self) -> str:
        """What people call the file."""
        return self.name or self.filename or (self.file_url or "").rpartition("/")[2]


def _secret_in(fields: Mapping[str, Any], within: str = "") -> str | None:
    for name, value in fields.items():
        if _is_credential(name) and value not in (None, ""):
            return within + name
        if isinstance(value, dict):
            found = _secret_in(cast(dict[str, Any], value), f"{within}{name}.")
            if found is not None:
                return found
    return None


def _is_credential(name: str) -> bool:
    return re.sub(r"[-_.]", "", name.casefold()) in _CREDENTIALS
