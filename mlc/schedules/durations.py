"""Durations as people write them: `5m`, `1h30m`, `2d`, and in ISO 8601: `PT1H`, `P1DT12H`. In whole seconds."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_SHORT = re.compile(r"(?:(\d{1,4})w)?(?:(\d{1,5})d)?(?:(\d{1,6})h)?(?:(\d{1,7})m)?(?:(\d{1,9})s)?")
_ISO = re.compile(r"P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9})S)?)?")


def read_duration(value: object) -> timedelta:
    """Raises ValueError for what is no duration; ISO's years and months have no fixed length and are none."""
    if isinstance(value, timedelta):
        return value
    text = value.strip() if isinstance(value, str) else ""
    found = _ISO.fullmatch(text) or _SHORT.fullmatch(text)
    if found is None or not any(found.groups()):
        raise ValueError(f"{value!r} is not a duration such as 30s, 5m, 1h30m, 2d or PT1H")
    counts = zip(found.groups(), _UNITS.values(), strict=True)
    return timedelta(seconds=sum(int(count or 0) * seconds for count, seconds in counts))


def duration_text(duration: timedelta) -> str:
    """The shortest text that reads as this duration: `1h30m`."""
    rest, parts = int(duration.total_seconds()), list[str]()
    for unit, seconds in _UNITS.items():
        if unit != "w" and rest >= seconds:
            parts.append(f"{rest // seconds}{unit}")
            rest %= seconds
    return "".join(parts) or "0s"


Duration = Annotated[
    timedelta, BeforeValidator(read_duration), PlainSerializer(duration_text, return_type=str)
]
