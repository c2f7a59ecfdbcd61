"""What pyright and mypy, both strict, must reject: each line that ends in `# rejected`, and no other."""

from typing import Any

from ocamba_hood import AsyncClient, Client, Integration, NewIntegration, Provider, Secret, UnknownProvider, UpdateIntegration


def requests(client: Client, settings: Provider, unchecked: dict[str, Any], integration: Integration) -> None:
    create = client.integrations.create
    create()  # rejected
    create(name="Example")  # rejected
    create(settings=settings)  # rejected
    create(name=5, settings=settings)  # rejected
    create(name="Example", settings=settings, timeout="5")  # rejected
    create(name="Example", settings=settings, colour="red")  # rejected
    create(name="Example", settings={"a": "b"})  # rejected
    create(name="Example", settings=integration)  # rejected
    create(unchecked)  # rejected
    create({"name": "Example", "provider_id": "2000", "settings": {}})  # rejected
    create({"name": "Example"})  # rejected
    NewIntegration(settings=settings)  # rejected
    NewIntegration("Example", settings)  # rejected
    UnknownProvider(provider_id=2000, settings={})  # rejected


def other_calls(client: Client, asynchronous: AsyncClient, settings: Provider, unchecked: dict[str, Any]) -> None:
    calls = client.integrations
    calls.get(1165)  # rejected
    calls.get()  # rejected
    calls.ensure(name="Example")  # rejected
    calls.create(name="Example", settings=settings, reconcile_timeout=1)  # rejected
    calls.validate(unchecked)  # rejected
    calls.send_test(5)  # rejected
    calls.send_test(name="Example", settings=settings)  # rejected
    calls.find_created("unknown")  # rejected
    calls.list(colour="red")  # rejected
    calls.list(page=1)  # rejected
    calls.list(page_size="5")  # rejected
    calls.list().page("1")  # rejected
    client.providers.list(type="sms")  # rejected
    len(calls.list())  # rejected
    list(asynchronous.integrations.list())  # rejected
    print(asynchronous.integrations.get("1165").name)  # rejected
    calls.update("1165", name=None)  # rejected
    calls.update("1165", name=5)  # rejected
    calls.update("1165", settings=settings)  # rejected
    calls.update("1165", settings={"auth_token": "464"})  # rejected
    calls.update("1165", unchecked)  # rejected
    calls.update("1165", {"settings": {"auth_token": "464"}})  # rejected
    calls.update("1165", {"colour": "red"})  # rejected
    UpdateIntegration(name=None)  # rejected
    UpdateIntegration("Another")  # rejected


def frozen(integration: Integration, settings: UnknownProvider, secret: Secret) -> None:
    integration.name = "another"  # rejected
    settings.provider_id = "2000"  # rejected
    len(secret)  # rejected
    secret + "text"  # rejected


def clients() -> None:
    Client("token")  # rejected
    Client(token=5)  # rejected
    Client(timeout="5")  # rejected
    Client(colour="red")  # rejected
