"""The worker in Python: see src/workers.rs."""

import asyncio
import json
import os
import sys
import time

from ocamba_hood import AsyncClient, HoodError

REQUEST = json.loads(os.environ["TORTURE_REQUEST"])


async def call(client: AsyncClient, line: str) -> dict[str, object]:
    report: dict[str, object] = {"name": line, "id": None, "outcome": None, "kind": None}
    started = time.perf_counter()
    try:
        report["id"] = await carry_out(client, line)
    except HoodError as error:
        report |= {"outcome": error.outcome, "kind": error.code}
    return report | {"seconds": time.perf_counter() - started, "tasks": len(asyncio.all_tasks())}


async def carry_out(client: AsyncClient, line: str) -> str | None:
    """The id of the returned integration, if there is one."""
    match line.split(":"):
        case [name]:
            return (await client.integrations.create({**REQUEST, "name": name})).id
        case ["get", id]:
            return (await client.integrations.get(id)).id
        case ["list", _]:
            _ = [item async for item in client.integrations.list()]
        case ["validate", _]:
            await client.integrations.validate(REQUEST)
        case ["update", id]:
            await client.integrations.update(id, name="other")
        case ["send_test", id]:
            await client.integrations.send_test(id)
        case _:
            raise NotImplementedError(line)
    return None


async def main(in_flight: int, timeout: float, max_retries: int) -> None:
    reading = asyncio.Lock()

    async def next_line() -> str:
        # On a thread: a name may arrive only after the calls in flight have ended.
        async with reading:
            return await asyncio.to_thread(sys.stdin.readline)

    async def one_after_another(client: AsyncClient) -> None:
        while line := await next_line():
            print(json.dumps(await call(client, line.rstrip("\n"))), flush=True)

    async with AsyncClient(timeout=timeout, max_retries=max_retries) as client:
        await asyncio.gather(*(one_after_another(client) for _ in range(in_flight)))


asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])))
