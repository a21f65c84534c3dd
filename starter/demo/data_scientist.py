"""The data scientist of the demonstration, who uses ModelOp Center as people's programs do: over its REST interface."""

from typing import Any, cast

import httpx

from sandbox.models.catalogue import Version, stored_model
from starter.demo.errors import DemoFailed
from starter.stack.state import PasswordAccount

API = "/model-manage/api"
LARGEST_PAGE = 1000

SERVICE_TAG = "breast-cancer"
SNAPSHOT_TAGS = ("run_test", "jira", SERVICE_TAG)
RUNTIME_NAME = "breast-cancer-online"

Json = dict[str, Any]


class DataScientist:
    """Registers the demonstration model and submits versions of it. `http` has ModelOp Center's base URL."""

    def __init__(self, http: httpx.AsyncClient, account: PasswordAccount) -> None:
        self._http = http
        self._account = account

    async def submit(self, version: Version) -> str:
        """Stores this version of the model and takes a snapshot of it, which starts a deploy process.

        Answers the snapshot's id. Raises DemoFailed when ModelOp Center refuses.
        """
        try:
            await self._sign_in()
            await self._provide_runtime()
            model_id = await self._store(version)
            snapshot = await self._call(
                "POST",
                f"{API}/deployableModels",
                json={"storedModel": {"id": model_id}, "metaData": {"tags": SNAPSHOT_TAGS}},
            )
        except httpx.HTTPError as error:
            raise DemoFailed(f"ModelOp Center does not take version {version}: {error}") from error
        return str(snapshot["id"])

    async def _sign_in(self) -> None:
        form = {"username": self._account.username, "password": self._account.password}
        token = await self._call("POST", "/gocli/token", data=form)
        self._http.headers["Authorization"] = f"Bearer {token['access_token']}"

    async def _provide_runtime(self) -> None:
        """The runtime that the model is meant for: online, for it has an endpoint."""
        if any(SERVICE_TAG in engine["tags"] for engine in await self._all("engines")):
            return
        endpoint = f"{self._http.base_url}runtimes/{RUNTIME_NAME}/score"
        runtime = {"name": RUNTIME_NAME, "tags": [SERVICE_TAG], "inputEndpoints": [endpoint]}
        await self._call("POST", f"{API}/engines", json={"engineType": "MODEL_OP_ENGINE", **runtime})

    async def _store(self, version: Version) -> str:
        """Both versions are states of one stored model, so that a review can tell what changed."""
        body = stored_model(version)
        name = body["modelMetaData"]["name"]
        for model in await self._all("storedModels"):
            if model["modelMetaData"].get("name") == name:
                await self._call("PATCH", f"{API}/storedModels/{model['id']}", json=body)
                return str(model["id"])
        return str((await self._call("POST", f"{API}/storedModels", json=body))["id"])

    async def _all(self, collection: str) -> list[Json]:
        page = await self._call("GET", f"{API}/{collection}", params={"size": LARGEST_PAGE})
        return cast("list[Json]", page["_embedded"][collection])

    async def _call(self, method: str, path: str, **request: Any) -> Json:
        answer = await self._http.request(method, path, **request)
        return cast(Json, answer.raise_for_status().json())
