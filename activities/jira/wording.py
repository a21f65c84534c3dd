"""How a ticket reads: Jira wiki markup, built from values that are escaped on the way in."""

import json
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from pydantic import JsonValue

from mlc.record import ProcessRecord
from mlc.settings import LinkSettings
from mlc.text import plain
from mlc.tickets import TicketOrder
from mlc.verdict import JUDGING_STEP, VerdictCondition, VerdictRule

SUMMARY_LENGTH = 255
# Jira takes 32,767 characters.
DESCRIPTION_LENGTH = 30_000
MESSAGES_LENGTH = 8_000
VALUE_LENGTH = 500
RULES_SHOWN = 40

# Of `-` and `+` only those at the edge of a word: inside of one they are no markup, and names are full of them.
_MARKUP = re.compile(r"([{}\[\]*_|\\!^~]|\?(?=\?)|(?<!\w)[-+](?=\w)|(?<=\w)[-+](?!\w))")


def escaped(text: str) -> str:
    """Text that Jira shows as it is, on one line."""
    return _MARKUP.sub(r"\\\1", plain(text, VALUE_LENGTH))


def summary(order: TicketOrder) -> str:
    """The title, at most 255 characters on one line."""
    return plain(order.summary, SUMMARY_LENGTH)


def description(order: TicketOrder, links: LinkSettings, statuses: dict[str, str]) -> str:
    """What a person needs to decide, most important first. `statuses` names the status for "go" and for "end"."""
    parts = [
        *_what_happens(order, statuses),
        *_model(order),
        *_evidence(order.record),
        *_messages(order.messages),
        *_changes(order),
        *_where(order, links),
    ]
    text = "\n".join(parts)
    return text if len(text) <= DESCRIPTION_LENGTH else text[:DESCRIPTION_LENGTH] + "\n… (shortened)"


def test_results_file(record: ProcessRecord) -> bytes | None:
    """The content of `test_results.json`, or None when nothing was tested."""
    if record.test_result is None:
        return None
    verdict = record.verdict.model_dump(mode="json", by_alias=True) if record.verdict else None
    body = {"testResult": record.test_result.model_dump(mode="json", by_alias=True), "verdict": verdict}
    return json.dumps(body, indent=2).encode()


def process_url(order: TicketOrder, links: LinkSettings) -> str | None:
    """The process in the Temporal UI."""
    base = links.temporal_ui.rstrip("/")
    namespace, process = (quote(name, safe="") for name in (order.namespace, order.workflow_id))
    return f"{base}/namespaces/{namespace}/workflows/{process}" if base else None


def model_url(links: LinkSettings) -> str | None:
    """ModelOp Center, where the model is."""
    return links.modelop.rstrip("/") or None


def _what_happens(order: TicketOrder, statuses: dict[str, str]) -> Iterable[str]:
    yield escaped(order.lead)
    if order.choices:
        yield "h3. What you decide"
        for which, consequence in order.choices:
            yield f"* Move to *{statuses[which]}*: {escaped(consequence)}"
    else:
        yield "_Nobody waits for an answer to this ticket: it says what happened._"
    if order.kind == "error" and order.step == JUDGING_STEP:
        end = f", move this ticket to *{statuses['end']}*" if order.choices else ""
        yield (
            "Where the decision table or the model is wrong, another try meets the same, as a snapshot stays as it is: "
            f"mend the model or its table{end} and take a new snapshot."
        )
    if order.due:
        yield (
            f"Please decide by *{order.due:%Y-%m-%d %H:%M %Z}*. Reminders follow at half and at the whole of that time, "
            "then the escalation; without a decision the process ends as expired. Nothing is approved by time."
        )


def _model(order: TicketOrder) -> Iterable[str]:
    yield "h3. Model" if order.facts else "h3. Process"
    for name, value in order.facts:
        yield f"||{name}|{escaped(value)}|"
    yield f"||Why now|Process {escaped(order.record.process)}, step {escaped(order.step)}, cycle {order.cycle}|"


