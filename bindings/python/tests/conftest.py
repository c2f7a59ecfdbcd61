"""Shared by the tests: a sandbox, and the examples of every provider."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import ocamba_hood
from ocamba_hood.testing import Sandbox

# Finds the helpers, whatever way pytest imports tests.
sys.path.insert(0, str(Path(__file__).parent))

from both import Awaited
from control import Control

# A process in the background of a shell ignores Ctrl-C, which some tests need.
signal.signal(signal.SIGINT, signal.default_int_handler)

EXAMPLES = Path(__file__).resolve().parents[3] / "openapi" / "examples"
FOLDERS = sorted(path.parent for path in EXAMPLES.glob("*/request.json"))


@pytest.fixture(scope="session", autouse=True)
def rate_limit_folder(tmp_path_factory):
    """Keeps the state of rate limits out of the user's cache folder."""
    os.environ["OCAMBA_RATE_LIMIT_DIR"] = str(tmp_path_factory.mktemp("rate-limit"))


def pytest_generate_tests(metafunc):
    """Runs a test with the argument `example` once for each folder of examples."""
    if "example" in metafunc.fixturenames:
        assert FOLDERS, f"no examples below {EXAMPLES}"
        metafunc.parametrize("example", [Example(folder) for folder in FOLDERS], ids=lambda example: example.name)


class Example:
    """One provider's request and response, in the wire form."""

    def __init__(self, folder):
        self.name = folder.name
        self.request = json.loads((folder / "request.json").read_text())
        self.response = json.loads((folder / "response.json").read_text())

    @property
    def typed(self):
        return ocamba_hood.NewIntegration.from_dict(self.request)

    @property
    def settings(self):
        """Name, attribute, type, and whether it is required, of each setting in the example."""
        table = type(self.typed.settings)._settings
        return [(name, *table[name][:3]) for name in self.request["settings"]]

    @property
    def secret(self):
        """The name of a secret, which each provider has."""
        table = type(self.typed.settings)._settings
        return next(name for name in self.request["settings"] if table[name][3])

    @property
    def update_class(self):
        """The class of changes to the settings."""
        return getattr(ocamba_hood, f"{type(self.typed.settings).__name__}Update")

    @property
    def text(self):
        """The name of a text setting that is not a secret."""
        table = type(self.typed.settings)._settings
        return next(name for name in self.request["settings"] if table[name][1] is str and not table[name][3])

    @property
    def arguments(self):
        """The settings as keyword arguments."""
        return {attribute: self.request["settings"][name] for name, attribute, _, _ in self.settings}


@pytest.fixture(scope="session")
def some_example():
    """Any example, for tests that need only one."""
    return Example(FOLDERS[0])


@pytest.fixture(scope="session")
def sandbox():
    with Sandbox(limits=False) as sandbox:
        yield sandbox


@pytest.fixture
def control(sandbox):
    """Controls the sandbox, which is empty at first, and without faults."""
    return Control(sandbox.url)


@pytest.fixture(params=["sync", "async"])
def either(request, sandbox):
    """A client of each kind. Calls of the asynchronous one are awaited, so that one test covers both."""
    if request.param == "sync":
        with sandbox.client() as client:
            yield client
        return
    with Awaited(sandbox.async_client()) as client:
        yield client


@pytest.fixture(scope="session")
def bench_server():
    """A server that costs next to nothing, built by `cargo xtask test python`."""
    process = subprocess.Popen([os.environ["OCAMBA_BENCH_SERVER"], "serve"], stdout=subprocess.PIPE, text=True)
    with process:
        yield process.stdout.readline().split()[-1]
        process.kill()


@pytest.fixture
def client(sandbox):
    with sandbox.client() as client:
        yield client


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    """Removes settings of the environment, and disables the rate limit."""
    for name in ("OCAMBA_TOKEN", "OCAMBA_BASE_URL", "OCAMBA_RATE_LIMIT_TIER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OCAMBA_RATE_LIMIT", "off")
