"""What a metrics job yields: one JSON object, embedded in the job's output."""

import base64
import binascii
import json
import math
from typing import Any, cast

from mlc.dialect import Json
from mlc.digests import digest
from mlc.errors import InvalidInput
from mlc.record import TestResult

HEADLINES = 100
LONGEST_TEXT = 500


def results_of_job(job: Json) -> Json:
    """The object that the model's metrics function yielded. Raises InvalidInput when there is not exactly one."""
    where = f"the output of job {job.get('id')}"
    outputs = cast(list[Json], job.get("outputData") or [])
    content = next((output.get("fileContent") for output in outputs if output.get("fileContent")), None)
    if content is None:
        raise InvalidInput(f"{where} is empty: the metrics function has to yield one object")
    try:
        text = base64.b64decode(str(content), validate=True).decode("utf-8")
        body: Any = json.loads(text, parse_constant=_refuse_constant)
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise InvalidInput(f"{where} cannot be read as JSON: {error}") from error
    rows: list[object] = [body]
    if isinstance(body, list):
        rows = cast(list[object], body)
    if len(rows) != 1 or not isinstance(rows[0], dict):
        raise InvalidInput(f"{where} is not one JSON object, as the metrics function has to yield")
    return cast(Json, rows[0])


def test_result(entity: Json) -> TestResult:
    """A stored modelTestResult as the processes see it: the flat metrics, and a digest over everything."""
    results = cast(Json, entity.get("testResults") or {})
    flat = {
        name: value[:LONGEST_TEXT] if isinstance(value, str) else value
        for name, value in results.items()
        if value is None or isinstance(value, int | float | bool | str)
    }
    shown = dict(list(flat.items())[:HEADLINES])
    return TestResult(id=str(entity["id"]), digest=digest(results), metrics=shown)


def _refuse_constant(name: str) -> float:
    raise ValueError(
        f"{name} is not a number of JSON" if math.isnan(float(name)) else f"{name} is not finite"
    )
