"""From the template to a folder of the user's: names checked, and all of it there or nothing."""

import keyword
import sys
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory

from mlc.catalogue import NAME, Catalogue, ProcessDefinition, installed
from mlc.errors import InvalidInput
from mlc.processes import ProcessRequest
from mlc.signals import SIGNALS, full_name
from mlc.text import plain

LONGEST_NAME = 60
SUFFIX = ".template"
# Folders of the template that are called otherwise where they are written.
PACKAGE_FOLDER = "package"
# What a project has beside the package.
TAKEN = frozenset({"tests"})


def write_process(name: str, into: Path) -> Path:
    """Writes the package of a process called `name` to a new folder in `into`; answers the folder.

    Raises InvalidInput for a name that cannot be used, and for a folder that exists or cannot be written.
    """
    _check(name)
    folder = into / name
    if not into.is_dir():
        raise InvalidInput(f"there is no folder {into}: make it first, or name another with --into")
    if folder.exists() or folder.is_symlink():
        raise InvalidInput(f"{folder} exists: take another name, or another folder with --into")
    words = _words(name)
    try:
        with TemporaryDirectory(dir=into, prefix=".mlc-new-process-") as draft:
            written = Path(draft) / name
            _write(files("starter.new_process") / "template", written, words)
            written.rename(folder)
    except OSError as error:
        raise InvalidInput(f"{folder} cannot be written: {error.strerror}") from error
    return folder


def _check(name: str) -> None:
    """Raises InvalidInput unless process, package, distribution and signal can all be called so."""
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise InvalidInput(
            f"process name {plain(name, LONGEST_NAME)!r}: at most {LONGEST_NAME} small letters and digits, in words joined"
            " by single hyphens"
        )
    catalogue, words = installed(), _words(name)
    if any(definition.name == name for definition in catalogue.processes):
        raise InvalidInput(f"there is a process {name} already: `mlc processes` lists them")
    Catalogue((*catalogue.processes, ProcessDefinition(name, words["title"], ProcessRequest, workflow="")))
    package, signal = words["package"], full_name(words["signal"])
    if signal in SIGNALS or catalogue.started_by(signal):
        raise InvalidInput(f"the signal {signal} is in use: take another name than {name}")
    if keyword.iskeyword(package) or package in sys.stdlib_module_names or package in TAKEN:
        raise InvalidInput(f"a Python package cannot be called {package}: take another name than {name}")
    if _is_importable(package) or _is_distributed(name):
        raise InvalidInput(f"there is an installed package {package}: take another name than {name}")


def _is_importable(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ValueError:  # a module that is loaded and tells nothing of where it is from
        return True


def _is_distributed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def _words(name: str) -> dict[str, str]:
    """What stands for the placeholders of the template."""
    parts = name.split("-")
    package = "_".join(parts)
    return {
        "name": name,
        "package": package,
        "workflow": "".join(part.capitalize() for part in parts) + "Workflow",
        "title": " ".join(part.capitalize() for part in parts),
        "signal": package.upper(),
    }


def _write(source: Traversable, target: Path, words: dict[str, str]) -> None:
    if source.is_file():
        text = source.read_text(encoding="utf-8")
        target.with_name(target.name.removesuffix(SUFFIX)).write_text(
            Template(text).substitute(words), encoding="utf-8"
        )
        return
    target.mkdir()
    for entry in source.iterdir():
        name = words["package"] if entry.name == PACKAGE_FOLDER else entry.name
        _write(entry, target / name, words)
