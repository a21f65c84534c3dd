"""Activities on Jira."""
