"""FEEL's dates, times and durations: how they are read and written, their parts, arithmetic and order."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal, localcontext
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from mlc.dmn import DmnError
from mlc.dmn.temporal import (
    FarDate,
    YearsMonthsDuration,
    ZonedDateTime,
    ZonedTime,
    add,
    divide,
    is_temporal,
    iso,
    member_of,
    multiply,
    negate,
    read_date,
    read_date_and_time,
    read_duration,
    read_temporal,
    read_time,
    subtract,
)
from mlc.dmn.values import Range, Value, compared, equal, kind_of, shown, to_value, within

PARIS = ZoneInfo("Europe/Paris")


def feel(text: str) -> Value:
    """A value by its text: a number, or what `@"..."` means."""
    value = read_temporal(text)
    return Decimal(text) if value is None else value


def written(value: Value) -> str | None:
    return None if value is None else shown(value)


# How they are read


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-02-29", date(2024, 2, 29)),
        ("11:22:33", time(11, 22, 33)),
        ("11:22:33.5", time(11, 22, 33, 500_000)),
        ("11:22:33Z", time(11, 22, 33, tzinfo=UTC)),
        ("11:22:33-05:00", time(11, 22, 33, tzinfo=timezone(timedelta(hours=-5)))),
        ("2024-02-29T11:22:33+05:00:01", datetime(2024, 2, 29, 11, 22, 33, 0, timezone(timedelta(0, 18_001)))),
        ("P1DT2H3M4.5S", timedelta(days=1, hours=2, minutes=3, seconds=4.5)),
        ("-PT90M", timedelta(minutes=-90)),
    ],
)  # fmt: skip
def test_what_python_holds_is_plain_python(text: str, value: Value) -> None:
    read = read_temporal(text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("0000-02-29", FarDate),
        ("-0044-03-15", FarDate),
        ("10000-01-01", FarDate),
        ("-999999999-01-01", FarDate),
        ("11:22:33@Europe/Paris", ZonedTime),
        ("11:22:33.123456789", ZonedTime),
        ("2018-01-01T10:00:00@Europe/Paris", ZonedDateTime),
        ("2018-01-01T10:00:00.0000001Z", ZonedDateTime),
        ("10000-01-01T10:00:00", ZonedDateTime),
        ("P1Y2M", YearsMonthsDuration),
        ("-P11M", YearsMonthsDuration),
    ],
)
def test_the_rest_is_held_exactly_and_written_as_it_was_read(text: str, type_: type) -> None:
    read = read_temporal(text)
    assert type(read) is type_
    assert str(read) == text
    assert iso(read) == text


def test_a_date_alone_is_a_date_and_time_at_local_midnight() -> None:
    assert read_date_and_time("2012-12-24") == datetime(2012, 12, 24)  # noqa: DTZ001 - local is meant


@pytest.mark.parametrize(
    "text",
    [
        *("2017-02-29", "2017-13-01", "2017-00-10", "17-01-01", "2017-1-1", "02017-01-01", "+2017-01-01"),
        *("-0000-01-01", "1000000000-01-01", "٢٠١٧-01-01", " 2017-01-01", "2017-01-01\n", ""),
        *("24:00:00", "11:22:60", "11:60:00", "11:22", "1:22:33", "11:22:33.", "11:22:33.1234567890"),
        *("11:22:33+18:00:01", "11:22:33+1:00", "11:22:33Z@Europe/Paris", "11:22:33+01:00@Europe/Paris"),
        *(
            "11:22:33@Europe",
            "11:22:33@Nowhere/Atall",
            "11:22:33@../etc/passwd",
            "11:22:33@",
            "11:22:33@localtime",
        ),
        *("2017-01-01T", "2017-01-01T24:00:00", "2017-01-01t10:00:00", "2017-02-29T10:00:00", "T10:00:00"),
        *(
            "P",
            "PT",
            "P1",
            "1D",
            "P1DT",
            "PT1",
            "P1Y1D",
            "P1M1DT1H",
            "P1.5D",
            "PT1.S",
            "P-1D",
            "+P1D",
            "P1D ",
        ),
        *("P1000000000D", "P99999999999Y"),
    ],
)
def test_anything_else_is_null(text: str) -> None:
    assert read_temporal(text) is None
    assert read_date(text) is read_time(text) is read_date_and_time(text) is read_duration(text) is None


def test_each_reader_reads_its_own_kind() -> None:
    assert read_date("2012-12-24T10:00:00") is None
    assert read_time("2012-12-24T10:00:00") is None
    assert read_date_and_time("10:00:00") is None
    assert read_duration("2012-12-24") is None


# How they are written


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("11:22:33.500", "11:22:33.5"),
        ("11:00:00+00:00", "11:00:00Z"),
        ("2017-01-01T00:00:00-00:00", "2017-01-01T00:00:00Z"),
        ("PT0S", "PT0S"),
        ("P0DT0H", "PT0S"),
        ("PT36H", "P1DT12H"),
        ("-PT3600S", "-PT1H"),
        ("PT0.50S", "PT0.5S"),
        ("PT0.0000025S", "PT0.000002S"),
        ("-PT0.0000026S", "-PT0.000003S"),
        ("P0Y", "P0M"),
        ("P1Y14M", "P2Y2M"),
        ("-P24M", "-P2Y"),
        # Clocks skip this half hour, and show the other twice.
        ("2018-03-25T02:30:00@Europe/Paris", "2018-03-25T03:30:00@Europe/Paris"),
        ("2018-10-28T02:30:00@Europe/Paris", "2018-10-28T02:30:00@Europe/Paris"),
    ],
)
def test_the_text_is_in_normal_form(text: str, normal: str) -> None:
    assert written(read_temporal(text)) == normal


# Their parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("2024-02-29", {"year": 2024, "month": 2, "day": 29, "weekday": 4, "hour": None, "time offset": None}),
        ("-0001-12-31", {"year": -1, "month": 12, "day": 31, "weekday": 5}),
        ("11:22:33.50", {"hour": 11, "minute": 22, "second": "33.5", "time offset": None, "year": None}),
        ("11:22:33Z", {"second": 33, "time offset": timedelta(0), "timezone": None}),
        ("11:22:33.000000001@Asia/Tokyo", {"second": "33.000000001", "time offset": timedelta(hours=9)}),
        ("2018-07-01T10:00:00@Europe/Paris", {"day": 1, "weekday": 7, "hour": 10, "time offset": timedelta(hours=2)}),
        ("2018-01-01T10:00:00@Europe/Paris", {"time offset": timedelta(hours=1), "timezone": "Europe/Paris"}),
        ("99999-07-01T10:00:00@Europe/Paris", {"year": 99999, "hour": 10, "time offset": timedelta(hours=2)}),
        ("2018-01-01T10:00:00-05:00", {"time offset": timedelta(hours=-5), "timezone": None, "years": None}),
        ("P1DT2H3M4.5S", {"days": 1, "hours": 2, "minutes": 3, "seconds": "4.5", "years": None, "day": None}),
        ("-PT1H30M", {"days": 0, "hours": -1, "minutes": -30, "seconds": 0}),
        ("P1Y2M", {"years": 1, "months": 2, "days": None}),
        ("-P14M", {"years": -1, "months": -2}),
    ],
)  # fmt: skip
def test_they_have_the_parts_that_feel_names(text: str, parts: dict[str, object]) -> None:
    value = read_temporal(text)
    for name, part in parts.items():
        expected = Decimal(part) if isinstance(part, (int, str)) and name != "timezone" else part
        assert member_of(value, name) == expected, name


def test_a_fraction_needs_no_precision_of_the_caller() -> None:
    with localcontext(prec=3):
        assert member_of(read_temporal("11:22:33.123456789"), "second") == Decimal("33.123456789")


# Arithmetic


@pytest.mark.parametrize(
    ("left", "symbol", "right", "result"),
    [
        ("2017-01-31", "+", "P1M", "2017-02-28"),
        ("2016-02-29", "+", "P1Y", "2017-02-28"),
        ("P1M", "+", "2017-01-31", "2017-02-28"),
        ("2017-01-31", "-", "P2M", "2016-11-30"),
        ("2017-01-01", "+", "PT36H", "2017-01-02"),
        ("2017-01-01", "-", "PT1H", "2016-12-31"),
        ("9999-12-31", "+", "P1D", "10000-01-01"),
        ("0001-01-01", "-", "P1D", "0000-12-31"),
        ("999999999-12-31", "+", "P1D", None),
        ("-999999999-01-01", "-", "P1M", None),
        ("23:30:00", "+", "PT1H", "00:30:00"),
        ("00:30:00Z", "-", "P1DT1H", "23:30:00Z"),
        ("PT1H", "+", "23:30:00@Europe/Paris", "00:30:00@Europe/Paris"),
        ("10:00:00", "+", "P1M", None),
        ("2017-01-31T10:00:00Z", "+", "P1M", "2017-02-28T10:00:00Z"),
        ("2018-03-24T02:30:00@Europe/Paris", "+", "P1D", "2018-03-25T03:30:00@Europe/Paris"),
        ("2018-03-25T01:30:00@Europe/Paris", "+", "PT1H", "2018-03-25T03:30:00@Europe/Paris"),
        ("2018-02-25T02:30:00@Europe/Paris", "+", "P1M", "2018-03-25T03:30:00@Europe/Paris"),
        ("9999-12-31T23:59:59", "+", "PT1S", "10000-01-01T00:00:00"),
        ("2017-01-01T00:00:00.000000001", "-", "PT1S", "2016-12-31T23:59:59.000000001"),
        ("2017-03-01", "-", "2017-02-01", "P28D"),
        ("10:00:00Z", "-", "10:00:00+02:00", "PT2H"),
        ("10:00:00Z", "-", "10:00:00", None),
        ("2017-01-02", "-", "2017-01-01T00:00:00Z", "P1D"),
        ("2017-01-01T01:00:00+01:00", "-", "2017-01-01", "PT0S"),
        ("2017-01-02", "-", "2017-01-01T00:00:00", None),
        ("2017-01-02T00:00:00", "-", "2017-01-01T00:00:00Z", None),
        ("2018-10-28T03:30:00@Europe/Paris", "-", "2018-10-28T02:30:00@Europe/Paris", "PT2H"),
        ("2017-01-02", "-", "00:00:00", None),
        ("999999999-12-31", "-", "-999999999-01-01", None),
        ("P1D", "+", "PT12H", "P1DT12H"),
        ("P1Y", "-", "P13M", "-P1M"),
        ("P1Y", "+", "P1D", None),
        ("P1D", "-", "2017-01-01", None),
        ("P999999999D", "+", "P1D", None),
        ("2017-01-01", "+", "1", None),
        ("PT1S", "*", "0.5", "PT0.5S"),
        ("3", "*", "PT20M", "PT1H"),
        ("P1D", "*", "1E+6000", None),
        ("P1M", "*", "2.9", "P2M"),
        ("-1.9", "*", "P1M", "-P1M"),
        ("P1Y", "/", "5", "P2M"),
        ("P1D", "/", "-4", "-PT6H"),
        ("P1D", "/", "0", None),
        ("P1D", "/", "PT6H", "4"),
        ("P1Y", "/", "P7M", "1.714285714285714285714285714285714"),
        ("P1D", "/", "PT0S", None),
        ("P1Y", "/", "P0M", None),
        ("P1Y", "/", "P1D", None),
        ("1", "/", "P1D", None),
        ("2017-01-01", "*", "2", None),
    ],
)
def test_arithmetic(left: str, symbol: str, right: str, result: str | None) -> None:
    operation = {"+": add, "-": subtract, "*": multiply, "/": divide}[symbol]
    assert written(operation(feel(left), feel(right))) == result


@pytest.mark.parametrize(("text", "result"), [("P1D", "-P1D"), ("-P1Y", "P1Y"), ("2017-01-01", None)])
def test_a_duration_is_negated(text: str, result: str | None) -> None:
    assert written(negate(feel(text))) == result


# Order and equality


@pytest.mark.parametrize(
    ("left", "right", "equals", "precedes"),
    [
        ("2017-01-01", "2017-01-02", False, True),
        ("9999-12-31", "10000-01-01", False, True),
        ("-0001-01-01", "0001-01-01", False, True),
        ("-999999999-01-01", "-0001-01-01", False, True),
        ("2018-01-01T10:00:00@Europe/Paris", "2018-01-01T09:00:00Z", True, False),
        ("2018-01-01T04:00:00@America/New_York", "2018-01-01T10:00:00@Europe/Paris", True, False),
        ("2018-07-01T10:00:00@Europe/Paris", "2018-07-01T09:00:00Z", False, True),
        ("2018-01-01T10:00:00", "2018-01-01T10:00:00Z", False, None),
        ("2018-01-01T10:00:00", "2018-01-01T10:00:00@Europe/Paris", False, None),
        ("2018-01-01T10:00:00", "2018-01-01T10:00:00.000000001", False, True),
        ("10:00:00Z", "10:00:00+01:00", False, False),
        ("10:00:00+01:00", "09:00:00Z", True, False),
        ("10:00:00@Asia/Tokyo", "01:00:00Z", True, False),
        ("10:00:00", "10:00:00Z", False, None),
        ("10:00:00", "10:00:00.000000001", False, True),
        ("2018-01-01", "2018-01-01T00:00:00", None, None),
        ("2018-01-01", "00:00:00", None, None),
        ("P1Y", "P12M", True, False),
        ("P1Y", "P13M", False, True),
        ("P1D", "PT24H", True, False),
        ("P1Y", "P365D", None, None),
        ("P0M", "PT0S", None, None),
        ("P1D", "1", None, None),
    ],
)
def test_values_of_one_kind_are_compared_by_what_they_mean(
    left: str, right: str, equals: bool | None, precedes: bool | None
) -> None:
    one, other = feel(left), feel(right)
    assert compared("=", one, other) is equals
    assert compared("=", other, one) is equals
    assert compared("<", one, other) is precedes
    assert compared(">", other, one) is precedes
    assert compared("<=", one, other) is (None if precedes is None else precedes or equals)


def test_ranges_are_equal_by_their_ends_and_brackets() -> None:
    def year(end: str, *, closed: bool = True) -> Range:
        return Range(feel("2018-01-01T00:00:00Z"), feel(end), start_closed=True, end_closed=closed)

    assert equal(year("2019-01-01T00:00:00Z"), year("2019-01-01T01:00:00@Europe/Paris")) is True
    assert equal(year("2019-01-01T00:00:00Z"), year("2019-01-01T00:00:00Z", closed=False)) is False
    assert equal(year("2019-01-01T00:00:00Z"), year("P1D")) is None


@pytest.mark.parametrize(
    ("value", "interval", "holds"),
    [
        ("2018-06-01T00:00:00@Europe/Paris", ("2018-01-01T00:00:00Z", "2018-05-31T22:00:00Z"), True),
        ("10000-01-01", ("2018-01-01", None), True),
        ("2017-12-31", ("2018-01-01", None), False),
        ("-0001-01-01", (None, "2018-01-01"), True),
        ("P1Y", (None, "P6M"), False),
        ("P1Y", ("P1D", None), None),
        ("5", (None, "10"), True),
        ("5", (None, None), None),
    ],
)
def test_an_open_null_end_of_a_range_has_no_bound(
    value: str, interval: tuple[str | None, str | None], holds: bool | None
) -> None:
    low, high = (None if end is None else feel(end) for end in interval)
    assert within(feel(value), Range(low, high, start_closed=bool(low), end_closed=bool(high))) is holds


def test_a_closed_null_end_and_a_null_value_give_null() -> None:
    number = Decimal(5)
    assert within(number, Range(None, number, start_closed=True, end_closed=True)) is None
    assert within(number, Range(number, None, start_closed=True, end_closed=True)) is None
    assert within(None, Range(None, number, start_closed=False, end_closed=True)) is None


# Values from and for Python


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("10000-01-01", "date"),
        ("10:00:00@Europe/Paris", "time"),
        ("2018-01-01T10:00:00", "date and time"),
        ("10000-01-01T10:00:00", "date and time"),
        ("P1D", "days and time duration"),
        ("P1Y", "years and months duration"),
        ("1", "number"),
    ],
)
def test_each_has_its_kind(text: str, kind: str) -> None:
    value = feel(text)
    assert kind_of(value) == kind
    assert is_temporal(value) is (kind != "number")
    assert to_value(value, "x") is value or to_value(value, "x") == value


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (datetime(2018, 7, 1, 10, tzinfo=PARIS), "2018-07-01T10:00:00@Europe/Paris"),
        (datetime(2018, 7, 1, 10, tzinfo=UTC), "2018-07-01T10:00:00Z"),
        (time(10, tzinfo=PARIS), "10:00:00@Europe/Paris"),
        (pd.Timestamp("2018-07-01T10:00:00"), "2018-07-01T10:00:00"),
        (pd.Timestamp("2018-07-01T10:00:00", tz="Europe/Paris"), "2018-07-01T10:00:00@Europe/Paris"),
        (pd.Timedelta("1h"), "PT1H"),
    ],
)
def test_a_callers_value_becomes_feels(given: object, text: str) -> None:
    value = to_value(given, "x")
    assert shown(value) == text
    assert equal(value, feel(text)) is True


def test_the_second_of_two_equal_clock_times_stays_the_second() -> None:
    second = to_value(datetime(2018, 10, 28, 2, 30, tzinfo=PARIS, fold=1), "x")
    assert equal(second, feel("2018-10-28T01:30:00Z")) is True


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(DmnError, match='"x" is not a date'):
        to_value(pd.NaT, "x")
