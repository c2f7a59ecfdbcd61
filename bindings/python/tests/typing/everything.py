"""A program that uses everything: pyright and mypy, both strict, must accept it."""

import asyncio
import json
from pathlib import Path
from typing import Any

from typing_extensions import assert_type

import ocamba_hood
from ocamba_hood import (
    AsyncClient,
    Client,
    HoodError,
    Integration,
    NewIntegration,
    Provider,
    RawValues,
    Response,
    Secret,
    Settings,
    UnknownProvider,
)
from ocamba_hood.testing import Sandbox
from ocamba_hood.types import IntegrationType, NewIntegrationDict, Status


def clients(token: str) -> None:
    client = Client(
        token=Secret(token),
        base_url="https://api.ocamba.com",
        timeout=5,
        connect_timeout=2.5,
        max_response_bytes=1_000_000,
        user_agent="my-app/1.2",
    )
    assert_type(client.base_url, str)
    client.close()
    with Client(token=token) as same, Sandbox(token=token, burst=1, steady=1, limits=False) as sandbox:
        assert_type(same, Client)
        assert_type(sandbox.client(), Client)
        assert_type(sandbox.async_client(), AsyncClient)
        assert_type(sandbox.url, str)


def requests(client: Client, settings: Provider, wire: NewIntegrationDict, path: Path) -> None:
    create = client.integrations.create
    assert_type(create(name="Example", settings=settings), Integration)
    assert_type(create(name="Example", settings=settings, status="paused", timeout=1.5), Integration)
    assert_type(create(name="Example", settings=settings, status=None), Integration)
    request = NewIntegration(name="Example", settings=settings, status="active")
    assert_type(create(request, timeout=1), Integration)
    assert_type(create(wire), Integration)
    assert_type(create(json.loads(path.read_text())), Integration)
    unchecked: dict[str, Any] = json.loads(path.read_text())
    assert_type(create(unchecked, allow_unknown_provider=True), Integration)
    assert_type(create(NewIntegration.from_dict(unchecked)), Integration)
    assert_type(request.to_dict(), dict[str, Any])
    assert_type(request.name, str)
    assert_type(request.status, "Status | None")
    unknown = UnknownProvider(provider_id="2000", settings={"bot_token": "123:abc"})
    assert_type(create(name="Bot", settings=unknown), Integration)
    response = client.integrations.create_with_response(name="Example", settings=settings)
    assert_type(response, Response[Integration])
    assert_type(response.value, Integration)
    assert_type(response.status, int)
    assert_type(response.headers, dict[str, str])
    assert_type(response.trace_id, "str | None")


def results(integration: Integration) -> None:
    assert_type(integration.id, str)
    assert_type(integration.name, "str | None")
    assert_type(integration.type, "IntegrationType | None")
    assert_type(integration.status, "Status | None")
    assert_type(integration.is_default, "bool | None")
    assert_type(integration.extra, RawValues)
    assert_type(integration.extra.get("create_time"), Any)
    assert_type(integration.to_dict(), dict[str, Any])
    assert_type(Integration.from_dict({"id": "1"}), Integration)
    match integration:
        case Integration(settings=UnknownProvider(provider_id=id, settings=raw)):
            assert_type(id, str)
            assert_type(raw, RawValues)
        case Integration(settings=Settings() as settings):
            provider_id: str = settings.provider_id
            print(provider_id)
        case _:
            pass


def errors(client: Client, settings: Provider) -> None:
    try:
        client.integrations.create(name="Example", settings=settings)
    except ocamba_hood.RateLimitError as error:
        assert_type(error.retry_after, "float | None")
    except ocamba_hood.ValidationError as error:
        assert_type(error.problems, tuple[tuple[str, str], ...])
    except (ocamba_hood.HoodTimeoutError, ocamba_hood.HoodConnectionError, ocamba_hood.OutcomeUnknownError):
        raise
    except HoodError as error:
        if error.outcome == "unknown":
            print(error.code, error.status, error.title, error.message, error.trace_id)


async def asynchronous(settings: Provider, request: NewIntegrationDict) -> None:
    async with AsyncClient() as client:
        assert_type(client, AsyncClient)
        create = client.integrations.create
        one, other = await asyncio.gather(create(name="Example", settings=settings), create(request, timeout=1))
        assert_type(one, Integration)
        assert_type(other, Integration)
        response = await client.integrations.create_with_response(request)
        assert_type(response, Response[Integration])
    await client.close()


def secrets(secret: Secret) -> str:
    return secret.expose()
