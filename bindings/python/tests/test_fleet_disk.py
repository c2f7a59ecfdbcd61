"""A disk that becomes full during a run: the error names the rows that were made and could not be recorded."""

import json
import os
import pickle

import pytest

from ocamba_hood._binary import binary
from ocamba_hood.fleet import Fleet, FleetError, MadeRow


@pytest.fixture
def account(sandbox, control, monkeypatch, tmp_path):
    """The environment of an account, empty at first."""
    monkeypatch.setenv("OCAMBA_TOKEN", "token")
    monkeypatch.setenv("OCAMBA_BASE_URL", sandbox.url)
    monkeypatch.setenv("OCAMBA_RATE_LIMIT", "off")
    # The files of all other tests may be larger than a limited program can write.
    monkeypatch.setenv("OCAMBA_RATE_LIMIT_DIR", os.fspath(tmp_path / "rate-limit"))
    monkeypatch.chdir(tmp_path)
    return sandbox


def rows(example):
    return [{**example.request, "name": f"{example.name} {number}"} for number in range(60)]


def ids(account):
    with account.client() as client:
        return {integration.name: integration.id for integration in client.integrations.list()}


def limited(path):
    """A program that cannot write a file of more than 40 KB."""
    path.write_text(f"#!/bin/sh\ntrap '' XFSZ\nulimit -f 80\nexec '{os.fspath(binary('fleet'))}' \"$@\"\n")
    path.chmod(0o700)
    return path


def test_error_has_the_rows_that_the_ledger_lacks(account, some_example, tmp_path):
    wire = rows(some_example)
    with pytest.raises(FleetError, match="could not be read or written") as caught:
        Fleet(wire, binary=limited(tmp_path / "limited")).apply(ledger="ledger", in_flight=4)
    error, there = caught.value, ids(account)
    assert (error.code, error.outcome) == ("ledger", "unknown") and 0 < len(error.made) <= 8
    for row in error.made:
        assert isinstance(row, MadeRow) and there[row.name] == row.id and wire[row.line - 1]["name"] == row.name
        assert f"line {row.line}, {json.dumps(row.name)} (id {row.id})" in str(error)
    again = FleetError(*json.loads(json.dumps(error.args)))
    assert again.made == error.made == pickle.loads(pickle.dumps(error)).made
    report = Fleet(wire).apply(ledger="ledger", reconcile_timeout=0.2)
    assert report.is_complete and len(ids(account)) == 60
    assert {row.name: row.id for row in report}.items() >= there.items()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full device")
def test_error_of_a_result_file_has_the_rows(account, some_example):
    wire = [*rows(some_example)[:3], {**some_example.request, "name": "conflict"}]
    with account.client() as client:
        for _ in range(2):
            client.integrations.create(wire[3])
    with pytest.raises(FleetError, match="/dev/full") as caught:
        Fleet(wire).apply(ledger="ledger", failed="/dev/full")
    assert [row.line for row in caught.value.made] == [1, 2, 3]
