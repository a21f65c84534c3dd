"""Jira through its client library: one client a thread, no retries of its own, our errors."""

import json
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import requests
from jira import JIRA, Issue, JIRAError

from activities.http_errors import error_of
from mlc.errors import NotFound, Unavailable
from mlc.settings import JiraSettings

T = TypeVar("T")
Json = dict[str, Any]

CONNECT_AND_READ_SECONDS = (3.05, 30)


class JiraClient:
    """The few calls that tickets need. Every method raises errors of `mlc.errors` alone."""

    def __init__(self, settings: JiraSettings) -> None:
        self.settings = settings
        self._of_thread = threading.local()

    def call(self, what: str, do: Callable[[Any], T]) -> T:
        """Runs `do` with this thread's client; `what` names the call in an error.

        The client is `Any` here because the library's decorators erase the types of its methods.
        """
        with self._errors(what):
            client: JIRA | None = getattr(self._of_thread, "client", None)
            if client is None:
                client = self._of_thread.client = self._connect()
            return do(client)

    def create(self, fields: Json, properties: list[Json]) -> Json:
        """Creates an issue, its properties with it, in one request; answers `{id, key}`."""
        # The library's create_issue() cannot send `properties`, and a second request could be lost.
        return self.call(
            "create a ticket", lambda c: self._post(c, "issue", {"fields": fields, "properties": properties})
        )

    def get(self, what: str, path: str, query: dict[str, str]) -> Any:
        """The JSON of any other resource; `what` names it in an error."""
        return self.call(what, lambda c: self._get(c, path, query))

    def link(self, issue_id: str, global_id: str, title: str, url: str) -> None:
        """Adds a link, or renews the one with this global id."""
        # The library's add_remote_link() asks for the application links first, which needs an administrator.
        body = {"globalId": global_id, "object": {"url": url, "title": title}}
        self.call("add a link", lambda c: self._post(c, f"issue/{issue_id}/remotelink", body))

    def watch(self, issue_id: str, person: str) -> None:
        """Adds a watcher by user name or, in the Cloud, by account id, e-mail or display name. Raises NotFound."""
        # The library's add_watcher() turns whatever its search for the person meets into a text without a status.
        found = self.call("look a person up", lambda c: _people(c, person))
        exact = [who for who in found if person.casefold() in (name.casefold() for name in _names(who))]
        chosen = exact or (found if len(found) == 1 else [])
        if not chosen:
            raise NotFound(f"Jira at {self.settings.base_url} knows no user {person}")
        identifier = getattr(chosen[0], "accountId", None) or chosen[0].name
        self.call("add a watcher", lambda c: self._send(c, f"issue/{issue_id}/watchers", identifier))

    def find(self, jql: str, fields: str = "labels,updated,status") -> list[Issue]:
        """All issues that a JQL query finds."""
        return self.call("search for tickets", lambda c: _search(c, jql, fields))

    def transition_to(self, issue_id: str, statuses: tuple[str, ...]) -> bool:
        """Moves an issue to the first of `statuses` (any case) that a transition leads to; False when none does."""
        offered = cast(list[Json], self.call("list the transitions", lambda c: c.transitions(issue_id)))
        by_target = {str(t["to"]["name"]).casefold(): str(t["id"]) for t in offered}
        chosen = next((by_target[name.casefold()] for name in statuses if name.casefold() in by_target), None)
        if chosen is not None:
            self.call("move the ticket", lambda c: c.transition_issue(issue_id, chosen))
        return chosen is not None

    def read(self, issue_id: str) -> Json:
        """The whole issue with its changelog, comments and our property."""
        what = f"read ticket {issue_id}"
        query = {
            "expand": "changelog",
            "fields": "status,labels,comment,summary,created",
            "properties": "mlc",
        }
        return self.call(what, lambda c: self._get(c, f"issue/{issue_id}", query))

    def myself(self) -> tuple[str, ...]:
        """All names of the service account."""
        who = cast(Json, self.call("ask who we are", lambda c: c.myself()))
        names = (
            who.get("accountId"),
            who.get("name"),
            who.get("key"),
            who.get("emailAddress"),
            who.get("displayName"),
        )
        return tuple(str(name) for name in names if name)

    def browse_url(self, key: str) -> str:
        """The address of a ticket for people."""
        return f"{self.settings.base_url.rstrip('/')}/browse/{key}"

    def _connect(self) -> JIRA:
        settings = self.settings
        token = settings.token.get_secret_value()
        login: Json = (
            {"basic_auth": (settings.username, token)} if settings.username else {"token_auth": token}
        )
        return JIRA(
            server=settings.base_url.rstrip("/"),
            timeout=CONNECT_AND_READ_SECONDS,
            # The default of 3 repeats a POST whose answer was lost: two tickets. Temporal owns the retries.
            max_retries=0,
            # Made anew each time, because the library writes into it.
            options={"rest_api_version": "2", "check_update": False},
            **login,
        )

    @classmethod
    def _post(cls, client: Any, path: str, body: Json) -> Json:
        return cast(Json, cls._send(client, path, body).json())

    @staticmethod
    def _send(client: Any, path: str, body: Json | str) -> requests.Response:
        url = client._get_url(path)  # pyright: ignore[reportPrivateUsage]
        return client._session.post(url, data=json.dumps(body))  # pyright: ignore[reportPrivateUsage]

    @staticmethod
    def _get(client: Any, path: str, query: dict[str, str]) -> Json:
        url = client._get_url(path)  # pyright: ignore[reportPrivateUsage]
        answer = client._session.get(url, params=query)  # pyright: ignore[reportPrivateUsage]
        return cast(Json, answer.json())

    @contextmanager
    def _errors(self, what: str) -> Generator[None]:
        where = f"Jira at {self.settings.base_url}, {what}"
        try:
            yield
        except JIRAError as error:
            # Its str() holds headers and body; only the text is taken.
            response = error.response
            retry_after = response.headers.get("Retry-After") if response is not None else None
            raise error_of(error.status_code or 503, where, error.text or "", retry_after) from None
        except requests.exceptions.RequestException as error:
            raise Unavailable(f"{where}: no answer ({type(error).__name__})") from None
        except (ValueError, KeyError) as error:
            raise Unavailable(f"{where}: the answer cannot be read ({error})") from None


def _search(client: Any, jql: str, fields: str) -> list[Issue]:
    if client.deploymentType == "Cloud":
        found = client.enhanced_search_issues(jql, maxResults=False, fields=fields)
    else:
        found = client.search_issues(jql, maxResults=False, fields=fields)
    return cast(list[Issue], list(found))


def _people(client: Any, person: str) -> list[Any]:
    if client.deploymentType == "Cloud":
        return list(client.search_users(query=person))
    return list(client.search_users(user=person))


def _names(who: Any) -> tuple[str, ...]:
    names = (getattr(who, field, None) for field in ("accountId", "name", "emailAddress", "displayName"))
    return tuple(str(name) for name in names if name)
