"""Models whose test yields what a test wants, with a decision table of its own."""

import base64
from uuid import uuid4

from tests.stand_ins import ROOT, Json, StandIns

TABLES = ROOT / "sandbox" / "tables"
# What a table may ask for and the model's metadata holds, rather than its test result.
OF_THE_MODEL = ("modelMethodology", "modelRisk")


async def judged_model(systems: StandIns, xml: bytes, results: Json, *tags: str) -> Json:
    """A snapshot of a new model. Its table is text or base64, as models have both, by the age of its namespace."""
    of_the_model = {name: value for name, value in results.items() if name in OF_THE_MODEL}
    metrics = {name: value for name, value in results.items() if name not in OF_THE_MODEL}
    source = f"# modelop.metrics\ndef metrics(data):\n    yield {metrics!r}\n"
    assets: list[Json] = [
        {"name": "model.py", "assetType": "SOURCE_CODE", "primaryModelSource": True, "sourceCode": source},
        {"name": "x.csv", "assetRole": "TEST_DATA", **_embedded("x.csv", "CSV", b"x\n1\n")},
        {"name": "table.dmn", "assetRole": "TEST_RESULT_COMPARATOR", **_table(xml)},
    ]
    model = {"name": f"model-{uuid4().hex[:8]}", **of_the_model}
    stored = await systems.create("storedModels", {"modelMetaData": model, "modelAssets": assets})
    return await systems.snapshot_of(stored, *tags)


def _table(xml: bytes) -> Json:
    if b"20151101" in xml:
        return _embedded("table.dmn", "UNKNOWN", xml)
    return {"assetType": "SOURCE_CODE", "sourceCode": xml.decode()}


def _embedded(name: str, file_format: str, content: bytes) -> Json:
    text = base64.b64encode(content).decode()
    return {"assetType": "FILE", "filename": name, "fileFormat": file_format, "fileContent": text}
