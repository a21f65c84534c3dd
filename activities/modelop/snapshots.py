"""Snapshots and runtimes: which runtimes a snapshot is meant for, and what is new in it."""

from typing import cast

from mlc.dialect import Dialect, Json
from mlc.modelop import Changes, RuntimeQuery

LONGEST_LIST = 30


def matching_runtimes(dialect: Dialect, engines: list[Json], query: RuntimeQuery) -> list[Json]:
    """The runtimes that carry a service tag and, where there is one, the stage; by name. Tags are compared exactly."""
    wanted = set(query.service_tags)
    fit = [
        engine
        for engine in engines
        if wanted & dialect.runtime_tags(engine)
        and (query.stage is None or query.stage in {tag.upper() for tag in dialect.runtime_tags(engine)})
    ]
    return sorted(fit, key=lambda engine: str(engine.get("name")))


def changes_between(before: Json, now: Json) -> Changes:
    """What a reviewer has to look at: assets added, removed, changed, and what the model's metadata says anew."""
    old, new = _contents(before), _contents(now)
    lines = [f"added: {name}" for name in new if name not in old]
    lines += [f"removed: {name}" for name in old if name not in new]
    lines += [f"changed: {name}" for name in new if name in old and old[name] != new[name]]
    for field in ("description", "modelMethodology", "modelRisk", "modelOrganization"):
        was, now_is = _metadata(before).get(field), _metadata(now).get(field)
        if was != now_is:
            lines.append(f"{field}: {was or 'none'} → {now_is or 'none'}")
    if len(lines) > LONGEST_LIST:
        lines = [*lines[:LONGEST_LIST], f"and {len(lines) - LONGEST_LIST} more"]
    return Changes(since=str(before.get("id")), lines=tuple(lines or ["nothing but the snapshot itself"]))


def _stored(snapshot: Json) -> Json:
    return cast(Json, snapshot.get("storedModel") or {})


def _metadata(snapshot: Json) -> Json:
    return cast(Json, _stored(snapshot).get("modelMetaData") or {})


def _contents(snapshot: Json) -> dict[str, object]:
    """Asset name → what tells its content apart: the content itself, else the hash or the address of what is elsewhere."""
    contents: dict[str, object] = {}
    for asset in cast(list[Json], _stored(snapshot).get("modelAssets") or []):
        name = str(asset.get("name") or asset.get("filename"))
        hashed = cast(Json, asset.get("contentHash") or {}).get("hexString")
        contents[name] = asset.get("sourceCode") or asset.get("fileContent") or hashed or asset.get("fileUrl")
    return contents
