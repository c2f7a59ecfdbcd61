"""`cargo xtask bench python`: compares the wheel's create with other clients of Python.

All clients take turns, many times, against one server in another process, so that a noisy machine slows them equally. The
results are medians of ratios within a turn. Each client sends the same request, and parses the JSON of the response.
"""

import asyncio
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

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

#: Milliseconds before each response, whether the server speaks TLS, and the share of the calls of a turn.
WAYS = {"plain": (0, False, 1), "TLS": (0, True, 1), "TLS, 1 ms before each response": (1, True, 0.25)}

#: The project's promises: CPU time or rate, another client, and the bound of the median ratio.
PROMISES = {
    "plain, sync, 1 in flight": [("cpu", "httpx", 0.25), ("cpu", "urllib3", 0.4), ("rate", "pyreqwest", 1.0)],
    "plain, sync, 16 threads": [("rate", "pyreqwest", 1.0)],
    "plain, async, 32 in flight": [("rate", "aiohttp", 3.0), ("rate", "pyreqwest", 1.0)],
    "TLS, sync, 1 in flight": [("cpu", "pyreqwest", 0.5), ("rate", "pyreqwest", 1.0)],
    "TLS, async, 32 in flight": [("rate", "aiohttp", 2.0)],
}


def sync_contenders(url, authority):
    """For each client, a function that creates one integration."""
    ours = ocamba_hood.Client(token="token", base_url=url, rate_limit="off", root_certificates=authority)
    request = ocamba_hood.NewIntegration.from_dict(REQUEST)
    pool = urllib3.PoolManager(maxsize=THREADS, ca_certs=authority)
    session = requests.Session()
    session.headers.update(HEADERS)
    session.trust_env = False  # or REQUESTS_CA_BUNDLE would take precedence
    session.verify = authority
    session.mount(url, requests.adapters.HTTPAdapter(pool_maxsize=THREADS))
    client = httpx.Client(headers=HEADERS, verify=trusting(authority))
    rust = by_pyreqwest(pyreqwest.client.SyncClientBuilder(), authority)
    return {
        OURS: lambda: ours.integrations.create(request).id,
        "pyreqwest": lambda: rust.post(url + PATH).body_json(REQUEST).build().send().json()["id"],
        "urllib3": lambda: pool.request("POST", url + PATH, json=REQUEST, headers=HEADERS).json()["id"],
        "httpx": lambda: client.post(url + PATH, json=REQUEST).json()["id"],
        "requests": lambda: session.post(url + PATH, json=REQUEST).json()["id"],
    }


@asynccontextmanager
async def async_contenders(url, authority):
    """For each client, a coroutine function that creates one integration."""
    request = ocamba_hood.NewIntegration.from_dict(REQUEST)
    async with (
        ocamba_hood.AsyncClient(token="token", base_url=url, rate_limit="off", root_certificates=authority) as ours,
        aiohttp.ClientSession(headers=HEADERS, connector=aiohttp.TCPConnector(ssl=trusting(authority))) as session,
        httpx.AsyncClient(headers=HEADERS, verify=trusting(authority)) as client,
        by_pyreqwest(pyreqwest.client.ClientBuilder(), authority) as rust,
    ):

        async def by_ours():
            return (await ours.integrations.create(request)).id

        async def by_aiohttp():
            async with session.post(url + PATH, json=REQUEST) as response:
                return (await response.json())["id"]

        async def by_httpx():
            return (await client.post(url + PATH, json=REQUEST)).json()["id"]

        async def by_rust():
            return (await (await rust.post(url + PATH).body_json(REQUEST).build().send()).json())["id"]

        yield {OURS: by_ours, "pyreqwest": by_rust, "aiohttp": by_aiohttp, "httpx": by_httpx}


def trusting(authority):
    return ssl.create_default_context(cafile=authority) if authority else True


def by_pyreqwest(builder, authority):
    if authority:
        builder = builder.add_root_certificate_pem(Path(authority).read_bytes())
    return builder.default_headers(HEADERS).build()


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
        for what, name, bound in PROMISES.get(self.title, []):
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


async def async_bench(title, contenders, calls):
    costs = Costs(title)
    async with contenders as contenders:
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


def bench(title, url, authority, share):
    contenders = sync_contenders(url, authority)
    sync_bench(f"{title}, sync, 1 in flight", one_by_one, contenders, int(400 * share))
    sync_bench(f"{title}, sync, {THREADS} threads", in_threads, contenders, int(1_600 * share))
    asyncio.run(async_bench(f"{title}, async, {IN_FLIGHT} in flight", async_contenders(url, authority), int(3_200 * share)))


def main():
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "authority.pem")
        for title, (delay, tls, share) in WAYS.items():
            arguments = [sys.argv[1], "serve", str(delay), *([file] if tls else [])]
            server = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
            try:
                bench(title, server.stdout.readline().split()[-1], file if tls else None, share)
            finally:
                server.kill()


if __name__ == "__main__":
    main()
