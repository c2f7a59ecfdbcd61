"""The worker in Python: see src/workers.rs."""

import asyncio
import itertools
import json
import os
import signal
import sys
import time

from ocamba_hood import AsyncClient, Client, HoodError

REQUEST = json.loads(os.environ["TORTURE_REQUEST"])
PROCESS = f"python-{os.getpid()}"
NUMBERS = itertools.count()
# Ways in which a create ends early.
EARLY = ("deadline", "cancel", "wait_for", "interrupt")


def write(event: str, call: str, **more: object) -> None:
    line = {"event": event, "id": call, **more, "at_ms": time.time() * 1000}
    print(json.dumps(line), flush=True)


async def call(client: AsyncClient, line: str) -> None:
    operation, id, name = ["create", "", line] if ":" not in line else (line.split(":") + [""])[:3]
    number = f"{PROCESS}-{next(NUMBERS)}"
    kind = "create" if operation in EARLY else operation if operation in ("create", "update") else "other"
    write("invoke", number, process=PROCESS, operation=kind, name=name)
    report: dict[str, object] = {"name": name, "outcome": "ok", "integration": None, "kind": None}
    started = time.perf_counter()
    try:
        report["integration"] = await carry_out(client, operation, id, name)
    except HoodError as error:
        report |= {"outcome": error.outcome, "kind": error.code}
    except (asyncio.CancelledError, KeyboardInterrupt, TimeoutError) as error:
        # A timeout of asyncio is caused by a cancellation. An exception from before or after the call has no outcome.
        error = error.__cause__ if isinstance(error, TimeoutError) else error
        report |= {"outcome": "cancelled", "progress": getattr(error, "outcome", None)}
    write("return", number, **report, seconds=time.perf_counter() - started, tasks=len(asyncio.all_tasks()))


async def carry_out(client: AsyncClient, operation: str, id: str, name: str) -> str | None:
    """The id of the returned integration, if there is one."""
    match operation:
        case "create":
            return (await client.integrations.create({**REQUEST, "name": name})).id
        case "get":
            return (await client.integrations.get(id)).id
        case "list":
            _ = [item async for item in client.integrations.list()]
        case "validate":
            await client.integrations.validate(REQUEST)
        case "update":
            await client.integrations.update(id, name=name)
        case "send_test":
            await client.integrations.send_test(id)
        case "deadline":
            return (await client.integrations.create({**REQUEST, "name": name}, timeout=float(id))).id
        case "wait_for":
            return (await asyncio.wait_for(client.integrations.create({**REQUEST, "name": name}), float(id))).id
        case "cancel":
            return await cancelled(client, float(id), name)
        case "interrupt":
            return interrupted(float(id), name)
        case _:
            raise NotImplementedError(operation)
    return None


async def cancelled(client: AsyncClient, seconds: float, name: str) -> str:
    """Cancels a create after this time, which the loop's own timer would round to milliseconds."""
    task = asyncio.ensure_future(client.integrations.create({**REQUEST, "name": name}))
    until = time.perf_counter() + seconds
    while not task.done() and time.perf_counter() < until:
        await asyncio.sleep(0)
    task.cancel()
    return (await task).id


def interrupted(seconds: float, name: str) -> str:
    """Creates without asyncio; after this time, a signal's handler raises KeyboardInterrupt, as that of Ctrl-C does."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return SYNC.integrations.create({**REQUEST, "name": name}).id
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


async def main(in_flight: int, timeout: float, max_retries: int) -> None:
    reading = asyncio.Lock()

    async def next_line() -> str:
        # On a thread: a name may arrive only after the calls in flight have ended.
        async with reading:
            return await asyncio.to_thread(sys.stdin.readline)

    async def one_after_another(client: AsyncClient) -> None:
        while line := await next_line():
            await call(client, line.rstrip("\n"))

    async with AsyncClient(timeout=timeout, max_retries=max_retries) as client:
        await asyncio.gather(*(one_after_another(client) for _ in range(in_flight)))


SYNC = Client(timeout=float(sys.argv[2]), max_retries=int(sys.argv[3]))
signal.signal(signal.SIGALRM, signal.default_int_handler)
asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])))
