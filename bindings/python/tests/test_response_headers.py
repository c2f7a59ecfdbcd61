"""The headers and attempts of responses and errors."""

import copy
import logging
import pickle
from collections.abc import Mapping

import pytest
from servers import Server, always, answer

from ocamba_hood import Attempt, Client, Headers, HoodError, NotFoundError, RateLimitError, UnreadableResponseError


def failure(server, request, **options):
    with server, Client(token="token-canary", base_url=server.url, max_retries=0) as client:
        with pytest.raises(HoodError) as caught:
            client.integrations.create(request, **options)
    return caught.value


def test_headers_are_a_mapping_with_names_in_any_case():
    headers = Headers({"Retry-After": "7", "x-request-id": "r-1"})
    assert isinstance(headers, Mapping) and len(headers) == 2
    assert headers["RETRY-AFTER"] == headers["retry-after"] == headers.get("Retry-After") == "7"
    assert "X-Request-Id" in headers and "x" not in headers and 5 not in headers and headers.get("x") is None
    assert dict(headers) == {"retry-after": "7", "x-request-id": "r-1"} == headers
    assert headers == {"RETRY-AFTER": "7", "X-Request-ID": "r-1"} and headers != {"retry-after": "8"} and headers != "x"
    assert list(headers.items()) == [("retry-after", "7"), ("x-request-id", "r-1")]
    for again in (pickle.loads(pickle.dumps(headers)), copy.deepcopy(headers), Headers(headers)):
        assert again == headers and again["Retry-After"] == "7"
    assert "r-1" not in repr(headers) and "x-request-id" in repr(headers)
    for wrong in ("missing", 5, None):
        with pytest.raises(KeyError):
            headers[wrong]
    with pytest.raises(TypeError):
        headers["x"] = "y"


def test_response_has_headers_in_any_case(some_example):
    with always(answer(headers=["X-RateLimit-Remaining: 9", "Via: 1.1 a", "via: 1.1 b"])) as server:
        with Client(token="token", base_url=server.url) as client:
            response = client.integrations.with_response.create(some_example.request)
    assert response.headers["X-RateLimit-Remaining"] == response.headers["x-ratelimit-remaining"] == "9"
    assert response.headers["VIA"] == "1.1 a, 1.1 b"


def test_error_has_the_headers_of_its_response(some_example):
    error = failure(always(answer(404, {"title": "No."}, ["X-Request-Id: r-1", "Retry-After: 7"])), some_example.request)
    assert (type(error), error.status) == (NotFoundError, 404)
    assert error.headers["x-request-id"] == error.headers["X-Request-ID"] == "r-1" and error.headers["Retry-After"] == "7"
    assert "r-1" not in repr(error.headers)
    cut = answer(201, b'{"id": "1"}', ["X-Request-Id: r-2"])[:-3]

    def serve(connection):
        connection.request()
        connection.send(cut)

    for server in (Server(serve), always(answer(201, b"<html>", ["X-Request-Id: r-2"]))):
        error = failure(server, some_example.request)
        assert (type(error), error.headers["X-Request-Id"]) == (UnreadableResponseError, "r-2")


def test_error_without_a_response_has_no_headers(some_example):
    error = failure(always(b""), {"name": ""})
    assert (len(error.headers), error.headers.get("x"), error.status) == (0, None, None)
    assert HoodError("mine").headers == {} and HoodError("mine").attempts == ()


@pytest.mark.parametrize("status", [201, 302, 400, 500])
def test_headers_of_an_error_quote_no_secret(some_example, status):
    request = {**some_example.request, "settings": {**some_example.request["settings"], some_example.secret: "key-canary"}}
    quoted = ["X-Echo: the token-canary and key-canary", "X-Url: /?key=key%2Dcanary", "Set-Cookie: session=cookie-canary"]
    error = failure(always(answer(status, b"<html>", quoted)), request)
    assert error.headers["x-echo"] == "the [REDACTED] and [REDACTED]" and error.headers["set-cookie"] == "[REDACTED]"
    for text in (str(error), repr(error), repr(error.args), repr(vars(error)), repr(dict(error.headers))):
        assert "canary" not in text.replace("%2D", "-")
    assert b"canary" not in pickle.dumps(error)


def test_error_has_its_attempts(some_example):
    answers = iter([answer(429, {"title": "A title.", "trace_id": "t-1"}, ["Retry-After: 0"]), answer(404, {"title": "No."})])

    def serve(connection):
        while connection.request() is not None:
            connection.send(next(answers))

    server = Server(serve)
    with server, Client(token="token", base_url=server.url) as client, pytest.raises(NotFoundError) as caught:
        client.integrations.create(some_example.request)
    first, second = caught.value.attempts
    assert isinstance(first, Attempt) and (first.number, second.number) == (1, 2)
    assert (first.method, first.path, first.status, first.error) == ("POST", "/v1/hood/integrations", 429, "rate_limit")
    assert (first.trace_id, first.operation) == ("t-1", "create_integration")
    assert (second.status, second.error, second.url) == (404, "not_found", f"{server.url}/v1/hood/integrations")
    assert first.duration > 0 and first.started > 1e9
    with pytest.raises(TypeError, match="Attempt requires operation, method, "):
        Attempt(number=1)
    assert pickle.loads(pickle.dumps(first)) == first and repr(first).startswith("Attempt(number=1")


def test_attempts_of_an_error_are_those_of_the_log(some_example, caplog):
    with caplog.at_level(logging.DEBUG, "ocamba_hood"):
        error = failure(always(answer(429, {}, ["Retry-After: 7"])), some_example.request)
    assert isinstance(error, RateLimitError)
    [record] = [record for record in caplog.records if record.name == "ocamba_hood"]
    [attempt] = error.attempts
    assert (record.attempt, record.duration, record.status) == (attempt.number, attempt.duration, attempt.status)
