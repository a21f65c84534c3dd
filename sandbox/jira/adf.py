"""Atlassian documents, the rich text of REST version 3: plain paragraphs out, the text of any document in."""

from collections.abc import Mapping
from typing import Any, cast

NOT_A_DOCUMENT = "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
BLOCKS = {"paragraph", "heading", "codeBlock", "listItem", "tableRow", "blockquote", "rule"}


def document_of(text: str) -> dict[str, Any]:
    """A document with one paragraph for each line."""
    return {"type": "doc", "version": 1, "content": [_paragraph(line) for line in text.split("\n")]}


def text_of(document: object) -> str:
    """The words of a document, a line for each block. Raises ValueError for anything but a document."""
    if not isinstance(document, Mapping):
        raise ValueError(NOT_A_DOCUMENT)  # noqa: TRY004
    node = cast("Mapping[str, Any]", document)
    if node.get("type") != "doc" or not isinstance(node.get("content"), list):
        raise ValueError(NOT_A_DOCUMENT)
    return _text(node).removesuffix("\n")


def _paragraph(line: str) -> dict[str, Any]:
    return {"type": "paragraph", "content": [{"type": "text", "text": line}] if line else []}


def _text(node: Mapping[str, Any]) -> str:
    if node.get("type") == "text":
        return str(node.get("text", ""))
    if node.get("type") == "hardBreak":
        return "\n"
    inner = "".join(_text(child) for child in node.get("content", []))
    return inner if node.get("type") not in BLOCKS or inner.endswith("\n") else f"{inner}\n"
