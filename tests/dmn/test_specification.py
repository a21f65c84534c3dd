"""The examples of the DMN specification, and what follows from its text: each is one sentence of FEEL that holds."""

from __future__ import annotations

import pytest

from mlc.dmn import load
from tests.dmn.tables import expression_file

TRUE = r"""
# numbers (10.3.2.3.1, 10.3.4.5)
.872 = 0.872
-0.872 < 0
10 ** 3 = 1000
1.2e3 = 1200
-5 ** 2 = 25
decimal(1/3, 2) = .33
decimal(1.5, 0) = 2
decimal(2.5, 0) = 2
floor(1.5) = 1
floor(-1.5) = -2
floor(-1.56, 1) = -1.6
ceiling(1.5) = 2
ceiling(-1.5) = -1
ceiling(-1.56, 1) = -1.5
round up(5.5, 0) = 6
round up(-5.5, 0) = -6
round up(1.121, 2) = 1.13
round up(-1.126, 2) = -1.13
round down(5.5, 0) = 5
round down(-5.5, 0) = -5
round down(1.126, 2) = 1.12
round half up(5.5, 0) = 6
round half up(-5.5, 0) = -6
round half up(1.121, 2) = 1.12
round half up(-1.126, 2) = -1.13
round half down(5.5, 0) = 5
round half down(-5.5, 0) = -5
round half down(1.126, 2) = 1.13
abs(10) = 10
abs(-10) = 10
abs(@"PT5H") = @"PT5H"
abs(@"-PT5H") = @"PT5H"
abs(@"-P1Y2M") = @"P1Y2M"
modulo(12, 5) = 2
modulo(-12, 5) = 3
modulo(12, -5) = -3
modulo(-12, -5) = -2
modulo(10.1, 4.5) = 1.1
modulo(-10.1, 4.5) = 3.4
modulo(10.1, -4.5) = -3.4
modulo(-10.1, -4.5) = -1.1
sqrt(16) = 4
decimal(log(10), 8) = 2.30258509
decimal(exp(5), 8) = 148.41315910
odd(5)
odd(2) = false
even(5) = false
even(2)
number("1 000,0", " ", ",") = 1000
number("1,000.0", ",", ".") = 1000
number("1000.5", null, ".") = 1000.5
number("1.000.000,01", ".", ",") = 1000000.01
# strings (10.3.4.3)
string(1.1) = "1.1"
string(null) = null
string(date("2012-12-25")) = "2012-12-25"
string([1, 2, "a"]) = "[1, 2, \"a\"]"
string({a: "foo"}) = "{a: \"foo\"}"
string(@"PT26H") = "P1DT2H"
string(@"P14M") = "P1Y2M"
string(time("10:00:00Z")) = "10:00:00Z"
string(true) = "true"
substring("foobar", 3) = "obar"
substring("foobar", 3, 3) = "oba"
substring("foobar", -2, 1) = "a"
substring("\U01F40Eab", 2) = "ab"
string length("foo") = 3
string length("\U01F40Eab") = 3
upper case("aBc4") = "ABC4"
lower case("aBc4") = "abc4"
substring before("foobar", "bar") = "foo"
substring before("foobar", "xyz") = ""
substring before("foobar", "o") = "f"
substring after("foobar", "ob") = "ar"
substring after("", "a") = ""
replace("abcd", "(ab)|(a)", "[1=$1][2=$2]") = "[1=ab][2=]cd"
replace("abracadabra", "bra", "*") = "a*cada*"
replace("abracadabra", "a.*a", "*") = "*"
replace("abracadabra", "a.*?a", "*") = "*c*bra"
replace("abracadabra", "a(.)", "a$1$1") = "abbraccaddabbra"
replace("AAAA", "A+?", "b") = "bbbb"
replace("darted", "^(.*?)d(.*)$", "$1c$2") = "carted"
replace("ABC", "b", "x", "i") = "AxC"
contains("foobar", "of") = false
contains("foobar", "oba")
starts with("foobar", "fo")
ends with("foobar", "r")
matches("foobar", "^fo*b")
matches("abracadabra", "bra")
matches("abracadabra", "^a.*a$")
matches("abracadabra", "^bra") = false
matches("helloworld", "hello world", "x")
matches("Mum", "mum", "i")
split("John Doe", "\\s") = ["John", "Doe"]
split("a;b;c;;", ";") = ["a", "b", "c", "", ""]
string join(["a", "b", "c"], "_and_") = "a_and_b_and_c"
string join(["a", "b", "c"], "") = "abc"
string join(["a", "b", "c"], null) = "abc"
string join(["a"], "X") = "a"
string join(["a", null, "c"], "X") = "aXc"
string join([], "X") = ""
string join(["a", "b", "c"]) = "abc"
contains(["foobar"], "oba")
contains(string: "foobar", match: "oba")
substring(string: "foobar", start position: 3) = "obar"
# lists (10.3.4.4)
list contains([1, 2, 3], 2)
list contains([1, null], null)
count([1, 2, 3]) = 3
count([]) = 0
count([1, [2, 3]]) = 2
min([1, 2, 3]) = 1
min(1, 2, 3) = 1
max([1, 2, 3]) = 3
min("a", "b", "c") = "a"
max(@"2020-01-01", @"2021-01-01") = @"2021-01-01"
sum([1, 2, 3]) = 6
sum(1, 2, 3) = 6
mean([1, 2, 3]) = 2
mean(1, 2, 3) = 2
all([true, null, false]) = false
all([])
all(true)
all([true, true])
any([true, null, false])
any([]) = false
any(false) = false
sublist([4, 5, 6], 1, 2) = [4, 5]
sublist([4, 5, 6], -1) = [6]
append([1], 2, 3) = [1, 2, 3]
concatenate([1, 2], [3]) = [1, 2, 3]
insert before([1, 3], 1, 2) = [2, 1, 3]
remove([1, 2, 3], 2) = [1, 3]
list replace([2, 4, 7, 8], 3, 6) = [2, 4, 6, 8]
list replace([2, 4, 7, 8], function(item, newItem) item < newItem, 5) = [5, 5, 7, 8]
reverse([1, 2, 3]) = [3, 2, 1]
index of([1, 2, 3, 2], 2) = [2, 4]
union([1, 2], [2, 3]) = [1, 2, 3]
distinct values([1, 2, 3, 2, 1]) = [1, 2, 3]
flatten([[1, 2], [[3]], 4]) = [1, 2, 3, 4]
product([2, 3, 4]) = 24
product(2, 3, 4) = 24
median(8, 2, 5, 3, 4) = 4
median([6, 1, 2, 3]) = 2.5
decimal(stddev(2, 4, 7, 5), 6) = 2.081666
stddev([47]) = null
mode(6, 3, 9, 6, 6) = [6]
mode([6, 1, 9, 6, 1]) = [1, 6]
mode([]) = []
sort(list: [3, 1, 4, 5, 2], precedes: function(x, y) x < y) = [1, 2, 3, 4, 5]
sort([3, 1, 2], function(x, y) x > y) = [3, 2, 1]
# booleans
not(true) = false
not(null) = null
is(@"2012-12-25", @"2012-12-25")
is(@"23:00:50Z", @"23:00:50") = false
is(1, 1.0)
is(1, "1") = false
# contexts (10.3.4.10)
get value({key1: "value1"}, "key1") = "value1"
get value({key1: "value1"}, "other") = null
get entries({key1: "value1", key2: "value2"}) = [{key: "key1", value: "value1"}, {key: "key2", value: "value2"}]
get entries({key1: "value1"})[key = "key1"].value = ["value1"]
context([{key: "a", value: 1}, {key: "b", value: 2}]) = {a: 1, b: 2}
context put({x: 1}, "y", 2) = {x: 1, y: 2}
context put({x: 1, y: {a: 0}}, ["y", "a"], 2) = {x: 1, y: {a: 2}}
context merge([{x: 1}, {y: 2}]) = {x: 1, y: 2}
context merge([{x: 1}, {x: 2}]) = {x: 2}
{a: 1, b: a + 1}.b = 2
{"a b": 1}.a b = 1
{a: {b: {c: 3}}}.a.b.c = 3
[{a: 1}, {a: 2}].a = [1, 2]
[{a: 1}, {b: 2}].a = [1, null]
# ranges (10.3.4.9)
before(1, 10)
before(10, 1) = false
before(1, [1..10]) = false
before(1, (1..10])
before(1, [5..10])
before([1..10], 10) = false
before([1..10), 10)
before([1..10], 15)
before([1..10], [15..20])
before(point: 1, range: [5..10])
before(range: [1..5], point: 10)
before([1..10), [10..20])
before([1..10], (10..20])
after(10, 5)
after(5, 10) = false
after(12, [1..10])
after(10, [1..10))
after(10, [1..10]) = false
after([11..20], 12) = false
after([11..20], 10)
after((11..20], 11)
after(range: [11..20], point: 10)
after([11..20], [1..10])
after([1..10], [11..20]) = false
after([11..20], [1..11))
meets([1..5], [5..10])
meets([1..5), [5..10]) = false
meets([1..5], (5..10]) = false
meets([1..5], [6..10]) = false
met by([5..10], [1..5])
met by([5..10], [1..5)) = false
overlaps([1..5], [3..8])
overlaps([3..8], [1..5])
overlaps([1..8], [3..5])
overlaps([1..5], [6..8]) = false
overlaps([1..5], [5..8])
overlaps([1..5], (5..8]) = false
overlaps([1..5), [5..8]) = false
overlaps before([1..5], [3..8])
overlaps before([1..5], [6..8]) = false
overlaps before([1..5], [5..8])
overlaps before([1..5), [1..5]) = false
overlaps before([1..5], (1..5])
overlaps before([1..5], [1..5]) = false
overlaps after([3..8], [1..5])
overlaps after([6..8], [1..5]) = false
overlaps after([5..8], [1..5])
overlaps after((1..5], [1..5))
finishes(10, [1..10])
finishes(10, [1..10)) = false
finishes([5..10], [1..10])
finishes([5..10), [1..10]) = false
finishes([1..10], (1..10]) = false
finished by([1..10], 10)
finished by([1..10], [5..10])
includes([1..10], 5)
includes([1..10], 12) = false
includes([1..10], 1)
includes([1..10], 10)
includes((1..10], 1) = false
includes([1..10), 10) = false
includes([1..10], [4..6])
includes([1..10], [1..5])
includes((1..10], (1..5])
includes([1..10], (1..10))
during(5, [1..10])
during(12, [1..10]) = false
during([4..6], [1..10])
during((1..5], (1..10])
starts(1, [1..10])
starts(1, (1..10]) = false
starts(2, [1..10]) = false
starts([1..5], [1..10])
starts((1..5], [1..10]) = false
starts([1..10), [1..10])
started by([1..10], 1)
started by([1..10], [1..5])
coincides(5, 5)
coincides(3, 4) = false
coincides([1..5], [1..5])
coincides((1..5), [1..5]) = false
range("[18..21)") = [18..21)
range("[\"a\"..\"c\"]") = ["a".."c"]
[1..10].start = 1
[1..10].end = 10
(1..10].start included = false
(1..10].end included
5 in [1..10]
[1..3] = [1..3]
([1..3] = [1..3)) = false
(< 10).end = 10
(< 10).end included = false
(<= 10).end included
5 in (< 10)
(>= 5).start = 5
before((< 5), 5)
# dates and times (10.3.4.1, 10.3.2.3.4)
date("2012-12-25") = date(2012, 12, 25)
date(date and time("2012-12-25T11:00:00Z")) = date("2012-12-25")
date("2012-12-25").year = 2012
date("2012-12-25").weekday = 2
date("2012-12-25") - date("2012-12-24") = duration("P1D")
date and time("2012-12-24T23:59:00") = date and time(date("2012-12-24"), time("23:59:00"))
date and time(date and time("2012-12-24T10:00:00"), time("23:59:00")).hour = 23
date and time("2012-12-24T23:59:00") + duration("PT1M") = date and time("2012-12-25T00:00:00")
date and time("2012-12-24") = date and time("2012-12-24T00:00:00")
time("23:59:00z") + duration("PT2M") = time("00:01:00@Etc/UTC")
time("23:59:00Z").time offset = duration("PT0S")
time(date and time("2012-12-24T23:59:00Z")) = time("23:59:00Z")
time(14, 59, 57.5).second = 57.5
time(14, 59, 57, duration("PT1H")) = time("14:59:57+01:00")
time("10:30:00@Europe/Paris").timezone = "Europe/Paris"
date and time("2016-07-29T05:48:23.765Z").second = 23.765
date and time("2018-12-10T10:30:00@Asia/Tokyo").time offset = duration("PT9H")
@"2019-03-31T12:00:00Z" = @"2019-03-31T14:00:00+02:00"
@"2019-03-31T12:00:00" < @"2019-03-31T12:00:01"
@"12:00:00" < @"13:00:00"
date("99999-12-31").year = 99999
date("-2012-12-31").year = -2012
date("99999-12-31") > date("2012-12-31")
string(date("99999-12-31")) = "99999-12-31"
string(@"2018-01-01T10:00:00@Europe/Paris") = "2018-01-01T10:00:00@Europe/Paris"
duration("P2Y2M").years = 2
duration("P26M").months = 2
duration("P1DT2H").days = 1
duration("PT26H").hours = 2
duration("-PT90M").minutes = -30
duration("P2Y2M") + duration("P10M") = duration("P3Y")
duration("PT1H") * 2 = duration("PT2H")
2 * duration("PT1H") = duration("PT2H")
duration("P1Y") / 4 = duration("P3M")
duration("PT10H") / duration("PT5H") = 2
duration("P1Y") / duration("P3M") = 4
-duration("P1Y") = duration("-P1Y")
years and months duration(date("2011-12-22"), date("2013-08-24")) = duration("P1Y8M")
years and months duration(date("2013-08-24"), date("2011-12-22")) = duration("-P1Y8M")
date("2017-01-31") + duration("P1M") = date("2017-02-28")
date("2016-02-29") - duration("P1Y") = date("2015-02-28")
duration("P1D") + date("2020-01-01") = date("2020-01-02")
duration("P1Y") > duration("P11M")
day of year(date(2019, 9, 17)) = 260
day of week(date(2019, 9, 17)) = "Tuesday"
month of year(date(2019, 9, 17)) = "September"
week of year(date(2019, 9, 17)) = 38
week of year(date(2003, 12, 29)) = 1
week of year(date(2004, 1, 4)) = 1
week of year(date(2005, 1, 1)) = 53
week of year(date(2005, 1, 3)) = 1
week of year(date(2005, 1, 9)) = 1
now() > @"2020-01-01T00:00:00Z"
today() > @"2020-01-01"
# logic, conditions, loops (10.3.2.8, 10.3.2.14)
(true and null) = null
(false and null) = false
(true or null)
(false or null) = null
(true and 1) = null
(false and "x") = false
if null then false else true
some x in [1, 2, 3] satisfies x > 2
(every x in [1, 2, 3] satisfies x > 2) = false
(some x in [] satisfies true) = false
every x in [] satisfies false
(some x in [1, null] satisfies x = 2) = false
(every x in [true, null] satisfies x) = null
some x in [1, 2], y in [2, 3] satisfies x = y
(for i in 0..4 return if i = 0 then 1 else i * partial[-1]) = [1, 1, 2, 6, 24]
(for i in 1..3, j in 1..i return i * j) = [1, 2, 4, 3, 6, 9]
(for x in @"2021-01-01"..@"2021-01-03" return x.day) = [1, 2, 3]
(for i in [1..3] return i) = [1, 2, 3]
(for i in -1..-3 return i) = [-1, -2, -3]
(for i in 5 return i) = [5]
1 between 1 and 2
(null between 1 and 2) = null
1 in [2, 3, 1]
1 in (2, 3, 1)
1 in <= 10
1 in (<= 10)
1 in (> 5, < 3)
1 in [[2..4], [1..1]]
[1, 2] in [[1, 2], [3]]
(1 in [2..3]) = false
null in [1, null]
"b" in ["a".."c"]
# filters
[1, 2, 3][1] = 1
[1, 2, 3][-1] = 3
[1, 2, 3][4] = null
[1, 2, 3][0] = null
[1, 2, 3][item > 1] = [2, 3]
[{x: 1, y: 2}, {x: 2, y: 3}][x = 1] = [{x: 1, y: 2}]
[{x: 1, y: 2}, {x: null, y: 3}][x < 2] = [{x: 1, y: 2}]
[{x: 1, y: 2}, {y: 3}][x < 2] = [{x: 1, y: 2}]
[{item: 1}, {item: 2}, {item: 3}][item >= 2] = [{item: 2}, {item: 3}]
"foo"[1] = "foo"
"foo"[2] = null
100[item > 50] = [100]
[1, 2, 3, 4][even(item)] = [2, 4]
# equality
[1, 2] = [1, 2]
([1, 2] = [2, 1]) = false
{a: 1, b: 2} = {b: 2, a: 1}
(1 = "1") = null
(1 != null)
(null = null)
(null != null) = false
("a" < "b")
(1 < "1") = null
(true = 1) = null
date("2018-12-08") = @"2018-12-08"
# types (10.3.2.9)
1 instance of number
"a" instance of string
(1 instance of string) = false
[1, 2] instance of list<number>
([1, "a"] instance of list<number>) = false
[1] instance of list<Any>
{a: 1} instance of context<a: number>
({a: "x"} instance of context<a: number>) = false
@"2020-01-01" instance of date
@"2020-01-01T00:00:00" instance of date and time
@"10:00:00" instance of time
@"P1Y" instance of years and months duration
@"P1D" instance of days and time duration
[1..3] instance of range<number>
(function(a: number) a) instance of function<number> -> Any
true instance of boolean
(null instance of number) = false
{a: 1} instance of Any
# functions (10.3.2.13)
{f: function(a, b) a + b, r: f(1, 2)}.r = 3
{f: function(a, b) a - b, r: f(b: 1, a: 2)}.r = 1
{f: function(a: number) a, r: f("x")}.r = null
{f: function(x) function(y) x + y, r: f(1)(2)}.r = 3
(function(a: list<number>) a)(1) = [1]
(function(a: number) a)([1]) = 1
# names and texts
{最大 値: 1, r: 最大 値 + 1}.r = 2
{🐎: "horse"}.🐎 = "horse"
{a+b: 3, r: a+b}.r = 3
{time-zone: 2, r: time-zone * 2}.r = 4
{driver's age: 2, r: driver's age * 2}.r = 4
"\u0041\t\"" = "A\t\""
/* a comment */ 1 = 1 // to the end
"""

