"""Jira's REST API, versions 2 and 3."""
