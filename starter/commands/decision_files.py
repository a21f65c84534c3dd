"""The files beside a decision table: those it imports, a test result, cases."""

import csv
import io
import json
import stat
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import cast

from mlc.dmn import DmnError
from mlc.dmn.checking import Case, did_you_mean
from mlc.dmn.feel.parser import parse_expression
from mlc.dmn.feel.reader import Names
from mlc.dmn.feel.syntax import Literal
from mlc.dmn.imports import TO_BE_GIVEN
from mlc.errors import InvalidInput

NAME_COLUMN = "case"
EXPECTED_COLUMN = "expect "
_CASE_FIELDS = ("name", "decision", "inputs", "expect")
LARGEST_FILE = 50_000_000
_WORDS = {"true": True, "false": False, "null": None}


def read_bytes(path: Path) -> bytes:
    """A file's content. Raises InvalidInput: there is none, it cannot be read, it is empty or very large."""
    try:
        told = path.stat()
        if stat.S_ISDIR(told.st_mode):
            raise InvalidInput(f"{path} is a folder: name a file")
        if not stat.S_ISREG(told.st_mode):
            raise InvalidInput(f"{path} is no regular file: write what it yields to one first")
        if told.st_size > LARGEST_FILE:
            raise InvalidInput(f"{path} has {told.st_size:,} bytes, more than {LARGEST_FILE:,}")
        content = path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}") from None
    if not content or content.isspace():
        raise InvalidInput(f"{path} is empty")
    return content


def read_imports(paths: Iterable[Path]) -> dict[str, bytes]:
    """The files that a DMN file imports, by their names. Raises InvalidInput."""
    return {path.name: read_bytes(path) for path in paths}


def on_the_command_line(message: str) -> str:
    """An error's message where what a program passes is given by an option."""
    return message.replace(TO_BE_GIVEN, "give it with --import FILE").replace(
        "(they hold none)", "(none is given)"
    )


def read_metrics(path: Path) -> dict[str, object]:
    """A test result: an object of metrics, a list that holds one, or a whole modelTestResult. Raises InvalidInput.

    What a process tells of its own is read as well: the file at its ticket, and its record.
    """
    document = _json(path)
    if isinstance(document, list) and len(cast("list[object]", document)) == 1:
        document = cast("list[object]", document)[0]
    if isinstance(document, dict):
        result = cast("dict[str, object]", document)
        inner = result.get("testResults")
        if not isinstance(inner, dict) and isinstance(told := result.get("testResult"), dict):
            inner = cast("dict[str, object]", told).get("metrics")
        return cast("dict[str, object]", inner) if isinstance(inner, dict) else result
    raise InvalidInput(f"{path} holds no test result: an object of metrics, or a whole modelTestResult")


def read_cases(path: Path, decision: str | None) -> list[Case]:
    """The cases of a CSV or JSON file. decision: that of the cases that name none.

    Raises InvalidInput naming the line, or the case.
    """
    cases = list(
        _json_cases(path, decision) if path.suffix.lower() == ".json" else _csv_cases(path, decision)
    )
    if not cases:
        raise InvalidInput(f"{path} holds no case")
    return cases


