"""JQL, the subset that the stand-in understands; everything else is refused, never silently ignored.

Fields: project, key (id, issue, issuekey), labels, status, issuetype (type), created, updated. Operators: = != in,
not in, is [not] EMPTY, and for keys and dates < <= > >=. Clauses join by AND, OR and parentheses; ORDER BY follows.
Dates are `yyyy-MM-dd HH:mm` (or with slashes, or without time, in UTC) or relative (`-15m`, `-2h`, `-1d`, `-1w`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn

from sandbox.jira import clock
from sandbox.jira.errors import JiraError
from sandbox.jira.projects import Projects
from sandbox.jira.schemes import ISSUE_TYPES

TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<symbol>!=|!~|>=|<=|[=<>~(),])"""
    r"""|(?P<word>[^\s()=!<>~,"']+))"""
)
ALIASES = {
    "id": "key",
    "issue": "key",
    "issuekey": "key",
    "type": "issuetype",
    "createddate": "created",
    "updateddate": "updated",
}
COLUMNS = {
    "project": "p.key",
    "key": "e.number",
    "labels": "e.labels",
    "status": "e.status_id",
    "issuetype": "e.issuetype",
    "created": "e.created",
    "updated": "e.updated",
}
COMPARISONS = {">=", ">", "<=", "<"}
DATE_FORMS = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")
RELATIVE = re.compile(r"([+-]?\d{1,6})([mhdw])", re.ASCII)
ISSUE_ID = re.compile(r"\d{1,15}", re.ASCII)
MILLISECONDS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
MANY_LABELS = "EXISTS (SELECT 1 FROM json_each(e.labels) WHERE value = ? COLLATE NOCASE)"


@dataclass(frozen=True)
class Condition:
    """A condition on index entries (`e`) and their project (`p`), with its parameters."""

    sql: str
    parameters: tuple[object, ...]


@dataclass(frozen=True)
class Query:
    """`bounded` says whether the query restricts anything at all: Cloud refuses one that does not."""

    condition: Condition
    order: str
    bounded: bool


@dataclass(frozen=True)
class Token:
    text: str
    quoted: bool

    def is_word(self, *words: str) -> bool:
        return not self.quoted and self.text.casefold() in words


END = Token("", quoted=False)


def compile_jql(jql: str, projects: Projects) -> Query:
    """Raises JiraError(400) for a query that is malformed or outside the subset."""
    return _Parser(_tokens(jql), projects).query()


def _refuse(message: str) -> NoReturn:
    raise JiraError(400, f"Error in the JQL Query: {message}")


def _tokens(jql: str) -> list[Token]:
    tokens: list[Token] = []
    position = 0
    while jql[position:].strip():
        match = TOKEN.match(jql, position)
        if match is None:
            _refuse(f"the character at position {position + 1} cannot be read.")
        quoted = match["text"]
        tokens.append(
            Token(re.sub(r"\\(.)", r"\1", quoted[1:-1]), quoted=True)
            if quoted
            else Token(match["symbol"] or match["word"], quoted=False)
        )
        position = match.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[Token], projects: Projects) -> None:
        self._tokens = tokens
        self._position = 0
        self._values = _Values(projects)

    def query(self) -> Query:
        bounded = bool(self._tokens) and not self._peek().is_word("order")
        condition = self._disjunction() if bounded else Condition("1", ())
        order = self._order()
        if self._peek() is not END:
            _refuse(f"Expecting either 'OR' or 'AND' but got '{self._peek().text}'.")
        return Query(condition, order, bounded)

    def _peek(self) -> Token:
        return self._tokens[self._position] if self._position < len(self._tokens) else END

    def _take(self) -> Token:
        token = self._peek()
        self._position += 1
        return token

    def _expect(self, *words: str) -> None:
        token = self._take()
        if not token.is_word(*words):
            _refuse(
                f"Expecting {' or '.join(words).upper()} but got '{token.text or 'the end of the query'}'."
            )

    def _disjunction(self) -> Condition:
        return self._joined("or", self._conjunction)

    def _conjunction(self) -> Condition:
        return self._joined("and", self._term)

    def _joined(self, word: str, part: Callable[[], Condition]) -> Condition:
        condition = part()
        while self._peek().is_word(word):
            self._take()
            other = part()
            condition = Condition(
                f"({condition.sql} {word.upper()} {other.sql})", condition.parameters + other.parameters
            )
        return condition

    def _term(self) -> Condition:
        if self._peek().is_word("("):
            self._take()
            condition = self._disjunction()
            self._expect(")")
            return condition
        return self._clause()

    def _clause(self) -> Condition:
        field = self._field()
        operator = self._operator()
        if operator in ("is", "is not"):
            self._expect("empty", "null")
            return _emptiness(field, negated=operator == "is not")
        if operator in ("in", "not in"):
            return _membership(field, self._list(), self._values, negated=operator == "not in")
        value = self._value()
        if operator in COMPARISONS:
            return _comparison(field, operator, value)
        return _membership(field, [value], self._values, negated=operator == "!=")

    def _field(self) -> str:
        token = self._take()
        name = ALIASES.get(token.text.casefold(), token.text.casefold())
        if token is END:
            _refuse("a field name is missing at the end of the query.")
        if name not in COLUMNS:
            _refuse(f"Field '{token.text}' does not exist or you do not have permission to view it.")
        return name

    def _operator(self) -> str:
        token = self._take()
        if token.is_word("=", "!=", *COMPARISONS):
            return token.text
        if token.is_word("in"):
            return "in"
        if token.is_word("not"):
            self._expect("in")
            return "not in"
        if token.is_word("is"):
            if self._peek().is_word("not"):
                self._take()
                return "is not"
            return "is"
        _refuse(f"the operator '{token.text or 'the end of the query'}' is not supported.")

    def _list(self) -> list[str]:
        self._expect("(")
        values = [self._value()]
        while self._peek().is_word(","):
            self._take()
            values.append(self._value())
        self._expect(")")
        return values

    def _value(self) -> str:
        token = self._take()
        if token is END or token.is_word("(", ")", ",", "=", "!=", "~", "!~", *COMPARISONS):
            _refuse(f"Expecting a value but got '{token.text or 'the end of the query'}'.")
        if not token.quoted and self._peek().is_word("("):
            _refuse(f"the function '{token.text}()' is not supported.")
        return token.text

    def _order(self) -> str:
        if self._peek() is END:
            return "e.issue_id DESC"
        self._expect("order")
        self._expect("by")
        keys = [self._order_key()]
        while self._peek().is_word(","):
            self._take()
            keys.append(self._order_key())
        return ", ".join([*keys, "e.issue_id DESC"])

    def _order_key(self) -> str:
        field = self._field()
        direction = self._take().text.upper() if self._peek().is_word("asc", "desc") else "ASC"
        if field == "labels":
            _refuse("Field 'labels' cannot be used for sorting.")
        return (
            f"p.key {direction}, e.number {direction}" if field == "key" else f"{COLUMNS[field]} {direction}"
        )


