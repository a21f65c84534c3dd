"""Random FEEL: every construct and every built-in function, mostly well formed, often at the edges."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.dmn.fuzz.signatures import PARAMETERS, SIGNATURES
from tests.dmn.fuzz.texts import (
    COMPARISONS,
    DATES,
    DURATIONS,
    FLAGS,
    JUEL,
    MEMBERS,
    NUMBER_TEXTS,
    NUMBERS,
    PATTERNS,
    RANGE_TEXTS,
    REPLACEMENTS,
    SEPARATORS,
    STRINGS,
    TIMES,
    TYPES,
    VARIABLES,
    ZONES,
)

_KINDS = "nsbldtwicrfx"


class Grammar:
    """Writes FEEL of bounded size; `depth` is how much deeper an expression may nest."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._writers: dict[str, Callable[[int], str]] = {
            "n": self.number,
            "s": self.string,
            "b": self.condition,
            "l": self.list_of,
            "c": self.context,
            "d": self.date,
            "t": self.time,
            "w": self.date_and_time,
            "i": self.duration,
            "r": self.range_of,
            "p": lambda depth: self._quoted(PATTERNS),
            "g": lambda depth: self._quoted(FLAGS),
            "z": lambda depth: self._quoted(ZONES),
            "m": lambda depth: self._quoted(NUMBER_TEXTS),
            "h": lambda depth: self._quoted(SEPARATORS),
            "q": lambda depth: self._quoted(RANGE_TEXTS),
            "f": self.function,
            "x": self.anything,
        }

    def expression(self) -> str:
        depth = self._random.choice((1, 2, 2, 3, 3, 4))
        # There are more functions than constructs.
        return self.call(depth - 1) if self._random.random() < 0.4 else self.anything(depth)

    def unary_tests(self) -> str:
        random = self._random
        if random.random() < 0.08:
            return random.choice(JUEL)
        if random.random() < 0.15:
            return self.call(2).replace("(", "(?, ", 1) if random.random() < 0.5 else f"? = {self.call(2)}"
        tests = [self._unary_test(random.choice((1, 1, 2))) for _ in range(random.choice((1, 1, 1, 2, 3)))]
        listed = random.choice((", ", ",")).join(tests)
        return f"not({listed})" if random.random() < 0.15 else listed

    def of_kind(self, kind: str, depth: int) -> str:
        """Text of the kind, now and then of any other."""
        if self._random.random() < 0.06:
            kind = self._random.choice(_KINDS)
        return self._writers[kind](depth)

    def operand(self, kind: str, depth: int) -> str:
        """Like `of_kind`, mostly in the brackets that an operator asks for around what binds less tightly."""
        text = self.of_kind(kind, depth)
        plain = text.replace(" ", "").isalnum() or self._random.random() < 0.1
        return text if plain else f"({text})"

    def anything(self, depth: int) -> str:
        random = self._random
        if depth <= 0:
            return random.choice((self._number, self._name, self._string, self._constant, self._at))()
        return random.choice(
            (
                self.number,
                self.string,
                self.condition,
                self.list_of,
                self.context,
                self.date_and_time,
                self.duration,
                self.range_of,
                self.function,
                self.call,
                self.call,
                self.call,
                self.arithmetic,
                self.filter_of,
                self.path,
                self.if_else,
                self.for_loop,
                self.temporal,
                self.odd,
            )
        )(depth - 1)

    def number(self, depth: int) -> str:
        if depth <= 0 or self._random.random() < 0.5:
            return self._number() if self._random.random() < 0.85 else self._name()
        return self.arithmetic(depth - 1)

    def arithmetic(self, depth: int) -> str:
        random = self._random
        left, right = self.operand("n", depth - 1), self.operand("n", depth - 1)
        written = f"{left} {random.choice(('+', '-', '*', '/', '**', '-'))} {right}"
        return (
            f"({written})" if random.random() < 0.4 else f"-{written}" if random.random() < 0.1 else written
        )

    def string(self, depth: int) -> str:
        if depth <= 0 or self._random.random() < 0.7:
            return self._string() if self._random.random() < 0.85 else self._name()
        return f"{self._string()} + {self.of_kind('s', depth - 1)}"

    def condition(self, depth: int) -> str:
        random = self._random
        if depth <= 0:
            return random.choice(("true", "false", "null", self._name()))
        choice = random.randrange(9)
        if choice == 0:
            return f"{self.operand('b', depth - 1)} {random.choice(('and', 'or'))} {self.operand('b', depth - 1)}"
        if choice == 1:
            return f"not({self.condition(depth - 1)})"
        if choice == 2:
            kind = random.choice("ndswi")
            low, high = self.operand(kind, depth - 1), self.operand(kind, depth - 1)
            return f"{self.operand(kind, depth - 1)} between {low} and {high}"
        if choice == 3:
            tests = ", ".join(self._unary_test(depth - 1) for _ in range(random.choice((1, 2, 3))))
            return f"{self.operand('x', depth - 1)} in {random.choice((tests, f'({tests})'))}"
        if choice == 4:
            return f"{self.operand('x', depth - 1)} instance of {random.choice(TYPES)}"
        if choice == 5:
            return f"{random.choice(('some', 'every'))} {self._iterators(depth)} satisfies {self.condition(depth - 1)}"
        kind = random.choice("nnsdtwilcrx")
        return f"{self.operand(kind, depth - 1)} {random.choice(COMPARISONS)} {self.operand(kind, depth - 1)}"

    def list_of(self, depth: int) -> str:
        random = self._random
        if depth <= 0 or random.random() < 0.2:
            return random.choice(
                ("[]", "[1, 2, 3]", '["a", "b"]', "xs", "rows", "[null]", "[[1], [2]]", "[3,1,2,1]")
            )
        kind = random.choice("nnnsbdwicrlx")
        return f"[{', '.join(self.of_kind(kind, depth - 1) for _ in range(random.randrange(5)))}]"

    def context(self, depth: int) -> str:
        random = self._random
        if depth <= 0:
            return random.choice(("{}", "{a: 1}", '{a: 1, b: "x"}', '{"first name": "Ada"}', "rows[1]"))
        entries = ", ".join(
            f"{random.choice(('a', 'b', 'name', 'first name', 'if', 'x', 'a+b', chr(34) + 'k' + chr(34)))}: "
            f"{self.anything(depth - 1)}"
            for _ in range(random.randrange(4))
        )
        return f"{{{entries}}}"

    def date(self, depth: int) -> str:
        text = self._quoted(DATES)
        return self._random.choice(
            (f"date({text})", f"@{text}", f"date(@{text})", "date(2024, 2, 29)", "when")
        )

    def time(self, depth: int) -> str:
        return f'time("{self._random.choice(TIMES)}")'

    def date_and_time(self, depth: int) -> str:
        return f'date and time("{self._random.choice(DATES)}T{self._random.choice(TIMES)}")'

    def duration(self, depth: int) -> str:
        return f'duration("{self._random.choice(DURATIONS)}")'

    def temporal(self, depth: int) -> str:
        """Arithmetic and members of dates, times and durations."""
        random = self._random
        if random.random() < 0.3:
            return f"({self.operand(random.choice('dtwi'), depth)}).{random.choice(MEMBERS[4:])}"
        left, right = self.operand(random.choice("dtwi"), depth), self.operand(random.choice("dtwiin"), depth)
        if random.random() < 0.3:
            return f"({left} {random.choice('+-')} {right}).{random.choice(MEMBERS)}"
        return f"{left} {random.choice(('+', '-', '-', '*', '/', '**'))} {right}"

    def range_of(self, depth: int) -> str:
        random = self._random
        kind = random.choice("nnnsdtwix")
        low, high = self.operand(kind, depth - 1), self.operand(kind, depth - 1)
        if random.random() < 0.12:
            return f"({random.choice(COMPARISONS)} {low})"
        return f"{random.choice('[[](')}{low}..{high}{random.choice('])[')}"

    def function(self, depth: int) -> str:
        random = self._random
        parameters = random.choice(
            ("a", "a, b", "a: number", "a: number, b: string", "", "first name", "x, y")
        )
        if random.random() < 0.2:
            return random.choice((*SIGNATURES, 'function() external {java: {class: "java.lang.Math"}}'))
        body = random.choice((self.anything, self.number, self.condition))(depth - 1)
        return f"function({parameters}) {random.choice((body, 'a < b', 'a > b', 'a'))}"

    def call(self, depth: int) -> str:
        random = self._random
        name = random.choice(tuple(SIGNATURES))
        arguments = self._arguments(random.choice(SIGNATURES[name]), depth)
        if random.random() < 0.08:
            arguments = [f"{random.choice(PARAMETERS)}: {each}" for each in arguments]
        if random.random() < 0.04:
            return f"({self.function(depth - 1)})({', '.join(arguments)})"
        return f"{name}({', '.join(arguments)})"

    def _arguments(self, signature: str, depth: int) -> list[str]:
        random = self._random
        kinds = [kind.lower() for kind in signature.rstrip("*") if kind.islower() or random.random() < 0.6]
        if signature.endswith("*"):
            kinds += kinds[-1:] * random.randrange(4)
        if random.random() < 0.06:
            kinds = random.choice((kinds[:-1], [*kinds, "x"], kinds[::-1]))
        replacing = signature.startswith("sps")
        return [
            self._quoted(REPLACEMENTS) if replacing and position == 2 else self.of_kind(kind, depth - 1)
            for position, kind in enumerate(kinds)
        ]

    def filter_of(self, depth: int) -> str:
        random = self._random
        condition = random.choice((self.condition, self.number, self.anything))(depth - 1)
        of_item = random.choice(
            ("item > 1", "a = 1", "-1", "0", "item", 'name = "Ada"', "1.5", "item in [1..2]")
        )
        return f"{self.operand('l', depth - 1)}[{random.choice((condition, of_item))}]"

    def path(self, depth: int) -> str:
        random = self._random
        base = random.choice((self.context, self.temporal, self.name, self.range_of, self.duration))(
            depth - 1
        )
        return f"{base}.{random.choice(MEMBERS)}"

    def if_else(self, depth: int) -> str:
        return (
            f"if {self.condition(depth - 1)} then {self.anything(depth - 1)} else {self.anything(depth - 1)}"
        )

    def for_loop(self, depth: int) -> str:
        result = self._random.choice(
            (self.anything(depth - 1), "partial", "i * 2", "i + count(partial)", "partial[-1]")
        )
        return f"for {self._iterators(depth)} return {result}"

    def name(self, depth: int) -> str:
        return self._name()

    def odd(self, depth: int) -> str:
        """Constructs that stand where nobody expects them."""
        random = self._random
        inner = self.anything(depth - 1)
        return random.choice(
            (
                f"({inner})", f"-{inner}", f"--{inner}", f"({inner}).a.b.c", f"[{inner}][1][1]",
                f"({inner})({inner})", "?", "item",
                f"{inner} // comment\n", f"/* {inner} */ {inner}", f"{inner}\n\t+ {inner}",
                f"@{self._string()}", "partial",
                "{f: function(g) g(g), r: f(f)}",
                f"{{f: function(n) if n > 0 then f(n - 1) else {inner}, r: f(3)}}.r",
                f"({inner}) instance of {random.choice(TYPES)}", f"not({inner})", f"{inner} in {inner}",
                "null.a", "[].a", "1.a",
                f"for i in {inner} return i",
                f"for i in 1..{random.choice(('3', '1000', '10**10', '-3', '1.5'))} return i",
                "sort([3,1,2], function(a, b) a)", f"{{a: {inner}, b: a}}",
                f"[{inner}, {inner}] = [{inner}, {inner}]",
                f"string join(for i in 1..9 return string({inner}))",
            )
        )  # fmt: skip

    def _iterators(self, depth: int) -> str:
        random = self._random
        written: list[str] = []
        for name in ("i", "j", "first name")[: random.choice((1, 1, 1, 2, 3))]:
            source = random.choice(
                (
                    self.list_of(depth - 1),
                    self.list_of(depth - 1),
                    f"{self.of_kind('n', depth - 1)}..{self.of_kind('n', depth - 1)}",
                    "1..3",
                    self.range_of(depth - 1),
                    "xs",
                )
            )
            written.append(f"{name} in {source}")
        return ", ".join(written)

    def _unary_test(self, depth: int) -> str:
        random = self._random
        kind = random.choice("nnnnssdwibx")
        choice = random.randrange(6)
        if choice <= 1:
            return f"{random.choice(COMPARISONS)} {self.operand(kind, depth - 1)}"
        if choice == 2:
            return self.range_of(depth)
        if choice == 3:
            return f"? {random.choice(COMPARISONS)} {self.operand(kind, depth - 1)}"
        return self.of_kind(kind, depth)

    def _quoted(self, texts: tuple[str, ...]) -> str:
        return f'"{self._random.choice(texts)}"'

    def _number(self) -> str:
        random = self._random
        if random.random() < 0.6:
            return random.choice(NUMBERS[:17])
        if random.random() < 0.5:
            return random.choice(NUMBERS)
        return str(random.choice((random.randrange(-1000, 1000), random.randrange(10**6) / 1000)))

    def _name(self) -> str:
        return self._random.choice(VARIABLES)

    def _string(self) -> str:
        pool = self._random.choice((STRINGS, STRINGS, STRINGS, DATES, TIMES, DURATIONS, PATTERNS))
        return self._quoted(pool)

    def _constant(self) -> str:
        return self._random.choice(("true", "false", "null"))

    def _at(self) -> str:
        return "@" + self._quoted(self._random.choice((DATES, TIMES, DURATIONS)))
