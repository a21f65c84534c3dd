"""The closed set of errors that cross from the outside world into a process.

The name of a class is the `type` of the Temporal failure that carries it, so a process can tell them apart by name.
"""

from datetime import timedelta


class MlcError(Exception):
    """Base of all; `str()` is one line that says what is wrong, where, and what to do."""

    retryable = False


class InvalidInput(MlcError):  # noqa: N818 - the names are the house's closed set, as its users see them
    """What was sent or read cannot be used: a malformed decision table, a body that ModelOp refuses."""


class Unauthorized(MlcError):  # noqa: N818
    """A login or a permission is refused (401, 403)."""


class NotFound(MlcError):  # noqa: N818
    """The thing named does not exist (404)."""


class Conflict(MlcError):  # noqa: N818
    """The thing changed meanwhile, or the answer is settled already (409)."""

    retryable = True


class RateLimited(MlcError):  # noqa: N818
    """Too many requests (429); `retry_after` is the wait that the server asked for, if it did."""

    retryable = True

    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(MlcError):  # noqa: N818
    """No answer, or an answer of the kind that goes away by itself (timeouts, 5xx)."""

    retryable = True


class JobStillRunning(MlcError):  # noqa: N818
    """Not a failure: the job, or the deployment, has not ended; look again after the poll interval."""

    retryable = True
