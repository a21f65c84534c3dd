"""Hostile XML made harmless: bytes become a tree of bounded size, without entities and without a DOCTYPE."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

# Expat alone: no DOCTYPE passes the handler below, so no entity is ever declared, let alone expanded.
from xml.parsers import expat

from mlc.dmn.errors import DmnError
from mlc.dmn.limits import Limits

MAX_DEPTH = 100


@dataclass(slots=True)
class Element:
    """An element; `text` is without the texts of its children.

    attributes: by local name. One of a tool's own namespace (`camunda:inputVariable`) gives way to one without any.
    """

    namespace: str
    tag: str
    attributes: dict[str, str]
    line: int
    text: str = ""
    children: list[Element] = field(default_factory=list["Element"])

    def all(self, *tags: str) -> Iterator[Element]:
        """The children of these names in document order."""
        return (child for child in self.children if child.tag in tags)

    def first(self, *tags: str) -> Element | None:
        return next(self.all(*tags), None)


def parse_xml(xml: bytes, limits: Limits) -> Element:
    """Raises DmnError for what is no well-formed XML, has a DOCTYPE, or is too large or nested too deeply."""
    limits.count_bytes(len(xml))
    tree = _TreeBuilder(limits)
    try:
        tree.parser.Parse(xml, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise DmnError(f"this is no well-formed XML: {error}") from None
    return tree.root


class _TreeBuilder:
    def __init__(self, limits: Limits) -> None:
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.root = Element("", "", {}, 0)
        self._open: list[Element] = []
        self._texts: list[list[str]] = []
        self._limits = limits

    def _refuse_doctype(self, *_: object) -> None:
        raise DmnError("a DOCTYPE is not allowed in a decision table")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._limits.count_element()
        if len(self._open) >= MAX_DEPTH:
            raise DmnError(f"elements are nested more than {MAX_DEPTH} levels deep")
        namespace, _, tag = name.rpartition("}")
        own = {key: value for key, value in attributes.items() if "}" not in key}
        local = {key.rpartition("}")[2]: value for key, value in attributes.items()} | own
        element = Element(namespace, tag, local, self.parser.CurrentLineNumber)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)
        self._texts.append([])

    def _end(self, _: str) -> None:
        self._open.pop().text = "".join(self._texts.pop())

    def _text(self, text: str) -> None:
        self._texts[-1].append(text)
