"""From our closed set of errors to the failures that Temporal carries: the one place where that is decided."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta

from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from mlc.errors import JobStillRunning, MlcError, RateLimited

# A refused login or a missing project is mended by an administrator; asking every second would lock the account.
MENDED_BY_HAND = timedelta(seconds=60)


def failure_of(error: MlcError, *, retry_all: bool = False) -> ApplicationError:
    """The failure for an error.

    `retry_all`: even what only an administrator can mend is tried again, slowly, because giving up would lose the process.
    """
    delay: timedelta | None = None
    if isinstance(error, RateLimited):
        delay = error.retry_after
    elif not error.retryable and retry_all:
        delay = MENDED_BY_HAND
    waiting = isinstance(error, JobStillRunning)
    return ApplicationError(
        str(error),
        type=type(error).__name__,
        non_retryable=not (error.retryable or retry_all),
        next_retry_delay=delay,
        category=ApplicationErrorCategory.BENIGN if waiting else ApplicationErrorCategory.UNSPECIFIED,
    )


@contextmanager
def failures(*, retry_all: bool = False) -> Generator[None]:
    """Turns our errors into Temporal's, in synchronous activities."""
    try:
        yield
    except MlcError as error:
        raise failure_of(error, retry_all=retry_all) from None


@asynccontextmanager
async def async_failures() -> AsyncGenerator[None]:
    """Turns our errors into Temporal's, in asynchronous activities."""
    with failures():
        yield