NULL = r"""
1 / 0
null + 1
"a" + 1
"a" - "b"
[1] + [2]
sqrt(-1)
log(0)
log(-1)
decimal(1, null)
decimal("1", 2)
abs("a")
abs(null)
abs()
abs(1, 2)
modulo(1, 0)
odd("x")
number("1,000.0", ".", ".")
number("x", null, null)
number(null, ",", ".")
string length(1)
substring("foobar", 0)
substring(null, 1)
upper case(1)
contains("a", null)
starts with(null, "a")
matches("a", "a", "z")
split(null, ",")
replace("abc", ".*?", "x")
string join("a", 1)
min([])
max([])
sum([])
mean([])
product([])
median([])
min([1, "a"])
count(null)
all(null)
all([true, null])
any([false, null])
list contains(null, 1)
append(null, 1)
concatenate([1], null)
insert before([1], 5, 1)
remove([1], 3)
sublist([1, 2], 0)
date("2012-13-25")
date("2012-02-30")
date("998-12-25")
date("01211-12-25")
date("+2012-12-25")
date("2012-12-25T10:00:00")
date(2012, 13, 1)
date(null)
time("24:00:00")
time("23:60:00")
time("10:00")
time("10:00:00@Mars/Station")
time("10:00:00+19:00")
date and time("2012-12-24T24:00:00")
date and time("2012-12-24T10:00:00+02:00@Europe/Paris")
date and time(null)
duration("P1Y1D")
duration("P")
duration("PT")
duration("1Y")
duration(null)
date("2012-12-25").hour
date("2012-12-25").nothing
time("10:00:00").timezone
time("10:00:00").time offset
date("2012-12-25") < time("10:00:00")
date("2012-12-25") + 1
date("2012-12-25") - date and time("2012-12-25T10:00:00Z") + 1
duration("P1Y") + duration("P1D")
duration("P1Y") < duration("P1D")
@"10:00:00" < @"10:00:00Z"
years and months duration(date("2012-12-25"), null)
get value({a: 1}, null)
get value(null, "a")
get entries(null)
context([{key: "a", value: 1}, {key: "a", value: 2}])
context put(null, "a", 1)
range("18..21")
range("[b..a]")
range("[2..1]")
range("[\"b\"..\"a\"]")
before(1, "a")
{a: 1}.b
null.a
(1).a
not(1)
not("true")
-"a"
{f: function(a) a, r: f(1, 2)}.r
{f: 1, r: f(1)}.r
"a" between 1 and 2
null > 1
1 > null
"""


def sentences(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize("text", sentences(TRUE))
def test_it_holds(text: str) -> None:
    assert load(expression_file(text)).evaluate(None, {}) is True


@pytest.mark.parametrize("text", sentences(NULL))
def test_it_is_null(text: str) -> None:
    assert load(expression_file(text)).evaluate(None, {}) is None
