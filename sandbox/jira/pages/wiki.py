"""Jira's wiki markup as HTML: the part of it that tickets use. Everything is escaped; links lead to http(s) alone."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from markupsafe import Markup, escape

BLOCK = re.compile(r"[ \t]*\{(?P<name>code|noformat|panel|quote)(?::(?P<options>[^}\n]*))?\}")
HEADING = re.compile(r"h([1-6])\.\s+(.*)")
BULLET = re.compile(r"\s*([*#-]+)\s+(.*)")
RULE = re.compile(r"-{4,}\s*")
CELL = re.compile(r"\\.|\{\{.*?\}\}|\[[^\]\n]*\]|(?P<bar>\|\|?)|[^|\[\\{]+|.")
COLOR = r"[A-Za-z]{1,20}|#[0-9A-Fa-f]{3,6}"
INLINE = re.compile(
    r"(?P<break>\\\\)"
    r"|\\(?P<escaped>[^\w\s]|_)"
    r"|\{\{(?P<mono>.+?)\}\}"
    rf"|\{{color:(?P<color>{COLOR})\}}(?P<colored>.*?)\{{color\}}"
    r"|\[(?P<text>(?:\\.|[^|\]\\\n])+)\|(?P<target>https?://[^\]\s|]+)(?:\|[^\]\n]*)?\]"
    r"|\[(?P<url>https?://[^\]\s|]+)\]"
    r"|\[\^(?P<file>[^\]\n]+)\]"
    r"|\[~(?P<person>[^\]\n]+)\]"
    r"|(?P<bare>https?://[^\s<>\"'|\]{}]*[^\s<>\"'|\]{}.,;:!?)])"
    r"|\((?P<icon>[/x!i?])\)"
    r"|(?<![\w*\\])\*(?=\S)(?P<strong>(?:\\.|[^\\*])*?[^\s*])\*(?![\w*])"
    r"|(?<![\w\\])_(?=\S)(?P<emphasis>(?:\\.|[^\\_]|_(?=\w))*?[^\s_])_(?!\w)",
    re.DOTALL,
)
ICONS: Mapping[str, tuple[str, str]] = {
    "/": ("✔", "pass"),
    "x": ("✘", "fail"),
    "!": ("⚠", "warn"),
    "i": ("🛈", "note"),
    "?": ("?", "note"),
}


def render(text: str) -> Markup:
    """The markup's blocks, one after another; markup it does not know stays as it was written."""
    html: list[Markup] = []
    lines: list[str] = []
    position = 0
    while position < len(text):
        block = BLOCK.match(text, position)
        if block:
            html.append(_lines(lines))
            lines = []
            position, inner = _enclosed(text, block)
            html.append(_block(block, inner))
            continue
        line, _, _ = text[position:].partition("\n")
        position += len(line) + 1
        lines.append(line.removesuffix("\r"))
    return Markup("").join([*html, _lines(lines)])


def _enclosed(text: str, block: re.Match[str]) -> tuple[int, str]:
    """Where the block ends, and what it encloses; one that is never closed reaches to the end."""
    closing = f"{{{block['name']}}}"
    end = text.find(closing, block.end())
    if end < 0:
        return len(text), text[block.end() :]
    after = end + len(closing)
    return after + text.startswith("\n", after), text[block.end() : end]


def _block(block: re.Match[str], inner: str) -> Markup:
    if block["name"] in ("code", "noformat"):
        return Markup("<pre>{}</pre>").format(inner.strip("\n"))
    if block["name"] == "quote":
        return Markup("<blockquote>{}</blockquote>").format(render(inner.strip("\n")))
    title = _option(block["options"] or "", "title")
    heading = Markup('<p class="panel-title">{}</p>').format(title) if title else Markup("")
    return Markup('<div class="panel">{}{}</div>').format(heading, render(inner.strip("\n")))


def _option(options: str, name: str) -> str:
    pairs = (option.partition("=") for option in options.split("|"))
    return next((value for key, _, value in pairs if key.strip() == name), "")


