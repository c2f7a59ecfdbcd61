"""The worker in Python: see src/workers.rs."""

import asyncio
import json
import os
import sys

from ocamba_hood import AsyncClient, HoodError

REQUEST = json.loads(os.environ["TORTURE_REQUEST"])


async def create(client: AsyncClient, name: str) -> dict[str, object]:
    try:
        created = await client.integrations.create({**REQUEST, "name": name})
    except HoodError as error:
        return {"name": name, "id": None, "outcome": error.outcome, "kind": error.code}
    return {"name": name, "id": created.id, "outcome": None, "kind": None}


async def main(prefix: str, creates: int, in_flight: int, timeout: float) -> None:
    names = iter([f"{prefix}{index}" for index in range(creates)])

    async def one_after_another(client: AsyncClient) -> None:
        for name in names:
            print(json.dumps(await create(client, name)), flush=True)

    async with AsyncClient(timeout=timeout) as client:
        await asyncio.gather(*(one_after_another(client) for _ in range(in_flight)))


asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
