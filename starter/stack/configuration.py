"""The product's configuration for a stack: the same file that a user writes for a ModelOp Center and a Jira of their own."""

import json
from collections.abc import Mapping

from starter.stack.ports import HOST, Ports
from starter.stack.state import StoredAccounts

JIRA_PROJECT = "MLC"
# What the stand-in writes into its tokens.
AUDIENCE = "modelop"
# Loopback is quick and the stand-in's search index has no lag: people who watch should not have to wait.
INDEX_LAG_SECONDS, WATCH_SECONDS, POLL = 2, 2, "PT1S"
# Less than the supervisor gives the worker before it kills it.
GRACEFUL_SECONDS = 3

Section = Mapping[str, str | int]


def url(port: int) -> str:
    """The base URL of a part."""
    return f"http://{HOST}:{port}"


def configuration(ports: Ports, accounts: StoredAccounts) -> str:
    """The TOML text that `mlc.settings` reads."""
    sections: dict[str, Section] = {
        "modelop": {
            "base_url": url(ports.moc),
            "username": accounts.moc.username,
            "password": accounts.moc.password,
        },
        "jira": {
            "base_url": url(ports.jira),
            "username": accounts.jira_service.username,
            "token": accounts.jira_service.token,
            "project": JIRA_PROJECT,
            "index_lag_seconds": INDEX_LAG_SECONDS,
            "watch_seconds": WATCH_SECONDS,
        },
        "gateway": {"host": HOST, "port": ports.gateway, "webhook_secret": accounts.webhook_secret},
        "gateway.auth": {
            "issuer": url(ports.moc),
            "audience": AUDIENCE,
            "jwks_url": f"{url(ports.moc)}/gocli/jwks",
        },
        "worker": {"health_host": HOST, "health_port": ports.worker, "graceful_seconds": GRACEFUL_SECONDS},
        "links": {"temporal_ui": url(ports.temporal_ui), "modelop": url(ports.moc)},
        "policy": {"poll": POLL},
    }
    return "\n".join(_section(name, values) for name, values in sections.items())


def _section(name: str, values: Section) -> str:
    # A JSON string is a TOML string, as long as it is not escaped to ASCII.
    lines = (f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items())
    return f"[{name}]\n{''.join(lines)}"
