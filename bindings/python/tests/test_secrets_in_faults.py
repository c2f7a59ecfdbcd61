"""No secret is shown anywhere, whatever goes wrong on the way: a canary goes through every fault of the sandbox."""

import asyncio
import gc
import io
import json
import logging
import os
import subprocess
import sys
import traceback
import urllib.request

import pytest
from test_secrets import CANARY, clean, everything_of, planted, shown

from ocamba_hood import AsyncClient, Client, HoodError

#: Short, since some faults last until the client leaves.
OPTIONS = {"timeout": 0.3, "max_retries": 1}

ERROR = {"code": CANARY, "title": CANARY, "message": f"{CANARY} is wrong", "trace_id": CANARY, "errors": [CANARY]}
HEADERS = {"X-Trace-Id": CANARY, "Trace-Id": CANARY, "Retry-After": CANARY, "Set-Cookie": CANARY, "Server": CANARY}
#: Each of them with every status.
BODIES = [
    None,
    {"json": ERROR},
    {"json": [CANARY]},
    {"json": {"id": [CANARY], "settings": CANARY}},
    {"text": ""},
    {"text": f'{{"id": "{CANARY}'},
    {"text": f'{{"message": "{CANARY}"}}{{"{CANARY}": "{CANARY}"}}'},
    {"html": f"<h1>{CANARY}</h1>"},
    {"hex": CANARY.encode().hex() + "fffe00"},
    {"size": 11 << 20},
]
PLACES = ["arrival", {"request": 9}, {"request": 250}, "read", "commit", {"answer": 9}, {"answer": 150}]


def faults():
    for status in (200, 201, 204, 302, 400, 401, 403, 404, 429, 500, 503, 999):
        for body in BODIES:
            answer = {"status": status, "headers": {"Location": f"/{CANARY}", **HEADERS}, "at": "commit"}
            yield {"answer": answer if body is None else {**answer, "body": body}}
    yield {"answer": {"status": 201, "headers": {"Content-Type": f"text/{CANARY}"}, "body": {"json": ERROR}}}
    yield {"change": {"headers": HEADERS}}
    yield {"change": {"headers": {"Content-Type": f"text/{CANARY}"}}}
    # What is known to be no secret is shown: the status, the provider's id.
    for place in ("/settings", "/settings/foreign", "/foreign"):
        for value in (CANARY, [CANARY], {"name": CANARY}, None):
            yield {"change": {"set": {place: value}}}
    yield {"change": {"set": {"/provider_id": "9999"}}}
    yield {"change": {"set": {"/id": [CANARY]}}}
    yield {"change": {"remove": ["/id"]}}
    yield {"delay": {"ms": 10}}
    yield {"delay": {"ms": 2_000, "at": "commit"}}
    yield from ({"hang": {"at": at}} for at in ("read", "commit"))
    yield from ({ending: {"at": at}} for ending in ("close", "reset") for at in PLACES)
    yield {"drip": {"ms": 50}}
    yield {"drip": {"ms": 5_000, "after": 200}}


def control(sandbox, method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{sandbox.url}/_sandbox/{path}", data, method=method)) as answer:
        return answer.read().decode()


@pytest.fixture
def logs():
    """Collects the records of all loggers, with all attributes and as text."""
    seen = io.StringIO()
    handler = logging.Handler()
    handler.emit = lambda record: seen.write(f"{vars(record)!r} {logging.Formatter().format(record)}\n")
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield seen
    root.removeHandler(handler)
    root.setLevel(before)


def test_no_fault_shows_a_secret(sandbox, some_example, logs, capfd, recwarn):
    wire = planted(some_example)
    kinds, failed, went_well = set(), 0, 0
    for fault in faults():
        kinds.update(fault)
        control(sandbox, "PUT", "faults", {"faults": [{"fault": fault}]})
        for ended in (called(sandbox, wire), asyncio.run(awaited(sandbox, wire), debug=True)):
            if isinstance(ended, HoodError):
                failed += 1
                clean(everything_of(ended), *shown(ended))
                clean("".join(traceback.format_exception(ended)))
            else:
                went_well += 1
                clean(*shown(ended.value), repr(ended), str(ended))
    control(sandbox, "DELETE", "faults")
    # Those of the sandbox itself.
    clean(control(sandbox, "GET", "journal"))
    assert kinds == {"answer", "change", "delay", "hang", "close", "reset", "drip"}
    assert failed > 100 and went_well > 10, (failed, went_well)
    gc.collect()
    assert "POST /v1/hood/integrations" in logs.getvalue() and "never retrieved" in logs.getvalue()
    clean(logs.getvalue(), *capfd.readouterr(), repr([warning.message for warning in recwarn]))


def called(sandbox, wire):
    with Client(token=CANARY, base_url=sandbox.url, **OPTIONS) as client:
        try:
            return client.integrations.with_response.create(wire)
        except HoodError as error:
            return error


async def awaited(sandbox, wire):
    async with AsyncClient(token=CANARY, base_url=sandbox.url, **OPTIONS) as client:
        # One whose end nobody wants: asyncio logs its error.
        forgotten = asyncio.ensure_future(client.integrations.create(wire))
        await asyncio.wait([forgotten])
        del forgotten
        try:
            return await client.integrations.with_response.create(wire)
        except HoodError as error:
            return error


PROGRAM = """
import os, sys
from ocamba_hood import Client

class Odd:
    def _wire(self):
        settings["more"] = 1
        return "x"

request = {"name": "Example", "provider_id": "2000", "settings": {"x": os.environ["SECRET"]}}
settings = request["settings"]
settings["odd"] = Odd()
client = Client(token=os.environ["SECRET"], base_url=sys.argv[1], max_retries=0, timeout=1)
HOW
"""


def output(sandbox, how):
    program = PROGRAM.replace("HOW", how)
    done = subprocess.run(
        [sys.executable, "-c", program, sandbox.url], env={**os.environ, "SECRET": CANARY}, capture_output=True, text=True
    )
    return done.stdout + done.stderr


def test_uncaught_error_shows_no_secret(sandbox):
    control(sandbox, "PUT", "faults", {"faults": [{"fault": {"answer": {"status": 400, "body": {"json": ERROR}}}}]})
    seen = output(sandbox, "del settings['odd']; client.integrations.create(request, allow_unknown_provider=True)")
    control(sandbox, "DELETE", "faults")
    assert "BadRequestError" in seen
    clean(seen)


def test_panic_is_raised_as_an_error(sandbox):
    # PyO3 panics where a dict changes while it is read.
    seen = output(sandbox, "client.integrations.create(request, allow_unknown_provider=True)")
    assert "ocamba_hood panicked at " in seen and "dictionary changed" not in seen and "PanicException" not in seen
    assert "ValidationError: " in seen and "request cannot be read" in seen
    clean(seen)
