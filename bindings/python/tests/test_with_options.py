"""`with_options`, a view of a client with other defaults; and `on_request`, which sees each HTTP request."""

import asyncio
import functools
import gc
import logging
import threading
import weakref
from unittest import mock

import pytest
from servers import Server, always, answer, never

from ocamba_hood import AsyncClient, Attempt, Client, ConfigurationError, HoodError, NotFoundError, ValidationError


def test_view_shares_connections_and_rate_limit(some_example, monkeypatch):
    monkeypatch.setenv("OCAMBA_RATE_LIMIT", "memory")
    with always(answer()) as server, Client(token="token", base_url=server.url) as client:
        view = client.with_options(timeout=60, max_retries=0).with_options(connect_timeout=5)
        for one in (client, view, client, view):
            one.integrations.create(some_example.request)
        assert server.connections == 1
        assert client.rate_limit_status().used_in_minute == view.rate_limit_status().used_in_minute == 4
        assert (type(view), view.base_url, repr(view)) == (Client, client.base_url, repr(client))


def test_view_has_its_own_defaults(some_example):
    with never() as server, Client(token="token", base_url=server.url) as client:
        with pytest.raises(TimeoutError):
            client.with_options(timeout=0.1).integrations.create(some_example.request)
        with pytest.raises(TimeoutError):
            client.with_options(timeout=100).integrations.create(some_example.request, timeout=0.1)
        with pytest.raises(TimeoutError):
            list(client.with_options(timeout=0.1, max_retries=0).integrations.list())


def test_view_retries_as_it_says(some_example):
    rejected = answer(429, {"trace_id": "t-1"}, ["Retry-After: 0"])
    with always(rejected) as server, Client(token="token", base_url=server.url) as client:
        counts = []
        for one in (client.with_options(max_retries=1), client.with_options(max_retries=0), client):
            with pytest.raises(HoodError) as caught:
                one.integrations.create(some_example.request)
            counts.append(len(caught.value.attempts))
    assert counts == [2, 1, 4]


def test_headers_of_a_view_are_added_to_those_of_its_client():
    with always(answer(200, {"id": "7"})) as server:
        client = Client(token="token", base_url=server.url, default_headers={"x-a": "1", "x-b": "1"})
        view = client.with_options(default_headers={"X-B": "2", "x-c": "2"})
        view.integrations.get("7", extra_headers={"x-c": "3"})
        client.integrations.get("7")
    heads = [{line for line in head.lower().split("\r\n") if line.startswith("x-")} for head, _ in server.requests]
    assert heads == [{"x-a: 1", "x-b: 2", "x-c: 3"}, {"x-a: 1", "x-b: 1"}]


def test_view_of_an_async_client(some_example):
    async def main(url):
        async with AsyncClient(token="token", base_url=url) as client:
            view = client.with_options(timeout=0.1)
            with pytest.raises(TimeoutError):
                await view.integrations.create(some_example.request)
            assert type(view) is AsyncClient

    with never() as server:
        asyncio.run(main(server.url))


async def plain_coroutine(attempt):
    """Nobody would await it."""


class Callable:
    async def __call__(self, attempt):
        """Nobody would await it."""


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"timeout": 0}, ConfigurationError, "timeout"),
        ({"timeout": "5"}, TypeError, "timeout"),
        ({"max_retries": 1.5}, TypeError, "max_retries"),
        ({"default_headers": {"Authorization": "canary"}}, ConfigurationError, "headers.Authorization is set by the client"),
        ({"default_headers": "canary"}, TypeError, "default_headers must be a dict"),
        ({"default_headers": {"X-a": "canary", "x-A": "canary"}}, TypeError, "default_headers has x-A twice"),
        ({"on_request": "canary"}, TypeError, "on_request must be a function, not str"),
        ({"on_request": plain_coroutine}, TypeError, "on_request must be a plain function"),
        ({"on_request": functools.partial(plain_coroutine)}, TypeError, "on_request must be a plain function"),
        ({"on_request": Callable()}, TypeError, "on_request must be a plain function"),
        ({"token": "canary"}, TypeError, "token"),
    ],
)
def test_view_rejects_invalid_options(options, error, message):
    client = Client(token="token", base_url="http://127.0.0.1:1")
    with pytest.raises(error, match=message) as caught:
        client.with_options(**options)
    assert "canary" not in str(caught.value)


def test_view_keeps_the_attributes_of_a_subclass():
    class Mine(Client):
        def __init__(self, team):
            super().__init__(token="token")
            self.team = team

        @functools.cached_property
        def own(self):
            return self.integrations

    mine = Mine("a")
    assert mine.own is mine.integrations
    view = mine.with_options(timeout=5)
    assert view.team == "a" and view.own is view.integrations is not mine.own


