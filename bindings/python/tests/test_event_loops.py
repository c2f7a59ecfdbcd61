"""Event loops other than asyncio's: trio, anyio, uvloop; and gevent."""

import asyncio
import functools
import gc
import json
import subprocess
import sys
import threading
import weakref

import anyio
import pytest
import trio
import uvloop
from servers import Server, always, answer, never

import ocamba_hood
from ocamba_hood import AsyncClient, ValidationError
from ocamba_hood.fleet import AsyncFleet


async def use(client, request):
    """Uses every kind of call."""
    created = await client.integrations.create(request)
    assert (await client.integrations.get(created.id)).name == request["name"]
    assert created.id in [integration.id async for integration in client.integrations.list()]
    assert (await client.integrations.with_response.get(created.id)).status == 200
    with pytest.raises(ocamba_hood.NotFoundError):
        await client.integrations.get("999999")
    assert (await client.rate_limit_status()).storage == "off"


@pytest.mark.parametrize(("backend", "options"), [("asyncio", {}), ("asyncio", {"use_uvloop": True}), ("trio", {})])
def test_anyio_runs_on_each_backend(sandbox, some_example, backend, options):
    async def main():
        async with sandbox.async_client() as client:
            async with anyio.create_task_group() as group:
                for number in range(10):
                    group.start_soon(use, client, {**some_example.request, "name": f"n{number}"})
            with anyio.move_on_after(5) as scope:
                await use(client, some_example.request)
            assert not scope.cancelled_caught

    anyio.run(main, backend=backend, backend_options=options)


def test_uvloop_runs_many_calls(sandbox, some_example):
    async def main():
        async with sandbox.async_client() as client:
            names = [f"n{number}" for number in range(100)]
            creates = [client.integrations.create({**some_example.request, "name": name}) for name in names]
            assert [integration.name for integration in await asyncio.gather(*creates)] == names

    uvloop.run(main())


def test_trio_runs_one_client_in_several_runs_and_threads(sandbox, some_example):
    client = sandbox.async_client()
    errors = []

    async def main():
        async with trio.open_nursery() as nursery:
            for number in range(20):
                nursery.start_soon(use, client, {**some_example.request, "name": f"n{number}"})

    def run():
        try:
            for _ in range(2):
                trio.run(main)
            asyncio.run(use(client, some_example.request))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_trio_cancels_a_request(some_example):
    """The server sees the connection close, and the exception knows the outcome."""
    with never() as server:

        async def main():
            client = AsyncClient(token="token", base_url=server.url)
            with trio.move_on_after(60) as scope:

                async def cancel():
                    await trio.to_thread.run_sync(server.asked.wait)
                    scope.cancel()

                async with trio.open_nursery() as nursery:
                    nursery.start_soon(cancel)
                    try:
                        await client.integrations.create(some_example.request)
                    except trio.Cancelled as error:
                        outcomes.append(getattr(error, "outcome", None))
                        raise
            assert scope.cancelled_caught
            await trio.to_thread.run_sync(server.closed.wait)

        outcomes = []
        trio.run(main)
        assert outcomes == ["unknown"]


async def expired(server, call):
    """The error of a call whose request was sent before its timeout, for which a busy machine may need more time."""
    for timeout in (0.5, 2, 10):
        server.asked.clear()
        with pytest.raises(TimeoutError) as caught:
            await call(timeout=timeout)
        if server.asked.is_set():
            return caught.value
    raise AssertionError("no request was sent")


@pytest.mark.parametrize(("backend", "options"), [("asyncio", {}), ("asyncio", {"use_uvloop": True}), ("trio", {})])
def test_timeouts_know_the_unconfirmed_create(some_example, backend, options):
    """Those of calls and of scopes: `find_created` takes either, and searches."""
    with never() as server:

        async def main():
            client = AsyncClient(token="token", base_url=server.url)
            create = functools.partial(client.integrations.create, some_example.request)

            async def within_scope(timeout):
                with anyio.fail_after(timeout):
                    await create()

            for call in (create, within_scope):
                error = await expired(server, call)
                with pytest.raises(ocamba_hood.HoodTimeoutError):
                    await client.integrations.find_created(error, timeout=0.1)

        anyio.run(main, backend=backend, backend_options=options)


def test_trio_sends_nothing_after_a_cancellation(some_example):
    with never() as server:

        async def main():
            client = AsyncClient(token="token", base_url=server.url)
            with trio.CancelScope() as scope:
                scope.cancel()
                await client.integrations.create(some_example.request)
            # The rate limit is off, so that an unsent request does not wait.
            with trio.fail_after(60):
                with pytest.raises(ValidationError):
                    await client.integrations.create({"name": ""})

        trio.run(main)
        assert server.requests == []


def test_trio_has_no_loop_left(sandbox, some_example):
    """The queue of a run ends with it."""
    from ocamba_hood import _trio_queue

    queues = []

    async def main():
        async with sandbox.async_client() as client:
            await client.integrations.create(some_example.request)
            queues.append(weakref.ref(_trio_queue._queue.get()))

    trio.run(main)
    gc.collect()
    assert queues[0]() is None


def test_fleet_in_trio_says_what_to_do(some_example):
    async def main():
        await AsyncFleet([some_example.request]).check()

    with pytest.raises(RuntimeError, match="trio.to_thread"):
        trio.run(main)


GEVENT = """
from gevent import monkey
monkey.patch_all()
import gevent, json, sys, time
from ocamba_hood import Client
url, request, way = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
client = Client(token="token", base_url=url)
pool = gevent.get_hub().threadpool
def create(number):
    return client.integrations.create({**request, "name": f"n{number}"}).name
def tick():
    while True:
        ticks.append(1)
        gevent.sleep(0.001)
ticks = []
ticking = gevent.spawn(tick)
call = pool.apply if way == "pool" else (lambda function, arguments: function(*arguments))
calls = [gevent.spawn(call, create, (number,)) for number in range(4)]
gevent.joinall(calls, raise_error=True)
ticking.kill()
print(json.dumps([[call.value for call in calls], len(ticks)]))
"""


@pytest.mark.parametrize("way", ["pool", "direct"])
def test_gevent_runs_calls_in_its_own_threads(some_example, way):
    """In the pool, calls run at the same time, and greenlets in the meantime. Otherwise, one call runs after another."""
    together = threading.Barrier(4)

    def serve(connection):
        while (request := connection.request()) is not None:
            if way == "pool":
                together.wait(60)
            connection.send(answer(body={"id": "1", "name": json.loads(request[1])["name"]}))

    with Server(serve) as server:
        command = [sys.executable, "-c", GEVENT, server.url, json.dumps(some_example.request), way]
        found, ticks = json.loads(subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout)
    assert found == [f"n{number}" for number in range(4)]
    assert ticks > 0


def test_sub_interpreter_refuses_the_import():
    """The classes of errors belong to the interpreter that loaded the extension first. Nothing crashes."""
    pytest.importorskip("_xxsubinterpreters")
    code = """
import _xxsubinterpreters, sys
import ocamba_hood
code = '''
try:
    import ocamba_hood
except ImportError as error:
    assert "subinterpreters" in str(error), error
else:
    raise AssertionError("imported")
'''
_xxsubinterpreters.run_string(_xxsubinterpreters.create(), code)
print(ocamba_hood.Secret("x"))
"""
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert output.stdout == "[REDACTED]\n"
