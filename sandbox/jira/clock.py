"""Time as Jira counts and writes it: milliseconds since the epoch, and `2026-11-22T08:00:00.000+0000`."""

import time
from datetime import UTC, datetime


def now() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def timestamp(milliseconds: int) -> str:
    """The moment in Jira's form, always in UTC."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}+0000"


def readable(milliseconds: int) -> str:
    """The moment for people: `22 Nov 2026 08:00:07 UTC`."""
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%d %b %Y %H:%M:%S} UTC"
