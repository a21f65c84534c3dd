"""Assets: the files of models and jobs, embedded in JSON or named by a URL."""

import base64
import binascii
import hashlib
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import unquote, urlsplit

from sandbox.modelop.entities import Entity


class UnreadableAssetError(Exception):
    """An asset whose content or name cannot be used; the message names the asset and the reason."""


def content(asset: Entity) -> bytes | None:
    """What the asset embeds: source code, or the decoded file; None where it embeds nothing."""
    source = asset.get("sourceCode")
    return source.encode() if isinstance(source, str) else file_content(asset)


def file_content(asset: Entity) -> bytes | None:
    """The decoded file, None where none is embedded."""
    embedded = asset.get("fileContent")
    if not isinstance(embedded, str):
        return None
    try:
        return base64.b64decode(embedded, validate=True)
    except binascii.Error as error:
        raise UnreadableAssetError(
            f"Asset {label(asset)} has no valid base64 in fileContent: {error}"
        ) from error


def label(asset: Entity) -> str:
    """The name people know the asset by."""
    name = asset.get("filename") or asset.get("name") or _name_in_url(asset) or asset.get("assetId")
    return str(name or "without a name")


def is_external(asset: Entity) -> bool:
    """Whether the asset's content lies behind its `fileUrl`."""
    return asset.get("assetType") == "EXTERNAL_FILE"


def data_format(asset: Entity) -> Literal["CSV", "JSON"]:
    """How the asset's data is written: as `fileFormat` says, and where that says neither, by the ending of its name."""
    stated = asset.get("fileFormat")
    if stated in ("CSV", "JSON"):
        return stated
    names = (label(asset), _name_in_url(asset))
    return "CSV" if any(name.lower().endswith(".csv") for name in names) else "JSON"


def _name_in_url(asset: Entity) -> str:
    url = asset.get("fileUrl")
    try:
        path = urlsplit(url).path if isinstance(url, str) else ""
    except ValueError:
        return ""
    return unquote(path.rstrip("/").rpartition("/")[2])


def file_path(asset: Entity) -> str:
    """The relative path under which the asset's content is laid before the model."""
    path = PurePosixPath(label(asset))
    if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in str(path):
        raise UnreadableAssetError(
            f"Asset {label(asset)} has a file name that leads out of the model's folder"
        )
    return str(path)


def with_content_hash(asset: Entity) -> Entity:
    """The asset with the SHA-256 of its content, where it embeds content and has no hash yet."""
    if asset.get("contentHash"):
        return asset
    embedded = content(asset)
    if embedded is None:
        return asset
    return {**asset, "contentHash": _content_hash(embedded)}


def with_content(asset: Entity, content: bytes) -> Entity:
    """The asset as it describes `content`, which it embeds unless it is external."""
    described = {**asset, "fileSize": len(content), "contentHash": _content_hash(content)}
    if is_external(asset):
        return described
    return {**described, "fileContent": base64.b64encode(content).decode()}


def _content_hash(content: bytes) -> Entity:
    return {"hashType": "SHA-256", "hexString": hashlib.sha256(content).hexdigest()}
