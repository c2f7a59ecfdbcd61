"""The asynchronous client in event loops of every kind."""

import asyncio
import gc
import os
import signal
import threading
import time
import weakref

import pytest
from servers import always, answer, never

import ocamba_hood
from ocamba_hood import AsyncClient, HoodError


def test_concurrent_calls_return_to_their_callers(sandbox, example):
    async def main():
        async with sandbox.async_client() as client:
            names = [f"n{number}" for number in range(200)]
            calls = [client.integrations.create({**example.request, "name": name}) for name in names]
            assert [integration.name for integration in await asyncio.gather(*calls)] == names

    asyncio.run(main())


def test_request_is_read_by_the_call_and_not_when_it_is_awaited(sandbox, some_example):
    async def main():
        async with sandbox.async_client() as client:
            calls, request = [], {**some_example.request}
            for request["name"] in "abc":
                calls.append(client.integrations.create(request))
            assert [integration.name for integration in await asyncio.gather(*calls)] == ["a", "b", "c"]
            with pytest.raises(TypeError, match="nmae"):
                client.integrations.create(nmae="a")

    asyncio.run(main())


def test_client_serves_100_loops_in_turn(sandbox, some_example):
    client = sandbox.async_client()
    open_files = []
    for _ in range(100):
        integration = asyncio.run(client.integrations.create(some_example.request))
        assert integration.name == some_example.request["name"]
        gc.collect()
        open_files.append(len(os.listdir("/proc/self/fd")))
    assert open_files[-1] <= open_files[5], "each loop closes its sockets"
    asyncio.run(client.close())


def test_client_serves_loops_of_many_threads(sandbox, some_example):
    client = sandbox.async_client()
    done = []

    async def main(thread):
        for number in range(20):
            request = {**some_example.request, "name": f"{thread}-{number}"}
            assert (await client.integrations.create(request)).name == request["name"]
        done.append(thread)

    threads = [threading.Thread(target=asyncio.run, args=(main(thread),)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [0, 1, 2, 3]


def test_sync_client_works_within_a_running_loop(sandbox, some_example):
    """As in a notebook."""

    async def cell():
        with sandbox.client() as client:
            return client.integrations.create(some_example.request)

    assert asyncio.run(cell()).name == some_example.request["name"]


def test_loop_runs_while_a_call_waits(some_example):
    async def main():
        with never() as server:
            async with AsyncClient(token="token", base_url=server.url, max_retries=0) as client:
                call = asyncio.create_task(client.integrations.create(some_example.request))
                for _ in range(200):
                    await asyncio.sleep(0)
                assert not call.done()
                with pytest.raises(ocamba_hood.HoodTimeoutError):
                    await client.integrations.create(some_example.request, timeout=0.3)
                call.cancel()

    asyncio.run(main())


def test_cancelled_task_stops_its_request(some_example):
    async def main():
        with never() as server:
            async with AsyncClient(token="token", base_url=server.url, max_retries=0) as client:
                call = asyncio.create_task(client.integrations.create(some_example.request))
                await asyncio.to_thread(server.asked.wait, 20)
                call.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await call
                assert await asyncio.to_thread(server.closed.wait, 20)

    asyncio.run(main())


def test_wait_for_stops_the_request(some_example):
    async def main():
        with never() as server:
            async with AsyncClient(token="token", base_url=server.url, max_retries=0) as client:
                with pytest.raises(asyncio.TimeoutError):
                    await asyncio.wait_for(client.integrations.create(some_example.request), 5)
                assert await asyncio.to_thread(server.closed.wait, 20)

    asyncio.run(main())


def test_cancelled_calls_do_not_affect_others(sandbox, some_example):
    async def main():
        async with sandbox.async_client() as client:
            for _ in range(20):
                calls = [
                    asyncio.create_task(client.integrations.create({**some_example.request, "name": f"n{number}"}))
                    for number in range(20)
                ]
                await asyncio.sleep(0)
                for call in calls[::2]:
                    call.cancel()
                results = await asyncio.gather(*calls, return_exceptions=True)
                assert [r.name for r in results[1::2]] == [f"n{number}" for number in range(1, 20, 2)]
                assert all(isinstance(result, asyncio.CancelledError) for result in results[::2])

    asyncio.run(main())


def test_loop_without_add_reader_is_served(sandbox, some_example):
    loop = asyncio.SelectorEventLoop()
    watched = []

    def add_reader(*_):
        watched.append(True)
        raise NotImplementedError

    loop.add_reader = add_reader
    client = sandbox.async_client()
    try:
        calls = [client.integrations.create({**some_example.request, "name": f"n{n}"}) for n in range(50)]

        async def main():
            return [integration.name for integration in await asyncio.gather(*calls)]

        assert loop.run_until_complete(main()) == [f"n{n}" for n in range(50)]
        assert watched, "add_reader was called first"
    finally:
        loop.close()
    living = weakref.ref(loop)
    del loop, main, calls
    gc.collect()
    assert living() is None, "nothing refers to a closed loop"


def test_awaited_calls_raise_errors_and_return_responses(some_example):
    async def main():
        with always(answer(429, {"message": "slowly"})) as server:
            async with AsyncClient(token="token", base_url=server.url, max_retries=0) as client:
                with pytest.raises(ocamba_hood.RateLimitError, match="slowly"):
                    await client.integrations.create(some_example.request)
                with pytest.raises(ocamba_hood.ValidationError):
                    await client.integrations.create({})
        with pytest.raises(ocamba_hood.ConfigurationError, match="closed"):
            await client.integrations.create(some_example.request)
        with always(answer(body=some_example.response)) as server:
            async with AsyncClient(token="token", base_url=server.url, max_retries=0) as client:
                response = await client.integrations.with_response.create(some_example.request)
                assert response.status == 201 and response.value.to_dict(reveal=True) == some_example.response

    asyncio.run(main())


def test_ctrl_c_ends_a_waiting_loop(some_example):
    def took():
        with never() as server:
            client = AsyncClient(token="token", base_url=server.url, max_retries=0)
            pressed = []

            def press():
                server.asked.wait()
                pressed.append(time.monotonic())
                os.kill(os.getpid(), signal.SIGINT)

            threading.Thread(target=press).start()
            with pytest.raises(KeyboardInterrupt):
                asyncio.run(client.integrations.create(some_example.request))
            took = time.monotonic() - pressed[0]
            assert server.closed.wait(20)
            return took

    # A busy machine may slow some attempts.
    assert any(took() < 0.2 for _ in range(10))


def test_awaited_call_fails_without_a_loop():
    assert issubclass(ocamba_hood.HoodTimeoutError, HoodError)
    coroutine = AsyncClient(token="token").integrations.create(name="Example")
    with pytest.raises(RuntimeError, match="no running event loop"):
        coroutine.send(None)
