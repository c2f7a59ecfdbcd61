"""A program that uses everything: pyright and mypy, both strict, must accept it."""

import asyncio
import json
from pathlib import Path
from typing import Any, Literal

from pydantic import SecretStr
from typing_extensions import assert_type

import ocamba_hood
from ocamba_hood import (
    KEEP,
    AsyncClient,
    AsyncListing,
    Attempt,
    Client,
    Ensured,
    Headers,
    HoodError,
    Integration,
    Keep,
    Listing,
    NewIntegration,
    Page,
    Provider,
    ProviderDescription,
    RawValues,
    Response,
    Secret,
    SettingDescription,
    Settings,
    SettingsUpdate,
    UnknownProvider,
    UpdateIntegration,
)
from ocamba_hood.testing import Sandbox
from ocamba_hood.types import IntegrationType, NewIntegrationDict, Status, UpdateIntegrationDict


def clients(token: str) -> None:
    assert_type(Secret(SecretStr(token)), Secret)
    Client(token=SecretStr(token), proxy=SecretStr("http://user:password@proxy.example.com"))
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
    with Client(token=token) as same, Sandbox(
        token=token, burst=1, steady=1, limits=False, tls=True, seed=Path("rows.csv"), state="state.json"
    ) as sandbox:
        assert_type(same, Client)
        assert_type(sandbox.client(), Client)
        assert_type(sandbox.async_client(), AsyncClient)
        assert_type(sandbox.url, str)
        assert_type(sandbox.ca_certificate, str | None)


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
    assert_type(client.with_options(timeout=5, max_retries=0, default_headers={"x-key": "1"}), Client)
    Client(on_request=lambda attempt: print(attempt.url, attempt.started))
    response = client.integrations.with_response.create(name="Example", settings=settings)
    assert_type(response, Response[Integration])
    assert_type(response.value, Integration)
    assert_type(response.status, int)
    assert_type(response.headers, Headers)
    assert_type(response.headers.get("Retry-After"), "str | None")
    assert_type(response.trace_id, "str | None")


def other_calls(client: Client, settings: Provider, wire: NewIntegrationDict, unchecked: dict[str, Any]) -> None:
    calls = client.integrations
    request = NewIntegration(name="Example", settings=settings)
    ensured = calls.ensure(name="Example", settings=settings, reconcile_timeout=1.5, timeout=5)
    assert_type(ensured, Ensured)
    assert_type(ensured.integration, Integration)
    assert_type(ensured.action, Literal["created", "adopted", "updated"])
    assert_type(calls.ensure(wire), Ensured)
    assert_type(calls.with_response.ensure(request), Response[Ensured])
    calls.validate(wire)
    calls.validate(name="Example", settings=settings)
    calls.validate(unchecked, allow_unknown_provider=True)
    assert_type(calls.with_response.validate(request), Response[None])
    assert_type(calls.get("1165", timeout=1), Integration)
    assert_type(calls.get(id="1165"), Integration)
    assert_type(calls.with_response.get("1165"), Response[Integration])
    calls.send_test("1165", max_retries=0)
    calls.send_test(wire)
    calls.send_test(request)
    calls.send_test(unchecked, allow_unknown_provider=True)
    assert_type(calls.with_response.send_test("1165"), Response[None])
    try:
        calls.create(request)
    except HoodError as error:
        assert_type(error.headers, Headers)
        assert_type(error.attempts, tuple[Attempt, ...])
        assert_type(error.attempts[0].status, "int | None")
        assert_type(calls.find_created(error, reconcile_timeout=0), "Integration | None")
        assert_type(calls.with_response.find_created(error), "Response[Integration | None]")


def updates(client: Client, settings: SettingsUpdate, wire: UpdateIntegrationDict, unchecked: dict[str, Any]) -> None:
    update = client.integrations.update
    update("1165", name="Another", status="paused", settings=settings, timeout=1)
    update("1165", name=KEEP, settings=UnknownProvider(provider_id="2000", settings={"bot_token": None}))
    update("1165", UpdateIntegration(name="Another", settings=settings))
    update("1165", wire)
    update("1165", {"name": "Another"})
    update("1165", unchecked, allow_unknown_provider=True)
    assert_type(client.integrations.with_response.update("1165", wire), Response[None])
    given = UpdateIntegration.from_dict(unchecked)
    assert_type(given.name, "str | Keep")
    if not isinstance(given.settings, Keep):
        assert_type(given.settings, SettingsUpdate)
    assert_type(given.to_dict(), dict[str, Any])


def lists(client: Client) -> None:
    listing = client.integrations.list(type="sms", sort=["name", "-id"], fields="id,name", view="full", page_size=20)
    assert_type(listing, Listing[Integration])
    assert_type(listing.total, "int | None")
    for integration in listing:
        assert_type(integration, Integration)
    page = listing.page(2)
    assert_type(page, Page[Integration])
    assert_type(page.items, tuple[Integration, ...])
    assert_type(page.total, "int | None")
    assert_type(listing.with_response.page(), Response[Page[Integration]])
    for table in (listing, page):
        assert_type([table.to_pandas(), table.to_polars(), table.to_arrow()], list[Any])
        assert_type(table.__arrow_c_stream__(), object)
    for provider in client.providers.list(page_size=20, timeout=1):
        assert_type(provider, ProviderDescription)
        assert_type(provider.settings, "tuple[SettingDescription, ...] | None")
        assert_type(provider.provider({"bot_token": "123:abc"}), UnknownProvider)
        assert_type([setting.required for setting in provider.settings or ()], "list[bool | None]")


def results(integration: Integration) -> None:
    assert_type(integration.effective_status, "Status | None")
    assert_type(integration.create_time, "str | None")
    assert_type(integration.provider, "ProviderDescription | None")
    assert_type(integration.id, str)
    assert_type(integration.name, "str | None")
    assert_type(integration.type, "IntegrationType | None")
    assert_type(integration.status, "Status | None")
    assert_type(integration.is_default, "bool | None")
    assert_type(integration.extra, RawValues)
    assert_type(integration.extra.get("create_time"), Any)
    assert_type(integration.to_dict(reveal=True), dict[str, Any])
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
        assert_type(error.field_errors, tuple[tuple[str, str], ...])
    except ocamba_hood.HoodConnectionError as error:
        assert_type(error.stage, "Literal['name', 'tcp', 'proxy', 'tls', 'redis'] | None")
    except (ocamba_hood.HoodTimeoutError, ocamba_hood.OutcomeUnknownError):
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
        response = await client.integrations.with_response.create(request)
        assert_type(response, Response[Integration])
        calls = client.integrations
        assert_type(await calls.ensure(request), Ensured)
        task = asyncio.create_task(calls.get("1165"))
        assert_type(await task, Integration)
        await calls.update("1165", name="Another")
        await calls.validate(request)
        await calls.send_test("1165")
        assert_type(await calls.find_created(HoodError()), "Integration | None")
        listing = calls.list(provider_id="1000")
        assert_type(listing, AsyncListing[Integration])
        assert_type([integration async for integration in listing], list[Integration])
        assert_type(await listing.page(1), Page[Integration])
        assert_type([provider.id async for provider in client.providers.list()], list[str])
    await client.close()


def secrets(secret: Secret) -> str:
    return secret.expose()
