"""How each kind of call is made. Every timeout, retry policy and queue of the processes is named here, once."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError, FailureError, is_cancelled_exception
from temporalio.workflow import ActivityCancellationType, ActivityHandle

from mlc.errors import JobStillRunning
from mlc.ids import queue_of
from mlc.text import within_bytes

A = TypeVar("A")
R = TypeVar("R")

SUMMARY_BYTES = 400
# One attempt: longer than the HTTP timeout, so that the activity itself tells what went wrong.
ATTEMPT = timedelta(seconds=60)
TICKET_ATTEMPT = timedelta(minutes=3)
# A worker that says nothing for this long is taken for dead, and its attempt is made anew elsewhere.
SILENCE = timedelta(seconds=10)
CARRY_DEADLINE = timedelta(minutes=10)
# A quick read has this long as a local activity (one event); if ModelOp is not there at once, an ordinary activity waits.
AT_ONCE = timedelta(seconds=4)

# A result over 2 MiB fails again at every attempt.
HOPELESS = ["PayloadsTooLarge"]
TRANSIENT = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    backoff_coefficient=2.0,
    maximum_interval=timedelta(seconds=30),
    non_retryable_error_types=HOPELESS,
)
BRIEFLY = RetryPolicy(
    initial_interval=timedelta(milliseconds=200), maximum_attempts=3, non_retryable_error_types=HOPELESS
)


def polling(interval: timedelta) -> RetryPolicy:
    """Retry-as-poll: an even interval, no end but the deadline of the call."""
    return RetryPolicy(initial_interval=interval, backoff_coefficient=1.0, non_retryable_error_types=HOPELESS)


def start_on_modelop(
    activity: Callable[[Any, A], Awaitable[R]],
    argument: A,
    *,
    summary: str,
    deadline: timedelta,
    retry: RetryPolicy = TRANSIENT,
) -> ActivityHandle[R]:
    """Starts an activity on ModelOp Center's queue; technical failures are retried until the deadline."""
    return _start("modelop", activity, argument, summary, deadline, retry)


def start_on_own(
    activity: Callable[[Any, A], Awaitable[R]],
    argument: A,
    *,
    summary: str,
    deadline: timedelta,
    retry: RetryPolicy = TRANSIENT,
) -> ActivityHandle[R]:
    """The same for an activity that a process of another package brings along."""
    return _start("own", activity, argument, summary, deadline, retry)


def _start(
    system: str,
    activity: Callable[[Any, A], Awaitable[R]],
    argument: A,
    summary: str,
    deadline: timedelta,
    retry: RetryPolicy,
) -> ActivityHandle[R]:
    return workflow.start_activity_method(
        activity,
        argument,
        task_queue=queue_of(workflow.info().task_queue, system),
        schedule_to_close_timeout=deadline,
        start_to_close_timeout=min(ATTEMPT, deadline),
        heartbeat_timeout=SILENCE,
        retry_policy=retry,
        cancellation_type=ActivityCancellationType.TRY_CANCEL,
        summary=_line(summary),
    )


async def note_in_modelop(
    activity: Callable[[Any, A], Awaitable[None]], argument: A, summary: str, deadline: timedelta
) -> None:
    """Bookkeeping for people's eyes: tried like a read, and never the reason why a process fails."""
    try:
        await read(activity, argument, summary=_line(summary), deadline=deadline)
    except FailureError as error:
        if is_cancelled_exception(error):
            raise
        workflow.logger.warning("%s: given up: %s", summary, explain(error))


async def read(
    activity: Callable[[Any, A], Awaitable[R]], argument: A, *, summary: str, deadline: timedelta
) -> R:
    """A short read or idempotent note: local and at once where it can be, an ordinary activity where it cannot."""
    try:
        return await workflow.execute_local_activity_method(
            activity,
            argument,
            schedule_to_close_timeout=AT_ONCE,
            retry_policy=BRIEFLY,
            summary=_line(summary),
        )
    except FailureError as error:
        if not _goes_away(error):
            raise
    return await start_on_modelop(activity, argument, summary=_line(summary), deadline=deadline)


def start_on_jira(
    activity: Callable[[Any, A], R], argument: A, *, summary: str, deadline: timedelta | None = None
) -> ActivityHandle[R]:
    """Starts an activity on Jira's queue; without a deadline it is retried until Jira answers."""
    return workflow.start_activity_method(
        activity,
        argument,
        task_queue=queue_of(workflow.info().task_queue, "jira"),
        schedule_to_close_timeout=deadline,
        start_to_close_timeout=TICKET_ATTEMPT,
        heartbeat_timeout=SILENCE,
        retry_policy=TRANSIENT,
        summary=_line(summary),
    )


def _line(summary: str) -> str:
    """Temporal refuses a task whose summary is longer than 400 bytes."""
    return within_bytes(summary, SUMMARY_BYTES)


def explain(error: FailureError) -> str:
    """One line that says why an activity ended in an error, for a ticket."""
    cause = _root(error)
    text = cause.message if isinstance(cause, ApplicationError) else str(cause)
    if kind_of(error) == JobStillRunning.__name__:
        text += ", and the time for it is over"
    return " ".join(text.split()) or type(cause).__name__


def kind_of(error: FailureError) -> str | None:
    """The name of the error of `mlc.errors` that an activity ended with; None for a failure of another kind."""
    cause = _root(error)
    return cause.type if isinstance(cause, ApplicationError) else None


def _goes_away(error: FailureError) -> bool:
    cause = _root(error)
    return not is_cancelled_exception(error) and not (
        isinstance(cause, ApplicationError) and cause.non_retryable
    )


def _root(error: FailureError) -> BaseException:
    """What the activity itself raised: the SDK wraps it for an ordinary activity, and does not for a local one."""
    cause: BaseException = error
    while isinstance(cause.__cause__, BaseException):
        cause = cause.__cause__
    return cause
