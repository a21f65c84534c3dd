"""Mutations of texts, of FEEL and of DMN files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from random import Random
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from tests.dmn.fuzz.grammar import Grammar
from tests.dmn.fuzz.texts import COMPARISONS, NUMBERS, TYPES, VARIABLES

_TOKEN = re.compile(r'"[^"]*"|\w+|\s+|\*\*|\.\.|[<>!]=|.', re.DOTALL)
_TOKENS = (
    *COMPARISONS, *NUMBERS, *VARIABLES, "(", ")", "[", "]", "{", "}", ",", ":", "..", ".", "+", "-", "*",
    "/", "**", "?", "@", '"', '"a"', "and", "or", "not", "in", "between", "instance", "of", "if", "then",
    "else", "for", "return", "some", "every", "satisfies", "function", "external", "null", "true", "false",
    "item", "partial", "date", "time", "count", "sum", "->", "//", "/*", "*/", "&&", "||", "==", "${", "#{",
    "'", "\\", ";", "=>", "list<", "context<", "number", "days and time duration", "is", "sort",
    "get value",
)  # fmt: skip
_CHARACTERS = "()[]{}<>=!.,:;?@\"'\\+-*/%^&|~`#$ \t\n\r_0159aeZ\u00a0\u2028\u200b\ufeff\u0301é∑٣😀\x0b\x85"

# What an attribute may be given beside what the corpus gives it.
_ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "hitPolicy": (
        "UNIQUE",
        "FIRST",
        "PRIORITY",
        "ANY",
        "COLLECT",
        "RULE ORDER",
        "OUTPUT ORDER",
        "U",
        "unique",
        "",
        "MOST",
    ),
    "aggregation": ("SUM", "MIN", "MAX", "COUNT", "LIST", "MEDIAN", "", "C+"),
    "typeRef": (
        *TYPES,
        "feel:string",
        "dateTime",
        "dayTimeDuration",
        "tApplicant",
        "",
        " number ",
        "double",
        "integer",
    ),
    "expressionLanguage": (
        "feel",
        "juel",
        "groovy",
        "https://www.omg.org/spec/DMN/20191111/FEEL/",
        "python",
        "javascript",
        "",
    ),
    "kind": ("FEEL", "Java", "PMML", ""),
    "isCollection": ("true", "false", "maybe"),
    "inputVariable": VARIABLES,
    "href": ("#", "", "#nothing", "http://example.com/other.dmn#a", "##", "#D"),
    "name": (
        *VARIABLES,
        "",
        " ",
        "a\nb",
        "a  b",
        "sum",
        "if",
        "null",
        "and",
        "x" * 500,
        "é",
        "1",
        "+",
        "a.b",
        "date and time",
        "?",
        "item",
    ),
}
_NAMESPACES = (
    b"http://www.omg.org/spec/DMN/20151101/dmn.xsd", b"http://www.omg.org/spec/DMN/20180521/MODEL/",
    b"urn:none", b"https://www.omg.org/spec/DMN/20191111/MODEL/",
    b"https://www.omg.org/spec/DMN/20211108/MODEL/", b"https://www.omg.org/spec/DMN/20230324/MODEL/",
)  # fmt: skip
_PROLOGUES = (
    b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b" ", b'<?xml version="1.0" encoding="utf-16"?>',
    b'<?xml version="1.0" encoding="latin-1"?>', b'<?xml version="1.0" encoding="x-none"?>',
    b'<?xml version="1.0" encoding="idna"?>', b'<?xml version="1.0" encoding="rot13"?>',
    b'<?xml version="1.0" encoding="punycode"?>', b'<?xml version="1.1"?>',
    b'<?xml version="1.0" encoding="cp037"?>', b'<?xml version="1.0" encoding="shift_jis"?>',
    b'<?xml version="1.0" encoding="unicode_escape"?>', b"<?xml-stylesheet href='x'?>",
    b'<!DOCTYPE d [<!ENTITY a "b">]>', b"<!DOCTYPE d>", b"<!-- a -->", b"<!-- -- -->", b"<![CDATA[a]]>",
)  # fmt: skip
_FRAGMENTS = (
    b"&lol;", b"&#0;", b"&#x110000;", b"&#xD800;", b"&#9;", b"&amp;", b"<![CDATA[1]]>", b"<!-- a -->",
    b"<?p i?>", b"\x00", b"\xff", b"\xc3", b"]]>", b"<", b">", b"</text>", b"<text/>", b"&",
    b"xmlns:a='b' ", b"\xed\xa0\x80", b"\r\n", b"<decision/>", b"<a:b/>",
)  # fmt: skip


def mutated_text(random: Random, text: str) -> str:
    """Some tokens or characters of a text of FEEL changed."""
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        text = _one_token(random, text) if random.random() < 0.65 else _one_character(random, text)
    return text[:4_000]


def _one_token(random: Random, text: str) -> str:
    tokens = _TOKEN.findall(text)
    if not tokens:
        return random.choice(_TOKENS)
    place = random.randrange(len(tokens))
    match random.randrange(6):
        case 0:
            del tokens[place]
        case 1:
            tokens.insert(place, tokens[place])
        case 2:
            other = random.randrange(len(tokens))
            tokens[place], tokens[other] = tokens[other], tokens[place]
        case 3:
            tokens[place] = random.choice(_TOKENS)
        case 4:
            tokens.insert(place, f" {random.choice(_TOKENS)} ")
        case _:
            end = random.randrange(place, len(tokens)) + 1
            tokens[place:end] = tokens[place:end] * random.choice((0, 2, 3, 20))
    return "".join(tokens)


def _one_character(random: Random, text: str) -> str:
    place = random.randrange(len(text) + 1)
    match random.randrange(4):
        case 0:
            return text[:place] + text[place + 1 :]
        case 1:
            return text[:place] + random.choice(_CHARACTERS) + text[place:]
        case 2:
            return text[:place] + random.choice(_CHARACTERS) + text[place + 1 :]
        case _:
            return text[:place]


def mutated_bytes(random: Random, xml: bytes) -> bytes:
    """Some bytes of a file changed, its end lost, or its encoding tricked with."""
    place = random.randrange(len(xml) + 1)
    end = min(len(xml), place + random.choice((1, 1, 4, 20, 200)))
    match random.randrange(9):
        case 0:
            return xml[:place] + bytes([random.randrange(256)]) + xml[place + 1 :]
        case 1:
            return xml[:place] + xml[end:]
        case 2:
            return xml[:end] + xml[place:end] * random.choice((1, 2, 50)) + xml[end:]
        case 3:
            return xml[:place]
        case 4:
            return random.choice(_PROLOGUES) + (xml if random.random() < 0.3 else xml[xml.find(b"?>") + 2 :])
        case 5:
            return xml[:place] + random.choice(_FRAGMENTS) + xml[place:]
        case 6:
            return re.sub(rb'xmlns="[^"]*"', b'xmlns="%s"' % random.choice(_NAMESPACES), xml, count=1)
        case 7:
            text = xml[xml.find(b"?>") + 2 :].decode(errors="replace")
            return text.encode(
                random.choice(("utf-16", "utf-16-be", "utf-32", "latin-1", "utf-7", "cp037")),
                errors="replace",
            )
        case _:
            first = xml.find(b">", place) + 1
            return xml[:first] + random.choice(_FRAGMENTS) + xml[first:]


def mutated_tree(random: Random, xml: bytes, attributes: Mapping[str, Sequence[str]]) -> bytes:
    """Some elements of a file lost, doubled, moved or renamed; attributes and texts given other values.

    attributes: the values that attributes have in the corpus, by name.
    """
    root = ElementTree.fromstring(xml)  # noqa: S314 — a file of our own corpus
    for _ in range(random.choice((1, 1, 2, 3, 5))):
        random.choice(_TREE_MUTATIONS)(random, root, attributes)
    return ElementTree.tostring(root, encoding="utf-8")


def _change_text(random: Random, root: Element, attributes: Mapping[str, Sequence[str]]) -> None:
    texts = [element for element in root.iter() if element.tag.endswith("}text")]
    if not texts:
        return
    grammar = Grammar(random)
    element = random.choice(texts)
    text = random.choice(
        (
            grammar.expression,
            grammar.unary_tests,
            lambda: mutated_text(random, element.text or ""),
            lambda: random.choice(texts).text or "",
        )
    )()
    element.text = "".join(
        character if character.isprintable() or character in "\n\t" else " " for character in text
    )


def _change_attribute(random: Random, root: Element, attributes: Mapping[str, Sequence[str]]) -> None:
    element = random.choice(list(root.iter()))
    names = list(element.attrib) or ["name"]
    name = random.choice((*names, *names, random.choice(list(attributes))))
    local = name.rpartition("}")[2]
    pool = (*attributes.get(name, ()), *_ATTRIBUTES.get(local, ()), *_ATTRIBUTES["name"])
    if random.random() < 0.15:
        element.attrib.pop(name, None)
    else:
        element.set(name, random.choice(pool))


def _change_structure(random: Random, root: Element, attributes: Mapping[str, Sequence[str]]) -> None:
    elements = list(root.iter())
    parents = [element for element in elements if len(element)]
    if not parents:
        return
    parent = random.choice(parents)
    place = random.randrange(len(parent))
    child = parent[place]
    match random.randrange(6):
        case 0:
            parent.remove(child)
        case 1:
            for _ in range(random.choice((1, 1, 2, 30))):
                parent.insert(place, child)
        case 2:
            parent[:] = random.sample(list(parent), len(parent))
        case 3:
            child.tag = random.choice(elements).tag
        case 4:
            other = random.choice(parents)
            if child is not other and other not in list(child.iter()):
                parent.remove(child)
                other.insert(random.randrange(len(other) + 1), child)
        case _:
            wrapper = Element(random.choice(elements).tag, dict(child.attrib))
            wrapper.append(child)
            parent[place] = wrapper


_TREE_MUTATIONS: tuple[Callable[[Random, Element, Mapping[str, Sequence[str]]], None], ...] = (
    _change_text,
    _change_text,
    _change_text,
    _change_attribute,
    _change_attribute,
    _change_structure,
    _change_structure,
)