def _json(path: Path) -> object:
    try:
        return json.loads(_text(path), parse_float=Decimal, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise InvalidInput(
            f"{path}, line {error.lineno}, column {error.colno}: not JSON: {error.msg}"
        ) from None
    except ValueError as error:
        raise InvalidInput(f"{path} is not JSON: {error}") from None
    except RecursionError:
        raise InvalidInput(f"{path} is nested too deeply") from None


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number of JSON")


def _text(path: Path) -> str:
    """Its text in UTF-8, with or without the mark that spreadsheets put in front of it."""
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is not UTF-8: byte {error.start}") from None


def _json_cases(path: Path, decision: str | None) -> Iterator[Case]:
    document = _json(path)
    if not isinstance(document, list):
        raise InvalidInput(f'{path} holds no list of cases: [{{"inputs": {{…}}, "expect": {{…}}}}, …]')
    for number, entry in enumerate(cast("list[object]", document), start=1):
        where = f"{path}, case {number}"
        if not isinstance(entry, dict):
            raise InvalidInput(f'{where}: a case is an object with "inputs" and "expect"')
        fields = cast("dict[str, object]", entry)
        for field in fields:
            if field not in _CASE_FIELDS:
                raise InvalidInput(
                    f'{where}: there is no "{field}" in a case{did_you_mean(field, _CASE_FIELDS)}'
                )
        inputs, expected = fields.get("inputs", {}), fields.get("expect")
        if not isinstance(inputs, dict):
            raise InvalidInput(f'{where}: "inputs" is an object of values by name')
        if "expect" not in fields or expected == {}:
            raise InvalidInput(f'{where}: nothing is expected: give "expect"')
        by_name = cast("dict[str, object]", expected) if isinstance(expected, dict) else {"value": expected}
        yield Case(
            name=str(fields.get("name") or number),
            decision=str(fields["decision"]) if fields.get("decision") else decision,
            inputs={
                name: _temporal(value, where) for name, value in cast("dict[str, object]", inputs).items()
            },
            expected={name: _temporal(value, where) for name, value in by_name.items()},
        )


def _csv_cases(path: Path, decision: str | None) -> Iterator[Case]:
    text = _text(path)
    header_line = text.lstrip().partition("\n")[0]
    rows = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=header_line.count), strict=True)
    header: list[str] = []
    number = 0
    try:
        for row in rows:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            where = f"{path}, line {rows.line_num}"
            if not header:
                header = _header(cells, where)
                continue
            number += 1
            if len(cells) != len(header):
                raise InvalidInput(f"{where}: {len(cells)} cells, but {len(header)} columns")
            yield _csv_case(dict(zip(header, cells, strict=True)), str(number), decision, where)
    except csv.Error as error:
        raise InvalidInput(f"{path}, line {rows.line_num}: not CSV: {error}") from None


def _header(cells: list[str], where: str) -> list[str]:
    unnamed = next((number for number, cell in enumerate(cells, start=1) if not cell), None)
    if unnamed is not None:
        raise InvalidInput(f"{where}: column {unnamed} has no name")
    twice = next((cell for cell in cells if cells.count(cell) > 1), None)
    if twice is not None:
        raise InvalidInput(f'{where}: there are two columns "{twice}"')
    if not any(cell.startswith(EXPECTED_COLUMN) for cell in cells):
        raise InvalidInput(
            f'{where}: no column says what is expected: name one "expect passes", or "expect verdict"'
        )
    return cells


def _csv_case(row: Mapping[str, str], number: str, decision: str | None, where: str) -> Case:
    given = {
        column: _csv_value(text, where) for column, text in row.items() if text and column != NAME_COLUMN
    }
    expected = {
        column.removeprefix(EXPECTED_COLUMN).strip(): value
        for column, value in given.items()
        if column.startswith(EXPECTED_COLUMN)
    }
    if not expected:
        raise InvalidInput(f"{where}: nothing is expected: fill in one of the expect columns")
    inputs = {column: value for column, value in given.items() if not column.startswith(EXPECTED_COLUMN)}
    return Case(row.get(NAME_COLUMN) or number, decision, inputs, expected)


def _csv_value(text: str, where: str) -> object:
    """A number, true, false, null, what else is JSON, a date such as @"2026-01-31"; any other text is itself."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    try:
        value = json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError):
        value = text
    return _temporal(value, where)


def _temporal(value: object, where: str) -> object:
    """The value, with each text of the form @"…" in it as the date, time or duration that it names in FEEL."""
    match value:
        case str() if value.startswith('@"') and value.endswith('"'):
            try:
                tree = parse_expression(value, Names()).tree
            except DmnError as error:
                raise InvalidInput(f"{where}: {value}: {error.message}") from None
            return tree.value if isinstance(tree, Literal) else value
        case list():
            return [_temporal(item, where) for item in cast("list[object]", value)]
        case dict():
            entries = cast("dict[str, object]", value).items()
            return {name: _temporal(entry, where) for name, entry in entries}
        case _:
            return value
