"""`cargo xtask bench cold-start`: the time from the start of a process to the end of its first create over TLS.

Each process starts many times, in turns with the others, and trusts the usual authorities and that of the server. The results
are medians.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import certifi
from bench import HEADERS, PATH, REQUEST

TURNS = 31
BARE_PYTHON, BARE_NODE = "python", "node"

PYTHON = {
    BARE_PYTHON: "pass",
    "ocamba_hood": """
from ocamba_hood import Client
Client(token="token", base_url={url!r}, rate_limit="off").integrations.create({request!r})""",
    "pyreqwest": """
from pyreqwest.client import SyncClientBuilder
client = SyncClientBuilder().default_headers({headers!r}).build()
client.post({url!r} + {path!r}).body_json({request!r}).build().send().json()""",
    "urllib": """
import json
from urllib.request import Request, urlopen
headers = {headers!r} | {{"Content-Type": "application/json"}}
json.load(urlopen(Request({url!r} + {path!r}, json.dumps({request!r}).encode(), headers)))""",
    "httpx": """
import httpx
httpx.post({url!r} + {path!r}, headers={headers!r}, json={request!r}).json()""",
}
NODE = {
    BARE_NODE: "0",
    "ocamba-hood": """
const {{ Client }} = require("ocamba-hood");
const client = new Client({{ token: "token", baseUrl: {url!r}, rateLimit: "off" }});
client.integrations.create({request!r});""",
    "fetch": """
const headers = {{ ...{headers!r}, "content-type": "application/json" }};
fetch({url!r} + {path!r}, {{ method: "POST", headers, body: JSON.stringify({request!r}) }}).then((r) => r.json());""",
}


def commands(url, bundle):
    """For each name, the arguments of a process that creates one integration."""
    values = {"url": url, "path": PATH, "headers": HEADERS, "request": REQUEST}
    all = {name: [sys.executable, "-I", "-c", code.format(**values)] for name, code in PYTHON.items()}
    all |= {name: ["node", "-e", code.format(**values)] for name, code in NODE.items()}
    if shutil.which("curl"):
        body = str(REQUEST).replace("'", '"')
        headers = [f"{name}: {value}" for name, value in HEADERS.items()] + ["Content-Type: application/json"]
        options = ["--cacert", bundle, "--data", body, *(part for header in headers for part in ("--header", header))]
        all["curl"] = ["curl", "--silent", "--fail", url + PATH, *options]
    return all


def measure(commands, folder, environment):
    """For each name, the milliseconds of each turn."""
    times = {}
    for _ in range(TURNS):
        for name, command in commands.items():
            began = time.perf_counter()
            subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
            times.setdefault(name, []).append((time.perf_counter() - began) * 1e3)
    return times


def report(times):
    medians = {name: statistics.median(values) for name, values in times.items()}
    above = {
        name: medians[name] - medians[BARE_PYTHON if name in PYTHON else BARE_NODE] for name in medians if name != "curl"
    }
    print(f"\nfrom the start of the process to the end of its first create over TLS, {TURNS} turns")
    print(f"  {'':<14}{'ms':>8}{'above bare':>14}")
    for name, value in medians.items():
        print(f"  {name:<14}{value:>8.1f}{above.get(name, 0):>14.1f}")
    for words, found, bound in [
        ("ocamba_hood at most 10 ms above bare Python", above["ocamba_hood"], 10),
        ("ocamba-hood at most half of fetch, above bare Node", above["ocamba-hood"], above["fetch"] / 2),
    ]:
        print(f"  {'kept' if found <= bound else 'BROKEN'}: {words}: {found:.1f}, bound {bound:.1f}")


def main():
    server, packages = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        authority, bundle = Path(folder) / "authority.pem", Path(folder) / "bundle.pem"
        server = subprocess.Popen([server, "serve", "0", str(authority)], stdout=subprocess.PIPE, text=True)
        try:
            url = server.stdout.readline().split()[-1]
            bundle.write_text(Path(certifi.where()).read_text() + authority.read_text())
            others = {name: value for name, value in os.environ.items() if not name.endswith("_CA_BUNDLE")}
            trust = {"SSL_CERT_FILE": str(bundle), "NODE_EXTRA_CA_CERTS": str(authority)}
            report(measure(commands(url, bundle), packages, others | trust))
        finally:
            server.kill()


if __name__ == "__main__":
    main()
