"""Random FEEL: every construct and every built-in function, mostly well formed, often at the edges."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.dmn.fuzz.signatures import PARAMETERS, SIGNATURES

VARIABLES = ("x", "y", "rate", "kind", "xs", "rows", "when", "Monthly Salary", "max-diff", "missing", "mean")
DECLARED = ("Monthly Salary", "max-diff")
MEMBERS = ("a", "b", "name", "first name", "year", "month", "day", "weekday", "hour", "minute", "second",
           "time offset", "timezone", "years", "months", "days", "hours", "minutes", "seconds",
           "start", "end", "start included", "end included")  # fmt: skip
TYPES = ("number", "string", "boolean", "date", "time", "date and time", "days and time duration",
         "years and months duration", "Any", "Null", "list", "context", "list<number>", "list<list<Any>>",
         "context<a: number, b: string>", "function<number, number> -> number", "function<> -> Any",
         "range<number>", "range<date>", "tNothing", "list<", "feel:number")  # fmt: skip
NUMBERS = ("0", "1", "2", "3", "-1", "10", "0.5", ".5", "-99", "0.1", "1.10", "100", "1e3", "1E-3", "-0",
    "0.0", "7",
           "1e6144", "9.999999999999999999999999999999999e6144", "1e-6143", "1e-6176", "1e6145",
           "1e99999999999",
           "9999999999", "18446744073709551616", "123456789012345678901234567890123456789", "2147483648",
           "1000001",
           "0.3333333333333333333333333333333333333333", "000", "1.", "1..2", "65536", "6111",
           "-6176")  # fmt: skip
STRINGS = ("", "a", "Red", "model", "abc def", " ", "\\n", "\\\"", "\\u00e9", "\\U01F600", "é", "😀",
    "e\\u0301", "1",
           "1.5", "-1", "1,000.5", "1 000,5", "true", "null", "ß", "İ", "\\\\", "\\uD83D\\uDE00", "\\uD800",
           "\\x", "a,b;c",
           "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "\u200b", "[1..5]", "x" * 300)  # fmt: skip
DATES = ("2024-02-29", "2023-02-29", "2017-01-01", "0001-01-01", "9999-12-31", "0000-01-01", "-0001-12-31",
    "10000-01-01",
         "999999999-12-31", "-999999999-01-01", "1000000000-01-01", "2024-13-01", "2024-2-9", "+2024-01-01",
         "99999-02-29",
         "2024-00-10", "٢٠٢٤-٠١-٠١", "2024-01-01Z", "")  # fmt: skip
TIMES = ("00:00:00", "10:20:30", "23:59:59.999999999", "24:00:00", "23:59:60", "10:20:30Z",
    "10:20:30+01:00", "10:20:30z",
         "10:20:30-14:00", "10:20:30+18:00", "10:20:30+23:59", "10:20:30+24:00", "10:20:30+01:02:03",
         "10:20:30-00:00",
         "10:20:30@Europe/Paris", "10:20:30@Etc/UTC", "10:20:30@Mars/Base", "10:20:30@../../etc/passwd",
         "10:20:30@",
         "10:20:30.123456", "10:20:30.1234567891234", "T10:20:30", "10:20", "1:2:3", "25:00:00",
         "02:30:00@America/New_York", "10:20:30@Etc", "10:20:30@localtime", "10:20:30@a\\u0000b",
         "10:20:30@EST5EDT")  # fmt: skip
DURATIONS = ("P1D", "-P1D", "PT1H", "PT0S", "P1DT2H3M4.5S", "PT0.0000000001S", "P999999999D",
    "P1000000000D", "P99999999999999D",
             "PT99999999999999999999S", "-P999999999DT23H", "P1Y", "P1Y2M", "-P3M", "P999999999Y",
             "P99999999999999999Y", "P",
             "PT", "P1", "P1Y1D", "P1M", "P12M", "PT36H", "--P1D", "P-1D", "P1W", "P1.5D", "PT1M", "P0Y",
             "P2DT",
             "PT1.S", "P" + "9" * 400 + "D")  # fmt: skip
PATTERNS = ("a", "^(a+)+$", "(a|a)*b", "[a-z]+", "\\\\d{1,3}", "(", "[", "*", "a{1000}", "a{1001}",
    "(a{1000}){1000}", "\\\\1", "(a)\\\\1",
            "(?=a)", "(?<=a)b", "(?i)A", "(?P<n>a)", "\\\\p{L}", "\\\\p{Nothing}", "[\\\\w-[aeiou]]",
            "\\\\i\\\\c*", "$", "^", "", ".", "x*",
            "[^,]*", "\\\\s+", "(?:", "[z-a]", "\\\\", "a**", "(((((((((((a)))))))))))", "é", "\\\\uD800",
            ";", ",|;",
            "(" * 50 + "a" + ")" * 50, "(.*)*" * 20)  # fmt: skip
REPLACEMENTS = (
    "",
    "$1",
    "$0",
    "$9",
    "$",
    "\\\\1",
    "\\\\",
    "\\\\$",
    "$$",
    "b",
    "$1$1$1$1",
    "\\\\g<0>",
    "$10",
    "#",
)
FLAGS = ("", "i", "s", "m", "x", "ismx", "q", "z", "smix ", "I", "ii")
ZONES = ("Europe/Paris", "Etc/UTC", "Nowhere", "@Europe/Paris", "+01:00", "", "../x", "UTC", "Z")
NUMBER_TEXTS = ("1", "-1.5", "1,000.5", "1 000,5", "1.000.000", "1e3", "", ".", ",", "- 1", "+1", "NaN",
    "Infinity", "１２", "1_000",
                "0x10", "1e99999", "9" * 50, " 1", "1 ", "1,0,0,0", "1..2")  # fmt: skip
SEPARATORS = (",", ".", " ", "", ",,", "a", "-")
RANGE_TEXTS = ("[1..5]", "(1..5)", "]1..5[", "[1..", "(..5]", "[..]", "[5..1]", "(,5]", "['a'..'b']",
    "[\\\"a\\\"..\\\"b\\\"]",
               "[date(\\\"2024-01-01\\\")..date(\\\"2024-02-01\\\")]", "[@\\\"P1D\\\"..@\\\"P2D\\\")",
               "(< 5)", "[1..x]", "[1..2..3]",
               "[time(\\\"10:00:00@Europe/Paris\\\")..time(\\\"11:00:00Z\\\")]", "(null..5]", "[-1..-2]",
               "[1 .. 5]", "")  # fmt: skip
COMPARISONS = ("<", "<=", ">", ">=", "=", "!=")
JUEL = ("${x < rate}", "#{x lt 1 and rate}", 'kind.equalsIgnoreCase("red") && x>=0.5',
    "kind == 'Red' || !(x > 1)", "${x}",
        "x == 1 && y != null", "!x", "${kind.equals(x)}", "kind.class.forName('a')", "x ? 1 : 2",
        "${-1 < x}", "${empty x}",
        "x == 1e999 && y", "${((x))}", "${'\\\\'' == kind}", "not x && y", "a.b.c == 1", "x[0] == 1 && y",
        "${}", "${x", "x =~ 'a'",
        "x && y || kind == 'Red' && rate <= 2", "kind.contains('e') && x", "kind in ['Red']",
        "x > 1 and y")  # fmt: skip

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
