"""A call that is cancelled or interrupted leaves its outcome on the exception, and what `find_created` searches for."""

import asyncio
import os
import signal
import sys
import threading
import time

import pytest

import ocamba_hood

CREATE = "createIntegration"
HANG = {"hang": {"at": "commit"}}


def committed(control):
    """Waits until a create took effect."""
    while not any(entry["operation"] == CREATE and entry["committed"] for entry in control.journal()):
        time.sleep(0.01)


async def cancelled(control, call):
    """Cancels a call after its create took effect."""
    task = asyncio.create_task(call)
    await asyncio.to_thread(committed, control)
    task.cancel()
    await task


async def timed_out(control, call):
    await asyncio.wait_for(call, 5)


async def timed_out_within(control, call):
    async def expire():
        await asyncio.to_thread(committed, control)
        scope.reschedule(0)

    async with asyncio.timeout(None) as scope:
        expiring = asyncio.create_task(expire())
        await call
    await expiring


WAYS = [cancelled, timed_out] + ([timed_out_within] if sys.version_info >= (3, 11) else [])


@pytest.mark.parametrize("operation", ["create", "ensure"])
@pytest.mark.parametrize("way", WAYS)
def test_cancelled_create_can_be_searched_for(sandbox, control, some_example, way, operation):
    async def main():
        control.fail(CREATE, HANG)
        async with sandbox.async_client() as client:
            request = {**some_example.request, "name": f"{way.__name__} {operation}"}
            with pytest.raises((asyncio.CancelledError, asyncio.TimeoutError)) as caught:
                await way(control, getattr(client.integrations, operation)(request))
            found = await client.integrations.find_created(caught.value)
            assert found.name == request["name"]
            return caught.value

    error = asyncio.run(main())
    while not isinstance(error, asyncio.CancelledError) or not hasattr(error, "outcome"):
        error = error.__cause__ or error.__context__
    assert error.outcome == "unknown"
    assert sys.version_info < (3, 11) or "find_created(error)" in error.__notes__[0]


def test_create_cancelled_before_it_is_sent_is_not_sent(sandbox, control, some_example):
    async def main():
        async with ocamba_hood.AsyncClient(
            token="token", base_url=sandbox.url, rate_limit="memory", rate_limit_tier="1/1"
        ) as client:
            await client.integrations.list().page()
            task = asyncio.create_task(client.integrations.create(some_example.request))
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
        error = caught.value
        async with sandbox.async_client() as client:
            with pytest.raises(ocamba_hood.ValidationError, match="not of a create"):
                await client.integrations.find_created(error)
        return error

    error = asyncio.run(main())
    if sys.version_info >= (3, 11):
        assert error.outcome == "not_sent" and "nothing was created" in error.__notes__[0]
    assert control.asked(CREATE) == 0


def test_cancelled_read_has_no_outcome(sandbox, control):
    async def main():
        control.fail("getIntegration", {"hang": {"at": "read"}})
        async with sandbox.async_client() as client:
            task = asyncio.create_task(client.integrations.get("1"))
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            assert not hasattr(caught.value, "outcome")

    asyncio.run(main())


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, ValueError])
def test_interrupted_create_can_be_searched_for(sandbox, control, some_example, kind):
    def end(*_):
        raise kind

    control.fail(CREATE, HANG)
    before = signal.signal(signal.SIGTERM, end)
    try:
        with sandbox.client() as client:
            threading.Thread(target=lambda: (committed(control), os.kill(os.getpid(), signal.SIGTERM))).start()
            with pytest.raises(kind) as caught:
                client.integrations.create({**some_example.request, "name": kind.__name__})
            assert caught.value.outcome == "unknown"
            assert client.integrations.find_created(caught.value).name == kind.__name__
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Ctrl-C ended the loop without cancelling the task")
def test_ctrl_c_in_a_loop_can_be_searched_for(sandbox, control, some_example):
    control.fail(CREATE, HANG)
    threading.Thread(target=lambda: (committed(control), os.kill(os.getpid(), signal.SIGINT))).start()
    client = sandbox.async_client()
    with pytest.raises(KeyboardInterrupt) as caught:
        asyncio.run(client.integrations.create(some_example.request))
    with sandbox.client() as client:
        assert client.integrations.find_created(caught.value).name == some_example.request["name"]


def test_error_of_another_error_is_not_searched_for(sandbox, control, some_example):
    control.fail(CREATE, {"close": {"at": "commit"}}, times=1)
    with sandbox.client() as client:
        with pytest.raises(ocamba_hood.ValidationError) as caught:
            try:
                client.integrations.create(some_example.request)
            except ocamba_hood.HoodError as unknown:
                assert unknown.outcome == "unknown"
                client.integrations.create({})
        with pytest.raises(ocamba_hood.ValidationError, match="not of a create"):
            client.integrations.find_created(caught.value)


def test_create_in_a_group_of_exceptions_can_be_searched_for(client, control, some_example):
    control.fail(CREATE, {"close": {"at": "commit"}})

    def broken(name):
        with pytest.raises(ocamba_hood.OutcomeUnknownError) as caught:
            client.integrations.create({**some_example.request, "name": name})
        return caught.value

    class Group(Exception):
        """As an `ExceptionGroup` of Python 3.11."""

        def __init__(self, *exceptions):
            self.exceptions = exceptions

    one, other = broken("one"), broken("other")
    control.fail()
    caused = ValueError()
    caused.__cause__ = one
    assert client.integrations.find_created(Group(ValueError(), Group(one, caused), one)).name == "one"
    with pytest.raises(ValueError, match="2 creates whose outcome is unknown"):
        client.integrations.find_created(Group(one, other))
    with pytest.raises(ocamba_hood.ValidationError):
        client.integrations.find_created(Group(ValueError()))
