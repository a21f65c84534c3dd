"""How the stand-in behaves: what a test may turn, kept across restarts."""

import json
import sqlite3
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, cast

from sandbox.jira.errors import JiraError


@dataclass(frozen=True)
class Settings:
    """`mode`: which product is played. `index_lag_seconds`: how late search sees a write. `webhook_duplicates`:
    how many times more than once each webhook is delivered."""

    mode: Literal["server", "cloud"] = "server"
    index_lag_seconds: float = 0.0
    attachments_enabled: bool = True
    webhook_duplicates: int = 0
    webhooks_enabled: bool = True

    @property
    def cloud(self) -> bool:
        return self.mode == "cloud"


JSON_NAMES = {
    "mode": "mode",
    "indexLagSeconds": "index_lag_seconds",
    "attachmentsEnabled": "attachments_enabled",
    "webhookDuplicates": "webhook_duplicates",
    "webhooksEnabled": "webhooks_enabled",
}


class SettingsStore:
    """The settings in force; `current` is always what the database holds."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        stored = {row["name"]: json.loads(row["value"]) for row in database.execute("SELECT * FROM settings")}
        self.current = Settings(**{f.name: stored[f.name] for f in fields(Settings) if f.name in stored})

    def change(self, change: dict[str, Any]) -> None:
        """Takes some settings by their JSON names. Raises JiraError(400) for an unknown name or a wrong value."""
        for name, value in change.items():
            if name not in JSON_NAMES or not _acceptable(name, value):
                raise JiraError(400, f"setting {name!r} cannot be {value!r}; known: {', '.join(JSON_NAMES)}")
        self.current = replace(self.current, **{JSON_NAMES[name]: value for name, value in change.items()})
        self._database.executemany(
            "INSERT OR REPLACE INTO settings VALUES (?, ?)",
            [(name, json.dumps(value)) for name, value in asdict(self.current).items()],
        )

    def to_json(self) -> dict[str, object]:
        values = cast("dict[str, object]", asdict(self.current))
        return {name: values[attribute] for name, attribute in JSON_NAMES.items()}


def _acceptable(name: str, value: object) -> bool:
    if name == "mode":
        return value in ("server", "cloud")
    if name == "indexLagSeconds":
        return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    if name == "webhookDuplicates":
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return isinstance(value, bool)
