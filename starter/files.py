"""Files for a job, as the asset objects that a process takes: one on this machine is embedded, one elsewhere is named.

>>> embedded_file("customers.csv").file_format
'CSV'
>>> external_file("s3://bucket/scores.json").filename
'scores.json'
>>> external_file("ftp://server/scores.json")
Traceback (most recent call last):
mlc.errors.InvalidInput: fileUrl: is not an address of one of the kinds file:, http:, https:, hdfs:, s3:, s3a:
"""

import base64
from pathlib import Path, PurePosixPath
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import ValidationError

from mlc.errors import InvalidInput
from mlc.files import LARGEST_EMBEDDED, FileAsset

# Base64 writes four bytes for three.
LARGEST_FILE = LARGEST_EMBEDDED // 4 * 3
FORMATS: dict[str, Literal["JSON", "CSV"]] = {".csv": "CSV", ".json": "JSON", ".jsonl": "JSON"}


def embedded_file(path: Path | str) -> FileAsset:
    """A file of this machine, sent along with its content. Raises InvalidInput: it cannot be read, is empty or too large."""
    path = Path(path)
    try:
        if path.exists() and not path.is_file():
            raise InvalidInput(f"{path} is no file that can be sent along: write what it yields to one first")
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise InvalidInput(
                f"{path} has {size} bytes, at most {LARGEST_FILE} can be sent along: "
                "put it where the runtime can read it, and give its URL"
            )
        content = path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}") from None
    if not content:
        raise InvalidInput(f"{path} is empty")
    return FileAsset(
        asset_type="FILE",
        asset_role="UNKNOWN",
        name=path.name,
        filename=path.name,
        file_format=_format(path.name),
        file_content=base64.b64encode(content).decode(),
    )


def embedded_output(name: str) -> FileAsset:
    """An output that comes back inside of the job, under this name."""
    return file_asset(
        assetType="FILE", assetRole="UNKNOWN", name=name, filename=name, fileFormat=_format(name)
    )


def external_file(url: str) -> FileAsset:
    """A file that the runtime reads or writes itself: `file:`, `http(s):`, `hdfs:`, `s3(a):`. Raises InvalidInput."""
    try:
        name = PurePosixPath(urlsplit(url).path).name
    except ValueError:
        name = ""
    return file_asset(
        assetType="EXTERNAL_FILE",
        assetRole="UNKNOWN",
        fileUrl=url,
        filename=name,
        fileFormat=_format(name),
    )


def file_asset(**fields: Any) -> FileAsset:
    """An asset object of ModelOp Center, by its own names (`assetType`, `fileUrl`, …). Raises InvalidInput."""
    try:
        return FileAsset.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
    where = "".join(f"{part}: " for part in first["loc"])
    raise InvalidInput(f"{where}{first['msg'].removeprefix('Value error, ')}")


def _format(name: str) -> Literal["JSON", "CSV", "UNKNOWN"]:
    return FORMATS.get(PurePosixPath(name).suffix.lower(), "UNKNOWN")
