"""What `ocamba_hood.testing` and the fixtures of pytest offer to users' tests."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from ocamba_hood import Client, HoodConnectionError, Secret, ServerError
from ocamba_hood.testing import Sandbox


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "tls"])
def own(request):
    with Sandbox(limits=False, tls=request.param, token="of-the-test") as sandbox:
        yield sandbox


def test_faults_journal_and_integrations_are_controlled(own, example):
    own.reset()
    id = own.add_integration(example.typed)
    assert own.journal() == []
    with own.client(max_retries=0) as client:
        assert client.integrations.get(id).name == example.request["name"]
        own.set_faults({"operation": "createIntegration", "times": 1, "fault": {"answer": {"status": 503}}}, seed=7)
        own.add_faults({"operation": "getIntegration", "fault": {"answer": {"status": 500}}})
        with pytest.raises(ServerError):
            client.integrations.create(example.request)
        with pytest.raises(ServerError):
            client.integrations.get(id)
        [left] = own.faults()["faults"]
        assert left["operation"] == "getIntegration"
        own.clear_faults()
        second = client.integrations.create(example.request).id
        journal = own.journal()
        assert [(entry["operation"], entry["status"]) for entry in journal] == [
            ("getIntegration", 200),
            ("createIntegration", 503),
            ("getIntegration", 500),
            ("createIntegration", 201),
        ]
        assert (journal[-1]["committed"], journal[-1]["integration_id"]) == (True, second)
        own.clear_journal()
        assert own.journal() == []
        own.reset()
        assert list(client.integrations.list()) == []


def test_sheet_is_the_seed_and_a_file_keeps_the_state(tmp_path, some_example):
    seed, state = tmp_path / "seed.jsonl", tmp_path / "state.json"
    rows = [{**some_example.request, "name": name} for name in ("first", "second")]
    seed.write_text("".join(json.dumps(row) + "\n" for row in rows))

    def names(sandbox):
        with sandbox.client() as client:
            return [integration.name for integration in client.integrations.list()]

    with Sandbox(limits=False, seed=seed, state=state) as sandbox:
        assert names(sandbox) == ["first", "second"]
        sandbox.add_integration({**some_example.request, "name": "third"})
    with Sandbox(limits=False, seed=str(seed), state=str(state)) as sandbox:
        assert names(sandbox) == ["first", "second", "third"]
        with pytest.raises(RuntimeError, match=r"state\.json.*another sandbox uses it"):
            Sandbox(state=state)
        sandbox.reset()
        assert names(sandbox) == ["first", "second"]


def test_invalid_fault_and_request_are_named(own):
    with pytest.raises(ValueError, match="faults.*anser"):
        own.set_faults({"fault": {"anser": {}}})
    with pytest.raises(ValueError, match="integrations.*settings"):
        own.add_integration({"name": "Example", "provider_id": "1004"})


def test_secrets_and_typed_settings_are_accepted(some_example):
    settings = {name: Secret(value) for name, value in some_example.request["settings"].items()}
    with Sandbox(limits=False, token=Secret("hidden")) as sandbox, sandbox.client(token="hidden") as client:
        for given in (settings, some_example.typed.settings):
            id = sandbox.add_integration({**some_example.request, "settings": given})
            assert client.integrations.get(id).settings == some_example.typed.settings
        with pytest.raises(TypeError, match="a request may contain text, .* not object"):
            sandbox.add_integration({"name": object()})
    with pytest.raises(RuntimeError, match="the sandbox is closed"):
        sandbox.journal()


def test_environment_selects_the_sandbox_in_other_processes(own, monkeypatch, some_example):
    own.reset()
    for name, value in own.environment.items():
        monkeypatch.setenv(name, value)
    source = f"from ocamba_hood import Client; print(Client().integrations.create({some_example.request}).id)"
    made = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert Client().integrations.get(made.stdout.strip()).name == some_example.request["name"]


@pytest.mark.parametrize("fork", [False, pytest.param(True, marks=pytest.mark.skipif(os.name == "nt", reason="no fork"))])
def test_sandbox_ends_with_its_process_even_if_that_is_killed(fork):
    # A fork, as a worker of a pool, inherits the pipe to the sandbox, and stays when the process is killed.
    stays = "if not os.fork(): os.close(1); os.close(2); os.read(0, 1); os._exit(0)" if fork else ""
    source = "\n".join(
        ["import os", "from ocamba_hood.testing import Sandbox", "print(Sandbox().url, flush=True)", stays]
        + ["os.kill(os.getpid(), 9)"]
    )
    with subprocess.Popen([sys.executable, "-c", source], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        url = process.stdout.read().strip()
        _wait_for_its_end(url)


def _wait_for_its_end(url):
    deadline = time.monotonic() + 60

    def is_refused():
        try:
            urllib.request.urlopen(f"{url}/_sandbox/journal").close()
        except ConnectionError:  # It ended within this request.
            return False
        except urllib.error.URLError as error:
            return "refused" in str(error)
        return False

    # It ends a moment after its process.
    while not is_refused():
        assert time.monotonic() < deadline


def test_connections_to_other_machines_can_be_disabled(sandbox, monkeypatch, some_example):
    monkeypatch.setenv("OCAMBA_DISABLE_NET_CONNECT", "1")
    with pytest.raises(HoodConnectionError, match="disabled.*sandbox") as caught:
        Client(token="token", base_url="https://api.example.com").integrations.create(some_example.request)
    assert caught.value.outcome == "not_sent"
    assert sandbox.client().integrations.create(some_example.request).name == some_example.request["name"]


def test_fixtures_give_each_test_an_empty_sandbox(tmp_path, some_example):
    (tmp_path / "conftest.py").write_text(
        "import pytest\n\n"
        "@pytest.fixture(scope='session')\n"
        "def hood_sandbox_options():\n"
        "    return {'limits': False, 'token': 'of-the-conftest'}\n"
    )
    (tmp_path / "test_app.py").write_text(
        "import os\n"
        "import pytest\n"
        "from ocamba_hood import Client\n\n"
        f"REQUEST = {some_example.request}\n\n"
        "@pytest.mark.parametrize('number', [1, 2])\n"
        "def test_client(hood_client, hood_sandbox, number):\n"
        "    assert list(hood_client.integrations.list()) == []\n"
        "    hood_client.integrations.create(REQUEST)\n"
        "    assert [entry['operation'] for entry in hood_sandbox.journal()] == ['listIntegrations', 'createIntegration']\n\n"
        "def test_client_of_the_environment(hood_sandbox):\n"
        "    assert os.environ['OCAMBA_TOKEN'] == 'of-the-conftest'\n"
        "    Client().integrations.create(REQUEST)\n"
        "    assert len(hood_sandbox.journal()) == 1\n\n"
        "def test_without_a_sandbox():\n"
        "    assert 'OCAMBA_TOKEN' not in os.environ\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", str(tmp_path)]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert "4 passed" in ran.stdout, ran.stdout + ran.stderr
