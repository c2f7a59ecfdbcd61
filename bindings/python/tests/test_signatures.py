"""What notebooks and libraries read of the public classes: signatures with types, names, and `__all__`."""

import asyncio
import importlib
import inspect
import pickle
import subprocess
import sys
import typing
from unittest import mock

import pytest
from starlette._utils import is_async_callable

import ocamba_hood
from ocamba_hood import AsyncClient, AsyncIntegrations, Client, Secret
from ocamba_hood.fleet import AsyncFleet, Fleet

MODULES = ["ocamba_hood", "ocamba_hood.fleet", "ocamba_hood.testing", "ocamba_hood.types"]
#: Made by the package, not by users.
MADE = {"Listing", "Integrations", "Providers", "Headers", "Attempt", "RateLimitStatus"}


def classes():
    for module in map(importlib.import_module, MODULES[:3]):
        yield from (getattr(module, name) for name in module.__all__ if isinstance(getattr(module, name), type))


def methods(kind):
    """The public methods of a class, and its constructor unless only the package calls it."""
    is_made = any(kind.__name__.removeprefix("Async").startswith(name) for name in MADE)
    for name, found in inspect.getmembers_static(kind) if hasattr(inspect, "getmembers_static") else inspect.getmembers(kind):
        method = getattr(found, "__func__", found)
        is_ours = inspect.isfunction(method) and method.__module__.startswith("ocamba_hood")
        if is_ours and (not name.startswith("_") or name == "__init__" and not is_made):
            yield method


@pytest.mark.parametrize("name", MODULES)
def test_public_module_lists_its_names(name):
    module = importlib.import_module(name)
    assert len(set(module.__all__)) == len(module.__all__)
    found = {}
    exec(f"from {name} import *", found)
    assert set(module.__all__) == found.keys() - {"__builtins__"}
    public = {key for key, value in vars(module).items() if getattr(value, "__module__", None) == name and not key.startswith("_")}
    assert public <= set(module.__all__)


@pytest.mark.parametrize("kind", list(classes()), ids=lambda kind: kind.__name__)
def test_types_are_known_at_runtime(kind):
    assert isinstance(typing.get_type_hints(kind), dict)
    for method in methods(kind):
        signature, hints = inspect.signature(method), typing.get_type_hints(method)
        given = {name for name in signature.parameters if name not in ("self", "cls")}
        assert given | {"return"} == hints.keys(), method.__qualname__
        assert not method.__qualname__.startswith("_"), method.__qualname__


def test_signatures_say_what_each_class_returns():
    with Client(token="token") as client:
        text = str(inspect.signature(client.integrations.create))
    assert "settings: 'Provider | None' = None" in text and text.endswith("-> 'Integration'")
    for kind, method, returned in (
        ("IntegrationsWithResponse", "ensure", "Response[Ensured]"),
        ("AsyncIntegrations", "update", "None"),
        ("AsyncIntegrationsWithResponse", "get", "Response[Integration]"),
        ("AsyncIntegrations", "list", "AsyncListing[Integration]"),
        ("AsyncProviders", "list", "AsyncListing[ProviderDescription]"),
        ("ListingWithResponse", "page", "Response[Page]"),
    ):
        assert getattr(getattr(ocamba_hood, kind), method).__annotations__["return"] == returned
    assert typing.get_type_hints(ocamba_hood.Mitto)["api_key"] is Secret
    assert "api_key: 'str | Secret'" in str(inspect.signature(ocamba_hood.Mitto))


def test_awaited_methods_are_coroutine_functions():
    # Before Python 3.12, only asyncio knows functions that are marked as such.
    is_marked = inspect.iscoroutinefunction if sys.version_info >= (3, 12) else asyncio.iscoroutinefunction
    AsyncClient(token="token")
    for kind, names in (
        (AsyncIntegrations, "create validate ensure find_created get update send_test"),
        (ocamba_hood.AsyncIntegrationsWithResponse, "create get"),
        (ocamba_hood.AsyncListing, "page to_pandas"),
        (AsyncFleet, "check plan apply export status"),
    ):
        for name in names.split():
            assert is_marked(getattr(kind, name)), name
            assert str(inspect.signature(getattr(kind, name))).startswith("(self")
    for plain in (AsyncIntegrations.list, AsyncFleet.stop, ocamba_hood.AsyncProviders.list, ocamba_hood.Integrations.create):
        assert not is_marked(plain)
    assert is_marked(mock.create_autospec(AsyncIntegrations).create) and is_async_callable(AsyncIntegrations.create)
    assert AsyncIntegrations.create.__module__ == ocamba_hood.Integrations.create.__module__


@pytest.mark.parametrize("made", ["Mine(token='token').integrations.create", "ocamba_hood.fleet.AsyncFleet([]).apply"])
def test_awaited_methods_are_marked_without_an_earlier_import_of_asyncio(made):
    text = f"""
import ocamba_hood.fleet, sys
class Mine(ocamba_hood.AsyncClient): pass
assert "asyncio" not in sys.modules
method = {made}
import asyncio
assert asyncio.iscoroutinefunction(method)
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", text], check=True)


def test_errors_name_the_public_class():
    client = Client(token="token")
    for call, text in (
        (lambda: Client(tokn="token"), "Client.__init__() got an unexpected keyword argument 'tokn'"),
        (lambda: AsyncClient(tokn="token"), "AsyncClient.__init__() got an unexpected keyword argument 'tokn'"),
        (lambda: client.integrations.create(setings=5), "Integrations.create() got an unexpected keyword argument 'setings'"),
        (lambda: client.integrations.with_response.get(), "IntegrationsWithResponse.get() missing 1 required positional argument: 'id'"),
        (lambda: client.integrations.list().page(1, 2), "Listing.page() takes from 1 to 2 positional arguments but 3 were given"),
        (lambda: client.providers.list(1), "Providers.list() takes 1 positional argument but 2 were given"),
        (lambda: Fleet([], toke=5), "Fleet.__init__() got an unexpected keyword argument 'toke'"),
        (lambda: Fleet([]).apply(ledgr=5), "Fleet.apply() got an unexpected keyword argument 'ledgr'"),
        (lambda: iter(client.integrations.list())[0], "'ListingItems' object is not subscriptable"),
    ):
        with pytest.raises(TypeError) as caught:
            call()
        assert str(caught.value) == text
    assert repr(client.integrations.create).startswith("<bound method Integrations.create of <ocamba_hood.Integrations object")
    assert pickle.loads(pickle.dumps(Client.close)) is Client.close
