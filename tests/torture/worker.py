"""The worker in Python: see src/workers.rs."""

import asyncio
import itertools
import json
import os
import sys
import time

from ocamba_hood import AsyncClient, HoodError

REQUEST = json.loads(os.environ["TORTURE_REQUEST"])
PROCESS = f"python-{os.getpid()}"
NUMBERS = itertools.count()


def write(event: str, call: str, **more: object) -> None:
    line = {"event": event, "id": call, **more, "at_ms": time.time() * 1000}
    print(json.dumps(line), flush=True)


async def call(client: AsyncClient, line: str) -> None:
    operation, id, name = ["create", "", line] if ":" not in line else (line.split(":") + [""])[:3]
    number = f"{PROCESS}-{next(NUMBERS)}"
    kind = operation if operation in ("create", "update") else "other"
    write("invoke", number, process=PROCESS, operation=kind, name=name)
    report: dict[str, object] = {"name": name, "outcome": "ok", "integration": None, "kind": None}
    started = time.perf_counter()
    try:
        report["integration"] = await carry_out(client, operation, id, name)
    except HoodError as error:
        report |= {"outcome": error.outcome, "kind": error.code}
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
        case _:
            raise NotImplementedError(operation)
    return None


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


asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])))
