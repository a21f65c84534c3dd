"""The DMN Technology Compatibility Kit, level 2: every model's every expected result."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from xml.etree.ElementTree import Element, parse

import pytest

from mlc.dmn import Value, load
from tests.dmn.summary import KIT, counted

ROOT = Path(__file__).resolve().parents[2]
LEVEL_2 = (
    Path(os.environ.get("MLC_CONFORMANCE_DIR", ROOT.parent / "shared" / "conformance"))
    / "dmn-tck/compliance-level-2"
)
MODELS = sorted(LEVEL_2.glob("*/*.dmn"))
NS = "{http://www.omg.org/spec/DMN/20160719/testcase}"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
READERS: dict[str, Callable[[str], Value]] = {
    "string": str,
    "boolean": lambda text: text == "true",
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "dateTime": datetime.fromisoformat,
    **dict.fromkeys(("decimal", "double", "integer", "int", "long", "float"), Decimal),
}

pytestmark = pytest.mark.skipif(not MODELS, reason=f"the conformance data is not in {LEVEL_2}")


def value_of(element: Element) -> Value:
    components = element.findall(f"{NS}component")
    if components:
        return {component.get("name", ""): value_of(component) for component in components}
    items = element.find(f"{NS}list")
    if items is not None:
        return [value_of(item) for item in items.findall(f"{NS}item")]
    value = element.find(f"{NS}value")
    if value is None or value.get(f"{XSI}nil") == "true":
        return None
    kind = value.get(f"{XSI}type", "xsd:string").rpartition(":")[2]
    return READERS[kind](value.text or "")


def alike(actual: Value, expected: Value) -> bool:
    """Numbers agree to 13 digits: the kit's expectations are rounded."""
    if isinstance(actual, Decimal) and isinstance(expected, Decimal):
        return math.isclose(actual, expected, rel_tol=1e-13)
    if isinstance(actual, list) and isinstance(expected, list):
        return len(actual) == len(expected) and all(map(alike, actual, expected))
    if isinstance(actual, dict) and isinstance(expected, dict):
        return actual.keys() == expected.keys() and all(alike(actual[key], expected[key]) for key in actual)
    return type(actual) is type(expected) and actual == expected


def test_the_kit_is_complete() -> None:
    checks = sum(len(parse(cases).findall(f".//{NS}resultNode")) for cases in LEVEL_2.glob("*/*.xml"))  # noqa: S314
    assert (len(MODELS), checks) == (28, 126)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.stem)
def test_every_expected_result_of_the_model(
    model: Path, record_property: Callable[[str, object], None]
) -> None:
    definitions = load(model.read_bytes())
    wrong: list[str] = []
    checks = 0
    for cases in sorted(model.parent.glob("*.xml")):
        for case in parse(cases).findall(f".//{NS}testCase"):  # noqa: S314
            inputs = {node.get("name", ""): value_of(node) for node in case.findall(f"{NS}inputNode")}
            for node in case.findall(f"{NS}resultNode"):
                checks += 1
                expected_node = node.find(f"{NS}expected")
                expected = None if expected_node is None else value_of(expected_node)
                actual = definitions.evaluate(node.get("name"), inputs)
                if not alike(actual, expected):
                    wrong.append(f"{case.get('id')} {node.get('name')}: {actual!r}, expected {expected!r}")
    record_property(f"{KIT} level 2", counted(checks - len(wrong), checks))
    assert not wrong, "\n".join(wrong)
