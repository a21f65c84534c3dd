"""Camunda's OpenAPI document, which is read where it lies and never copied."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any, cast

import jsonschema
import pytest

from tests.stand_ins import ROOT, Json

FILE = (
    Path(os.environ.get("MLC_CONFORMANCE_DIR", ROOT.parent / "shared" / "conformance"))
    / "camunda7-openapi.json"
)
needs_camunda = pytest.mark.skipif(not FILE.exists(), reason=f"the conformance data is not in {FILE}")


def assert_conforms(schema: str, value: object) -> None:
    """The value is what Camunda's schema of this name says."""
    document = _document()
    root = {"$ref": f"#/components/schemas/{schema}", "components": document["components"]}
    validator: Any = jsonschema.Draft4Validator(root)
    faults = [f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(value)]
    assert faults == [], f"{value} is no {schema}"


def answers_of(method: str, path: str) -> dict[int, str | None]:
    """The statuses that an operation may answer with, and the schema of each body."""
    answers: dict[int, str | None] = {}
    for status, answer in _document()["paths"][path][method]["responses"].items():
        content = answer.get("content", {}).get("application/json", {})
        answers[int(status)] = content["schema"]["$ref"].rpartition("/")[2] if content else None
    return answers


@cache
def _document() -> Json:
    return cast(Json, _as_json_schema(json.loads(FILE.read_text())))


def _as_json_schema(part: object) -> object:
    """OpenAPI 3.0 says `nullable` where JSON Schema has a type `null`."""
    if isinstance(part, list):
        return [_as_json_schema(item) for item in cast(list[object], part)]
    if not isinstance(part, dict):
        return part
    schema = {name: _as_json_schema(value) for name, value in cast(Json, part).items()}
    if schema.get("nullable") is True and isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
    return schema
