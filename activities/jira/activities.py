"""The activities on Jira: every effect finds what it made before."""

import time
from collections.abc import Callable
from io import BytesIO

from jira import Issue
from temporalio import activity

from activities.failures import failures
from activities.jira import wording
from activities.jira.client import JiraClient, Json
from activities.jira.reading import reading_of
from activities.signatures import Jira
from mlc.errors import InvalidInput, NotFound, Unauthorized
from mlc.ids import TICKET_LABEL, ticket_label
from mlc.record import TicketEntry
from mlc.settings import JiraSettings, Settings
from mlc.tickets import (
    Escalation,
    OpenedTicket,
    Settlement,
    TicketKeySettlement,
    TicketNote,
    TicketOrder,
    TicketSettlement,
)

ATTACHMENT = "test_results.json"
LOOK_AGAIN_SECONDS = 1.0
SHORT = 200


class JiraActivities(Jira):
    """Holds the client; one instance serves a whole worker, its clients are one a thread."""

    def __init__(self, client: JiraClient, settings: Settings) -> None:
        self._client = client
        self._settings = settings.jira
        self._links = settings.links

    @activity.defn
    def open_ticket(self, order: TicketOrder) -> OpenedTicket:
        # Giving up would lose the process: even a missing project is waited for, until an administrator mends it.
        with failures(retry_all=True):
            found = self._find(order.key, patient=activity.info().attempt > 1)
            ticket_id, key = (str(found.id), found.key) if found else self._create(order)
            self._attach(ticket_id, order)
            self._link(ticket_id, order)
            status = (
                str(found.fields.status.name)
                if found
                else str(self._client.read(ticket_id)["fields"]["status"]["name"])
            )
            entry = TicketEntry(
                id=ticket_id,
                key=key,
                kind=order.kind,
                status=status,
                url=self._client.browse_url(key),
                step=order.step,
                cycle=order.cycle,
            )
            return OpenedTicket(ticket=entry, service_account=self._client.myself())

    @activity.defn
    def comment(self, note: TicketNote) -> None:
        with failures():
            comment_once(self._client, note.ticket_id, note.key, note.text)

    @activity.defn
    def escalate(self, escalation: Escalation) -> None:
        with failures():
            ticket_id = escalation.ticket_id
            comment_once(self._client, ticket_id, escalation.key, escalation.text)
            for person in escalation.people:
                _or_say(
                    self._client,
                    ticket_id,
                    f"{escalation.key}-{person}",
                    f"{person} could not be added as a watcher",
                    lambda person=person: self._client.watch(ticket_id, person),
                )

    @activity.defn
    def settle_ticket(self, settlement: TicketSettlement) -> str:
        with failures():
            return self._settle(settlement.ticket_id, settlement.key, settlement.text, settlement.to)

    @activity.defn
    def settle_ticket_of_key(self, settlement: TicketKeySettlement) -> None:
        with failures():
            found = self._find(settlement.key, patient=True)
            if found is not None:
                self._settle(str(found.id), f"settle-{settlement.key}", settlement.text, settlement.to)

    def _settle(self, ticket_id: str, key: str, text: str, to: Settlement) -> str:
        comment_once(self._client, ticket_id, key, text)
        status = str(self._client.read(ticket_id)["fields"]["status"]["name"])
        wanted = _statuses(self._settings, to)
        if status.casefold() not in (name.casefold() for name in wanted):
            self._client.transition_to(ticket_id, wanted)
        return str(self._client.read(ticket_id)["fields"]["status"]["name"])

    def _find(self, key: str, *, patient: bool) -> Issue | None:
        """The ticket with this key. `patient`: one may have been made that the search index does not show yet."""
        jql = f'project = "{self._settings.project}" AND labels = "{ticket_label(key)}" ORDER BY created ASC'
        until = time.monotonic() + (self._settings.index_lag_seconds if patient else 0)
        while True:
            found = sorted(self._client.find(jql), key=lambda issue: int(issue.id))
            if found:
                self._disown(found[0], found[1:])
                return found[0]
            if time.monotonic() >= until:
                return None
            time.sleep(LOOK_AGAIN_SECONDS)

    def _disown(self, canonical: Issue, doubles: list[Issue]) -> None:
        """Closes what should not exist; a person's decision on it is told where it counts."""
        for double in doubles:
            reading = reading_of(self._client.read(str(double.id)), self._settings)
            ours = set(self._client.myself())
            theirs = next((move for move in reading.moves if not ours & set(move.names)), None)
            if theirs is not None:
                text = f"{theirs.by} moved the duplicate {double.key} to {theirs.status}. Please decide here."
                comment_once(self._client, str(canonical.id), f"double-{double.id}", text)
            text = f"This is a duplicate of {canonical.key}: decide there."
            self._settle(str(double.id), f"double-of-{canonical.id}", text, "cancel")

    def _create(self, order: TicketOrder) -> tuple[str, str]:
        settings = self._settings
        statuses = {"go": settings.approve_statuses[0], "end": settings.reject_statuses[0]}
        fields: Json = {
            "project": {"key": settings.project},
            "issuetype": {"name": settings.issue_type},
            "summary": wording.summary(order),
            "description": wording.description(order, self._links, statuses),
            "labels": [TICKET_LABEL, order.kind, ticket_label(order.key)],
        }
        value = {
            "key": order.key,
            "workflowId": order.workflow_id,
            "runId": order.run_id,
            "namespace": order.namespace,
            "step": order.step,
            "cycle": order.cycle,
            "awaits": bool(order.choices),
        }
        created = self._client.create(fields, [{"key": "mlc", "value": value}])
        return str(created["id"]), str(created["key"])

    def _attach(self, ticket_id: str, order: TicketOrder) -> None:
        content = wording.test_results_file(order.record)
        if content is None:
            return
        there = self._client.call("list the attachments", lambda c: c.issue(ticket_id, fields="attachment"))
        if any(attachment.filename == ATTACHMENT for attachment in there.fields.attachment):
            return
        _or_say(
            self._client,
            ticket_id,
            f"{order.key}-attachment",
            f"{ATTACHMENT} could not be attached",
            lambda: self._client.call(
                "attach a file", lambda c: c.add_attachment(ticket_id, BytesIO(content), ATTACHMENT)
            ),
        )

    def _link(self, ticket_id: str, order: TicketOrder) -> None:
        named = (
            ("process", "Process in Temporal", wording.process_url(order, self._links)),
            ("modelop", "ModelOp Center", wording.model_url(self._links)),
        )
        for what, title, url in named:
            if url is not None:
                self._client.link(ticket_id, f"mlc-{order.key}-{what}", title, url)


def comment_once(client: JiraClient, ticket_id: str, key: str, text: str) -> None:
    """Comments unless a comment with this key is there; the key stands small at the comment's end."""
    mark = f"mlc:{key}"
    comments = client.call("list the comments", lambda c: c.comments(ticket_id))
    if all(mark not in str(comment.body) for comment in comments):
        body = "\n".join(wording.escaped(line) for line in text.splitlines())
        client.call(
            "comment", lambda c: c.add_comment(ticket_id, f"{body}\n\n{{color:#999999}}{mark}{{color}}")
        )


def _statuses(settings: JiraSettings, to: Settlement) -> tuple[str, ...]:
    return {
        "go": settings.approve_statuses,
        "end": settings.reject_statuses,
        "cancel": settings.cancel_statuses,
    }[to]


def _or_say(client: JiraClient, ticket_id: str, key: str, what: str, do: Callable[[], object]) -> None:
    """Something that a ticket can do without: when Jira refuses it, the ticket says so."""
    try:
        do()
    except (Unauthorized, NotFound, InvalidInput) as error:
        activity.logger.warning("%s: %s", what, error)
        comment_once(client, ticket_id, f"without-{key}", f"{what}: {str(error)[:SHORT]}")
