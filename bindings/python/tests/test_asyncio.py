"""The asynchronous client in event loops of every kind."""

import asyncio
import gc
import os
import threading
import time
import weakref

import pytest
from servers import always, answer, never

import ocamba_hood
from ocamba_hood import AsyncClient, HoodError


def test_many_at_once_come_back_to_their_callers(sandbox, example):
    async def main():
        async with sandbox.async_client() as client:
            names = [f"n{number}" for number in range(200)]
            calls = [client.integrations.create({**example.request, "name": name}) for name in names]
            assert [integration.name for integration in await asyncio.gather(*calls)] == names

    asyncio.run(main())


def test_100_loops_one_after_the_other_with_one_client(sandbox, some_example):
    client = sandbox.async_client()
    open_files = []
    for _ in range(100):
        integration = asyncio.run(client.integrations.create(some_example.request))
        assert integration.name == some_example.request["name"]
        gc.collect()
        open_files.append(len(os.listdir("/proc/self/fd")))
    assert open_files[-1] <= open_files[5], "each loop gives back its sockets"
    asyncio.run(client.close())


def test_loops_of_many_threads_with_one_client(sandbox, some_example):
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


def test_the_sync_client_within_a_running_loop(sandbox, some_example):
    """As in a notebook."""

    async def cell():
        with sandbox.client() as client:
            return client.integrations.create(some_example.request)

    assert asyncio.run(cell()).name == some_example.request["name"]


def test_the_loop_runs_while_a_call_waits(some_example):
    async def main():
        with never() as server:
            async with AsyncClient(token="token", base_url=server.url, max_retries=0) as client:
                call = asyncio.create_task(client.integrations.create(some_example.request, timeout=0.3))
                turns = 0
                while not call.done():
                    turns += 1
                    await asyncio.sleep(0)
                with pytest.raises(ocamba_hood.HoodTimeoutError):
                    await call
                assert turns > 100

    asyncio.run(main())


def test_cancelling_a_task_stops_the_request(some_example):
    async def main():
        with never() as server:
            async with AsyncClient(token="token", base_url=server.url, max_retries=0) as client:
                call = asyncio.create_task(client.integrations.create(some_example.request))
                await asyncio.to_thread(server.asked.wait, 5)
                call.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await call
                assert await asyncio.to_thread(server.closed.wait, 5)

    asyncio.run(main())


def test_wait_for_gives_up(some_example):
    async def main():
        with never() as server:
            async with AsyncClient(token="token", base_url=server.url, max_retries=0) as client:
                with pytest.raises(asyncio.TimeoutError):
                    await asyncio.wait_for(client.integrations.create(some_example.request), 0.1)
                assert await asyncio.to_thread(server.closed.wait, 5)

    asyncio.run(main())


def test_calls_that_are_cancelled_do_not_disturb_the_others(sandbox, some_example):
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


def test_a_loop_that_cannot_watch_sockets(sandbox, some_example):
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
        assert watched, "it was asked first"
    finally:
        loop.close()
    living = weakref.ref(loop)
    del loop, main, calls
    gc.collect()
    assert living() is None, "nothing holds a loop that was closed"


def test_errors_and_responses(some_example):
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
                assert response.status == 201 and response.value.to_dict() == some_example.response

    asyncio.run(main())


def test_ctrl_c_ends_a_loop_that_waits(some_example):
    import signal

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
        assert time.monotonic() - pressed[0] < 0.2
        assert server.closed.wait(5)


def test_who_is_not_in_a_loop_is_told():
    assert issubclass(ocamba_hood.HoodTimeoutError, HoodError)
    coroutine = AsyncClient(token="token").integrations.create(name="Example")
    with pytest.raises(RuntimeError, match="no running event loop"):
        coroutine.send(None)