class _Values:
    """What a value stands for; one that Jira does not know is an error there, and here."""

    def __init__(self, projects: Projects) -> None:
        self._projects = projects

    def project(self, value: str) -> str:
        project = self._projects.find(value)
        if project is None:
            raise JiraError(400, f"The value '{value}' does not exist for the field 'project'.")
        return project.key

    def status(self, value: str) -> int:
        for status in self._projects.statuses():
            if value in (str(status.id),) or value.casefold() == status.name.casefold():
                return status.id
        raise JiraError(400, f"The value '{value}' does not exist for the field 'status'.")

    def issuetype(self, value: str) -> str:
        for issuetype in ISSUE_TYPES:
            if value == issuetype.id or value.casefold() == issuetype.name.casefold():
                return issuetype.name
        raise JiraError(400, f"The value '{value}' does not exist for the field 'issuetype'.")


def _emptiness(field: str, *, negated: bool) -> Condition:
    if field == "labels":
        return Condition(f"json_array_length(e.labels) {'>' if negated else '='} 0", ())
    return Condition(f"{COLUMNS[field]} IS {'NOT ' if negated else ''}NULL", ())


def _membership(field: str, values: list[str], known: _Values, *, negated: bool) -> Condition:
    matches = [_equality(field, value, known) for value in values]
    sql = " OR ".join(match.sql for match in matches)
    parameters = tuple(parameter for match in matches for parameter in match.parameters)
    if not negated:
        return Condition(f"({sql})", parameters)
    # As in Jira, `labels != x` does not find the issues that have no label.
    guard = " AND json_array_length(e.labels) > 0" if field == "labels" else ""
    return Condition(f"(NOT ({sql}){guard})", parameters)


def _equality(field: str, value: str, known: _Values) -> Condition:
    if field == "labels":
        return Condition(MANY_LABELS, (value,))
    if field == "key":
        return _key_comparison("=", value)
    if field in ("created", "updated"):
        return Condition(f"{COLUMNS[field]} = ?", (_moment(field, value),))
    resolved = {"project": known.project, "status": known.status, "issuetype": known.issuetype}[field](value)
    return Condition(f"{COLUMNS[field]} = ?", (resolved,))


def _comparison(field: str, operator: str, value: str) -> Condition:
    if field == "key":
        return _key_comparison(operator, value)
    if field not in ("created", "updated"):
        _refuse(f"the operator '{operator}' is not supported by the '{field}' field.")
    return Condition(f"{COLUMNS[field]} {operator} ?", (_moment(field, value),))


def _key_comparison(operator: str, value: str) -> Condition:
    if ISSUE_ID.fullmatch(value):
        return Condition(f"e.issue_id {operator} ?", (int(value),))
    project, _, number = value.upper().rpartition("-")
    if not project or not ISSUE_ID.fullmatch(number):
        raise JiraError(400, f"The issue key '{value}' for field 'key' is invalid.")
    return Condition(f"(p.key = ? AND e.number {operator} ?)", (project, int(number)))


def _moment(field: str, value: str) -> int:
    """Milliseconds since the epoch."""
    relative = RELATIVE.fullmatch(value)
    if relative:
        return clock.now() + int(relative[1]) * MILLISECONDS[relative[2]]
    for form in DATE_FORMS:
        try:
            return round(datetime.strptime(value, form).replace(tzinfo=UTC).timestamp() * 1000)
        except ValueError:
            continue
    raise JiraError(
        400,
        f"Date value '{value}' for field '{field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
        "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period such as '-5d'.",
    )
