"""Which issues a query finds, when it finds them, and which queries are refused."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.sandbox.jira_stand_in import API, StandIn, eventually, running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with running(tmp_path_factory.mktemp("jira")) as stand_in:
        first = stand_in.create(labels=["a"])
        second = stand_in.create(labels=["a", "b"], issuetype={"name": "Bug"})
        third = stand_in.create()
        assert (first, second, third) == ("MLC-1", "MLC-2", "MLC-3")
        stand_in.move("MLC-3", "In Progress")
        yield stand_in


@pytest.fixture
def jira(server: StandIn) -> StandIn:
    server.reset()
    return server


@pytest.mark.parametrize(
    ("jql", "found"),
    [
        ("", "321"),
        ("project = MLC", "321"),
        ("project = mlc ORDER BY key ASC", "123"),
        ('labels = "a"', "21"),
        ("labels in (b, c)", "2"),
        ("labels != b", "1"),
        ("labels not in (a)", ""),
        ("labels is EMPTY", "3"),
        ("labels is not empty", "21"),
        ("labels = never", ""),
        ('status = "in progress"', "3"),
        ("status in ('To Do', Done)", "21"),
        ("status != 'To Do'", "3"),
        ("issuetype = Bug", "2"),
        ("type != Bug", "31"),
        ("key = MLC-2", "2"),
        ("key >= MLC-2", "32"),
        ("id in (MLC-1, 10003)", "31"),
        ("labels = a AND issuetype = Task", "1"),
        ("labels = b OR status = 'In Progress'", "32"),
        ("project = MLC AND (labels = b OR status = 'In Progress') ORDER BY created ASC, key ASC", "23"),
        ("labels = b OR labels = a AND issuetype = Bug", "2"),
        ("updated >= -5m", "321"),
        ("updated < -5m", ""),
        ("created >= '2020-01-01' and created <= '2020/01/02 10:00'", ""),
    ],
)
def test_a_query_finds(jira: StandIn, jql: str, found: str) -> None:
    assert jira.found(jql) == [f"MLC-{number}" for number in found]


def test_dates_are_told_in_minutes(jira: StandIn) -> None:
    now = datetime.now(UTC)
    earlier, later = (f"{now + timedelta(minutes=m):%Y-%m-%d %H:%M}" for m in (-1, 1))
    assert len(jira.found(f'updated >= "{earlier}" AND updated < "{later}"')) == 3
    refused = jira.service.get(f"{API}/search", params={"jql": f'updated >= "{earlier}:30"'})
    assert refused.status_code == 400


@pytest.mark.parametrize(
    "jql",
    [
        "summary ~ model",
        "text = x",
        "labels ~ a",
        "labels > a",
        "status >= Done",
        "labels",
        "labels =",
        "labels = a labels = b",
        "labels = a AND",
        "(labels = a",
        "labels in ()",
        "labels in a",
        "NOT labels = a",
        "status was Done",
        "status changed",
        "assignee = currentUser()",
        "created >= startOfDay()",
        "updated >= yesterday",
        "project = NOPE",
        "status = Nope",
        "issuetype = Epic",
        "labels is a",
        "labels = a ORDER BY rank",
        "labels = a ORDER key",
        "labels = 'a",
        "id = 99999999999999999999",
        "updated >= -99999999999999999999d",
    ],
)
def test_a_query_beyond_the_subset_is_refused(jira: StandIn, jql: str) -> None:
    response = jira.service.get(f"{API}/search", params={"jql": jql})
    assert response.status_code == 400
    assert response.json()["errorMessages"]


def test_search_sees_a_write_only_after_the_lag_but_reading_sees_it_at_once(jira: StandIn) -> None:
    jira.set(indexLagSeconds=0.4)
    key = jira.create(labels=["lagging"])
    jira.move("MLC-1", "Done")
    assert jira.read(key)["key"] == key
    assert jira.found("labels = lagging") == []
    assert jira.found("key = MLC-1 AND status = 'To Do'") == ["MLC-1"]
    eventually(lambda: jira.found("labels = lagging") == [key])
    eventually(lambda: jira.found("key = MLC-1 AND status = Done") == ["MLC-1"])
    jira.set(indexLagSeconds=0)
    jira.move("MLC-1", "To Do")
    jira.service.delete(f"{API}/issue/{key}")


def test_without_the_lag_the_index_catches_up_at_once(jira: StandIn) -> None:
    jira.set(indexLagSeconds=3600)
    key = jira.create(labels=["late"])
    assert jira.found("labels = late") == []
    jira.set(indexLagSeconds=0)
    assert jira.found("labels = late") == [key]
    jira.service.delete(f"{API}/issue/{key}")


def test_server_answers_by_page(jira: StandIn) -> None:
    body = {"jql": "project = MLC ORDER BY key", "startAt": 1, "maxResults": 1, "fields": ["status"]}
    page = jira.service.post(f"{API}/search", json=body).json()
    assert (page["startAt"], page["maxResults"], page["total"]) == (1, 1, 3)
    assert [issue["key"] for issue in page["issues"]] == ["MLC-2"]
    assert jira.service.get(f"{API}/search/jql", params={"jql": "project = MLC"}).status_code == 404


def test_cloud_answers_by_token_and_the_old_search_is_gone(jira: StandIn) -> None:
    jira.set(mode="cloud")
    query = {"jql": "project = MLC ORDER BY key", "maxResults": "2"}
    first = jira.service.get("/rest/api/3/search/jql", params=query).json()
    second = jira.service.get(
        "/rest/api/3/search/jql", params=query | {"nextPageToken": first["nextPageToken"]}
    ).json()
    assert [issue["id"] for issue in first["issues"] + second["issues"]] == ["10001", "10002", "10003"]
    assert (first["isLast"], second["isLast"], "nextPageToken" in second) == (False, True, False)
    assert jira.service.get(f"{API}/search", params=query).status_code == 410
    bad_token = jira.service.get(f"{API}/search/jql", params=query | {"nextPageToken": "?"})
    assert bad_token.status_code == 400


def test_cloud_refuses_a_query_without_restriction(jira: StandIn) -> None:
    jira.set(mode="cloud")
    assert jira.service.post(f"{API}/search/jql", json={"jql": "ORDER BY created"}).status_code == 400
