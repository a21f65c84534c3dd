"""Calendars: moments as a clock and a calendar on the wall show them, in the time zone of the schedule."""

from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, PlainSerializer

from mlc.contract import Contract
from mlc.schedules import fields

# What Temporal keeps with a calendar.
LONGEST_COMMENT = 200


def _reader(field: fields.Field) -> BeforeValidator:
    return BeforeValidator(field.read)


def _writer(field: fields.Field) -> PlainSerializer:
    return PlainSerializer(field.text, return_type=str)


Seconds = Annotated[tuple[int, ...], _reader(fields.SECOND), _writer(fields.SECOND)]
Minutes = Annotated[tuple[int, ...], _reader(fields.MINUTE), _writer(fields.MINUTE)]
Hours = Annotated[tuple[int, ...], _reader(fields.HOUR), _writer(fields.HOUR)]
DaysOfMonth = Annotated[tuple[int, ...], _reader(fields.DAY_OF_MONTH), _writer(fields.DAY_OF_MONTH)]
Months = Annotated[tuple[int, ...], _reader(fields.MONTH), _writer(fields.MONTH)]
DaysOfWeek = Annotated[tuple[int, ...], _reader(fields.DAY_OF_WEEK), _writer(fields.DAY_OF_WEEK)]


def _read_years(value: object) -> tuple[int, ...]:
    years = fields.YEAR.read(value) if value != () else ()
    return () if years == fields.YEAR.all else years


Years = Annotated[tuple[int, ...], BeforeValidator(_read_years), _writer(fields.YEAR)]


class Calendar(Contract):
    """The moments at which every field matches: by default midnight of every day.

    A field is a number, a text (`6`, `8-18/2`, `mon-fri`, `*`) or a list of them. Days of the week are 0 (Sunday) to 6, no year
    means every year. `comment` is kept with the calendar: of one that was made from cron, the cron text.
    """

    model_config = ConfigDict(extra="forbid")

    second: Seconds = (0,)
    minute: Minutes = (0,)
    hour: Hours = (0,)
    day_of_month: DaysOfMonth = fields.DAY_OF_MONTH.all
    month: Months = fields.MONTH.all
    day_of_week: DaysOfWeek = fields.DAY_OF_WEEK.all
    year: Years = ()
    comment: str = Field(default="", max_length=LONGEST_COMMENT)

    @property
    def text(self) -> str:
        """One line for people: the comment, or the fields that were given."""
        if self.comment:
            return self.comment
        said: dict[str, Any] = self.model_dump(by_alias=True, exclude_defaults=True)
        return ", ".join(f"{name} {value}" for name, value in said.items()) or "every midnight"


class SkippedTimes(Calendar):
    """Moments at which nothing starts: unlike a calendar's, the time of day is by default the whole day."""

    second: Seconds = fields.SECOND.all
    minute: Minutes = fields.MINUTE.all
    hour: Hours = fields.HOUR.all

    @property
    def whole_days(self) -> bool:
        """Whether it is days as a whole that are skipped."""
        of_day = (self.hour, self.minute, self.second)
        return of_day == (fields.HOUR.all, fields.MINUTE.all, fields.SECOND.all)

    @property
    def text(self) -> str:
        """One line for people: the day as it was written, or the fields that were given."""
        return super().text if self.comment or self != SkippedTimes() else "always"
