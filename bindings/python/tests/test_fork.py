"""After a fork, parent and children keep working, with connections of their own."""

import asyncio
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import traceback
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest
from servers import Server, answer

from ocamba_hood import AsyncClient, Client, ConfigurationError

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")


@pytest.fixture
def echo():
    """A server that returns the name of each request, and records its connection."""

    def serve(connection):
        while (request := connection.request()) is not None:
            name = json.loads(request[1])["name"]
            server.seen.append((connection, name))
            connection.send(answer(body={"id": "1", "name": name}))

    server = Server(serve)
    server.seen = []
    with server:
        yield server


def in_child(work):
    """Runs it in a forked child, which fails the test if it raises or hangs."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            signal.alarm(120)
            work()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    return child


def ended_well(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def names(client, request, who, count=20):
    for number in range(count):
        name = f"{who}-{number}"
        assert client.integrations.create({**request, "name": name}).name == name


def test_parent_and_children_keep_working(echo, some_example):
    """As gunicorn preloads: the client is used before the workers are forked."""
    request = some_example.request
    with Client(token="token", base_url=echo.url) as client:
        names(client, request, "before")
        children = [in_child(lambda who=who: names(client, request, f"child{who}")) for who in range(4)]
        names(client, request, "parent", 100)
        assert all([ended_well(child) for child in children])
        names(client, request, "after")
    # Of each connection, all requests are of one process.
    of = {}
    for connection, name in echo.seen:
        who = name.split("-")[0]
        of.setdefault(connection, set()).add("parent" if who in ("before", "after") else who)
    assert all(len(who) == 1 for who in of.values()), of
    assert len(of) >= 5


def test_grandchild_has_its_own_connections(echo, some_example):
    with Client(token="token", base_url=echo.url) as client:
        names(client, some_example.request, "parent")

        def child():
            names(client, some_example.request, "child")
            assert ended_well(in_child(lambda: names(client, some_example.request, "grandchild")))
            names(client, some_example.request, "child")

        assert ended_well(in_child(child))


def test_fork_succeeds_while_threads_are_calling(echo, some_example):
    request = some_example.request
    with Client(token="token", base_url=echo.url) as client, ThreadPoolExecutor(4) as pool:
        calling = [pool.submit(names, client, request, f"thread{who}", 200) for who in range(4)]
        children = [in_child(lambda who=who: names(client, request, f"child{who}")) for who in range(5)]
        assert all([ended_well(child) for child in children])
        for call in calling:
            call.result()


def test_client_can_be_closed_and_dropped_in_a_child(echo, some_example):
    holder = [Client(token="token", base_url=echo.url)]
    names(holder[0], some_example.request, "parent")

    def child():
        holder[0].close()
        holder.clear()

    assert ended_well(in_child(child))
    names(holder[0], some_example.request, "parent")


def test_child_can_exit_normally(echo, some_example):
    """With the client and worker of the parent."""
    program = """
import json, os, sys
from ocamba_hood import Client
client, request = Client(token="token", base_url=sys.argv[1]), json.loads(sys.argv[2])
client.integrations.create(request)
child = os.fork()
client.integrations.create(request)
if child:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    command = [sys.executable, "-c", program, echo.url, json.dumps(some_example.request)]
    assert subprocess.run(command, timeout=120).returncode == 0
    assert len(echo.seen) == 3


def test_async_client_works_in_a_child(echo, some_example):
    client = AsyncClient(token="token", base_url=echo.url)

    async def calls(who):
        requests = [{**some_example.request, "name": f"{who}-{number}"} for number in range(20)]
        found = await asyncio.gather(*map(client.integrations.create, requests))
        assert [integration.name for integration in found] == [request["name"] for request in requests]

    asyncio.run(calls("parent"))
    children = [in_child(lambda who=who: asyncio.run(calls(f"child{who}"))) for who in range(3)]
    asyncio.run(calls("parent"))
    assert all([ended_well(child) for child in children])


CLIENT = None


def pooled(name):
    return CLIENT.integrations.create({**REQUEST, "name": name}).name


def test_client_works_in_a_forked_pool(echo, some_example):
    global CLIENT, REQUEST
    CLIENT, REQUEST = Client(token="token", base_url=echo.url), some_example.request
    pooled("parent")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        with multiprocessing.get_context("fork").Pool(3) as pool:
            all_names = [f"n{number}" for number in range(60)]
            assert pool.map(pooled, all_names) == all_names
    assert pooled("parent") == "parent"


def test_iteration_fails_in_a_child_and_can_restart(sandbox, control, client, some_example):
    for number in range(3):
        client.integrations.create({**some_example.request, "name": f"n{number}"})
    listing = client.integrations.list(page_size=1)
    items = iter(listing)
    next(items)

    def work():
        with pytest.raises(ConfigurationError, match="fork"):
            next(items)
        assert len(list(listing)) == 3

    assert ended_well(in_child(work))
    assert len(list(items)) == 2
