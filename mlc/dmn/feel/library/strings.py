"""Texts. Positions count code points from 1, and from the end with -1."""

from __future__ import annotations

from decimal import Decimal

from mlc.dmn.feel.library.registry import built_in
from mlc.dmn.feel.library.text import joined
from mlc.dmn.scope import Scope
from mlc.dmn.values import Value


@built_in("substring(string: string, start position: number, length?: number or null)")
def _substring(text: str, start: Decimal, length: Decimal | None = None) -> Value:
    position = int(start)
    if not 1 <= abs(position) <= len(text) or (length is not None and length < 1):
        return None
    first = position - 1 if position > 0 else len(text) + position
    return text[first:] if length is None else text[first : first + int(length)]


@built_in("string length(string: string)")
def _string_length(text: str) -> Value:
    return Decimal(len(text))


@built_in("upper case(string: string)")
def _upper_case(text: str) -> Value:
    return text.upper()


@built_in("lower case(string: string)")
def _lower_case(text: str) -> Value:
    return text.lower()


@built_in("substring before(string: string, match: string)")
def _substring_before(text: str, match: str) -> Value:
    before, found, _ = text.partition(match) if match else ("", "", "")
    return before if found else ""


@built_in("substring after(string: string, match: string)")
def _substring_after(text: str, match: str) -> Value:
    return text.partition(match)[2] if match else text


@built_in("contains(string: string, match: string)")
def _contains(text: str, match: str) -> Value:
    return match in text


@built_in("starts with(string: string, match: string)")
def _starts_with(text: str, match: str) -> Value:
    return text.startswith(match)


@built_in("ends with(string: string, match: string)")
def _ends_with(text: str, match: str) -> Value:
    return text.endswith(match)


@built_in("string join(list: list, delimiter?: string or null)", needs_scope=True)
def _string_join(scope: Scope, items: list[Value], delimiter: str | None = None) -> Value:
    texts = [item for item in items if isinstance(item, str)]
    if len(texts) + items.count(None) < len(items):
        return None
    separator = delimiter or ""
    return joined((f"{separator}{text}" if index else text for index, text in enumerate(texts)), scope)