def _evidence(record: ProcessRecord) -> Iterable[str]:
    result, verdict = record.test_result, record.verdict
    if result is None:
        return
    yield "h3. Evidence"
    if verdict is None:
        yield "No decision table judged these results."
    else:
        yield f"Decision table: *{'passed' if verdict.passed else 'failed'}*"
        for reason in verdict.reasons:
            yield f"* {{color:red}}{escaped(reason)}{{color}}"
        yield "||Metric||Value||Rules look for||Result||"
        for row in sorted(verdict.comparisons, key=lambda row: row.passed):
            mark = "{color:green}pass{color}" if row.passed else "{color:red}*fail*{color}"
            yield f"|{escaped(row.metric)}|{escaped(_shown(row.value))}|{escaped(row.threshold)}|{mark}|"
        yield from _matched(verdict.matched_rules)
    compared = verdict.comparisons if verdict else []
    shown = {name for row in compared for name in (row.metric, *row.metric.split(", "))}
    others = {name: value for name, value in result.metrics.items() if name not in shown}
    if others:
        yield from ("", "h4. Other metrics", "||Metric||Value||")
        yield from (f"|{escaped(name)}|{escaped(_shown(value))}|" for name, value in others.items())


def _matched(rules: Sequence[VerdictRule]) -> Iterable[str]:
    """Those that fail the model first: what comes last may have to be left out."""
    ordered = sorted(rules, key=lambda rule: not rule.failing)
    yield from (f"* Matched rule {_rule(rule)}" for rule in ordered[:RULES_SHOWN])
    if len(rules) > RULES_SHOWN:
        yield f"* … and {len(rules) - RULES_SHOWN} more, which the record of the process holds"


def _rule(rule: VerdictRule) -> str:
    """What the rule asked for and met, and what it says. Each part is shortened by itself: none pushes out another."""
    met = "; ".join(escaped(_condition(condition)) for condition in rule.conditions)
    says = ", ".join(escaped(f"{name} {_shown(value)}") for name, value in rule.outputs.items())
    return f"{rule.number}: {met or 'always'} → {says}" + (
        f" ({escaped(rule.description)})" if rule.description else ""
    )


def _condition(condition: VerdictCondition) -> str:
    if isinstance(condition.value, dict) and ", ".join(condition.value) == condition.metric:
        met = ", ".join(f"{name} was {_shown(value)}" for name, value in condition.value.items())
        return f"{condition.entry} ({met})"
    return f"{condition.metric} {condition.entry} (was {_shown(condition.value)})"


def _shown(value: JsonValue) -> str:
    """Texts without quotes, everything else as FEEL and JSON write it."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_shown(part)}" for name, part in value.items())
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _messages(messages: tuple[str, ...]) -> Iterable[str]:
    if messages:
        text = "\n".join(messages)[-MESSAGES_LENGTH:].replace("{noformat}", "{ noformat }")
        yield "h3. Messages of the job"
        yield f"{{noformat}}\n{text}\n{{noformat}}"


def _changes(order: TicketOrder) -> Iterable[str]:
    if order.kind == "review":
        yield "h3. Changes"
        if order.changes_since is None:
            yield "This is the first snapshot of the model to be deployed."
        else:
            yield f"Since the last deployed snapshot {escaped(order.changes_since)}:"
            yield from (f"* {escaped(line)}" for line in order.changes)


def _where(order: TicketOrder, links: LinkSettings) -> Iterable[str]:
    process, model = process_url(order, links), model_url(links)
    named = [
        f"[Process in Temporal|{process}]" if process else "",
        f"[ModelOp Center|{model}]" if model else "",
    ]
    shown = [link for link in named if link]
    if shown:
        yield "h3. Where to look"
        yield " · ".join(shown)
    yield f"Process {escaped(order.workflow_id)}"
