"""The pages for people: every book as a table, and the button that takes a snapshot."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.modelop.assets import label
from sandbox.modelop.entities import Entity, nested, object_list, string_list
from sandbox.modelop.model_manage import ModelManage, RefusedError
from sandbox.modelop.store import PageRequest

_SHOWN = 50
_PAGE_USER = "web"

# path -> title, collection, template
_TABLES = {
    "/": ("Stored models", "storedModels", "models.html"),
    "/snapshots": ("Snapshots", "deployableModels", "snapshots.html"),
    "/jobs": ("Jobs", "jobs", "jobs.html"),
    "/runtimes": ("Runtimes", "engines", "runtimes.html"),
    "/deployments": ("Deployments", "deployedModels", "deployments.html"),
    "/test-results": ("Test results", "modelTestResults", "test_results.html"),
    "/notifications": ("Notifications", "notifications", "notifications.html"),
    "/lineage": ("Lineage", "modelMLCs", "lineage.html"),
}


class Pages:
    """Shows the newest entities of each book. There is no login: the stand-in listens on loopback."""

    def __init__(self, manage: ModelManage) -> None:
        self._manage = manage
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).with_name("templates")),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        filters: dict[str, Any] = self._templates.filters
        filters.update(when=_when, seconds=_seconds, metrics=_metrics, at=_at)
        filters.update(label=label, strings=string_list, objects=object_list)

    def routes(self) -> list[Route]:
        tables = [Route(path, self.table, methods=["GET"]) for path in _TABLES]
        return [*tables, Route("/models/{id}/snapshots", self.create_snapshot, methods=["POST"])]

    async def table(self, request: Request) -> Response:
        title, collection, template = _TABLES[request.url.path]
        tabs = [
            (path, name, self._manage.store.count(book), path == request.url.path)
            for path, (name, book, _) in _TABLES.items()
        ]
        page = self._templates.get_template(template).render(
            title=title,
            tabs=tabs,
            entities=self._manage.store.page(collection, PageRequest(size=_SHOWN, descending=True)),
            total=self._manage.store.count(collection),
            created=request.query_params.get("created"),
        )
        return HTMLResponse(page)

    async def create_snapshot(self, request: Request) -> Response:
        _refuse_other_sites(request)
        form = await request.form()
        tags = re.split(r"[\s,]+", str(form.get("tags", "")).strip())
        stage = str(form.get("modelStage", "")).strip()
        meta_data: Entity = {"tags": [tag for tag in tags if tag]}
        if stage:
            meta_data["modelStage"] = stage
        body: Entity = {"storedModel": {"id": request.path_params["id"]}, "metaData": meta_data}
        snapshot = self._manage.create("deployableModels", body, _PAGE_USER)
        return RedirectResponse(f"/snapshots?created={snapshot['id']}", 303)


def _refuse_other_sites(request: Request) -> None:
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise RefusedError(403, "the form was sent from another site")


def _at(entity: Any, path: str) -> Any:
    """The value under the dotted path, an empty text where there is none."""
    value = nested(entity, *path.split("."))
    return "" if value is None else value


def _when(value: Any) -> str:
    """An ISO time or epoch milliseconds as people read it, in UTC."""
    if value in (None, ""):
        return "–"
    try:
        if isinstance(value, (int, float)):
            moment = datetime.fromtimestamp(value / 1000, UTC)
        else:
            moment = datetime.fromisoformat(str(value)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return str(value)
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _seconds(milliseconds: Any) -> str:
    return f"{milliseconds / 1000:.1f} s" if isinstance(milliseconds, (int, float)) else "–"


def _metrics(results: Any) -> list[tuple[str, str]]:
    """The flat metrics of a test result; its sections are left to the JSON below them."""
    if not isinstance(results, dict):
        return []
    flat: list[tuple[str, str]] = []
    for name, value in cast("Entity", results).items():
        if isinstance(value, float):
            flat.append((name, f"{value:.4g}"))
        elif isinstance(value, (str, int)):
            flat.append((name, str(value)))
    return flat
