"""Files that a job reads or writes, as whoever starts a process names them: ModelOp Center's asset objects."""

import base64
from typing import Literal
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, field_validator, model_validator

from mlc.contract import Contract
from mlc.credentials import address_holds_credential, credential_in

# Passed through to the runtime, which is the one that reads and writes them.
SCHEMES = ("file", "http", "https", "hdfs", "s3", "s3a")
# What travels inside of a signal stays in the process's history: bytes of base64, and of all files of a start as JSON.
LARGEST_EMBEDDED = 512 * 1024
LARGEST_TOGETHER = LARGEST_EMBEDDED + 32 * 1024
MOST_FILES = 20


class FileAsset(Contract):
    """An asset object of a signal (INPUT_FILE, OUTPUT_FILE). Fields that are not named here reach the runtime unchanged.

    `EXTERNAL_FILE` is at `file_url`; `FILE` is embedded: an input carries `file_content` (base64), an output only its name.
    """

    model_config = ConfigDict(extra="allow", hide_input_in_errors=True)

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
            holds_credential = "@" in parts.netloc or address_holds_credential(url)
        except ValueError as error:
            raise ValueError(f"is not an address: {error}") from None
        if parts.scheme not in SCHEMES:
            raise ValueError(f"is not an address of one of the kinds {', '.join(f'{s}:' for s in SCHEMES)}")
        if holds_credential:
            raise ValueError(
                "holds a login, a key or a signature: credentials belong into the runtime, not into a signal"
            )
        return url

    @field_validator("file_content")
    @classmethod
    def _is_base64(cls, content: str | None) -> str | None:
        """Line breaks are taken, as programs write them."""
        try:
            base64.b64decode("".join((content or "").split()), validate=True)
        except ValueError:
            raise ValueError("is not base64") from None
        return content

    @model_validator(mode="after")
    def _complete(self) -> "FileAsset":
        if self.asset_type == "EXTERNAL_FILE" and not self.file_url:
            raise ValueError("an EXTERNAL_FILE needs its fileUrl")
        if self.asset_type == "FILE" and not (self.filename or self.name):
            raise ValueError("a FILE needs its filename")
        secret = credential_in(self.model_extra or {})
        if secret is not None:
            raise ValueError(
                f"{secret} looks like a credential: it belongs into the runtime, not into a signal"
            )
        return self

    @property
    def label(self) -> str:
        """What people call the file."""
        return self.name or self.filename or (self.file_url or "").rpartition("/")[2]
