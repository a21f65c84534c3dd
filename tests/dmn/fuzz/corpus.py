"""The files that are mutated: the conformance kit's where it is there, the repository's own, one of every construct."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from tests.dmn.tables import (
    COLOUR,
    PASSES,
    by_expression,
    by_variable,
    decision,
    definitions,
    literal,
    output,
    rule,
    table,
)

_HERE = Path(__file__).parent
_ROOT = Path(__file__).resolve().parents[3]
_CONFORMANCE = Path(os.environ.get("MLC_CONFORMANCE_DIR", _ROOT.parent / "shared" / "conformance"))
_NAME = re.compile(r"[^\W\d][\w -]*")


@dataclass(frozen=True)
class Corpus:
    """files: whole DMN files. imported: one of every construct, which some of them import.

    names: what each file's inputs are called. attributes: their values by name.
    """

    files: tuple[bytes, ...]
    imported: bytes
    names: tuple[tuple[str, ...], ...]
    attributes: Mapping[str, Sequence[str]]


@cache
def corpus() -> Corpus:
    kit = sorted((_CONFORMANCE / "dmn-tck/compliance-level-2").glob("*/*.dmn"))
    own = [_ROOT / "tests/data/thresholds.dmn", _ROOT / "sandbox/models/breast_cancer/thresholds.dmn"]
    imported = (_HERE / "everything.dmn").read_bytes()
    importing = (_HERE / "importing.dmn").read_bytes()
    files = (*(path.read_bytes() for path in [*kit, *own]), *_written(), *[importing] * 3, *_parts(imported))
    return Corpus(files, imported, tuple(map(_names, files)), _attributes(files))


def _names(xml: bytes) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for element in ElementTree.fromstring(xml).iter():  # noqa: S314 — a file of our own corpus
        tag = element.tag.rpartition("}")[2]
        candidates = [value for key, value in element.attrib.items() if key.endswith("inputVariable")]
        if tag in ("inputData", "variable", "formalParameter"):
            candidates.append(element.get("name", ""))
        if tag == "inputExpression":
            candidates += [child.text or "" for child in element]
        found |= dict.fromkeys(each for each in candidates if _NAME.fullmatch(each))
    return tuple(found)


def _attributes(files: Sequence[bytes]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for xml in files:
        for element in ElementTree.fromstring(xml).iter():  # noqa: S314 — a file of our own corpus
            for name, value in element.attrib.items():
                found.setdefault(name, {})[value] = None
    return {name: tuple(values) for name, values in found.items()}


def _written() -> tuple[bytes, ...]:
    return (
        definitions(decision(_FAILURES)),
        definitions(decision(_COLOURS)),
        definitions(
            decision(_PRIORITIES, "Priorities"), decision(literal("Priorities"), "Top", ["Priorities"])
        ),
    )


def _parts(xml: bytes) -> tuple[bytes, ...]:
    """The file, and each of its decisions with what it requires: a mutation seldom leaves all of them whole."""
    return xml, *(_part(xml, place) for place in range(xml.count(b"<decision ")))


def _part(xml: bytes, place: int) -> bytes:
    root = ElementTree.fromstring(xml)  # noqa: S314 — a file of our own corpus
    decisions = {child.get("id", ""): child for child in root if child.tag.endswith("}decision")}
    needed = _required([list(decisions)[place]], {child.get("id", ""): child for child in root})
    for child in list(root):
        if child.tag.endswith(("}decision", "}decisionService")) and child.get("id") not in needed:
            root.remove(child)
    return ElementTree.tostring(root)


def _required(waiting: list[str], elements: Mapping[str, Element]) -> set[str]:
    needed: set[str] = set()
    while waiting:
        each = waiting.pop()
        if each not in needed and each in elements:
            needed.add(each)
            waiting += [inner.get("href", "")[1:] for inner in elements[each].iter()]
    return needed


_FAILURES = table(
    [by_variable("x"), by_variable("max-diff"), by_expression("kind")],
    PASSES,
    [
        rule(["<= 0.70", "", ""], ["false", '"too low"', '"performance"']),
        rule(["", "]-99..0.1[", '"Red"'], ["false", '"drifted"', '"drift"']),
        rule(["", "", 'not("Red", "Yellow")'], ["true", "", ""]),
        rule([">=3,]-99..1]", "-99", ""], ["x > 1", 'string(x) + " is it"', ""]),
        rule(['kind.equalsIgnoreCase("red") && x >= 0.5', "", ""], ["false", '"Groovy"', ""]),
    ],
)
_COLOURS = table(
    [by_variable("rate")],
    COLOUR,
    [rule(["<3"], ['"m"', '"Green"']), rule(["[3..7]"], ['"m"', '"Yellow"']), rule([">7"], ['"m"', '"Red"'])],
    hit_policy="UNIQUE",
)
_PRIORITIES = table(
    [by_expression("x + 1"), by_expression("kind")],
    [
        output('name="grade" typeRef="string"', allowed='"A", "B", "C"', default='"C"'),
        output('name="n" typeRef="number"', allowed="3, 2, 1", default="0"),
    ],
    [rule([">1", ""], ['"A"', "1"]), rule([">2", '"Red"'], ['"B"', "3"]), rule(["", "-"], ['"C"', "2"])],
    hit_policy="OUTPUT ORDER",
)
