"""The data scientist of the demonstration, who uses ModelOp Center as people's programs do: over its REST interface."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import httpx

from sandbox.models.catalogue import Version, stored_model
from starter.demo.errors import DemoFailed
from starter.stack.state import PasswordAccount

API, RESPONSIVE = "/model-manage/api", "/mlc-service/rest/signalResponsive"
LARGEST_PAGE = 1000

SERVICE_TAG = "breast-cancer"
SNAPSHOT_TAGS = ("run_test", "jira", SERVICE_TAG)
RUNTIME_NAME = "breast-cancer-online"
BATCH_TAG = RUNTIME_FOR_BATCH = "breast-cancer-batch"
SCORE = "com.modelop.mlc.definitions.Signals_DEPLOYED_BATCH_JOB"
SCORED_WITHIN_SECONDS = 15

Json = dict[str, Any]


class DataScientist:
    """Registers the demonstration model, submits versions of it, and puts data where the runtimes read them.

    `http` has ModelOp Center's base URL; `files` is the folder that its runtimes know as `file:///`.
    """

    def __init__(self, http: httpx.AsyncClient, account: PasswordAccount, files: Path) -> None:
        self._http = http
        self._account = account
        self._files = files

    async def submit(self, version: Version) -> str:
        """Stores this version of the model and takes a snapshot of it, which starts a deploy process.

        Answers the snapshot's id. Raises DemoFailed when ModelOp Center refuses.
        """
        endpoint = f"{str(self._http.base_url).rstrip('/')}/runtimes/{RUNTIME_NAME}/score"
        # The runtime that the model is meant for: online, for it has an endpoint.
        runtime = {"name": RUNTIME_NAME, "tags": [SERVICE_TAG], "inputEndpoints": [endpoint]}
        return await self._submit(version, runtime, SNAPSHOT_TAGS)

    async def submit_for_batch(self) -> str:
        """The same for version 1 and a runtime without endpoints, to be deployed without a review."""
        return await self._submit(1, {"name": RUNTIME_FOR_BATCH, "tags": [BATCH_TAG]}, (BATCH_TAG,))

    async def score(self, tag: str, inputs: Json, outputs: Json) -> str:
        """Asks for a batch job by REST, as a scheduler would, and waits a little for it; answers its process."""
        variables = {
            "TAG": {"value": tag},
            "INPUT_FILE": {"value": inputs},
            "OUTPUT_FILE": {"value": outputs},
        }
        try:
            answer = await self._call(
                "POST",
                RESPONSIVE,
                json={"name": SCORE, "variables": variables},
                params={"wait": SCORED_WITHIN_SECONDS},
            )
        except httpx.HTTPError as error:
            raise DemoFailed(f"the batch job is not taken: {error}") from error
        return str(answer["processInstances"][0]["id"])

    def file(self, name: str) -> Json:
        """The asset object of a file in the runtimes' folder."""
        return {
            "assetType": "EXTERNAL_FILE",
            "fileUrl": f"file:///{name}",
            "filename": Path(name).name,
            "fileFormat": "CSV",
        }

    def put(self, name: str, asset: Json) -> None:
        """Writes an embedded asset's content into the runtimes' folder."""
        path = self._files / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(asset["fileContent"]))

    def read(self, name: str) -> str:
        """What a runtime wrote there."""
        return (self._files / name).read_text()

    async def _submit(self, version: Version, runtime: Json, tags: Sequence[str]) -> str:
        try:
            await self._sign_in()
            await self._provide(runtime)
            model_id = await self._store(version)
            snapshot = await self._call(
                "POST",
                f"{API}/deployableModels",
                json={"storedModel": {"id": model_id}, "metaData": {"tags": tags}},
            )
        except httpx.HTTPError as error:
            raise DemoFailed(f"ModelOp Center does not take version {version}: {error}") from error
        return str(snapshot["id"])

    async def _sign_in(self) -> None:
        form = {"username": self._account.username, "password": self._account.password}
        token = await self._call("POST", "/gocli/token", data=form)
        self._http.headers["Authorization"] = f"Bearer {token['access_token']}"

    async def _provide(self, runtime: Json) -> None:
        if all(engine["name"] != runtime["name"] for engine in await self._all("engines")):
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
