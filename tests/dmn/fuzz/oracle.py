"""What must hold of all that comes out."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from mlc.dmn.values import Function, Range

MAX_MESSAGE = 2_000

_PLAIN = (type(None), bool, Decimal, str, date, time, datetime, timedelta)


class Complaint(Exception):  # noqa: N818 — not an error of the fuzzer
    """Something came out that must not, though it is no foreign exception: `what`, in `detail` if there is more."""

    def __init__(self, what: str, detail: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.detail = detail


def check_message(message: str) -> None:
    if len(message.splitlines()) != 1:
        raise Complaint("an error is not told in one line", f"{message[:300]!r}")
    if any("\ud800" <= character <= "\udfff" for character in message):
        raise Complaint("an error cannot be written as UTF-8", ascii(message[:300]))
    if len(message) > MAX_MESSAGE:
        raise Complaint(f"an error is longer than {MAX_MESSAGE:,} characters", f"{message[:300]}…")


def check_kinds(value: object) -> None:
    """Only documented kinds, however deeply nested; numbers are finite."""
    waiting, seen = [value], set[int]()
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if type(part) is list:
            waiting.extend(part)
        elif type(part) is dict:
            if not all(type(key) is str for key in part):
                raise Complaint("a context has a key that is no string")
            waiting.extend(part.values())
        elif isinstance(part, Range):
            waiting += [part.start, part.end]
        elif type(part) is Decimal and not part.is_finite():
            raise Complaint("a number is not finite")
        elif type(part) not in _PLAIN and not type(part).__module__.startswith("mlc.dmn."):
            raise Complaint(f"a value is of type {type(part).__name__}")


def same(left: object, right: object) -> bool:
    """Whether two results are alike down to a number's digits; functions are alike by their parameters."""
    waiting = [(left, right)]
    while waiting:
        a, b = waiting.pop()
        if type(a) is not type(b):
            return False
        if isinstance(a, list) and isinstance(b, list):
            if len(a) != len(b):
                return False
            waiting += zip(a, b, strict=True)
        elif isinstance(a, dict) and isinstance(b, dict):
            if list(a) != list(b):
                return False
            waiting += [(a[key], b[key]) for key in a]
        elif isinstance(a, Range) and isinstance(b, Range):
            if (a.start_closed, a.end_closed) != (b.start_closed, b.end_closed):
                return False
            waiting += [(a.start, b.start), (a.end, b.end)]
        elif isinstance(a, Function) and isinstance(b, Function):
            if a.parameters != b.parameters:
                return False
        elif str(a) != str(b):
            return False
    return True


def containers(inputs: object) -> dict[int, tuple[int, ...]]:
    """The identities of what each list and dict in the inputs holds."""
    waiting, found = [inputs], dict[int, tuple[int, ...]]()
    while waiting:
        part = waiting.pop()
        if id(part) in found or not isinstance(part, (list, dict)):
            continue
        held = [*part, *part.values()] if isinstance(part, dict) else part
        found[id(part)] = tuple(map(id, held))
        waiting += held
    return found
