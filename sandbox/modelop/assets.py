"""Assets: the files a model carries, embedded in JSON."""

import base64
import binascii
import hashlib
from pathlib import PurePosixPath

from sandbox.modelop.entities import Entity


class UnreadableAssetError(Exception):
    """An asset whose content or name cannot be used; the message names the asset and the reason."""


def content(asset: Entity) -> bytes | None:
    """What the asset embeds: source code, or the decoded file; None where it embeds nothing."""
    source = asset.get("sourceCode")
    if isinstance(source, str):
        return source.encode()
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
    return str(asset.get("filename") or asset.get("name") or asset.get("assetId") or "without a name")


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
    digest = hashlib.sha256(embedded).hexdigest()
    return {**asset, "contentHash": {"hashType": "SHA-256", "hexString": digest}}


def with_embedded(asset: Entity, embedded: bytes) -> Entity:
    """The asset carrying `embedded` as its file content."""
    return {
        **asset,
        "fileContent": base64.b64encode(embedded).decode(),
        "fileSize": len(embedded),
    }
