"""A stand-in Jira: the parts of Jira's REST API, workflow, search and webhooks that a ticket's life needs."""

from sandbox.jira.app import create_app

__all__ = ["create_app"]
