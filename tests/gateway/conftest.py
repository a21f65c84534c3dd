from collections.abc import AsyncGenerator

import httpx
import pytest

from tests.gateway import doors
from tests.gateway.issuer import Issuer, issuing
from tests.house import House


@pytest.fixture
async def door(at_home: House) -> AsyncGenerator[httpx.AsyncClient]:
    """The gateway as an administrator of the stand-in for ModelOp Center meets it."""
    _, token = await doors.token_of(at_home.stand_ins, "mlc-admin")
    async with doors.door(at_home.client, doors.of_stand_in(at_home.stand_ins), token) as http:
        yield http


@pytest.fixture
async def issuer() -> AsyncGenerator[Issuer]:
    async with issuing() as made:
        yield made
