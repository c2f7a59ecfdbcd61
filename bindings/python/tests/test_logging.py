"""The logger `ocamba_hood` records each HTTP request."""

import logging

import pytest
from servers import always, answer

from ocamba_hood import Client, HoodError


def test_log_has_a_record_of_each_request(caplog, some_example):
    with caplog.at_level(logging.DEBUG, "ocamba_hood"):
        for status in (201, 429):
            with always(answer(status, {"id": "1", "trace_id": "t-1"})) as server:
                with Client(token="token", base_url=server.url, max_retries=0) as client:
                    try:
                        client.integrations.create(some_example.request)
                    except HoodError:
                        pass
    records = [record for record in caplog.records if record.name == "ocamba_hood"]
    assert [(r.method, r.path, r.status, r.attempt) for r in records] == [
        ("POST", "/v1/hood/integrations", 201, 1),
        ("POST", "/v1/hood/integrations", 429, 1),
    ]
    assert all(0 < record.duration < 10 for record in records)
    assert records[1].trace_id == "t-1"
    assert "POST /v1/hood/integrations: 429 in " in records[1].getMessage()


def test_log_is_empty_when_nothing_was_sent(caplog, client, some_example):
    with caplog.at_level(logging.DEBUG, "ocamba_hood"), pytest.raises(HoodError):
        client.integrations.create({**some_example.request, "name": ""})
    assert not [record for record in caplog.records if record.name == "ocamba_hood"]


def test_log_is_empty_above_debug(caplog, client, some_example):
    with caplog.at_level(logging.INFO):
        client.integrations.create(some_example.request)
    assert not [record for record in caplog.records if record.name == "ocamba_hood"]
