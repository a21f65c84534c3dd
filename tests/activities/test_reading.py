"""What a ticket says: read from its changelog, whichever Jira wrote it."""

from typing import Any

import pytest

from activities.jira.reading import reading_of
from mlc.settings import JiraSettings

Json = dict[str, Any]
ANN: Json = {"name": "ann", "key": "JIRAUSER1", "displayName": "Ann A.", "emailAddress": "ann@example.org"}
CLOUD_ANN: Json = {"accountId": "557058:ann", "displayName": "Ann A."}


def change(number: int, to: str, *, field: str = "status", author: Json = ANN, minute: int = 10) -> Json:
    return {
        "id": str(number),
        "author": author,
        "created": f"2026-11-22T08:{minute:02}:00.000+0000",
        "items": [{"field": field, "fromString": "x", "toString": to}],
    }


def comment(text: str, *, author: Json = ANN, minute: int = 10) -> Json:
    return {"body": text, "author": author, "created": f"2026-11-22T08:{minute:02}:00.000+0000"}


def issue(
    status: str, *histories: Json, comments: tuple[Json, ...] = (), category: str = "done", **ours: Any
) -> Json:
    return {
        "id": "10001",
        "key": "MLC-1",
        "fields": {
            "status": {"name": status, "statusCategory": {"key": category}},
            "comment": {"comments": list(comments)},
        },
        "changelog": {"histories": list(histories)},
        "properties": {"mlc": ours} if ours else {},
    }


@pytest.mark.parametrize("newest_first", [True, False], ids=["cloud", "data center"])
def test_moves_are_told_oldest_first_however_the_changelog_is_sorted(newest_first: bool) -> None:
    bob = {"name": "bob"}
    histories = [change(9, "Rejected", author=bob), change(10, "Done"), change(11, "x", field="labels")]
    read = reading_of(issue("Done", *(reversed(histories) if newest_first else histories)), JiraSettings())
    assert [(move.change_id, move.answer, move.by) for move in read.moves] == [
        ("9", "reject", "bob"),
        ("10", "approve", "ann"),
    ]


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        ("Done", "approve"),
        ("DONE", "approve"),
        ("approved", "approve"),
        ("Rejected", "reject"),
        ("declined", "reject"),
        ("To Do", None),
        ("In Progress", None),
        ("Won't Do", None),
    ],
)
def test_a_status_answers_by_its_name_in_any_case(status: str, answer: str | None) -> None:
    read = reading_of(issue(status, change(1, status)), JiraSettings())
    assert [move.answer for move in read.moves] == ([answer] if answer else [])


def test_the_category_done_decides_nothing() -> None:
    read = reading_of(issue("Won't Do", change(1, "Won't Do")), JiraSettings())
    assert (read.moves, read.closed) == ((), True)
    read = reading_of(issue("Rejected", change(1, "Rejected")), JiraSettings())
    assert ([move.answer for move in read.moves], read.closed) == (["reject"], False)


def test_a_status_that_no_change_led_to_has_nobody_behind_it() -> None:
    assert reading_of(issue("Done"), JiraSettings()).moves == ()
    assert reading_of(issue("Done", change(1, "Rejected")), JiraSettings()).moves == ()


def test_a_move_before_the_ticket_was_opened_again_is_withdrawn() -> None:
    read = reading_of(
        issue("Done", change(1, "Rejected"), change(2, "To Do"), change(3, "Done")), JiraSettings()
    )
    assert [move.change_id for move in read.moves] == ["3"]
    withdrawn = reading_of(
        issue("To Do", change(1, "Done"), change(2, "To Do"), category="new"), JiraSettings()
    )
    assert withdrawn.moves == ()


def test_all_names_of_the_reviewer_are_known() -> None:
    read = reading_of(issue("Done", change(1, "Done")), JiraSettings())
    assert set(read.moves[0].names) == {"ann", "JIRAUSER1", "ann@example.org", "Ann A."}
    read = reading_of(issue("Done", change(1, "Done", author=CLOUD_ANN)), JiraSettings())
    assert (read.moves[0].by, read.moves[0].by_id) == ("Ann A.", "557058:ann")


@pytest.mark.parametrize(
    ("comments", "taken"),
    [
        ((), ""),
        ((comment("looks right"),), "looks right"),
        ((comment("older"), comment("newer")), "newer"),
        ((comment("bob's", author={"name": "bob"}),), ""),
        ((comment("long before", minute=0),), "long before"),
    ],
    ids=["none", "with the decision", "the newest", "somebody else's", "a little earlier"],
)
def test_the_comment_is_the_reviewers_newest_of_the_same_breath(
    comments: tuple[Json, ...], taken: str
) -> None:
    assert (
        reading_of(issue("Done", change(1, "Done"), comments=comments), JiraSettings()).moves[0].comment
        == taken
    )


def test_a_comment_of_an_hour_ago_does_not_belong_to_the_decision() -> None:
    decided = change(1, "Done", minute=59)
    read = reading_of(issue("Done", decided, comments=(comment("early", minute=0),)), JiraSettings())
    assert read.moves[0].comment == ""


def test_the_property_says_whose_ticket_it_is_and_whether_an_answer_is_awaited() -> None:
    read = reading_of(issue("Done", workflowId="w", runId="r", namespace="n", awaits=True), JiraSettings())
    assert (read.workflow_id, read.run_id, read.namespace, read.awaits) == ("w", "r", "n", True)
    stranger = reading_of(issue("Done"), JiraSettings())
    assert (stranger.workflow_id, stranger.awaits) == (None, False)


@pytest.mark.parametrize(
    ("status", "category", "done"),
    [
        ("Done", "done", True),
        ("Won't Do", "done", True),
        ("Rejected", "indeterminate", True),
        ("In Progress", "indeterminate", False),
    ],
)
def test_a_ticket_is_done_by_the_category_of_its_status_or_because_the_status_decides(
    status: str, category: str, done: bool
) -> None:
    read = reading_of(issue(status, change(1, status), category=category), JiraSettings())
    assert (read.done, read.moved_by) == (done, "ann")


def test_nobody_is_named_for_a_status_that_the_changelog_does_not_tell_of() -> None:
    assert reading_of(issue("Done", change(1, "In Progress")), JiraSettings()).moved_by is None
