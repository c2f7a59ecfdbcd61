"""What the tests share: a sandbox, the examples of every provider, and servers that misbehave."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import ocamba_hood
from ocamba_hood.testing import Sandbox

# Helpers beside the tests, whatever pytest's way to import.
sys.path.insert(0, str(Path(__file__).parent))

from both import Awaited
from control import Control

# What is started in the background of a shell ignores Ctrl-C, and some tests are about it.
signal.signal(signal.SIGINT, signal.default_int_handler)

EXAMPLES = Path(__file__).resolve().parents[3] / "openapi" / "examples"
FOLDERS = sorted(path.parent for path in EXAMPLES.glob("*/request.json"))


@pytest.fixture(scope="session", autouse=True)
def rate_limit_folder(tmp_path_factory):
    """Keeps the state of rate limits out of the user's cache folder."""
    os.environ["OCAMBA_RATE_LIMIT_DIR"] = str(tmp_path_factory.mktemp("rate-limit"))


def pytest_generate_tests(metafunc):
    """A test that wants an example runs once for each folder of examples."""
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
        """Of each setting that the example has: its name, attribute, type, and whether it is required."""
        table = type(self.typed.settings)._settings
        return [(name, *table[name][:3]) for name in self.request["settings"]]

    @property
    def secret(self):
        """The name of a secret: each provider has one."""
        table = type(self.typed.settings)._settings
        return next(name for name in self.request["settings"] if table[name][3])

    @property
    def update_class(self):
        """The class of changes to the settings."""
        return getattr(ocamba_hood, f"{type(self.typed.settings).__name__}Update")

    @property
    def text(self):
        """The name of a setting that is a text, and no secret."""
        table = type(self.typed.settings)._settings
        return next(name for name in self.request["settings"] if table[name][1] is str and not table[name][3])

    @property
    def arguments(self):
        """The settings as keyword arguments."""
        return {attribute: self.request["settings"][name] for name, attribute, _, _ in self.settings}


@pytest.fixture(scope="session")
def some_example():
    """Any example, where it does not matter which."""
    return Example(FOLDERS[0])


@pytest.fixture(scope="session")
def sandbox():
    with Sandbox(limits=False) as sandbox:
        yield sandbox


@pytest.fixture
def control(sandbox):
    """What the sandbox does beside the API. It is empty at first, and does nothing wrong."""
    return Control(sandbox.url)


@pytest.fixture(params=["sync", "async"])
def either(request, sandbox):
    """A client of each kind. The calls of the asynchronous one are waited for, so that one test serves both."""
    if request.param == "sync":
        with sandbox.client() as client:
            yield client
        return
    with Awaited(sandbox.async_client()) as client:
        yield client


@pytest.fixture(scope="session")
def bench_server():
    """A server that costs next to nothing, as `cargo xtask test python` builds it."""
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
    """What is set where the tests run does not matter, and they share no rate limit."""
    for name in ("OCAMBA_TOKEN", "OCAMBA_BASE_URL", "OCAMBA_RATE_LIMIT_TIER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OCAMBA_RATE_LIMIT", "off")
