"""The worker in Python: see src/workers.rs."""

import asyncio
import json
import os
import sys
import time

from ocamba_hood import AsyncClient, HoodError

REQUEST = json.loads(os.environ["TORTURE_REQUEST"])


async def create(client: AsyncClient, name: str) -> dict[str, object]:
    report: dict[str, object] = {"name": name, "id": None, "outcome": None, "kind": None}
    started = time.perf_counter()
    try:
        report["id"] = (await client.integrations.create({**REQUEST, "name": name})).id
    except HoodError as error:
        report |= {"outcome": error.outcome, "kind": error.code}
    return report | {"seconds": time.perf_counter() - started, "tasks": len(asyncio.all_tasks())}


async def main(in_flight: int, timeout: float, max_retries: int) -> None:
    async def one_after_another(client: AsyncClient) -> None:
        # It may block: either all names are there, or nothing is under way.
        for line in sys.stdin:
            print(json.dumps(await create(client, line.rstrip("\n"))), flush=True)

    async with AsyncClient(timeout=timeout, max_retries=max_retries) as client:
        await asyncio.gather(*(one_after_another(client) for _ in range(in_flight)))


asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])))
