"""When a part counts as ready: it answers the question that its users will ask it first."""

import asyncio
from contextlib import suppress

import httpx
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.service import RPCError

from mlc import search_attributes

NAMESPACE = "default"


async def answers(http: httpx.AsyncClient, address: str) -> bool:
    """Whether `GET address` is answered with success."""
    try:
        answer = await http.get(address)
    except httpx.TransportError:
        return False
    return answer.is_success


async def temporal_answers(host: str, port: int) -> bool:
    """Whether Temporal serves the namespace and knows the product's search attributes.

    The server registers those of its command line only where it makes a namespace; what an older state folder lacks is
    added here.
    """
    if not await _accepts(host, port):
        return False
    try:
        client = await Client.connect(f"{host}:{port}", namespace=NAMESPACE)
        listed = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=NAMESPACE)
        )
        missing: set[str] = {*search_attributes.ALL} - {*listed.custom_attributes}
        if missing:
            keywords = dict.fromkeys(missing, IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD)
            await client.operator_service.add_search_attributes(
                AddSearchAttributesRequest(namespace=NAMESPACE, search_attributes=keywords)
            )
    except (RPCError, RuntimeError):
        return False
    return True


async def _accepts(host: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True
