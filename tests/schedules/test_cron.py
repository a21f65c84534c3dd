"""Cron texts, of Unix and of Quartz, and the calendars they stand for."""

import calendar as months
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlc.schedules import Calendar, read_cron
from mlc.schedules.fields import DAY_OF_MONTH, DAY_OF_WEEK, DAYS, HOUR, MINUTE, MONTH, Field


def days_of(cron: str, first: date = date(2027, 1, 1), count: int = 366) -> set[date]:
    """The days of a period on which a cron text fires."""
    days, calendars = (first + timedelta(days=number) for number in range(count)), read_cron(cron)
    return {day for day in days if any(fires_on(calendar, day) for calendar in calendars)}


def fires_on(calendar: Calendar, day: date) -> bool:
    return (
        day.day in calendar.day_of_month
        and day.month in calendar.month
        and day.isoweekday() % 7 in calendar.day_of_week
        and (not calendar.year or day.year in calendar.year)
    )


def all_days(count: int = 366) -> Iterable[date]:
    return (date(2027, 1, 1) + timedelta(days=number) for number in range(count))


def only(cron: str) -> Calendar:
    [calendar] = read_cron(cron)
    return calendar


class TestUnixCron:
    def test_reads_minute_hour_day_month_and_day_of_week(self) -> None:
        assert only("5,35 8-10 1-7/2 mar,dec *") == Calendar(
            minute=[5, 35],
            hour=[8, 9, 10],
            day_of_month=[1, 3, 5, 7],
            month=[3, 12],
            comment="5,35 8-10 1-7/2 mar,dec *",
        )

    @pytest.mark.parametrize(
        ("field", "numbers"),
        [
            ("*", range(60)),
            ("*/20", (0, 20, 40)),
            ("5/20", (5, 25, 45)),
            ("10-30/10", (10, 20, 30)),
            ("59", (59,)),
            ("3,1,3", (1, 3)),
        ],
    )
    def test_takes_stars_steps_ranges_and_lists(self, field: str, numbers: Iterable[int]) -> None:
        assert only(f"{field} * * * *").minute == tuple(numbers)

    @pytest.mark.parametrize("names", ["mon-fri", "MON-FRI", "Monday-Friday", "1-5"])
    def test_takes_names_of_days(self, names: str) -> None:
        assert only(f"0 6 * * {names}").day_of_week == (1, 2, 3, 4, 5)

    @pytest.mark.parametrize("sunday", ["0", "7", "sun"])
    def test_sunday_is_0_and_7(self, sunday: str) -> None:
        assert only(f"0 6 * * {sunday}").day_of_week == (0,)
        assert only("0 6 * * 5-7").day_of_week == (0, 5, 6)

    def test_a_day_of_month_and_a_day_of_week_are_alternatives(self) -> None:
        assert days_of("0 6 13 * fri") == {d for d in all_days() if d.day == 13 or d.weekday() == 4}

    def test_a_star_with_a_step_restricts_together_with_the_other(self) -> None:
        assert days_of("0 6 */2 * fri") == {d for d in all_days() if d.day % 2 == 1 and d.weekday() == 4}

    @pytest.mark.parametrize(
        ("macro", "cron"),
        [
            ("@hourly", "0 * * * *"),
            ("@daily", "0 0 * * *"),
            ("@midnight", "0 0 * * *"),
            ("@weekly", "0 0 * * 0"),
            ("@monthly", "0 0 1 * *"),
            ("@yearly", "0 0 1 1 *"),
            ("@Annually", "0 0 1 1 *"),
        ],
    )
    def test_takes_macros(self, macro: str, cron: str) -> None:
        assert only(macro) == only(cron).model_copy(update={"comment": macro})


