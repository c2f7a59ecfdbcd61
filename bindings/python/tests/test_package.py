"""The installed package: its import, documentation and sandbox."""

import importlib.metadata
import pydoc
import subprocess
import sys

import pytest

import ocamba_hood
from ocamba_hood.testing import Sandbox


def python(code):
    """The output of a program, in an interpreter that sees only installed packages."""
    command = [sys.executable, "-I", "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def test_import_loads_no_standard_module():
    """Imports take most of the time: nothing of the standard library except `__future__`."""
    code = "import sys; before = set(sys.modules); import ocamba_hood; print(*sorted(set(sys.modules) - before))"
    foreign = [name for name in python(code).split() if not name.startswith("ocamba_hood")]
    assert foreign in ([], ["__future__"])


def test_call_loads_no_standard_module(sandbox, some_example):
    """The import of `json` takes longer than all others together."""
    code = f"""
import sys
before = set(sys.modules)
import ocamba_hood
client = ocamba_hood.Client(token="any", base_url={sandbox.url!r}, rate_limit="off")
print(client.integrations.create({some_example.request!r}).name)
print(*sorted(set(sys.modules) - before))
"""
    name, modules = python(code).splitlines()
    assert name == some_example.request["name"]
    assert {name for name in modules.split() if not name.startswith("ocamba_hood")} <= {"__future__", "_json"}


@pytest.mark.parametrize("setup", ["import sys; sys.modules['_json'] = None", "import _json; del _json.make_scanner"])
def test_response_is_read_by_json_where_its_scanner_is_missing(setup):
    code = f"{setup}; from ocamba_hood import _calls; print(_calls._parsed('[1, 2.5, null]', 0)[0])"
    assert python(code) == "[1, 2.5, None]\n"


def test_import_takes_at_most_5_ms():
    """In time of the CPU, and the fastest of many. On a busy machine, imports of the standard library take more of it, too."""

    def milliseconds(modules):
        code = "import time; began = time.process_time()\nimport {}\nprint((time.process_time() - began) * 1e3)"
        return float(python(code.format(modules)))

    ours, theirs = zip(*((milliseconds("ocamba_hood"), milliseconds("decimal, json")) for _ in range(40)), strict=True)
    assert min(ours) <= max(5, 0.65 * min(theirs)), (min(ours), min(theirs))


def test_package_has_no_dependency():
    requires = importlib.metadata.requires("ocamba-hood") or []
    assert all("extra ==" in requirement for requirement in requires), requires


def test_packages_have_the_same_version_and_require_it():
    version = importlib.metadata.version("ocamba-hood")
    assert version == importlib.metadata.version("ocamba-cli") == ocamba_hood.__version__
    ours = [text for text in importlib.metadata.requires("ocamba-hood") if text.startswith("ocamba-cli")]
    assert ours and all(text.replace(" ", "").startswith(f"ocamba-cli=={version};") for text in ours)


def test_help_documents_everything(capsys):
    text = pydoc.plain(pydoc.render_doc(ocamba_hood))
    for name in ("Client", "AsyncClient", "HoodError", "Secret", "Integration", "outcome", "KEEP", "Listing"):
        assert name in text
    assert "token" in pydoc.plain(pydoc.render_doc(ocamba_hood.Client))
    for kind in (ocamba_hood.Integrations, ocamba_hood.AsyncIntegrations, ocamba_hood.Providers):
        text = pydoc.plain(pydoc.render_doc(kind))
        methods = [value for name in dir(kind) if not name.startswith("_") and callable(value := getattr(kind, name))]
        assert methods and all(f"{method.__name__}(self" in text and method.__doc__ for method in methods)
    classes = [value for value in vars(ocamba_hood).values() if isinstance(value, type)]
    assert len(classes) > 20
    assert [c for c in classes if not (c.__doc__ or "").strip() or c.__module__ != "ocamba_hood"] == []


def test_sandbox_checks_its_token(some_example):
    with Sandbox(token="one-token", limits=False) as sandbox:
        with sandbox.client() as client:
            assert client.integrations.create(some_example.request).id
        with ocamba_hood.Client(token="another", base_url=sandbox.url) as client:
            with pytest.raises(ocamba_hood.AuthenticationError):
                client.integrations.create(some_example.request)
    with sandbox.client() as client, pytest.raises(ocamba_hood.HoodConnectionError):
        client.integrations.create(some_example.request)


def test_sandbox_enforces_its_rate_limit(some_example):
    with Sandbox(burst=1, steady=1) as sandbox, sandbox.client(rate_limit="off") as client:
        client.integrations.create(some_example.request)
        with pytest.raises(ocamba_hood.RateLimitError) as caught:
            client.integrations.create(some_example.request, max_retries=0)
        assert caught.value.retry_after > 0


def test_sandbox_reports_why_it_did_not_start():
    with pytest.raises(RuntimeError, match="burst"):
        Sandbox(burst=-1)


def test_sandbox_speaks_tls_with_a_certificate_of_its_own(some_example):
    with Sandbox(limits=False, tls=True) as sandbox:
        assert sandbox.url.startswith("https:")
        with sandbox.client() as client:
            assert client.integrations.create(some_example.request).name == some_example.request["name"]
        with ocamba_hood.Client(token="any", base_url=sandbox.url, max_retries=0) as stranger:
            with pytest.raises(ocamba_hood.HoodConnectionError, match="certificate"):
                stranger.integrations.create(some_example.request)


def test_variables_of_the_language_name_trusted_certificates(some_example, tmp_path, monkeypatch):
    with Sandbox(limits=False, tls=True) as sandbox:
        file = tmp_path / "authority.pem"
        file.write_text(sandbox.ca_certificate)
        for variable, value in [
            ("REQUESTS_CA_BUNDLE", file),
            ("REQUESTS_CA_BUNDLE", tmp_path),
            ("CURL_CA_BUNDLE", file),
            ("SSL_CERT_FILE", file),
            ("SSL_CERT_DIR", tmp_path),
            ("OCAMBA_ROOT_CERTIFICATES", file),
            ("OCAMBA_ROOT_CERTIFICATES", sandbox.ca_certificate),
        ]:
            with monkeypatch.context() as environment:
                for other in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
                    environment.delenv(other, raising=False)
                environment.setenv(variable, str(value))
                with ocamba_hood.Client(token="any", base_url=sandbox.url, max_retries=0, proxy="off") as client:
                    client.integrations.create(some_example.request)


def test_certificates_of_all_variables_are_trusted(some_example, tmp_path, monkeypatch):
    """Each is read only if those before it do not trust the server."""
    monkeypatch.setenv("OCAMBA_PROXY", "off")
    with Sandbox(limits=False, tls=True) as sandbox, Sandbox(limits=False, tls=True) as other:
        own, foreign = tmp_path / "own", tmp_path / "foreign"
        for folder, server in ((own, sandbox), (foreign, other)):
            folder.mkdir()
            (folder / "authority.pem").write_text(server.ca_certificate)
        missing = tmp_path / "missing.pem"
        for file, folder, bundle in [
            (own / "authority.pem", missing, missing),
            (foreign / "authority.pem", own, missing),
            (foreign / "authority.pem", f"{missing}:{own}", missing),
            (missing, own, missing),
            (missing, foreign, own),
            (missing, missing, own / "authority.pem"),
        ]:
            monkeypatch.setenv("SSL_CERT_FILE", str(file))
            monkeypatch.setenv("SSL_CERT_DIR", str(folder))
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
            with ocamba_hood.Client(token="any", base_url=sandbox.url, max_retries=0) as client:
                client.integrations.create(some_example.request)
        for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
            monkeypatch.delenv(variable)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(missing))
        with ocamba_hood.Client(token="any", base_url=sandbox.url, max_retries=0) as client:
            with pytest.raises(ocamba_hood.HoodConnectionError, match="REQUESTS_CA_BUNDLE names the file .*missing") as caught:
                client.integrations.create(some_example.request)
            assert caught.value.stage == "tls"
