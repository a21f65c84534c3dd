"""Hostile XML made harmless: bytes become a tree of bounded size, without entities and without a DOCTYPE."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

# Expat alone: no DOCTYPE passes the handler below, so no entity is ever declared, let alone expanded.
from xml.parsers import expat

from mlc.dmn.errors import DmnError

MAX_BYTES = 5_000_000
MAX_DEPTH = 100
MAX_ELEMENTS = 200_000
MAX_TEXTS = 500_000


@dataclass(slots=True)
class Element:
    """An element; `attributes` by local name, `text` without the texts of its children."""

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


class Limits:
    """How much a file may hold together with all that it imports."""

    __slots__ = ("_bytes", "_elements", "_texts")

    def __init__(self) -> None:
        self._bytes = 0
        self._elements = 0
        self._texts = 0

    def count_bytes(self, size: int) -> None:
        """Raises DmnError for too many."""
        self._bytes += size
        if self._bytes > MAX_BYTES:
            raise DmnError(f"the file has {self._bytes:,} bytes, more than {MAX_BYTES:,}")

    def count_element(self) -> None:
        """Raises DmnError for too many."""
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise DmnError(f"the file has more than {MAX_ELEMENTS:,} elements")

    def count_texts(self, size: int) -> None:
        """What is parsed as FEEL costs far more than the XML around it. Raises DmnError for too many characters."""
        self._texts += size
        if self._texts > MAX_TEXTS:
            raise DmnError(
                f"the expressions have {self._texts:,} characters together, more than {MAX_TEXTS:,}"
            )


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
        local = {key.rpartition("}")[2]: value for key, value in attributes.items()}
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
