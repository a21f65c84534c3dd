"""From HTTP to the closed set of errors: one function for both outside systems."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from mlc.errors import Conflict, InvalidInput, MlcError, NotFound, RateLimited, Unauthorized, Unavailable

LONGEST_DETAIL = 300


def error_of(status: int, what: str, detail: str = "", retry_after: str | None = None) -> MlcError:
    """The error for an HTTP status. `what` says who was asked for what; `detail` is the server's own word, shortened."""
    said = " ".join(detail.split())[:LONGEST_DETAIL]
    text = f"{what}: {said}" if said else f"{what}: HTTP {status}"
    if status == 401:
        return Unauthorized(f"{text} (the login is refused: check user name and secret)")
    if status == 403:
        return Unauthorized(f"{text} (the login lacks a permission)")
    if status in (404, 410):
        return NotFound(text)
    if status == 409:
        return Conflict(text)
    if status == 429:
        return RateLimited(text, _seconds(retry_after))
    if status >= 500 or status in (408, 425):
        return Unavailable(text)
    return InvalidInput(text)


def _seconds(header: str | None) -> timedelta | None:
    """Retry-After as seconds or as an HTTP date."""
    if not header:
        return None
    if header.strip().isdigit():
        return timedelta(seconds=int(header))
    try:
        return max(parsedate_to_datetime(header) - datetime.now(UTC), timedelta(0))
    except ValueError:
        return None
