"""`cargo xtask bench python`: compares the wheel's create with other clients of Python.

All clients take turns, many times, against one server in another process, so that a noisy machine slows them equally. The
results are medians of ratios within a turn. Each client sends the same request, and parses the JSON of the response.
"""

import asyncio
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import aiohttp
import httpx
import pyreqwest.client
import requests
import urllib3

import ocamba_hood

TURNS = 15
THREADS = 16
IN_FLIGHT = 32
REQUEST = {
    "name": "Example",
    "provider_id": "1000",
    "settings": {
        "account_sid": "AC7XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
        "auth_token": "464XXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
        "default_phone_number": "+121XXXXXXXXX",
    },
    "status": "active",
}
HEADERS = {"Authorization": "Bearer token"}
PATH = "/v1/hood/integrations"
OURS = "ocamba_hood"

#: The project's promises: CPU time or rate, another client, and the bound of the median ratio.
PROMISES = {
    "sync, 1 in flight": [("cpu", "httpx", 0.25), ("cpu", "urllib3", 0.4), ("rate", "pyreqwest", 1.0)],
    "sync, 16 threads": [("rate", "pyreqwest", 1.0)],
    "async, 32 in flight": [("rate", "aiohttp", 3.0), ("rate", "pyreqwest", 1.0)],
}


def sync_contenders(url):
    """For each client, a function that creates one integration."""
    ours = ocamba_hood.Client(token="token", base_url=url, rate_limit="off")
    request = ocamba_hood.NewIntegration.from_dict(REQUEST)
    pool = urllib3.PoolManager(maxsize=THREADS)
    session = requests.Session()
    session.headers.update(HEADERS)
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=THREADS))
    client = httpx.Client(headers=HEADERS)
    rust = pyreqwest.client.SyncClientBuilder().default_headers(HEADERS).build()
    return {
        OURS: lambda: ours.integrations.create(request).id,
        "pyreqwest": lambda: rust.post(url + PATH).body_json(REQUEST).build().send().json()["id"],
        "urllib3": lambda: pool.request("POST", url + PATH, json=REQUEST, headers=HEADERS).json()["id"],
        "httpx": lambda: client.post(url + PATH, json=REQUEST).json()["id"],
        "requests": lambda: session.post(url + PATH, json=REQUEST).json()["id"],
    }


@asynccontextmanager
async def async_contenders(url):
    """For each client, a coroutine function that creates one integration."""
    request = ocamba_hood.NewIntegration.from_dict(REQUEST)
    async with (
        ocamba_hood.AsyncClient(token="token", base_url=url, rate_limit="off") as ours,
        aiohttp.ClientSession(headers=HEADERS) as session,
        httpx.AsyncClient(headers=HEADERS) as client,
        pyreqwest.client.ClientBuilder().default_headers(HEADERS).build() as rust,
    ):

        async def by_ours():
            return (await ours.integrations.create(request)).id

        async def by_aiohttp():
            async with session.post(url + PATH, json=REQUEST) as response:
                return (await response.json())["id"]

        async def by_httpx():
            return (await client.post(url + PATH, json=REQUEST)).json()["id"]

        async def by_pyreqwest():
            return (await (await rust.post(url + PATH).body_json(REQUEST).build().send()).json())["id"]

        yield {OURS: by_ours, "pyreqwest": by_pyreqwest, "aiohttp": by_aiohttp, "httpx": by_httpx}


def one_by_one(create, calls):
    for _ in range(calls):
        assert create() == "1165"


def in_threads(create, calls):
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda _: one_by_one(create, calls // THREADS), range(THREADS)))


async def in_flight(create, calls):
    async def one_after_the_other():
        for _ in range(calls // IN_FLIGHT):
            assert await create() == "1165"

    await asyncio.gather(*(one_after_the_other() for _ in range(IN_FLIGHT)))


class Costs:
    """The seconds and the CPU seconds of each client's calls in each turn."""

    def __init__(self, title):
        self.title = title
        self.turns = {}

    def note(self, name, calls, wall, cpu):
        self.turns.setdefault(name, []).append((wall / calls, cpu / calls))

    def median(self, name, index):
        return statistics.median(turn[index] for turn in self.turns[name])

    def ratio(self, name, index):
        """The median ratio of our client to another, within turns."""
        pairs = zip(self.turns[OURS], self.turns[name], strict=True)
        return statistics.median(ours[index] / other[index] for ours, other in pairs)

    def report(self):
        print(f"\n{self.title}\n  {'':<12}{'requests/s':>12}{'CPU µs':>9}{'our rate is':>14}{'our CPU is':>12}")
        for name in self.turns:
            rate, cpu = 1 / self.median(name, 0), self.median(name, 1) * 1e6
            print(f"  {name:<12}{rate:>12,.0f}{cpu:>9.1f}{1 / self.ratio(name, 0):>13.2f}x{self.ratio(name, 1):>11.2f}x")
        for what, name, bound in PROMISES[self.title]:
            found = self.ratio(name, 1) if what == "cpu" else 1 / self.ratio(name, 0)
            kept = found <= bound if what == "cpu" else found >= bound
            words = f"CPU at most {bound} of" if what == "cpu" else f"rate at least {bound} of"
            print(f"  {'kept' if kept else 'BROKEN'}: {words} {name}: {found:.2f}")


def measured(work, calls):
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return calls, time.perf_counter() - wall, time.process_time() - cpu


def sync_bench(title, run, contenders, calls):
    costs = Costs(title)
    for create in contenders.values():
        run(create, calls)  # warm-up
    for _ in range(TURNS):
        for name, create in contenders.items():
            costs.note(name, *measured(lambda create=create: run(create, calls), calls))
    costs.report()


async def async_bench(title, url, calls):
    costs = Costs(title)
    async with async_contenders(url) as contenders:
        for create in contenders.values():
            await in_flight(create, calls)  # warm-up
        for _ in range(TURNS):
            for name, create in contenders.items():
                # A slow client sends less, so that no turn is long.
                some = calls // 4 if name == "httpx" else calls
                wall, cpu = time.perf_counter(), time.process_time()
                await in_flight(create, some)
                costs.note(name, some, time.perf_counter() - wall, time.process_time() - cpu)
    costs.report()


def main():
    server = subprocess.Popen([sys.argv[1], "serve"], stdout=subprocess.PIPE, text=True)
    try:
        url = server.stdout.readline().split()[-1]
        sync_bench("sync, 1 in flight", one_by_one, sync_contenders(url), 400)
        sync_bench("sync, 16 threads", in_threads, sync_contenders(url), 1_600)
        asyncio.run(async_bench("async, 32 in flight", url, 3_200))
    finally:
        server.kill()


if __name__ == "__main__":
    main()
