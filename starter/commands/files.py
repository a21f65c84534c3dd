"""What `--input` and `--output` name."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, cast

from mlc.errors import InvalidInput
from mlc.files import FileAsset
from starter.files import embedded_file, embedded_output, external_file, file_asset


def input_files(named: Iterable[str]) -> list[FileAsset]:
    """A URL, a file of this machine, or `@asset.json`. Raises InvalidInput naming the option."""
    return [_read("--input", name, embedded_file) for name in named]


def output_files(named: Iterable[str]) -> list[FileAsset]:
    """A URL, the name of an embedded output, or `@asset.json`. Raises InvalidInput naming the option."""
    return [_read("--output", name, embedded_output) for name in named]


def _read(option: str, name: str, otherwise: Callable[[str], FileAsset]) -> FileAsset:
    try:
        if name.startswith("@"):
            return _asset_object(Path(name[1:]))
        return external_file(name) if _is_url(name) else otherwise(name)
    except InvalidInput as error:
        raise InvalidInput(f"{option} {name}: {error}") from None


def _is_url(name: str) -> bool:
    return "://" in name or name.startswith("file:")


def _asset_object(path: Path) -> FileAsset:
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InvalidInput(f"it cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise InvalidInput(f"it is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise InvalidInput("it holds no asset object")
    return file_asset(**cast(dict[str, Any], content))
