"""The pages: what people see, and that their buttons do what REST does."""

from collections.abc import Iterator

import pytest

from sandbox.jira.pages.wiki import render
from tests.sandbox.jira_stand_in import API, StandIn, running


@pytest.fixture(scope="module")
def jira(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with running(tmp_path_factory.mktemp("jira")) as stand_in:
        yield stand_in


def page(jira: StandIn, path: str) -> str:
    response = jira.anybody.get(path)
    assert response.status_code == 200, response.text
    return response.text


def press(jira: StandIn, key: str, action: str, **form: str) -> int:
    values = {"user": "reviewer", "comment": "", "action": action} | form
    return jira.anybody.post(f"/browse/{key}", data=values).status_code


def test_the_list_shows_each_issue_with_kind_and_status(jira: StandIn) -> None:
    key = jira.create(summary="Approve me", labels=["modelop-mlc", "review"])
    html = page(jira, "/")
    assert f'href="/browse/{key}"' in html
    assert '<span class="kind review">review</span>' in html
    assert '<span class="lozenge new">To Do</span>' in html
    assert "stand-in" in html


def test_the_open_list_leaves_out_what_is_done(jira: StandIn) -> None:
    key = jira.create(summary="Soon done")
    jira.move(key, "Done")
    assert f'id="{key}"' in page(jira, "/")
    assert f'id="{key}"' not in page(jira, "/?show=open")


@pytest.mark.parametrize(("button", "status"), [("approve", "Done"), ("reject", "Rejected")])
def test_a_button_leaves_the_same_traces_as_rest(jira: StandIn, button: str, status: str) -> None:
    by_page, by_rest = jira.create(), jira.create()
    assert press(jira, by_page, button, comment="because") == 303
    jira.move(by_rest, status, update={"comment": [{"add": {"body": "because"}}]})
    pages, rest = (jira.read(key, expand="changelog") for key in (by_page, by_rest))
    assert traces(pages) == traces(rest)
    assert traces(pages)["status"] == status
    html = page(jira, f"/browse/{by_page}")
    assert "Rita Reviewer" in html
    assert "because" in html


def traces(issue: dict[str, object]) -> dict[str, object]:
    fields, changelog = issue["fields"], issue["changelog"]
    assert isinstance(fields, dict)
    assert isinstance(changelog, dict)
    return {
        "status": fields["status"]["name"],
        "comments": [(c["author"]["name"], c["body"]) for c in fields["comment"]["comments"]],
        "changes": [(h["author"]["name"], h["items"]) for h in changelog["histories"]],
    }


def test_any_other_status_and_a_mere_comment_have_their_buttons(jira: StandIn) -> None:
    key = jira.create()
    progress = next(s["id"] for s in jira.service.get(f"{API}/status").json() if s["name"] == "In Progress")
    assert press(jira, key, "move", status=progress) == 303
    assert press(jira, key, "comment", comment="just saying", user="mlc-service") == 303
    fields = jira.read(key)["fields"]
    assert fields["status"]["name"] == "In Progress"
    assert [c["author"]["displayName"] for c in fields["comment"]["comments"]] == ["Model Life Cycle"]


def test_what_cannot_be_done_is_told_in_words_and_changes_nothing(jira: StandIn) -> None:
    key = jira.create()
    assert press(jira, key, "comment") == 400
    assert press(jira, key, "move", status="4") == 400
    assert press(jira, key, "approve", user="nobody") == 404
    assert jira.anybody.get("/browse/MLC-0").status_code == 404
    jira.move(key, "Done")
    assert press(jira, key, "approve") == 400
    assert jira.read(key, expand="changelog")["changelog"]["total"] == 1


def test_a_page_of_another_site_cannot_decide(jira: StandIn) -> None:
    key = jira.create()
    form = {"user": "reviewer", "comment": "", "action": "approve"}
    foreign = jira.anybody.post(f"/browse/{key}", data=form, headers={"Origin": "http://evil.example"})
    assert foreign.status_code == 403
    assert (
        jira.anybody.post(f"/browse/{key}", data=form, headers={"Origin": jira.base_url}).status_code == 303
    )


def test_nothing_that_users_write_becomes_markup(jira: StandIn) -> None:
    attack = "<script>alert(1)</script>"
    key = jira.create(summary=attack, description=f"h1. {attack}\n||{attack}||\n{{code}}{attack}{{code}}")
    jira.service.post(f"{API}/issue/{key}/comment", json={"body": attack})
    jira.service.post(
        f"{API}/issue/{key}/remotelink", json={"object": {"url": "javascript:alert(1)", "title": attack}}
    )
    files = {"file": (f"{attack}.html", b"<b>x</b>")}
    attached = jira.service.post(
        f"{API}/issue/{key}/attachments", files=files, headers={"X-Atlassian-Token": "no-check"}
    ).json()[0]
    assert "<script" not in page(jira, f"/browse/{key}") + page(jira, "/")
    assert 'href="javascript' not in page(jira, f"/browse/{key}")
    download = jira.anybody.get(f"/attachments/{attached['id']}")
    assert download.headers["Content-Disposition"].startswith("attachment;")


def test_pages_need_nothing_from_elsewhere(jira: StandIn) -> None:
    html = page(jira, f"/browse/{jira.create()}")
    assert 'href="http' not in html
    assert "<script" not in html
    assert jira.anybody.get("/static/style.css").status_code == 200


@pytest.mark.parametrize(
    ("markup", "html"),
    [
        ("h2. Evidence", "<h3>Evidence</h3>"),
        ("*bold* and _italic_", "<p><strong>bold</strong> and <em>italic</em></p>"),
        ("2*3*4 and a_b_c", "<p>2*3*4 and a_b_c</p>"),
        (r"\*not bold\* a\_b \{code\}", "<p>*not bold* a_b {code}</p>"),
        ("one\ntwo\n\nthree", "<p>one<br>two</p><p>three</p>"),
        ("* a\n** b", '<ul><li class="depth-1">a</li><li class="depth-2">b</li></ul>'),
        ("# a\n* b", '<ol><li class="depth-1">a</li></ol><ul><li class="depth-1">b</li></ul>'),
        ("||a||b||\n|1|x\\|y|", "<tr><th>a</th><th>b</th></tr><tr><td>1</td><td>x|y</td></tr>"),
        ("|fail|", '<td><span class="verdict fail">fail</span></td>'),
        ("|[a|http://h/?b=1&c=2]|", '<a href="http://h/?b=1&amp;c=2" rel="noopener noreferrer">a</a>'),
        ("[x|javascript:alert(1)]", "<p>[x|javascript:alert(1)]</p>"),
        ("see http://h/x.", '<a href="http://h/x" rel="noopener noreferrer">http://h/x</a>.'),
        ("{{a*b*}}", "<code>a*b*</code>"),
        ("{color:red}*x*{color}", '<span style="color: red"><strong>x</strong></span>'),
        ("{color:red;x:y}x{color}", "<p>{color:red;x:y}x{color}</p>"),
        ('{code:json}\n{"a": 1}\n{code}', "<pre>{&#34;a&#34;: 1}</pre>"),
        ("{noformat}*a*{noformat}", "<pre>*a*</pre>"),
        ("{panel:title=T}\nx\n{panel}", '<div class="panel"><p class="panel-title">T</p><p>x</p></div>'),
        ("{code}never closed", "<pre>never closed</pre>"),
        ("(/) (x)", '<span class="icon pass">✔</span> <span class="icon fail">✘</span>'),
    ],
)
def test_wiki_markup_is_shown_as_jira_shows_it(markup: str, html: str) -> None:
    assert html in render(markup)
