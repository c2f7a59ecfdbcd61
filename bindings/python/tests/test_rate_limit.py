"""The state of the rate limit, and the warning where it cannot be shared."""

import sys
import warnings

import pytest
from both import Awaited

from ocamba_hood import AsyncClient, Client, RateLimitStatus
from ocamba_hood.fleet import Fleet


def client_in(sandbox, kind, folder):
    """A client whose rate limit is shared through a folder."""
    made = kind(token=folder.name, base_url=sandbox.url, rate_limit="shared", rate_limit_dir=folder)
    return made if kind is Client else Awaited(made)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_status_counts_the_requests_of_all_clients(sandbox, some_example, tmp_path, kind):
    with client_in(sandbox, Client, tmp_path) as one, client_in(sandbox, kind, tmp_path) as other:
        one.integrations.create(some_example.request)
        status = other.rate_limit_status()
    expected = dict(storage="file", fallback_reason=None, tier="10/150", used_in_minute=1, blocked_for=0.0, waiting=0)
    assert type(status) is RateLimitStatus
    assert {name: getattr(status, name) for name in expected} == expected
    assert (status.in_flight, status.in_flight_limit) == (0, None) and status.used_in_second in (0, 1)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_folder_that_cannot_be_used_is_warned_of_once(sandbox, some_example, tmp_path, kind):
    folder = tmp_path / kind.__name__
    folder.write_text("not a folder")
    with warnings.catch_warnings(record=True) as shown, client_in(sandbox, kind, folder) as client:
        warnings.simplefilter("always")
        for _ in range(2):
            client.integrations.create(some_example.request)
        status = client.rate_limit_status()
    [warning] = [str(warning.message) for warning in shown if warning.category is RuntimeWarning]
    assert str(folder) in warning
    assert status.storage == "memory" and status.fallback_reason in warning and status.used_in_minute == 2


def test_warning_that_is_an_error_loses_no_result(sandbox, some_example, tmp_path, monkeypatch):
    folder, reported = tmp_path / "error", []
    folder.write_text("not a folder")
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: reported.append(unraisable.exc_value))
    with warnings.catch_warnings(), client_in(sandbox, Client, folder) as client:
        warnings.simplefilter("error")
        assert client.integrations.create(some_example.request).id
    [error] = reported
    assert type(error) is RuntimeWarning and str(folder) in str(error)


def test_fleet_warns_of_a_folder_that_cannot_be_used(sandbox, some_example, tmp_path, monkeypatch):
    folder = tmp_path / "fleet"
    folder.write_text("not a folder")
    variables = dict(TOKEN="token", BASE_URL=sandbox.url, RATE_LIMIT="shared", RATE_LIMIT_DIR=str(folder))
    for name, value in variables.items():
        monkeypatch.setenv(f"OCAMBA_{name}", value)
    with pytest.warns(RuntimeWarning) as caught:
        report = Fleet([{**some_example.request, "name": "of a fleet"}]).apply(ledger=str(tmp_path / "ledger"))
    warnings = " ".join(str(warning.message) for warning in caught)
    for what in ("the file of the rate limit could not be used", "the files of `ensure` could not be used"):
        assert warnings.count(what) == 1
    assert report.is_complete
