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


def broken(*_):
    raise RuntimeError("mine")


@pytest.mark.parametrize("place", ["factory", "filter", "handler"])
def test_logging_of_the_program_fails_no_call(sandbox, control, some_example, monkeypatch, caplog, place):
    logger, factory, calls = logging.getLogger("ocamba_hood"), logging.getLogRecordFactory(), []

    def with_trace_id(*arguments, **options):
        record = factory(*arguments, **options)
        record.trace_id = "of-the-program"
        return record

    def second(record):
        calls.append(record)
        return broken() if len(calls) % 2 == 0 else True

    handler = logging.Handler()
    handler.emit = broken
    if place == "factory":
        logging.setLogRecordFactory(with_trace_id)
    elif place == "filter":
        logger.addFilter(second)
    else:
        logger.addHandler(handler)
    shown = []
    monkeypatch.setattr("ocamba_hood._observe.warn", shown.append)
    try:
        with caplog.at_level(logging.DEBUG, "ocamba_hood"), sandbox.client() as client:
            for number in range(6):
                assert client.integrations.create({**some_example.request, "name": f"n{number}"}).id
            assert len(list(client.integrations.list(page_size=2))) == 6
    finally:
        logging.setLogRecordFactory(factory)
        logger.removeFilter(second)
        logger.removeHandler(handler)
    assert control.asked() >= 9
    if place == "factory":
        assert {record.trace_id for record in caplog.records} == {"of-the-program"} and caplog.records[0].method == "POST"
    else:
        assert any("logging failed" in text for text in (*shown, *(record.getMessage() for record in caplog.records)))


def test_log_is_empty_when_nothing_was_sent(caplog, client, some_example):
    with caplog.at_level(logging.DEBUG, "ocamba_hood"), pytest.raises(HoodError):
        client.integrations.create({**some_example.request, "name": ""})
    assert not [record for record in caplog.records if record.name == "ocamba_hood"]


def test_log_is_empty_above_debug(caplog, client, some_example):
    with caplog.at_level(logging.INFO):
        client.integrations.create(some_example.request)
    assert not [record for record in caplog.records if record.name == "ocamba_hood"]
