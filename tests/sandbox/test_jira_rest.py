"""What the stand-in's REST API answers, and what it refuses."""

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.sandbox.jira_stand_in import API, StandIn, running

XSRF = {"X-Atlassian-Token": "no-check"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with running(tmp_path_factory.mktemp("jira")) as stand_in:
        yield stand_in


@pytest.fixture
def jira(server: StandIn) -> StandIn:
    server.reset()
    return server


def refusal(response: httpx.Response) -> tuple[int, dict[str, str]]:
    assert set(response.json()) == {"errorMessages", "errors"}
    return response.status_code, response.json()["errors"]


def test_everybody_may_ask_for_the_server_and_its_health(jira: StandIn) -> None:
    info = jira.anybody.get(f"{API}/serverInfo").json()
    assert (info["deploymentType"], info["versionNumbers"][0]) == ("Server", 9)
    assert jira.anybody.get("/health").status_code == 200


@pytest.mark.parametrize(
    "path", [f"{API}/myself", f"{API}/issue/MLC-1", f"{API}/search", "/rest/api/3/field"]
)
def test_nothing_else_is_told_to_strangers(jira: StandIn, path: str) -> None:
    assert refusal(jira.anybody.get(path))[0] == 401
    assert refusal(jira.anybody.get(path, auth=("reviewer", "wrong")))[0] == 401
    assert refusal(jira.anybody.get(path, headers={"Authorization": "Bearer wrong"}))[0] == 401


def test_wrong_credentials_are_refused_even_where_none_are_needed(jira: StandIn) -> None:
    assert jira.anybody.get(f"{API}/serverInfo", auth=("reviewer", "wrong")).status_code == 401


def test_every_wrong_field_of_a_create_is_named(jira: StandIn) -> None:
    fields = {"project": {"key": "NO"}, "summary": "x" * 256, "labels": ["a b"], "customfield_1": 1}
    status, errors = refusal(jira.service.post(f"{API}/issue", json={"fields": fields}))
    assert status == 400
    assert set(errors) == {"project", "issuetype", "summary", "labels", "customfield_1"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("summary", ""),
        ("summary", "two\nlines"),
        ("description", "x" * 32_768),
        ("description", {"type": "doc", "version": 1, "content": []}),
        ("labels", "one"),
        ("duedate", "tomorrow"),
        ("priority", {"name": "Urgent"}),
        ("issuetype", {"name": "Epic"}),
        ("assignee", {"name": "nobody"}),
    ],
)
def test_a_wrong_value_is_refused(jira: StandIn, field: str, value: object) -> None:
    fields = {"project": {"key": "MLC"}, "issuetype": {"name": "Task"}, "summary": "s"} | {field: value}
    status, errors = refusal(jira.service.post(f"{API}/issue", json={"fields": fields}))
    assert (status, set(errors)) == (400, {field})


def test_a_refused_create_leaves_nothing(jira: StandIn) -> None:
    fields = {"project": {"key": "MLC"}, "issuetype": {"name": "Task"}, "summary": "s", "labels": ["refused"]}
    body = {"fields": fields, "properties": [{"key": "k", "value": "x" * 40_000}]}
    assert jira.service.post(f"{API}/issue", json=body).status_code == 400
    assert jira.found("labels = refused") == []


