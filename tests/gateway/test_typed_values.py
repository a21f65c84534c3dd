"""Camunda's typed values: which types there are, what fits them, and what a value is to the processes."""

from typing import Any

import pytest

from mlc.errors import InvalidInput
from starter.gateway.typed_values import plain_values

AS_JSON = {"serializationDataFormat": "application/json", "objectTypeName": "java.util.Map"}
DATE = "2017-02-10T14:33:19.000+0200"


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ({"value": {"assetType": "FILE"}}, {"assetType": "FILE"}),
        ({"value": 7}, 7),
        ({"value": "7", "type": None}, "7"),
        ({"value": None}, None),
        ({}, None),
        ({"type": "String"}, None),
        ({"value": "a", "valueInfo": {"transient": True}}, "a"),
        ({"value": "a", "valueInfo": None, "local": True}, "a"),
        ({"value": True, "type": "Boolean"}, True),
        ({"value": "False", "type": "Boolean"}, False),
        ({"value": 7, "type": "Integer"}, 7),
        ({"value": "-7", "type": "integer"}, -7),
        ({"value": -32768, "type": "Short"}, -32768),
        ({"value": 2**63 - 1, "type": "Long"}, 2**63 - 1),
        ({"value": 7, "type": "Double"}, 7.0),
        ({"value": "7.5e1", "type": "Double"}, 75.0),
        ({"value": 7, "type": "String"}, "7"),
        ({"value": True, "type": "String"}, "true"),
        ({"value": "", "type": "String"}, ""),
        ({"value": DATE, "type": "Date"}, DATE),
        ({"value": None, "type": "Null"}, None),
        ({"value": None, "type": "Json"}, None),
        ({"value": '{"a": [1]}', "type": "Json"}, {"a": [1]}),
        ({"value": '{"a": [1]}', "type": "Object", "valueInfo": AS_JSON}, {"a": [1]}),
        ({"value": "[1]", "type": "Object"}, [1]),
    ],
)
def test_a_value_that_fits_its_type_is_taken(typed: dict[str, Any], value: Any) -> None:
    [(name, taken)] = plain_values({"THING": typed}).items()
    assert (name, taken, type(taken)) == ("THING", value, type(value))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (1, "Boolean"),
        ("yes", "Boolean"),
        (7.5, "Integer"),
        (True, "Integer"),
        ("7.0", "Integer"),
        ("1_000", "Integer"),
        ("", "Integer"),
        (2**31, "Integer"),
        (2**15, "Short"),
        (-(2**63) - 1, "Long"),
        ("9" * 5000, "Long"),
        ([1], "Long"),
        (True, "Double"),
        ("1,5", "Double"),
        ("NaN", "Double"),
        ("1e999", "Double"),
        ({"a": 1}, "String"),
        ("2017-02-10", "Date"),
        ("2017-02-30T14:33:19.000+0200", "Date"),
        (1486730000000, "Date"),
        ("null", "Null"),
        ({"a": 1}, "Json"),
        ("{", "Json"),
        ("NaN", "Json"),
        ("[" * 100_000, "Json"),
        ({"a": 1}, "Object"),
    ],
)
def test_a_value_that_does_not_fit_its_type_is_refused_naming_both(value: Any, kind: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        plain_values({"FINE": {"value": 1}, "THING": {"value": value, "type": kind}})
    message = str(refused.value)
    assert message.startswith("variable THING: ")
    assert f"is not a value of type {kind}: " in message
    assert len(message) < 300
    assert message.isprintable()


@pytest.mark.parametrize("kind", ["Strings", "", "Xml", "Bytes", "File", "java.lang.String"])
def test_an_unknown_type_is_refused_in_camundas_words(kind: str) -> None:
    with pytest.raises(InvalidInput, match=f"^Unsupported value type '{kind}'.*THING"):
        plain_values({"THING": {"value": 1, "type": kind}})


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("plain", "variable THING is not an object with a value"),
        (None, "variable THING is not an object with a value"),
        ({"assetType": "FILE"}, "variable THING is not an object with a value"),
        ({"value": 1, "type": 7}, "variable THING: type: "),
        ({"value": 1, "valueInfo": []}, "variable THING: valueInfo: "),
        (
            {
                "value": "r0lGOD",
                "type": "Object",
                "valueInfo": {"serializationDataFormat": "application/x-java"},
            },
            "variable THING: valueInfo.serializationDataFormat is not application/json",
        ),
    ],
)
def test_what_is_no_typed_value_is_refused(typed: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{said}"):
        plain_values({"THING": typed})