def _lines(lines: Sequence[str]) -> Markup:
    html: list[Markup] = []
    rest = list(lines)
    while rest:
        if not rest[0].strip():
            rest.pop(0)
        elif heading := HEADING.fullmatch(rest[0].strip()):
            level = int(heading[1]) + 1  # The page's own heading is the first.
            html.append(Markup("<h{0}>{1}</h{0}>").format(min(level, 6), inline(heading[2])))
            rest.pop(0)
        elif RULE.fullmatch(rest[0].strip()):
            html.append(Markup("<hr>"))
            rest.pop(0)
        elif _is_row(rest[0]):
            html.append(_table(_leading(rest, _is_row)))
        elif BULLET.fullmatch(rest[0]):
            marker = rest[0].lstrip()[0]
            html.append(_list(_leading(rest, partial(_is_item, marker))))
        else:
            paragraph = _leading(rest, _is_prose)
            html.append(Markup("<p>{}</p>").format(Markup("<br>").join(inline(x) for x in paragraph)))
    return Markup("").join(html)


def _leading(rest: list[str], belongs: Callable[[str], bool]) -> list[str]:
    """Takes the first line, and those after it as long as they belong."""
    taken = [rest.pop(0)]
    while rest and belongs(rest[0]):
        taken.append(rest.pop(0))
    return taken


def _is_row(line: str) -> bool:
    return line.lstrip().startswith("|")


def _is_item(marker: str, line: str) -> bool:
    """Whether the line goes on with the list that `marker` began."""
    return BULLET.fullmatch(line) is not None and line.lstrip().startswith(marker)


def _is_prose(line: str) -> bool:
    text = line.strip()
    special = HEADING.fullmatch(text) or RULE.fullmatch(text) or BULLET.fullmatch(line)
    return bool(text) and not special and not _is_row(line)


def _table(rows: Sequence[str]) -> Markup:
    html = [Markup("<tr>{}</tr>").format(Markup("").join(_cells(row.strip()))) for row in rows]
    return Markup('<div class="wide"><table>{}</table></div>').format(Markup("").join(html))


def _cells(row: str) -> list[Markup]:
    cells: list[tuple[str, str]] = []
    for token in CELL.finditer(row):
        if token["bar"]:
            cells.append(("th" if token["bar"] == "||" else "td", ""))
        else:
            tag, text = cells.pop()
            cells.append((tag, text + token[0]))
    if not cells[-1][1].strip():
        cells.pop()
    return [_cell(tag, text.strip()) for tag, text in cells]


def _cell(tag: str, text: str) -> Markup:
    verdict = text.casefold()
    if verdict in ("pass", "passed", "fail", "failed"):
        return Markup('<{0}><span class="verdict {1}">{2}</span></{0}>').format(tag, verdict[:4], text)
    return Markup("<{0}>{1}</{0}>").format(tag, inline(text))


def _list(lines: Sequence[str]) -> Markup:
    items = [(len(match[1]), match[1][-1], match[2]) for line in lines if (match := BULLET.fullmatch(line))]
    tag = "ol" if items[0][1] == "#" else "ul"
    rendered = [
        Markup('<li class="depth-{}">{}</li>').format(min(depth, 4), inline(text)) for depth, _, text in items
    ]
    return Markup("<{0}>{1}</{0}>").format(tag, Markup("").join(rendered))


def inline(text: str) -> Markup:
    """One line's markup."""
    html: list[Markup] = []
    position = 0
    for match in INLINE.finditer(text):
        html += [escape(text[position : match.start()]), _inline(match)]
        position = match.end()
    return Markup("").join([*html, escape(text[position:])])


def _inline(match: re.Match[str]) -> Markup:
    kind = match.lastgroup or ""
    value = match[kind]
    if kind == "break":
        return Markup("<br>")
    if kind in ("target", "url", "bare"):
        label = inline(match["text"]) if kind == "target" else escape(value)
        return Markup('<a href="{}" rel="noopener noreferrer">{}</a>').format(value, label)
    if kind == "colored":
        return Markup('<span style="color: {}">{}</span>').format(match["color"], inline(value))
    if kind == "icon":
        sign, meaning = ICONS[value]
        return Markup('<span class="icon {}">{}</span>').format(meaning, sign)
    if kind == "person":
        return Markup('<span class="person">@{}</span>').format(value)
    tags = {"mono": "code", "file": "strong", "strong": "strong", "emphasis": "em"}
    if kind in tags:
        inner = inline(value) if kind in ("strong", "emphasis") else escape(value)
        return Markup("<{0}>{1}</{0}>").format(tags[kind], inner)
    return escape(value)