def test_an_issue_is_found_by_id_and_by_key_and_its_times_are_jiras(jira: StandIn) -> None:
    issue = jira.read(jira.create())
    assert jira.read(issue["id"])["key"] == issue["key"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000", issue["fields"]["created"])


@pytest.mark.parametrize(
    "name", ["MLC-99999999999999999999", "99999999999999999999", "MLC-²", "²", "MLC", "-"]
)
def test_a_name_that_no_issue_can_have_is_not_found(jira: StandIn, name: str) -> None:
    assert refusal(jira.service.get(f"{API}/issue/{name}"))[0] == 404


def test_only_the_fields_asked_for_are_answered(jira: StandIn) -> None:
    key = jira.create()
    assert set(jira.read(key, fields="status,labels")["fields"]) == {"status", "labels"}
    assert "comment" not in jira.read(key, fields="-comment")["fields"]


def test_a_deleted_issue_is_gone_and_its_number_is_not_given_again(jira: StandIn) -> None:
    key = jira.create()
    assert jira.service.delete(f"{API}/issue/{key}").status_code == 204
    assert refusal(jira.service.get(f"{API}/issue/{key}"))[0] == 404
    assert jira.create() != key


def test_every_status_is_reached_from_every_other(jira: StandIn) -> None:
    key = jira.create()
    for status in ("In Progress", "Done", "Rejected", "To Do", "Rejected", "Done", "In Progress"):
        jira.move(key, status)
        assert jira.read(key)["fields"]["status"]["name"] == status


def test_a_transition_that_is_not_offered_is_refused(jira: StandIn) -> None:
    key = jira.create()
    offered = jira.service.get(f"{API}/issue/{key}/transitions").json()["transitions"]
    to_done = next(t["id"] for t in offered if t["to"]["name"] == "Done")
    jira.move(key, "Done")
    again = jira.service.post(f"{API}/issue/{key}/transitions", json={"transition": {"id": to_done}})
    assert refusal(again)[0] == 400


def test_a_rejected_issue_is_done_by_category_and_has_a_resolution_until_reopened(jira: StandIn) -> None:
    key = jira.create()
    jira.move(key, "Rejected")
    fields = jira.read(key)["fields"]
    assert (fields["status"]["statusCategory"]["key"], fields["resolution"]["name"]) == ("done", "Won't Do")
    jira.move(key, "To Do")
    assert jira.read(key)["fields"]["resolution"] is None


def test_transition_ids_differ_between_projects(jira: StandIn) -> None:
    jira.anybody.post(
        "/sandbox/projects", json={"key": "OTH", "name": "Other", "statuses": ["To Do", "Done"]}
    )
    ours, theirs = jira.create(), jira.create(project={"key": "OTH"})
    ids = [
        {t["id"] for t in jira.service.get(f"{API}/issue/{key}/transitions").json()["transitions"]}
        for key in (ours, theirs)
    ]
    assert ids[0].isdisjoint(ids[1])


def test_the_changelog_names_author_and_texts_and_updated_moves_on(jira: StandIn) -> None:
    key = jira.create(labels=["one"])
    before = jira.read(key)["fields"]["updated"]
    update = {"update": {"labels": [{"add": "two"}, {"remove": "one"}]}, "fields": {"summary": "t"}}
    assert jira.reviewer.put(f"{API}/issue/{key}", json=update).status_code == 204
    issue = jira.read(key, expand="changelog")
    (entry,) = issue["changelog"]["histories"]
    changes = {item["field"]: (item["fromString"], item["toString"]) for item in entry["items"]}
    assert changes == {"summary": ("s", "t"), "labels": ("one", "two")}
    assert entry["author"]["name"] == "reviewer"
    assert entry["created"] >= before
    assert issue["fields"]["updated"] >= entry["created"]


def test_an_edit_that_changes_nothing_leaves_no_history(jira: StandIn) -> None:
    key = jira.create()
    jira.service.put(f"{API}/issue/{key}", json={"fields": {"summary": "s"}})
    assert jira.read(key, expand="changelog")["changelog"]["total"] == 0


def test_version_three_speaks_documents(jira: StandIn) -> None:
    document = {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Hello"}]}],
    }
    key = jira.create(description="one\ntwo")
    answer = jira.service.post(f"/rest/api/3/issue/{key}/comment", json={"body": document})
    assert answer.json()["body"] == document
    assert jira.service.get(f"{API}/issue/{key}/comment").json()["comments"][0]["body"] == "Hello"
    description = jira.service.get(f"/rest/api/3/issue/{key}").json()["fields"]["description"]
    assert [block["content"][0]["text"] for block in description["content"]] == ["one", "two"]
    assert jira.service.post(f"/rest/api/3/issue/{key}/comment", json={"body": "text"}).status_code == 400


def test_a_file_needs_the_header_against_forgery(jira: StandIn) -> None:
    url, file = f"{API}/issue/{jira.create()}/attachments", {"file": ("r.json", b"{}")}
    assert jira.service.post(url, files=file).status_code == 403
    assert jira.service.post(url, files=file, headers=XSRF).json()[0]["mimeType"] == "application/json"


def test_attachments_can_be_off_for_the_site_or_a_project(jira: StandIn) -> None:
    project = {"key": "BARE", "name": "Bare", "statuses": ["Open", "Done"], "attachmentsEnabled": False}
    jira.anybody.post("/sandbox/projects", json=project)
    file = {"file": ("r.json", b"{}")}
    bare, plain = jira.create(project={"key": "BARE"}), jira.create()
    assert jira.service.post(f"{API}/issue/{bare}/attachments", files=file, headers=XSRF).status_code == 403
    jira.set(attachmentsEnabled=False)
    assert jira.service.post(f"{API}/issue/{plain}/attachments", files=file, headers=XSRF).status_code == 404
    assert jira.service.get(f"{API}/attachment/meta").json()["enabled"] is False


def test_a_project_has_the_statuses_it_was_given(jira: StandIn) -> None:
    project = {"key": "NOREJ", "name": "No", "statuses": ["Open", {"name": "Shut", "category": "done"}]}
    assert jira.anybody.post("/sandbox/projects", json=project).status_code == 201
    statuses = jira.service.get(f"{API}/project/NOREJ/statuses").json()[0]["statuses"]
    assert [(s["name"], s["statusCategory"]["key"]) for s in statuses] == [("Open", "new"), ("Shut", "done")]
    assert jira.anybody.post("/sandbox/projects", json=project).status_code == 400


def test_an_added_user_acts_under_their_own_name(jira: StandIn) -> None:
    person = {"username": "ada", "displayName": "Ada Admin", "token": "ada-token"}
    assert jira.anybody.post("/sandbox/users", json=person).status_code == 201
    myself = jira.anybody.get(f"{API}/myself", headers={"Authorization": "Bearer ada-token"}).json()
    assert myself["displayName"] == "Ada Admin"


def test_cloud_does_not_know_user_names(jira: StandIn) -> None:
    key = jira.create()
    jira.set(mode="cloud")
    by_name = jira.service.put(f"{API}/issue/{key}", json={"fields": {"assignee": {"name": "reviewer"}}})
    assert refusal(by_name)[0] == 400
    account = jira.reviewer.get(f"{API}/myself").json()["accountId"]
    by_account = jira.service.put(f"{API}/issue/{key}/assignee", json={"accountId": account})
    assert by_account.status_code == 204


def test_unknown_resources_and_bad_bodies_are_answered_in_jiras_shape(jira: StandIn) -> None:
    assert refusal(jira.service.get(f"{API}/board"))[0] == 404
    assert refusal(jira.service.post(f"{API}/issue", content=b"{"))[0] == 400
    assert refusal(jira.service.post(f"{API}/issue", json=[]))[0] == 400
    assert refusal(jira.service.post(f"{API}/issue", json={"fields": []}))[0] == 400
    assert refusal(jira.service.patch(f"{API}/issue/MLC-1"))[0] == 405


def test_an_unknown_setting_is_refused(jira: StandIn) -> None:
    assert jira.anybody.patch("/sandbox/settings", json={"mode": "datacenter"}).status_code == 400
    assert jira.anybody.patch("/sandbox/settings", json={"lag": 1}).status_code == 400
