"""The routes /gocli and /model-manage/api in the shapes of Spring Data REST (HAL)."""

import secrets

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.modelop.accounts import Accounts, Settings
from sandbox.modelop.entities import Entity
from sandbox.modelop.model_manage import COLLECTIONS, ModelManage, RefusedError
from sandbox.modelop.store import PageRequest, is_field
from sandbox.modelop.web import json_object

_API = "/model-manage/api"
_LARGEST_PAGE = 1000
_LARGEST_PAGE_NUMBER = 10**9

# collection and search -> the fields that its query parameters must match
_SEARCHES = {
    ("modelMLCs", "findAllByStoredModelIdAndGroupIn"): {"storedModelId": "storedModelId", "group": "group"},
    ("modelTestResultSummaries", "findAllByDeployedModel_DeployableModel_Id"): {
        "deployableModelId": "deployedModel.deployableModel.id"
    },
    ("auditRecords", "findAuditRecordsByStoredModelId"): {"storedModelId": "storedModelId"},
}


class ModelManageRoutes:
    """Every route of model-manage needs a bearer token; its user is written on what it changes."""

    def __init__(self, manage: ModelManage, accounts: Accounts, settings: Settings) -> None:
        self._manage = manage
        self._accounts = accounts
        self._settings = settings

    def routes(self) -> list[Route]:
        collection, entity = f"{_API}/{{collection}}", f"{_API}/{{collection}}/{{id}}"
        return [
            Route("/gocli/token", self.token, methods=["POST"]),
            Route("/gocli/jwks", self.jwks, methods=["GET"]),
            Route(collection, self.page, methods=["GET"]),
            Route(collection, self.create, methods=["POST"]),
            Route(f"{collection}/search/{{search}}", self.search, methods=["GET"]),
            Route(entity, self.read, methods=["GET"]),
            Route(entity, self.patch, methods=["PATCH"]),
            Route(entity, self.replace, methods=["PUT"]),
            Route(entity, self.delete, methods=["DELETE"]),
            Route("/model-manage/{rest:path}", self.unknown),
        ]

    async def token(self, request: Request) -> Response:
        form = await request.form()
        username, password = form.get("username"), form.get("password")
        if not isinstance(username, str) or not isinstance(password, str):
            raise RefusedError(400, "the form fields username and password are needed")
        if not self._accounts.password_holds(username, password):
            raise RefusedError(401, "wrong username or password")
        return JSONResponse(
            {
                "access_token": self._accounts.issue_token(username),
                "refresh_token": secrets.token_urlsafe(32),
                "expires_in": round(self._settings.token_seconds),
                "token_type": "Bearer",
            }
        )

    async def jwks(self, request: Request) -> Response:
        return JSONResponse(self._accounts.jwks())

    async def page(self, request: Request) -> Response:
        self._user(request)
        collection = _collection(request)
        wanted = _page_request(request)
        entities = self._manage.store.page(collection, wanted)
        total = self._manage.store.count(collection)
        body: Entity = {
            "_embedded": {collection: [_linked(request, collection, entity) for entity in entities]},
            "_links": _page_links(request, wanted, total),
            "page": {
                "size": wanted.size,
                "totalElements": total,
                "totalPages": -(-total // wanted.size),
                "number": wanted.number,
            },
        }
        return JSONResponse(body)

    async def create(self, request: Request) -> Response:
        user = self._user(request)
        collection = _collection(request)
        entity = _linked(
            request, collection, self._manage.create(collection, await json_object(request), user)
        )
        return JSONResponse(entity, 201, {"Location": entity["_links"]["self"]["href"]})

    async def read(self, request: Request) -> Response:
        self._user(request)
        collection = _collection(request)
        return JSONResponse(
            _linked(request, collection, self._manage.get(collection, request.path_params["id"]))
        )

    async def patch(self, request: Request) -> Response:
        user = self._user(request)
        collection = _collection(request)
        changes = await json_object(request)
        entity = self._manage.patch(collection, request.path_params["id"], changes, user)
        return JSONResponse(_linked(request, collection, entity))

    async def replace(self, request: Request) -> Response:
        user = self._user(request)
        collection = _collection(request)
        body = await json_object(request)
        entity = self._manage.replace(collection, request.path_params["id"], body, user)
        return JSONResponse(_linked(request, collection, entity))

    async def delete(self, request: Request) -> Response:
        self._user(request)
        self._manage.delete(_collection(request), request.path_params["id"])
        return Response(status_code=204)

    async def search(self, request: Request) -> Response:
        self._user(request)
        collection, search = _collection(request), request.path_params["search"]
        fields = _SEARCHES.get((collection, search))
        if fields is None:
            raise RefusedError(404, f"{collection} has no search {search}")
        found: list[Entity] | None = None
        for parameter, field in fields.items():
            given = request.query_params.getlist(parameter)
            if not given:
                raise RefusedError(400, f"the query parameter {parameter} is missing")
            values = [value for entry in given for value in entry.split(",")]
            matching = self._manage.store.find(collection, field, values)
            found = matching if found is None else [entity for entity in found if entity in matching]
        entities = [_linked(request, collection, entity) for entity in found or []]
        return JSONResponse(
            {"_embedded": {collection: entities}, "_links": {"self": {"href": str(request.url)}}}
        )

    async def unknown(self, request: Request) -> Response:
        self._user(request)
        raise RefusedError(404, f"nothing is at {request.url.path}")

    def _user(self, request: Request) -> str:
        user = self._accounts.user_of(request.headers.get("authorization"))
        if user is None:
            raise RefusedError(401, "a valid bearer token is needed")
        return user


def _collection(request: Request) -> str:
    collection = request.path_params["collection"]
    if collection not in COLLECTIONS:
        raise RefusedError(404, f"there is no collection {collection}")
    return collection


def _page_request(request: Request) -> PageRequest:
    query = request.query_params
    number = _whole_number(query.get("page", "0"), "page", 0, _LARGEST_PAGE_NUMBER)
    size = _whole_number(query.get("size", "20"), "size", 1, _LARGEST_PAGE_NUMBER)
    field, _, direction = query.get("sort", "createdDate,asc").partition(",")
    if not is_field(field) or direction.lower() not in ("", "asc", "desc"):
        raise RefusedError(400, "sort is not of the form <field>,asc or <field>,desc")
    return PageRequest(number, min(size, _LARGEST_PAGE), field, direction.lower() == "desc")


def _whole_number(text: str, name: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 12 and least <= int(text) <= most):
        raise RefusedError(400, f"{name} is {text!r}, not a whole number from {least} on")
    return int(text)


def _linked(request: Request, collection: str, entity: Entity) -> Entity:
    href = str(request.url.replace(path=f"{_API}/{collection}/{entity['id']}", query=""))
    return {**entity, "_links": {"self": {"href": href}}}


def _page_links(request: Request, wanted: PageRequest, total: int) -> Entity:
    links = {"self": {"href": str(request.url)}}
    if wanted.number > 0:
        links["prev"] = {"href": str(request.url.include_query_params(page=wanted.number - 1))}
    if (wanted.number + 1) * wanted.size < total:
        links["next"] = {"href": str(request.url.include_query_params(page=wanted.number + 1))}
    return links
