"""A signature of a built-in function is read strictly, when the library is imported."""

from __future__ import annotations

import pytest

from mlc.dmn.feel.library import FUNCTIONS
from mlc.dmn.feel.library.registry import built_in


@pytest.mark.parametrize(
    ("signature", "message"),
    [
        ("twice", "is no signature"),
        ("twice(n)", "is no parameter"),
        ("twice(n:number)", "is no parameter"),
        ("twice(n: integer)", "there is no kind integer"),
        ("twice(n: number or)", "there is no kind"),
        ("twice(n?: number, m: number)", "stand last"),
        ("twice(n*: number, m: number)", "stand last"),
    ],
)
def test_a_signature_that_says_nothing_is_refused(signature: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        built_in(signature)(lambda: None)
    assert "twice" not in FUNCTIONS


def test_a_function_tells_its_parameters() -> None:
    assert FUNCTIONS["substring"].parameters == ("string", "start position", "length")
