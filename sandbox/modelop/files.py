"""Files that jobs name by URL: folders below the data folder stand in for file systems, and http serves from loopback."""

import asyncio
import re
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

import httpx

from sandbox.modelop.assets import label
from sandbox.modelop.entities import Entity
from sandbox.modelop.execution import Limits

_FOLDERS = {"file": "files", "hdfs": "hdfs", "s3": "s3", "s3a": "s3"}
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_FETCH_SECONDS = 30.0
_ANSWER_SECONDS = 10.0
_MOST_BYTES = Limits().output_bytes


class UnusableFileError(Exception):
    """An input that cannot be read or an output that cannot be written; the message names it, its URL and the reason."""


class _ReasonError(Exception):
    """Why a file cannot be used, before it is known whose file it is."""


class Files:
    """Reads inputs and writes outputs of type EXTERNAL_FILE.

    `file:///a/b` is `<data>/files/a/b`, `hdfs://<any host>/a/b` is `<data>/hdfs/a/b`, `s3://bucket/a/b` is
    `<data>/s3/bucket/a/b`; nothing outside these folders is touched. `http:` is read from loopback only, never written.
    """

    def __init__(self, data: Path) -> None:
        self._data = data.resolve()
        for folder in set(_FOLDERS.values()):
            (self._data / folder).mkdir(exist_ok=True)

    async def read(self, asset: Entity) -> bytes:
        """What the input's `fileUrl` leads to. Raises `UnusableFileError`."""
        with _naming("Input", asset):
            url = _file_url(asset)
            if urlsplit(url).scheme == "http":
                return await _fetched(url)
            return await asyncio.to_thread(_content, self._path(url))

    def check(self, outputs: list[Entity]) -> None:
        """Raises `UnusableFileError` for an output that cannot be written, as far as that shows before the job has run."""
        taken: set[Path] = set()
        for asset in outputs:
            with _naming("Output", asset):
                target = self._target(asset)
                if target in taken:
                    raise _ReasonError("another output has the same URL")
                taken.add(target)

    def write(self, outputs: list[tuple[Entity, bytes]]) -> None:
        """Puts every output into its place, the first one only when all of them lie on disk. Raises `UnusableFileError`.

        It does not wait for anything, so that nobody can end the job between its files and its new status.
        """
        staged: list[tuple[Entity, Path, Path]] = []
        try:
            for asset, content in outputs:
                with _naming("Output", asset):
                    target = self._target(asset)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    part = target.with_name(f".{uuid.uuid4().hex}.part")
                    staged.append((asset, part, target))
                    part.write_bytes(content)
            # Folders made for one output may stand where another one belongs.
            self.check([asset for asset, _ in outputs])
            for asset, part, target in staged:
                with _naming("Output", asset):
                    part.replace(target)
        finally:
            for _, part, _ in staged:
                part.unlink(missing_ok=True)

    def _target(self, asset: Entity) -> Path:
        url = _file_url(asset)
        if urlsplit(url).scheme == "http":
            raise _ReasonError("http: can only be read")
        target = self._path(url)
        if target.exists() and not target.is_file():
            raise _ReasonError("this is no file")
        return target

    def _path(self, url: str) -> Path:
        parts = urlsplit(url)
        if parts.scheme not in _FOLDERS:
            raise _ReasonError("known are file:, hdfs:, s3: and, to read from loopback, http:")
        if parts.query or parts.fragment:
            raise _ReasonError("? and # in a file's name are written %3F and %23")
        root = self._data / _FOLDERS[parts.scheme]
        inner = Path(unquote(parts.path))
        if ".." in inner.parts:
            raise _ReasonError("it leads out of its folder")
        try:
            path = _below(root, parts, inner).resolve()
            inside = path != root.resolve() and path.is_relative_to(root.resolve())
        except (RuntimeError, ValueError) as error:  # symbolic links in a circle, a null byte
            raise _ReasonError(str(error)) from error
        if not inside:
            raise _ReasonError("it leads out of its folder")
        return path


def _below(root: Path, url: SplitResult, inner: Path) -> Path:
    relative = str(inner).lstrip("/")
    if url.scheme == "file":
        if url.netloc not in ("", "localhost"):
            raise _ReasonError("a file: URL names no host, it begins with file:///")
        # The path may also be the one that the file has on this machine.
        return inner if inner.is_relative_to(root) else root / relative
    if url.scheme == "hdfs":
        return root / relative
    if not _BUCKET.fullmatch(url.netloc):
        raise _ReasonError("it names no bucket: s3://<bucket>/<key>")
    return root / url.netloc / relative


def _file_url(asset: Entity) -> str:
    url = asset.get("fileUrl")
    if not isinstance(url, str) or not url:
        raise _ReasonError("it has no fileUrl")
    try:
        _ = urlsplit(url).port  # raises where it is none
    except ValueError as error:
        raise _ReasonError(f"this is no URL: {error}") from error
    return url


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise _ReasonError("this is no file" if path.exists() else "there is no such file")
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    _check_size(len(content))
    return content


async def _fetched(url: str) -> bytes:
    try:
        if httpx.URL(url).host not in _LOOPBACK:
            raise _ReasonError(f"http: is read from {', '.join(_LOOPBACK)} only")
        async with asyncio.timeout(_FETCH_SECONDS):
            return await _body(url)
    except TimeoutError as error:
        raise _ReasonError(f"the server is not done within {_FETCH_SECONDS:g} s") from error
    except (httpx.InvalidURL, ValueError) as error:
        raise _ReasonError(f"this is no URL: {error}") from error
    except httpx.HTTPError as error:
        raise _ReasonError(f"the server does not answer: {str(error) or type(error).__name__}") from error


async def _body(url: str) -> bytes:
    # Encoded content could be small on the way and have any size here, so none is asked for and none taken.
    headers = {"Accept-Encoding": "identity"}
    async with (
        httpx.AsyncClient(timeout=_ANSWER_SECONDS, trust_env=False, follow_redirects=False) as client,
        client.stream("GET", url, headers=headers) as answer,
    ):
        if answer.is_redirect:
            raise _ReasonError(f"the server answers {answer.status_code}, redirects are not followed")
        if answer.status_code != HTTPStatus.OK:
            raise _ReasonError(f"the server answers {answer.status_code}")
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise _ReasonError(f"the server encodes it as {answer.headers['content-encoding']}")
        content = bytearray()
        async for chunk in answer.aiter_raw():
            content += chunk
            _check_size(len(content))
        return bytes(content)


def _check_size(size: int) -> None:
    if size > _MOST_BYTES:
        raise _ReasonError(f"it has more bytes than the limit of {_MOST_BYTES}")


@contextmanager
def _naming(kind: str, asset: Entity) -> Generator[None]:
    """Turns what goes wrong with the asset's file into one line that names both."""
    try:
        yield
    except (_ReasonError, OSError) as error:
        reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        url = asset.get("fileUrl")
        named = f"{kind} {label(asset)} ({url}): {reason}" if url else f"{kind} {label(asset)}: {reason}"
        raise UnusableFileError(" ".join(named.split())) from error
