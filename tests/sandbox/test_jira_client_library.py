"""The stand-in is a Jira to the client library, on Data Center and on Cloud."""

import io
from collections.abc import Iterator

import pytest
from jira import JIRA, JIRAError

from tests.sandbox.jira_stand_in import REVIEWER, SERVICE, StandIn, running

pytestmark = pytest.mark.filterwarnings("ignore:Unable to gather applicationlinks")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with running(tmp_path_factory.mktemp("jira")) as stand_in:
        yield stand_in


@pytest.fixture(params=["server", "cloud"])
def mode(request: pytest.FixtureRequest, server: StandIn) -> str:
    server.set(mode=request.param)
    return request.param


@pytest.fixture
def service(server: StandIn, mode: str) -> JIRA:
    return server.library(SERVICE)


@pytest.fixture
def reviewer(server: StandIn, mode: str) -> JIRA:
    return server.library(REVIEWER)


def create(jira: JIRA, label: str) -> str:
    body = {
        "fields": {
            "project": {"key": "MLC"},
            "issuetype": {"name": "Task"},
            "summary": "Approve the model",
            "description": "h2. Evidence",
            "labels": ["modelop-mlc", label],
        },
        "properties": [{"key": "mlc.key", "value": label}],
    }
    return jira._session.post(jira._get_url("issue"), json=body).json()["key"]


def test_the_library_recognises_the_deployment(service: JIRA, mode: str) -> None:
    assert service._is_cloud is (mode == "cloud")


def test_a_token_alone_opens_the_door(server: StandIn) -> None:
    jira = JIRA(server=server.base_url, token_auth=REVIEWER[1], max_retries=0)
    assert jira.myself()["displayName"] == "Rita Reviewer"


def test_people_are_named_as_the_deployment_names_them(service: JIRA, mode: str) -> None:
    myself = service.myself()
    assert ("accountId" in myself, "name" in myself) == ((True, False) if mode == "cloud" else (False, True))


def test_label_and_property_come_with_the_create(service: JIRA, mode: str) -> None:
    key = create(service, f"mlc-{mode}-atomic")
    issue = service.issue(key, properties="mlc.key")
    assert issue.raw["properties"] == {"mlc.key": f"mlc-{mode}-atomic"}
    assert [found.key for found in service.search_issues(f'labels = "mlc-{mode}-atomic"')] == [key]


def test_a_decision_is_told_with_its_author(service: JIRA, reviewer: JIRA) -> None:
    key = create(service, "mlc-decided")
    to_done = next(t["id"] for t in reviewer.transitions(key) if t["to"]["name"] == "Done")
    reviewer.transition_issue(key, to_done, comment="Looks good")
    issue = service.issue(key, expand="changelog")
    (entry,) = issue.changelog.histories
    (item,) = [item for item in entry.items if item.field == "status"]
    assert (item.fromString, item.toString) == ("To Do", "Done")
    assert entry.author.displayName == "Rita Reviewer"
    assert issue.fields.status.statusCategory.key == "done"
    assert [comment.body for comment in issue.fields.comment.comments] == ["Looks good"]


def test_comments_files_links_and_properties_are_kept(service: JIRA) -> None:
    key = create(service, "mlc-hanging")
    comment = service.add_comment(key, "first")
    comment.update(body="second")
    attachment = service.add_attachment(key, io.BytesIO(b'{"auc": 1}'), "test_results.json")
    first = service.add_remote_link(key, {"url": "http://a.example", "title": "A"}, globalId="workflow")
    again = service.add_remote_link(key, {"url": "http://b.example", "title": "B"}, globalId="workflow")
    service.add_issue_property(key, "digest", {"sha256": "00"})
    assert [c.body for c in service.comments(key)] == ["second"]
    assert service.attachment(attachment.id).get() == b'{"auc": 1}'
    assert first.id == again.id
    assert [link.object.title for link in service.remote_links(key)] == ["B"]
    assert service.issue_property(key, "digest").value.sha256 == "00"


def test_people_are_assigned_and_watch(service: JIRA, server: StandIn, mode: str) -> None:
    key = create(service, "mlc-people")
    service.assign_issue(key, "reviewer")
    service.add_watcher(key, "reviewer")
    assert service.issue(key).fields.assignee.displayName == "Rita Reviewer"
    watching = {watcher.displayName for watcher in service.watchers(key).watchers}
    assert watching == {"Model Life Cycle", "Rita Reviewer"}


def test_fields_and_labels_are_edited(service: JIRA) -> None:
    key = create(service, "mlc-edited")
    service.issue(key).update(fields={"summary": "new"}, update={"labels": [{"add": "reminded"}]})
    issue = service.issue(key)
    assert issue.fields.summary == "new"
    assert issue.fields.labels == ["mlc-edited", "modelop-mlc", "reminded"]


def test_an_administrator_sees_whether_all_is_ready(service: JIRA) -> None:
    permissions = "CREATE_ISSUES,ADD_COMMENTS,CREATE_ATTACHMENTS,TRANSITION_ISSUES,BROWSE_PROJECTS"
    held = service.my_permissions(projectKey="MLC", permissions=permissions)["permissions"]
    (task, _) = service.issue_types_for_project("MLC")
    assert all(permission["havePermission"] for permission in held.values())
    assert len(held) == 5
    assert [status.name for status in task.statuses] == ["To Do", "In Progress", "Done", "Rejected"]
    assert service.attachment_meta()["enabled"] is True
    assert service.project("MLC").key == "MLC"


def test_all_pages_of_a_search_are_fetched(service: JIRA, mode: str) -> None:
    keys = [create(service, f"mlc-{mode}-many") for _ in range(105)]
    found = service.search_issues(f"labels = mlc-{mode}-many ORDER BY key ASC", maxResults=0, fields="labels")
    assert [issue.key for issue in found] == keys


def test_a_refused_query_is_the_librarys_error(service: JIRA) -> None:
    with pytest.raises(JIRAError) as refused:
        service.search_issues("summary ~ model")
    assert refused.value.status_code == 400
