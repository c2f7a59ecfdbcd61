"""One client in many threads: waiting releases the GIL, and no reply reaches the wrong caller."""

import _thread
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from servers import always, answer, closing_when_idle, never

import ocamba_hood
from ocamba_hood import Client


def test_client_serves_16_threads(client, example):
    def create(number):
        return client.integrations.create({**example.request, "name": f"n{number}"}).name

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(create, range(320))) == [f"n{number}" for number in range(320)]


def test_gil_is_free_while_a_call_waits(some_example):
    with never() as server, Client(token="token", base_url=server.url) as client:
        def wait():
            with pytest.raises(TimeoutError):
                client.integrations.create(some_example.request, timeout=1)

        def took():
            waiting = [threading.Thread(target=wait) for _ in range(4)]
            started = time.monotonic()
            for thread in waiting:
                thread.start()
            counted = 0
            while any(thread.is_alive() for thread in waiting):
                counted += 1
            return time.monotonic() - started, counted

        # A busy machine may slow some attempts.
        attempts = ((seconds < 2, counted > 10_000) for seconds, counted in (took() for _ in range(5)))
        assert (True, True) in attempts, "they waited together, and this thread ran in the meantime"


def test_calls_succeed_when_the_server_closes_idle_connections(some_example):
    with closing_when_idle() as server, Client(token="token", base_url=server.url) as client:
        for _ in range(30):
            client.integrations.create(some_example.request)
            # The next call must notice that the server has closed its connection.
            assert server.closings.acquire(timeout=20)
        assert len(server.requests) == 30


def test_connections_are_reused(some_example):
    with always(answer()) as server, Client(token="token", base_url=server.url) as client:
        for _ in range(20):
            client.integrations.create(some_example.request)
        assert server.connections == 1


def test_ctrl_c_interrupts_a_waiting_call(some_example):
    def took():
        with never() as server, Client(token="token", base_url=server.url) as client:
            pressed = []

            def press():
                server.asked.wait()
                pressed.append(time.monotonic())
                os.kill(os.getpid(), signal.SIGINT)

            threading.Thread(target=press).start()
            with pytest.raises(KeyboardInterrupt):
                client.integrations.create(some_example.request)
            took = time.monotonic() - pressed[0]
            assert server.closed.wait(20), "the request is stopped"
            return took

    # A busy machine may slow some attempts.
    assert any(took() < 0.2 for _ in range(10))


def test_signal_handler_may_raise(some_example):
    """As that of gunicorn does to end a worker."""

    class Ended(BaseException):
        pass

    def end(*_):
        raise Ended

    before = signal.signal(signal.SIGTERM, end)
    try:
        with never() as server, Client(token="token", base_url=server.url) as client:
            threading.Thread(target=lambda: server.asked.wait() and _thread.interrupt_main(signal.SIGTERM)).start()
            with pytest.raises(Ended):
                client.integrations.create(some_example.request)
    finally:
        signal.signal(signal.SIGTERM, before)


def test_memory_is_flat_over_100_000_calls(bench_server, some_example):
    def resident():
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")

    with Client(token="token", base_url=bench_server) as client:
        request = ocamba_hood.NewIntegration.from_dict(some_example.request)

        def calls(count):
            for _ in range(count):
                client.integrations.create(request)

        def grown():
            before = resident()
            calls(100_000)
            return resident() - before

        calls(20_000)
        # The system itself may bring pages back once, or join small ones.
        assert any(grown() < 2 * 1024 * 1024 for _ in range(3))


def test_threads_that_use_a_closed_client_do_not_hang():
    """An exception is made without a lock: it runs Python, and another thread would wait for the lock with the GIL."""
    program = """
import sys, threading
from ocamba_hood import Client, ConfigurationError
sys.setswitchinterval(1e-6)
client = Client(token="token", base_url="http://127.0.0.1:1", rate_limit="off")
client.close()
def use():
    for _ in range(3000):
        try:
            client.integrations.get("1")
        except ConfigurationError:
            pass
threads = [threading.Thread(target=use) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)
