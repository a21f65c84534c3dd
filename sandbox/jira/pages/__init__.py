"""The pages for people: a list of issues, and each issue with what is to be decided."""

from sandbox.jira.pages.routes import error_page, page_routes

__all__ = ["error_page", "page_routes"]
