"""The decision table that a snapshot carries: found in it, read out of it, put to the question."""

import base64
import binascii

from mlc.dialect import Dialect, Json
from mlc.errors import InvalidInput, NotFound
from mlc.verdict import Verdict


def table_of(dialect: Dialect, snapshot: Json, asset_id: str) -> Json:
    """The asset that holds the table. Raises NotFound."""
    asset = dialect.asset_body(snapshot, asset_id)
    if asset is None:
        raise NotFound(f"snapshot {snapshot.get('id')} carries no asset {asset_id}")
    return asset


def xml_of(asset: Json) -> bytes:
    """The DMN file: as text in `sourceCode`, or as base64 in `fileContent`. Raises InvalidInput when it is neither."""
    if asset.get("sourceCode"):
        return str(asset["sourceCode"]).encode()
    try:
        content = base64.b64decode(str(asset.get("fileContent") or ""), validate=True)
    except binascii.Error as error:
        raise InvalidInput(
            f"decision table {asset.get('name')}: fileContent is not base64: {error}"
        ) from error
    if not content:
        raise InvalidInput(f"decision table {asset.get('name')} is empty")
    return content


def verdict_on(asset: Json, results: Json, snapshot: Json) -> Verdict:
    """Judges test results; what the model's own metadata says can be asked for by the table as well."""
    # The first table loads the evaluator, and not the start of every worker.
    from mlc.dmn import DmnError, judge

    stored: Json = snapshot.get("storedModel") or {}
    metadata: Json = stored.get("modelMetaData") or {}
    try:
        return judge(xml_of(asset), results, metadata, file=str(asset.get("name") or "decision table"))
    except DmnError as error:
        raise InvalidInput(f"decision table {error}") from error
