"""Creates an integration with the installed package, at the server that the environment names."""

import asyncio
import json

from ocamba_hood import AsyncClient, Client

with open("request.json") as file:
    request = json.load(file)


async def again() -> str:
    async with AsyncClient() as client:
        return (await client.integrations.ensure(request)).integration.id


with Client() as client:
    id = client.integrations.create(request).id
assert asyncio.run(again()) == id
print(f"created {id}")
