"""The built-in functions of FEEL. A wrong argument gives null, as the specification asks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import cast

from mlc.dmn.scope import MAX_TEXT, Scope
from mlc.dmn.values import (
    ARITHMETIC,
    Function,
    Value,
    calculate,
    comparable,
    conjunction,
    disjunction,
    equal,
    negation,
    shown,
)

FUNCTIONS: dict[str, Function] = {}

_DURATION = re.compile(r"(-)?P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:\d{2})?")
_NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?")
_MAX_SCALE = 6111

_Body = Callable[[list[Value]], Value]


def _function(name: str, *parameters: str, variadic: bool = False) -> Callable[[_Body], _Body]:
    def register(body: _Body) -> _Body:
        def call(arguments: list[Value], scope: Scope) -> Value:
            # Built-ins walk their arguments: what they walk counts as steps.
            for argument in arguments:
                scope.budget.spend_on(argument)
            return body(arguments)

        def by_position(arguments: Sequence[Value], scope: Scope) -> Value:
            fits = bool(arguments) if variadic else len(arguments) == len(parameters)
            return call(list(arguments), scope) if fits else None

        def by_name(arguments: Mapping[str, Value], scope: Scope) -> Value:
            wanted = parameters[: len(arguments)] if variadic else parameters
            return (
                call([arguments[each] for each in wanted], scope) if set(wanted) == set(arguments) else None
            )

        FUNCTIONS[name] = Function(parameters, by_position, by_name)
        return body

    return register


def _items(arguments: list[Value]) -> list[Value]:
    """`f([1, 2])` and `f(1, 2)` are the same call."""
    first = arguments[0] if len(arguments) == 1 else arguments
    return first if isinstance(first, list) else [first]


def _numbers(items: list[Value]) -> list[Decimal] | None:
    return (
        cast("list[Decimal]", items) if items and all(isinstance(item, Decimal) for item in items) else None
    )


def _texts(arguments: list[Value]) -> list[str] | None:
    return cast("list[str]", arguments) if all(isinstance(text, str) for text in arguments) else None


@_function("not", "negand")
def _not(arguments: list[Value]) -> Value:
    return negation(arguments[0])


def _extreme(arguments: list[Value], pick: Callable[[list[Decimal]], Decimal]) -> Value:
    items = _items(arguments)
    if not items or not all(comparable(item, items[0]) for item in items):
        return None
    return pick(cast("list[Decimal]", items))


@_function("min", "list", variadic=True)
def _min(arguments: list[Value]) -> Value:
    return _extreme(arguments, min)


@_function("max", "list", variadic=True)
def _max(arguments: list[Value]) -> Value:
    return _extreme(arguments, max)


def total(items: list[Value]) -> Decimal | None:
    """The sum of a list of numbers; null for an empty list or anything else in it."""
    numbers = _numbers(items)
    result = numbers[0] if numbers else None
    for number in (numbers or [])[1:]:
        result = None if result is None else calculate(ARITHMETIC.add, result, number)
    return result


@_function("sum", "list", variadic=True)
def _sum(arguments: list[Value]) -> Value:
    return total(_items(arguments))


@_function("mean", "list", variadic=True)
def _mean(arguments: list[Value]) -> Value:
    items = _items(arguments)
    result = total(items)
    return None if result is None else calculate(ARITHMETIC.divide, result, Decimal(len(items)))


@_function("count", "list")
def _count(arguments: list[Value]) -> Value:
    return Decimal(len(arguments[0])) if isinstance(arguments[0], list) else None


@_function("all", "list", variadic=True)
def _all(arguments: list[Value]) -> Value:
    return conjunction(_items(arguments))


@_function("any", "list", variadic=True)
def _any(arguments: list[Value]) -> Value:
    return disjunction(_items(arguments))


@_function("list contains", "list", "element")
def _list_contains(arguments: list[Value]) -> Value:
    items, element = arguments
    return any(equal(item, element) is True for item in items) if isinstance(items, list) else None


@_function("append", "list", "item", variadic=True)
def _append(arguments: list[Value]) -> Value:
    first = arguments[0]
    return [*(first if isinstance(first, list) else [first]), *arguments[1:]]


@_function("concatenate", "list", variadic=True)
def _concatenate(arguments: list[Value]) -> Value:
    return [item for each in arguments for item in (each if isinstance(each, list) else [each])]


@_function("abs", "n")
def _abs(arguments: list[Value]) -> Value:
    number = arguments[0]
    if isinstance(number, Decimal):
        return ARITHMETIC.abs(number)
    return abs(number) if isinstance(number, timedelta) else None


def _rounded(number: Value, scale: Value, rounding: str) -> Value:
    if not isinstance(number, Decimal) or not isinstance(scale, Decimal) or abs(scale) > _MAX_SCALE:
        return None
    step = Decimal((0, (1,), -int(scale)))
    return calculate(lambda value, unit: value.quantize(unit, rounding, ARITHMETIC), number, step)


@_function("floor", "n", "scale", variadic=True)
def _floor(arguments: list[Value]) -> Value:
    return _rounded(arguments[0], [*arguments, Decimal(0)][1], ROUND_FLOOR)


@_function("ceiling", "n", "scale", variadic=True)
def _ceiling(arguments: list[Value]) -> Value:
    return _rounded(arguments[0], [*arguments, Decimal(0)][1], ROUND_CEILING)


@_function("decimal", "n", "scale")
def _decimal(arguments: list[Value]) -> Value:
    return _rounded(arguments[0], arguments[1], ROUND_HALF_EVEN)


@_function("contains", "string", "match")
def _contains(arguments: list[Value]) -> Value:
    texts = _texts(arguments)
    return None if texts is None else texts[1] in texts[0]


@_function("starts with", "string", "match")
def _starts_with(arguments: list[Value]) -> Value:
    texts = _texts(arguments)
    return None if texts is None else texts[0].startswith(texts[1])


@_function("ends with", "string", "match")
def _ends_with(arguments: list[Value]) -> Value:
    texts = _texts(arguments)
    return None if texts is None else texts[0].endswith(texts[1])


@_function("string length", "string")
def _string_length(arguments: list[Value]) -> Value:
    text = arguments[0]
    return Decimal(len(text)) if isinstance(text, str) else None


@_function("upper case", "string")
def _upper_case(arguments: list[Value]) -> Value:
    text = arguments[0]
    return text.upper() if isinstance(text, str) else None


@_function("lower case", "string")
def _lower_case(arguments: list[Value]) -> Value:
    text = arguments[0]
    return text.lower() if isinstance(text, str) else None


@_function("string", "from")
def _string(arguments: list[Value]) -> Value:
    value = arguments[0]
    if value is None or isinstance(value, str):
        return value
    text = _iso(value) if isinstance(value, (date, time, timedelta)) else shown(value)
    return text if len(text) <= MAX_TEXT else None


def _iso(value: date | time | timedelta) -> str:
    if not isinstance(value, timedelta):
        return value.isoformat()
    seconds, micros = divmod(abs(value) // timedelta(microseconds=1), 1_000_000)
    days, seconds = divmod(seconds, 86_400)
    fraction = f".{micros:06}".rstrip("0") if micros else ""
    clock = f"{seconds // 3600}H{seconds // 60 % 60}M{seconds % 60}{fraction}S"
    return f"{'-' if value < timedelta(0) else ''}P{days}DT{clock}"


@_function("number", "from")
def _number(arguments: list[Value]) -> Value:
    text = arguments[0]
    if not isinstance(text, str) or len(text) > MAX_TEXT or not _NUMBER.fullmatch(text):
        return None
    return calculate(ARITHMETIC.add, Decimal(text), Decimal(0))


@_function("date", "from", "month", "day", variadic=True)
def _date(arguments: list[Value]) -> Value:
    match arguments:
        case [str() as text]:
            return _read_date(text)
        case [datetime() as moment]:
            return moment.date()
        case [date() as day]:
            return day
        case [Decimal() as year, Decimal() as month, Decimal() as day]:
            return _or_null(lambda: date(int(year), int(month), int(day)))
        case _:
            return None


@_function("time", "from", "minute", "second", variadic=True)
def _time(arguments: list[Value]) -> Value:
    match arguments:
        case [str() as text]:
            return _read_time(text)
        case [datetime() as moment]:
            return moment.timetz()
        case [time() as clock]:
            return clock
        case [Decimal() as hour, Decimal() as minute, Decimal() as second]:
            # FEEL knows times without an offset.
            return _or_null(lambda: time(int(hour), int(minute), int(second)))
        case _:
            return None


@_function("date and time", "date", "time", variadic=True)
def _date_and_time(arguments: list[Value]) -> Value:
    match arguments:
        case [str() as text]:
            return _read_moment(text)
        case [datetime() as moment]:
            return moment
        case [date() as day, time() as clock]:
            return datetime.combine(day, clock)
        case _:
            return None


@_function("duration", "from")
def _duration(arguments: list[Value]) -> Value:
    text = arguments[0]
    return _read_duration(text) if isinstance(text, str) else None


def date_literal(text: str) -> Value:
    """What `@"..."` means: a date, a time, a date and time or a duration; null where it is none of them."""
    for read in (_read_date, _read_time, _read_moment, _read_duration):
        value = read(text)
        if value is not None:
            return value
    return None


def _or_null(make: Callable[[], Value]) -> Value:
    try:
        return make()
    except (ValueError, OverflowError):
        return None


def _read_date(text: str) -> Value:
    return _or_null(lambda: date.fromisoformat(text)) if _DATE.fullmatch(text) else None


def _read_time(text: str) -> Value:
    return _or_null(lambda: time.fromisoformat(text)) if _TIME.fullmatch(text) else None


def _read_moment(text: str) -> Value:
    day, separator, clock = text.partition("T")
    if not _DATE.fullmatch(day) or (separator and not _TIME.fullmatch(clock)):
        return None
    return _or_null(lambda: datetime.fromisoformat(text))


def _read_duration(text: str) -> Value:
    found = _DURATION.fullmatch(text)
    if found is None or not any(found.groups()[1:]):
        return None
    days, hours, minutes, seconds = (found.group(index) or "0" for index in range(2, 6))

    def make() -> timedelta:
        length = timedelta(days=int(days), hours=int(hours), minutes=int(minutes), seconds=float(seconds))
        return -length if found.group(1) else length

    return _or_null(make)
