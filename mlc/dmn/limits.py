"""How much a file may hold, so that every file is read and parsed within two seconds and 200 MB."""

from __future__ import annotations

from mlc.dmn.errors import DmnError

MAX_BYTES = 5_000_000
MAX_ELEMENTS = 100_000
MAX_TEXTS = 150_000
MAX_NAMES = 300_000
MAX_PROBLEMS = 500


class Limits:
    """What a file holds so far together with all that it imports. Its counts raise DmnError for too much."""

    __slots__ = ("_bytes", "_elements", "_names", "_problems", "_texts")

    def __init__(self) -> None:
        self._bytes = 0
        self._elements = 0
        self._names = 0
        self._problems = 0
        self._texts = 0

    def count_bytes(self, size: int) -> None:
        self._bytes += size
        if self._bytes > MAX_BYTES:
            raise DmnError(f"the file has {self._bytes:,} bytes, more than {MAX_BYTES:,}")

    def count_element(self) -> None:
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise DmnError(f"the file has more than {MAX_ELEMENTS:,} elements")

    def count_texts(self, size: int) -> None:
        """What is parsed as FEEL costs far more than the XML around it."""
        self._texts += size
        if self._texts > MAX_TEXTS:
            raise DmnError(
                f"the expressions have {self._texts:,} characters together, more than {MAX_TEXTS:,}"
            )

    def count_names(self, names: int) -> None:
        """Each box that adds names to those in scope makes the reader learn all of them."""
        self._names += names
        if self._names > MAX_NAMES:
            raise DmnError("the file has too many names for its number of contexts and functions")

    def room_for_problem(self) -> bool:
        """Whether one more problem is worth telling; counts it."""
        self._problems += 1
        return self._problems <= MAX_PROBLEMS
