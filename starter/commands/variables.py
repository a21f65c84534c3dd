"""The command line's way to give variables: `--var NAME=VALUE`, or `--var NAME=@file.json` for a value that is long."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mlc.errors import InvalidInput

HOW = "variables are NAME=VALUE, or NAME=@file.json"


def read_variables(options: Iterable[str]) -> dict[str, Any]:
    """The variables by name.

    A value is JSON where it reads as an object, an array, true, false or null, else it is the text as it stands, a number too:
    ids and tags may look like one, and a contract that asks for a number reads it from text. A text that looks like one of the
    others goes in double quotes. Raises InvalidInput naming the variable.
    """
    variables: dict[str, Any] = {}
    for option in options:
        name, equals, text = option.partition("=")
        if not name or not equals:
            raise InvalidInput(f"--var {option}: {HOW}")
        if name in variables:
            raise InvalidInput(f"--var {name} is given twice: give it once")
        variables[name] = _from_file(name, text[1:]) if text.startswith("@") else _from_text(text)
    return variables


def _from_text(text: str) -> Any:
    try:
        value = json.loads(text, parse_constant=_no_number)
    except ValueError:
        return text
    return text if isinstance(value, int | float) and not isinstance(value, bool) else value


def _from_file(name: str, path: str) -> Any:
    try:
        return json.loads(Path(path).read_text("utf-8"), parse_constant=_no_number)
    except OSError as error:
        raise InvalidInput(f"--var {name}: {path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise InvalidInput(f"--var {name}: {path} is not JSON: {error}") from None


def _no_number(word: str) -> None:
    """JSON has neither NaN nor Infinity; Python's reader takes them unless told otherwise."""
    raise ValueError(f"{word} is not JSON")
