"""`for`, `some`, `every` and filters agree with Python's comprehensions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from mlc.dmn import load
from tests.dmn.reference import Value, both, compare, either
from tests.dmn.strategies import examples, few_numbers
from tests.dmn.tables import decision, definitions, literal

ITEMS = st.lists(few_numbers, max_size=6)
MIXED = st.lists(st.one_of(few_numbers, st.none(), st.just("a"), st.booleans()), max_size=6)
ROWS = st.lists(
    st.one_of(
        st.fixed_dictionaries({"n": few_numbers, "name": st.sampled_from("abc")}),
        st.fixed_dictionaries({"name": st.sampled_from("abc")}),
    ),
    max_size=5,
)


def counted(start: Decimal, end: Decimal) -> list[Decimal]:
    step = 1 if start <= end else -1
    return [Decimal(number) for number in range(int(start), int(end) + step, step)]


def running_totals(xs: list[Decimal]) -> list[Decimal]:
    totals: list[Decimal] = []
    for x in xs:
        totals.append(x + sum(totals))
    return totals


OVER_NUMBERS: dict[str, Callable[[list[Decimal], list[Decimal], Decimal], object]] = {
    "for i in xs return i * k": lambda xs, ys, k: [x * k for x in xs],
    "for i in xs, j in ys return i + 10 * j": lambda xs, ys, k: [x + 10 * y for x in xs for y in ys],
    "for i in xs return for j in ys return i * j": lambda xs, ys, k: [[x * y for y in ys] for x in xs],
    "for i in xs, j in 1..i return j": lambda xs, ys, k: [j for x in xs for j in counted(Decimal(1), x)],
    "for i in k..3 return i": lambda xs, ys, k: counted(k, Decimal(3)),
    "for i in xs[item > k] return -i": lambda xs, ys, k: [-x for x in xs if x > k],
    "(for i in xs return i + 1)[item < k]": lambda xs, ys, k: [x + 1 for x in xs if x + 1 < k],
    "for i in xs return count(ys[item > i])": lambda xs, ys, k: [sum(y > x for y in ys) for x in xs],
    "for i in xs return if i > k then i else null": lambda xs, ys, k: [x if x > k else None for x in xs],
    "some i in xs satisfies i > k": lambda xs, ys, k: any(x > k for x in xs),
    "every i in xs satisfies i > k": lambda xs, ys, k: all(x > k for x in xs),
    "some i in xs, j in ys satisfies i + j = k": lambda xs, ys, k: any(x + y == k for x in xs for y in ys),
    "every i in xs satisfies some j in ys satisfies j > i": lambda xs, ys, k: all(
        any(y > x for y in ys) for x in xs
    ),
    "xs[item >= k][item <= 3]": lambda xs, ys, k: [x for x in xs if k <= x <= 3],
    "xs[item in [k..3]]": lambda xs, ys, k: [x for x in xs if k <= x <= 3],
    "xs[list contains(ys, item)]": lambda xs, ys, k: [x for x in xs if x in ys],
    "xs[not(list contains(ys, item))]": lambda xs, ys, k: [x for x in xs if x not in ys],
    "count(xs[item = k])": lambda xs, ys, k: xs.count(k),
    "for i in xs return i + sum(append(partial, 0))": lambda xs, ys, k: running_totals(xs),
}
OVER_ANYTHING: dict[str, Callable[[list[Value], Decimal], object]] = {
    "some i in items satisfies i > k": lambda items, k: either(compare(">", item, k) for item in items),
    "every i in items satisfies i > k": lambda items, k: both(compare(">", item, k) for item in items),
    "items[item > k]": lambda items, k: [item for item in items if compare(">", item, k) is True],
    "items[item = null]": lambda items, k: [item for item in items if item is None],
    "items[item instance of string]": lambda items, k: [item for item in items if isinstance(item, str)],
    "for i in items return i = k": lambda items, k: [compare("=", item, k) for item in items],
}
OVER_ROWS: dict[str, Callable[[list[dict[str, Value]], Decimal], object]] = {
    "rows.name": lambda rows, k: [row["name"] for row in rows],
    "rows[n > k].name": lambda rows, k: [
        row["name"] for row in rows if compare(">", row.get("n"), k) is True
    ],
    'rows[name = "a"].n': lambda rows, k: [row.get("n") for row in rows if row["name"] == "a"],
    "for r in rows return r.n": lambda rows, k: [row.get("n") for row in rows],
    "for r in rows[item.n = null] return r.name": lambda rows, k: [
        row["name"] for row in rows if row.get("n") is None
    ],
    'every r in rows satisfies r.name != "a"': lambda rows, k: all(row["name"] != "a" for row in rows),
}
A_POSITION = "xs[k]"
DEFINITION = load(
    definitions(
        *(
            decision(literal(text), f"D {number}")
            for number, text in enumerate([*OVER_NUMBERS, *OVER_ANYTHING, *OVER_ROWS, A_POSITION])
        )
    )
)
DECISIONS = dict(
    zip([*OVER_NUMBERS, *OVER_ANYTHING, *OVER_ROWS, A_POSITION], DEFINITION.decisions, strict=True)
)


def value_of(text: str, inputs: Mapping[str, object]) -> object:
    return DEFINITION.evaluate(DECISIONS[text], inputs)


@examples(60)
@given(xs=ITEMS, ys=ITEMS, k=few_numbers)
def test_over_numbers(xs: list[Decimal], ys: list[Decimal], k: Decimal) -> None:
    for text, comprehension in OVER_NUMBERS.items():
        assert value_of(text, {"xs": xs, "ys": ys, "k": k}) == comprehension(xs, ys, k), text


@examples(60)
@given(items=MIXED, k=few_numbers)
def test_over_items_of_any_kind(items: list[Value], k: Decimal) -> None:
    for text, comprehension in OVER_ANYTHING.items():
        assert value_of(text, {"items": items, "k": k}) == comprehension(items, k), text


@examples(60)
@given(rows=ROWS, k=few_numbers)
def test_over_rows(rows: list[dict[str, Value]], k: Decimal) -> None:
    for text, comprehension in OVER_ROWS.items():
        assert value_of(text, {"rows": rows, "k": k}) == comprehension(rows, k), text


@examples(50)
@given(xs=ITEMS, k=few_numbers)
def test_a_position_counts_from_one_and_from_the_end(xs: list[Decimal], k: Decimal) -> None:
    position = int(k) - 1 if k > 0 else int(k)
    expected = xs[position] if k != 0 and -len(xs) <= position < len(xs) else None
    assert value_of(A_POSITION, {"xs": xs, "k": k}) == expected
