"""What pyright and mypy, both strict, must reject: each line that ends in `# rejected`, and no other."""

from typing import Any

from ocamba_hood import Client, Integration, NewIntegration, Provider, Secret, UnknownProvider


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