def test_closing_a_view_closes_its_client(some_example):
    with always(answer()) as server:
        client = Client(token="token", base_url=server.url)
        with client.with_options(timeout=5) as view:
            view.integrations.create(some_example.request)
        for one in (client, view):
            with pytest.raises(ConfigurationError, match="closed"):
                one.integrations.create(some_example.request)


def retrying():
    """A server that rejects the first request of each connection, and accepts the second."""

    def serve(connection):
        while connection.request() is not None:
            connection.send(answer(429, {"trace_id": "t-1"}, ["Retry-After: 0"]))
            connection.request()
            connection.send(answer())

    return Server(serve)


def test_on_request_sees_each_request(some_example, caplog):
    seen = []
    with retrying() as server, Client(token="token", base_url=server.url, on_request=seen.append) as client:
        with caplog.at_level(logging.DEBUG, "ocamba_hood"):
            client.integrations.create(some_example.request)
    assert [(type(a), a.number, a.status, a.error, a.trace_id) for a in seen] == [
        (Attempt, 1, 429, "rate_limit", "t-1"),
        (Attempt, 2, 201, None, None),
    ]
    logged = [record for record in caplog.records if record.name == "ocamba_hood"]
    assert [(record.attempt, record.duration) for record in logged] == [(a.number, a.duration) for a in seen]


def test_on_request_sees_failures_lists_and_views(sandbox, control, some_example):
    seen, other = [], []
    with sandbox.client() as plain:
        client = Client(token="any", base_url=plain.base_url, on_request=lambda attempt: seen.append(attempt.operation))
        client.integrations.create(some_example.request)
        list(client.integrations.list())
        client.integrations.list().page(1)
        list(client.providers.list())
        client.integrations.with_response.list().page(1)
        with pytest.raises(NotFoundError):
            client.integrations.get("999999")
        with pytest.raises(ValidationError):
            client.integrations.get("/")
        client.with_options(timeout=60).integrations.list().page(1)
        client.with_options(on_request=other.append).integrations.list().page(1)
    lists = ["list_integrations"] * 2 + ["list_providers", "list_integrations", "get_integration", "list_integrations"]
    assert seen == ["create_integration", *lists] and len(other) == 1


def test_on_request_runs_where_the_call_does(sandbox, control, some_example):
    seen = []

    async def main():
        url = sandbox.url
        async with AsyncClient(token="any", base_url=url, on_request=lambda _: seen.append(asyncio.current_task())) as client:
            await client.integrations.create(some_example.request)
            assert [integration async for integration in client.integrations.list()]
            assert seen == [asyncio.current_task()] * 2

    asyncio.run(main())
    with Client(token="any", base_url=sandbox.url, on_request=lambda _: seen.append(threading.current_thread())) as client:
        thread = threading.Thread(target=client.integrations.create, args=(some_example.request,))
        thread.start()
        thread.join()
    assert seen[2:] == [thread]


def test_exception_of_on_request_is_logged_and_loses_no_result(sandbox, some_example, caplog):
    def fail(attempt):
        raise RuntimeError("mine")

    with Client(token="any", base_url=sandbox.url, on_request=fail) as client:
        assert client.integrations.create(some_example.request).id
        with pytest.raises(NotFoundError):
            client.integrations.get("999999")
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == ["on_request failed"] * 2


def test_any_object_that_can_be_called_is_an_on_request(sandbox, some_example):
    listener = mock.Mock()
    with sandbox.client(on_request=functools.partial(functools.partial(listener))) as client:
        client.with_options(on_request=listener).integrations.create(some_example.request)
    listener.assert_called_once()


def test_error_of_on_request_is_not_kept_alive(sandbox, some_example, monkeypatch):
    errors = weakref.WeakSet()

    class Mine(Exception):
        def __init__(self):
            errors.add(self)

    def fail(attempt):
        raise Mine

    monkeypatch.setattr(logging.getLogger("ocamba_hood"), "propagate", False)
    monkeypatch.setattr(logging, "lastResort", None)
    gc.collect()
    gc.disable()
    try:
        with sandbox.client(on_request=fail) as client:
            client.integrations.create(some_example.request)
        assert not errors
    finally:
        gc.enable()


def test_coroutine_of_on_request_is_closed_and_logged(sandbox, some_example, caplog):
    with sandbox.client(on_request=lambda attempt: plain_coroutine(attempt)) as client:
        assert client.integrations.create(some_example.request).id
    [record] = caplog.records
    assert "not an async one" in str(record.exc_info[1])
