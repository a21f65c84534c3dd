"""YAML that remembers where everything stands, so that a mistake can be named with its line.

Stricter than YAML itself: a key stands once, there are no aliases (an alias of an alias of … fills any memory), and a date stays
the text that it is.
"""

from pathlib import Path
from typing import Any, cast

import yaml
from yaml.composer import ComposerError
from yaml.events import AliasEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from mlc.errors import InvalidInput

LARGEST_FILE = 1024 * 1024
NO_ALIASES = "aliases are not taken: write it out"
_TIMESTAMP = "tag:yaml.org,2002:timestamp"
_HINTS = {
    "@": "put a text that begins with @ in quotes",
    "*": "put a text that begins with * in quotes",
    "%": "put a text that begins with % in quotes",
}


class _Loader(yaml.SafeLoader):
    """YAML's plain values, dates left as texts."""

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        if self.check_event(AliasEvent):
            raise ComposerError(None, None, NO_ALIASES, cast(Any, self).peek_event().start_mark)
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class YamlFile:
    """A YAML file: its value, and the line on which each part of it begins."""

    def __init__(self, path: Path) -> None:
        """Raises InvalidInput naming the file, and the line where there is one."""
        self.path = path
        self._lines: dict[tuple[str | int, ...], int] = {}
        # The mistakes that keep nobody from reading on: (line, what).
        self.mistakes: list[tuple[int, str]] = []
        text = _text(path)
        try:
            self.value: Any = self._load(text)
        except yaml.MarkedYAMLError as error:
            raise InvalidInput(_syntax_error(path, text, error)) from None
        except yaml.YAMLError as error:
            raise InvalidInput(f"{path}: not YAML: {' '.join(str(error).split())}") from None
        except RecursionError:
            raise InvalidInput(f"{path}: nested too deeply") from None

    def line(self, path: tuple[str | int, ...]) -> int:
        """The line of a part, or of the nearest thing around it; lines count from 1."""
        while path not in self._lines and path:
            path = path[:-1]
        return self._lines.get(path, 1)

    def _load(self, text: str) -> Any:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            return self._read(loader, node, ()) if node is not None else None
        finally:
            loader.dispose()

    def _read(self, loader: _Loader, node: Node, path: tuple[str | int, ...]) -> Any:
        self._lines.setdefault(path, _line(node))
        if isinstance(node, MappingNode):
            return self._read_mapping(loader, node, path)
        if isinstance(node, SequenceNode):
            items = cast(list[Node], node.value)
            return [self._read(loader, item, (*path, number)) for number, item in enumerate(items)]
        return _scalar(loader, node)

    def _read_mapping(
        self, loader: _Loader, node: MappingNode, path: tuple[str | int, ...]
    ) -> dict[str, Any]:
        read: dict[str, Any] = {}
        for key_node, value_node in cast(list[tuple[Node, Node]], node.value):
            name = str(key_node.value) if isinstance(key_node, ScalarNode) else "a key that is no text"
            if name in read:
                self.mistakes.append((_line(key_node), f"{name} stands twice"))
                continue
            # A part is looked for where its key is: a long value may begin a line below.
            self._lines[(*path, name)] = _line(key_node)
            read[name] = self._read(loader, value_node, (*path, name))
        return read


def _scalar(loader: _Loader, node: Node) -> str | int | float | bool | None:
    """A plain value; of a tag that makes something else of it, its text. Unknown tags are refused by the loader."""
    value = cast(Any, loader).construct_object(node)
    return value if isinstance(value, str | int | float | bool | None) else str(node.value)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InvalidInput(f"{path}: larger than {LARGEST_FILE // 1024} KiB")
        return path.read_text("utf-8")
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path}: not UTF-8 at byte {error.start}") from None


def _line(node: Node) -> int:
    return node.start_mark.line + 1


def _syntax_error(path: Path, text: str, error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    what = " ".join(filter(None, (error.context, error.problem)))
    if mark is None:
        return f"{path}: not YAML: {what}"
    if error.problem == NO_ALIASES:
        return f"{path}:{mark.line + 1}: {NO_ALIASES}"
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    before = line[: mark.column + 1].rstrip()
    hint = next((hint for sign, hint in _HINTS.items() if f" {sign}" in f" {before}"), "")
    return f"{path}:{mark.line + 1}: not YAML: {what}" + (f"; {hint}" if hint else "")
