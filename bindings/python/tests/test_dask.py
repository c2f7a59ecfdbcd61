"""The example for Dask: four processes that share a rate limit through Redis, and create each row once."""

import collections
import csv
import io
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from control import Control

from ocamba_hood.testing import Sandbox

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "dask_fleet.py"


@pytest.fixture
def redis(tmp_path):
    """Starts a Redis on a free port."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            # It ends if another process took the port first.
            if any("Ready to accept connections" in line for line in process.stdout):
                yield f"redis://127.0.0.1:{port}"
                process.kill()
                return


def run(folder, environment):
    command = [sys.executable, "-I", str(EXAMPLE), "fleet.csv", "ledgers"]
    environment = {**os.environ, **environment}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def test_example_creates_each_row_once_within_the_rate_limit(tmp_path, redis, some_example):
    settings = {**some_example.request["settings"], some_example.secret: "env:FLEET_SECRET"}
    names = [f"row {number}" for number in range(80)]
    with open(tmp_path / "fleet.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["name", "provider", *(f"settings.{name}" for name in settings)])
        table.writerows([name, some_example.request["provider_id"], *settings.values()] for name in names)
    with Sandbox(burst=20, steady=1000) as sandbox:
        control = Control(sandbox.url)
        environment = {"OCAMBA_TOKEN": "token", "OCAMBA_BASE_URL": sandbox.url, "FLEET_SECRET": "secret"}
        environment |= {"OCAMBA_RATE_LIMIT": redis, "OCAMBA_RATE_LIMIT_TIER": "20/1000", "OCAMBA_KEYRING": "off"}
        # Dask writes its default configuration into the home folder.
        environment |= {"HOME": str(tmp_path), "DASK_CONFIG": str(tmp_path)}
        rows = run(tmp_path, environment)
        assert [row["name"] for row in rows] == names
        assert {row["outcome"] for row in rows} == {"created"} and len({row["id"] for row in rows}) == 80
        journal = control.journal()
        created = collections.Counter(entry["name"] for entry in journal if entry["operation"] == "createIntegration")
        assert created == dict.fromkeys(names, 1)
        assert 429 not in {entry["status"] for entry in journal}
    assert len(list((tmp_path / "ledgers").glob("*.ledger"))) == 8
