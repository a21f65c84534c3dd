"""Names and texts that random FEEL is made of, many of them at the edge of what they may be."""

from __future__ import annotations

VARIABLES = ("x", "y", "rate", "kind", "xs", "rows", "when", "Monthly Salary", "max-diff", "missing", "mean")
DECLARED = ("Monthly Salary", "max-diff")
MEMBERS = (
    "a", "b", "name", "first name", "year", "month", "day", "weekday", "hour", "minute", "second",
    "time offset", "timezone", "years", "months", "days", "hours", "minutes", "seconds", "start", "end",
    "start included", "end included",
)  # fmt: skip
TYPES = (
    "number", "string", "boolean", "date", "time", "date and time", "days and time duration",
    "years and months duration", "Any", "Null", "list", "context", "list<number>", "list<list<Any>>",
    "context<a: number, b: string>", "function<number, number> -> number", "function<> -> Any",
    "range<number>", "range<date>", "tNothing", "list<", "feel:number",
)  # fmt: skip
NUMBERS = (
    "0", "1", "2", "3", "-1", "10", "0.5", ".5", "-99", "0.1", "1.10", "100", "1e3", "1E-3", "-0", "0.0",
    "7", "1e6144", "9.999999999999999999999999999999999e6144", "1e-6143", "1e-6176", "1e6145",
    "1e99999999999", "9999999999", "18446744073709551616", "123456789012345678901234567890123456789",
    "2147483648", "1000001", "0.3333333333333333333333333333333333333333", "000", "1.", "1..2", "65536",
    "6111", "-6176",
)  # fmt: skip
STRINGS = (
    "", "a", "Red", "model", "abc def", " ", "\\n", "\\\"", "\\u00e9", "\\U01F600", "é", "😀", "e\\u0301",
    "1", "1.5", "-1", "1,000.5", "1 000,5", "true", "null", "ß", "İ", "\\\\", "\\uD83D\\uDE00", "\\uD800",
    "\\x", "a,b;c", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "\u200b", "[1..5]", "x" * 300,
)  # fmt: skip
DATES = (
    "2024-02-29", "2023-02-29", "2017-01-01", "0001-01-01", "9999-12-31", "0000-01-01", "-0001-12-31",
    "10000-01-01", "999999999-12-31", "-999999999-01-01", "1000000000-01-01", "2024-13-01", "2024-2-9",
    "+2024-01-01", "99999-02-29", "2024-00-10", "٢٠٢٤-٠١-٠١", "2024-01-01Z", "",
)  # fmt: skip
TIMES = (
    "00:00:00", "10:20:30", "23:59:59.999999999", "24:00:00", "23:59:60", "10:20:30Z", "10:20:30+01:00",
    "10:20:30z", "10:20:30-14:00", "10:20:30+18:00", "10:20:30+23:59", "10:20:30+24:00",
    "10:20:30+01:02:03", "10:20:30-00:00", "10:20:30@Europe/Paris", "10:20:30@Etc/UTC",
    "10:20:30@Mars/Base", "10:20:30@../../etc/passwd", "10:20:30@", "10:20:30.123456",
    "10:20:30.1234567891234", "T10:20:30", "10:20", "1:2:3", "25:00:00", "02:30:00@America/New_York",
    "10:20:30@Etc", "10:20:30@localtime", "10:20:30@a\\u0000b", "10:20:30@EST5EDT",
)  # fmt: skip
DURATIONS = (
    "P1D", "-P1D", "PT1H", "PT0S", "P1DT2H3M4.5S", "PT0.0000000001S", "P999999999D", "P1000000000D",
    "P99999999999999D", "PT99999999999999999999S", "-P999999999DT23H", "P1Y", "P1Y2M", "-P3M",
    "P999999999Y", "P99999999999999999Y", "P", "PT", "P1", "P1Y1D", "P1M", "P12M", "PT36H", "--P1D", "P-1D",
    "P1W", "P1.5D", "PT1M", "P0Y", "P2DT", "PT1.S", "P" + "9" * 400 + "D",
)  # fmt: skip
PATTERNS = (
    "a", "^(a+)+$", "(a|a)*b", "[a-z]+", "\\\\d{1,3}", "(", "[", "*", "a{1000}", "a{1001}",
    "(a{1000}){1000}", "\\\\1", "(a)\\\\1", "(?=a)", "(?<=a)b", "(?i)A", "(?P<n>a)", "\\\\p{L}",
    "\\\\p{Nothing}", "[\\\\w-[aeiou]]", "\\\\i\\\\c*", "$", "^", "", ".", "x*", "[^,]*", "\\\\s+", "(?:",
    "[z-a]", "\\\\", "a**", "(((((((((((a)))))))))))", "é", "\\\\uD800", ";", ",|;",
    "(" * 50 + "a" + ")" * 50, "(.*)*" * 20,
)  # fmt: skip
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
NUMBER_TEXTS = (
    "1", "-1.5", "1,000.5", "1 000,5", "1.000.000", "1e3", "", ".", ",", "- 1", "+1", "NaN", "Infinity",
    "１２", "1_000", "0x10", "1e99999", "9" * 50, " 1", "1 ", "1,0,0,0", "1..2",
)  # fmt: skip
SEPARATORS = (",", ".", " ", "", ",,", "a", "-")
RANGE_TEXTS = (
    "[1..5]", "(1..5)", "]1..5[", "[1..", "(..5]", "[..]", "[5..1]", "(,5]", "['a'..'b']",
    "[\\\"a\\\"..\\\"b\\\"]", "[date(\\\"2024-01-01\\\")..date(\\\"2024-02-01\\\")]",
    "[@\\\"P1D\\\"..@\\\"P2D\\\")", "(< 5)", "[1..x]", "[1..2..3]",
    "[time(\\\"10:00:00@Europe/Paris\\\")..time(\\\"11:00:00Z\\\")]", "(null..5]", "[-1..-2]", "[1 .. 5]",
    "",
)  # fmt: skip
COMPARISONS = ("<", "<=", ">", ">=", "=", "!=")
JUEL = (
    "${x < rate}", "#{x lt 1 and rate}", 'kind.equalsIgnoreCase("red") && x>=0.5',
    "kind == 'Red' || !(x > 1)", "${x}", "x == 1 && y != null", "!x", "${kind.equals(x)}",
    "kind.class.forName('a')", "x ? 1 : 2", "${-1 < x}", "${empty x}", "x == 1e999 && y", "${((x))}",
    "${'\\\\'' == kind}", "not x && y", "a.b.c == 1", "x[0] == 1 && y", "${}", "${x", "x =~ 'a'",
    "x && y || kind == 'Red' && rate <= 2", "kind.contains('e') && x", "kind in ['Red']", "x > 1 and y",
)  # fmt: skip
