"""/mlc-service: ModelOp Center's gateway hands these requests on to the life cycle's own service."""

import httpx
from starlette.requests import Request
from starlette.responses import Response

from sandbox.modelop.model_manage import RefusedError

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
_CONNECT_SECONDS = 2.0
# A responsive signal answers only when its job has ended.
_ANSWER_SECONDS = 120.0
_OF_ONE_CONNECTION = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "host",
    "content-length",
}


class MlcServiceProxy:
    """Passes method, path, query, headers and body to the gateway and its answer back. 503 while it is unreachable."""

    def __init__(self, gateway: str | None) -> None:
        self._gateway = gateway.rstrip("/") if gateway is not None else None
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(_ANSWER_SECONDS, connect=_CONNECT_SECONDS), trust_env=False
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def forward(self, request: Request) -> Response:
        if self._gateway is None:
            raise RefusedError(503, "mlc-service is not connected: no gateway is configured")
        path = request.scope.get("raw_path", request.url.path.encode()).decode("ascii")
        query = f"?{request.url.query}" if request.url.query else ""
        # As bytes: a header may hold any, and is not ours to judge.
        headers = [
            (name, value)
            for name, value in request.headers.raw
            if name.decode("latin-1") not in _OF_ONE_CONNECTION
        ]
        try:
            answer = await self._client.request(
                request.method, f"{self._gateway}{path}{query}", headers=headers, content=await request.body()
            )
        except httpx.HTTPError as error:
            raise RefusedError(
                503, f"mlc-service does not answer: {error or type(error).__name__}"
            ) from error
        response = Response(answer.content, answer.status_code)
        for name, value in answer.headers.multi_items():
            # The client has decoded the content already.
            if name.lower() not in _OF_ONE_CONNECTION | {"content-encoding"}:
                response.headers.append(name, value)
        return response