class TestQuartzCron:
    def test_begins_with_seconds_and_may_end_with_years(self) -> None:
        assert only("30 15 6 ? * MON-FRI 2027-2029") == Calendar(
            second=30,
            minute=15,
            hour=6,
            day_of_week="mon-fri",
            year="2027-2029",
            comment="30 15 6 ? * MON-FRI 2027-2029",
        )

    def test_counts_days_of_the_week_from_1_which_is_sunday(self) -> None:
        assert only("0 0 6 ? * 1").day_of_week == (0,)
        assert only("0 0 6 ? * 2-6").day_of_week == (1, 2, 3, 4, 5)
        assert only("0 0 6 ? * L").day_of_week == (6,)

    @pytest.mark.parametrize("cron", ["0 0 6 * * ?", "0 0 6 ? * *", "0 0 6 * * *"])
    def test_an_open_day_is_every_day(self, cron: str) -> None:
        assert days_of(cron) == set(all_days())

    def test_ranges_may_run_over_the_end(self) -> None:
        assert only("0 0 22-2 * * ?").hour == (0, 1, 2, 22, 23)
        assert only("0 0 6 ? * FRI-MON").day_of_week == (0, 1, 5, 6)
        assert only("0 0 6 ? NOV-FEB *").month == (1, 2, 11, 12)

    @given(st.integers(0, 6), st.integers(1, 5))
    def test_the_nth_of_a_day_of_the_week(self, week_day: int, nth: int) -> None:
        nths = {d for d in all_days() if d.isoweekday() % 7 == week_day and (d.day - 1) // 7 == nth - 1}
        assert days_of(f"0 0 6 ? * {week_day + 1}#{nth}") == nths
        assert days_of(f"0 0 6 ? * {DAYS[week_day]}#{nth}") == nths

    def test_the_third_friday_lies_between_the_15th_and_the_21st(self) -> None:
        third_friday = only("0 0 6 ? * 6#3")
        assert (third_friday.day_of_month, third_friday.day_of_week) == (tuple(range(15, 22)), (5,))

    @given(st.integers(0, 30), st.integers(2000, 2099))
    def test_days_before_the_end_of_the_month_leap_years_included(self, before: int, year: int) -> None:
        ends = {
            date(year, month, length - before)
            for month in range(1, 13)
            if (length := months.monthrange(year, month)[1]) > before
        }
        days = 366 if months.isleap(year) else 365
        assert days_of(f"0 0 6 L-{before} * ?", date(year, 1, 1), days) == ends
        if before == 0:
            assert days_of("0 0 6 L * ?", date(year, 1, 1), days) == ends

    @given(st.integers(0, 6), st.integers(2000, 2099))
    def test_the_last_of_a_day_of_the_week_leap_years_included(self, week_day: int, year: int) -> None:
        first, days = date(year, 1, 1), 366 if months.isleap(year) else 365
        lasts = {
            day
            for day in (first + timedelta(days=number) for number in range(days))
            if day.isoweekday() % 7 == week_day and (day + timedelta(days=7)).month != day.month
        }
        assert days_of(f"0 0 6 ? * {week_day + 1}L", first, days) == lasts
        assert days_of(f"0 0 6 ? * {DAYS[week_day]}l", first, days) == lasts

    def test_lists_may_hold_plain_and_special_days(self) -> None:
        fifteenth_and_last = {d for d in all_days() if d.day == 15 or (d + timedelta(days=1)).day == 1}
        assert days_of("0 0 6 15,L * ?") == fifteenth_and_last

    def test_special_days_keep_to_the_months_and_years_that_are_named(self) -> None:
        assert days_of("0 0 6 L FEB ? 2028", date(2027, 1, 1), 1461) == {date(2028, 2, 29)}


class TestRefusals:
    @pytest.mark.parametrize(
        ("cron", "told"),
        [
            ("61 * * * *", "minute: 61 is not between 0 and 59"),
            ("* 24 * * *", "hour: 24 is not between 0 and 23"),
            ("* * 0 * *", "day of month: 0 is not between 1 and 31"),
            ("* * * 13 *", "month: 13 is not between 1 and 12, or a name from jan to dec"),
            ("* * * * 8", "day of week: 8 is not between 0 and 7, or a name from sun to sun"),
            ("* * * foo *", "month: 'foo' is not between 1 and 12, or a name from jan to dec"),
            ("5-1 * * * *", "minute: 5-1 runs backwards; write 5-59,0-1"),
            ("*/0 * * * *", "minute: the step of */0 is a number from 1 to 59"),
            ("*/90 * * * *", "for a longer pause write `every`"),
            ("1,,2 * * * *", "minute: '' is not between 0 and 59"),
            ("-5 * * * *", "minute: '' is not between 0 and 59"),
            ("1-2-3 * * * *", "minute: '2-3' is not between 0 and 59"),
            ("* * ? * *", "day of month: ? belongs to Quartz cron of six fields; write *"),
            ("* * L * *", "day of month: 'L' is not between 1 and 31"),
            ("* * * *", "4 fields; write five fields (minute, hour,"),
            ("", "0 fields; write five fields"),
            ("@every 5m", "write it as `every` instead"),
            ("@reboot", "@reboot is not one of @hourly, @daily"),
            ("TZ=UTC 0 6 * * *", "the time zone is not part of it"),
            ("CRON_TZ=UTC 0 6 * * *", "the time zone is not part of it"),
            ("0 0 6 15W * ?", "day of month: 15W (the working day nearest to a date) cannot be scheduled"),
            ("0 0 6 LW * ?", "day of month: LW (the working day nearest to a date) cannot be scheduled"),
            ("0 0 6 1 * MON", "Quartz cron takes one of them, the other is ?"),
            ("0 0 6 ? * ?", "only one of them may be ?"),
            ("0 0 6 ? * 0", "day of week: 0 is not between 1 and 7"),
            ("0 0 6 ? * 6#6", "day of week: 6#6: a month has a first to a fifth of a day"),
            ("0 0 6 L-31 * ?", "day of month: L-31: at most 30 days before the last day"),
            ("0 0 6 L-30 FEB ?", "day of month: there is no such day in the months and years"),
            ("0 0 6 * * ? 1999", "year: 1999 is not between 2000 and 2100"),
            ("٣ * * * *", "minute: '٣' is not between 0 and 59"),
            ("0 " * 150, "a text of 299 characters: at most 200"),
        ],
    )
    def test_says_what_is_wrong_in_which_field(self, cron: str, told: str) -> None:
        with pytest.raises(ValueError) as refused:
            read_cron(cron)
        assert told in str(refused.value)

    @given(st.text(alphabet="0123456789*,-/?LW# @amonfri", max_size=30))
    def test_any_text_is_read_or_refused(self, text: str) -> None:
        try:
            calendars = read_cron(text)
        except ValueError as error:
            assert str(error)  # noqa: PT017 - most are refused
        else:
            assert calendars


FIELDS = (MINUTE, HOUR, DAY_OF_MONTH, MONTH, DAY_OF_WEEK)


@st.composite
def parts(draw: st.DrawFn, field: Field) -> tuple[str, set[int]]:
    """An item of a field as it is written, and the numbers that it means."""
    start = draw(st.integers(field.low, field.high))
    end = draw(st.integers(start, field.high))
    step = draw(st.integers(1, field.high - field.low))
    return draw(
        st.sampled_from(
            [
                (f"{start}", {start}),
                (f"{start}-{end}", set(range(start, end + 1))),
                (f"{start}-{end}/{step}", set(range(start, end + 1, step))),
                (f"{start}/{step}", set(range(start, field.high + 1, step))),
                (f"*/{step}", set(range(field.low, field.high + 1, step))),
            ]
        )
    )


@given(st.data())
def test_a_unix_cron_text_means_what_its_items_mean(data: st.DataObject) -> None:
    texts: list[str] = []
    wanted: list[set[int]] = []
    for field in FIELDS:
        items = data.draw(st.lists(parts(field), min_size=1, max_size=3))
        texts.append(",".join(text for text, _ in items))
        wanted.append({number for _, numbers in items for number in numbers})
    minutes, hours, days, in_months, week_days = wanted
    both_count = texts[2].startswith("*") or texts[4].startswith("*")

    def fires(moment: datetime) -> bool:
        by_month, by_week = moment.day in days, moment.isoweekday() % 7 in week_days
        day = by_month and by_week if both_count else by_month or by_week
        return moment.minute in minutes and moment.hour in hours and moment.month in in_months and day

    calendars = read_cron(" ".join(texts))
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=data.draw(st.integers(0, 4 * 366 * 1440)))
    read = any(
        moment.minute in calendar.minute and moment.hour in calendar.hour and fires_on(calendar, moment)
        for calendar in calendars
    )
    assert read == fires(moment)


@given(st.data())
def test_a_field_is_written_as_it_is_read(data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(FIELDS))
    numbers = tuple(sorted(data.draw(st.sets(st.integers(field.low, field.high), min_size=1))))
    assert field.read(field.text(numbers)) == numbers
