"""From HTTP to the closed set of errors, and from there to what Temporal retries."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from temporalio.exceptions import ApplicationErrorCategory

from activities.failures import MENDED_BY_HAND, failure_of, failures
from activities.http_errors import LONGEST_DETAIL, error_of
from mlc.errors import (
    Conflict,
    InvalidInput,
    JobStillRunning,
    MlcError,
    NotFound,
    RateLimited,
    Unauthorized,
    Unavailable,
)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InvalidInput),
        (401, Unauthorized),
        (403, Unauthorized),
        (404, NotFound),
        (405, InvalidInput),
        (408, Unavailable),
        (409, Conflict),
        (410, NotFound),
        (413, InvalidInput),
        (415, InvalidInput),
        (422, InvalidInput),
        (425, Unavailable),
        (429, RateLimited),
        (500, Unavailable),
        (502, Unavailable),
        (503, Unavailable),
        (504, Unavailable),
    ],
)
def test_each_http_status_is_one_kind_of_error(status: int, kind: type[MlcError]) -> None:
    assert type(error_of(status, "asked")) is kind


def test_an_error_is_one_line_with_who_was_asked_and_what_the_server_said() -> None:
    assert str(error_of(400, "Jira, create", "no\n such\tproject")) == "Jira, create: no such project"
    assert str(error_of(500, "Jira, create")) == "Jira, create: HTTP 500"


def test_what_the_server_says_is_shortened() -> None:
    assert len(str(error_of(500, "asked", "x" * 10_000))) <= LONGEST_DETAIL + len("asked: ")


@pytest.mark.parametrize(
    ("status", "advice"), [(401, "check user name and secret"), (403, "lacks a permission")]
)
def test_a_refused_login_says_what_to_check(status: int, advice: str) -> None:
    assert advice in str(error_of(status, "asked"))


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7), (" 7 ", 7), (None, None), ("", None), ("soon", None), ("-1", None)]
)
def test_retry_after_in_seconds(header: str | None, seconds: int | None) -> None:
    error = error_of(429, "asked", retry_after=header)
    assert isinstance(error, RateLimited)
    assert error.retry_after == (None if seconds is None else timedelta(seconds=seconds))


def test_retry_after_as_a_date_counts_from_now_and_never_goes_back() -> None:
    for away, least, most in ((60, 50, 60), (-60, 0, 0)):
        when = format_datetime(datetime.now(UTC) + timedelta(seconds=away), usegmt=True)
        error = error_of(429, "asked", retry_after=when)
        assert isinstance(error, RateLimited)
        assert error.retry_after is not None
        assert timedelta(seconds=least) <= error.retry_after <= timedelta(seconds=most)


@pytest.mark.parametrize(
    ("error", "retried"),
    [
        (InvalidInput("x"), False),
        (Unauthorized("x"), False),
        (NotFound("x"), False),
        (Conflict("x"), True),
        (RateLimited("x"), True),
        (Unavailable("x"), True),
        (JobStillRunning("x"), True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_goes_away_by_itself_is_retried_and_nothing_else(error: MlcError, retried: bool) -> None:
    failure = failure_of(error)
    assert (failure.type, failure.non_retryable) == (type(error).__name__, not retried)


def test_a_rate_limit_is_retried_when_the_server_asked_for_it() -> None:
    assert failure_of(RateLimited("x", timedelta(seconds=9))).next_retry_delay == timedelta(seconds=9)


def test_where_giving_up_would_lose_the_process_even_a_refused_login_is_tried_again_but_slowly() -> None:
    failure = failure_of(Unauthorized("x"), retry_all=True)
    assert (failure.non_retryable, failure.next_retry_delay) == (False, MENDED_BY_HAND)
    assert failure_of(Unavailable("x"), retry_all=True).next_retry_delay is None


def test_a_job_that_still_runs_is_no_failure_to_worry_about() -> None:
    assert failure_of(JobStillRunning("x")).category is ApplicationErrorCategory.BENIGN
    assert failure_of(Unavailable("x")).category is ApplicationErrorCategory.UNSPECIFIED


def test_an_error_that_is_not_ours_passes_through() -> None:
    with pytest.raises(ZeroDivisionError), failures():
        raise ZeroDivisionError
