"""`extra_headers` of calls, and `default_headers` of clients."""

import traceback

import pytest
from servers import always, answer

from ocamba_hood import BadRequestError, Client, ConfigurationError, Secret, ValidationError


def sent(server, name):
    """The values of a header in the requests."""
    lines = [line.partition(": ") for head, _ in server.requests for line in head.split("\r\n")]
    return [value for key, _, value in lines if key == name]


def test_headers_of_a_client_and_of_a_call_are_sent(some_example):
    found = {"id": "7", "items": [], "total": 0}
    with always(answer(200, found)) as server:
        client = Client(token="token", base_url=server.url, default_headers={"x-key": Secret("client's"), "x-other": "1"})
        of_call = {"extra_headers": {"X-Key": "call's"}}
        client.integrations.get("7")
        client.integrations.get("7", **of_call)
        client.integrations.create(some_example.request, extra_headers=[("x-key", "call's")])
        list(client.integrations.list(**of_call))
        client.providers.list(**of_call).page()
        assert sent(server, "x-key") == ["client's", *["call's"] * 4]
        assert sent(server, "x-other") == ["1"] * 5
        assert sent(server, "authorization") == ["Bearer token"] * 5


@pytest.mark.parametrize(
    ("headers", "error", "message"),
    [
        ({"Authorization": "Bearer canary"}, ValidationError, "headers.Authorization is set by the client itself"),
        ({"host": "canary"}, ValidationError, "headers.host is set by the client itself"),
        ({"x-key": "canary\r\nx-other: 1"}, ValidationError, "headers.x-key may have only visible ASCII"),
        ({"": "canary"}, ValidationError, "headers. is not the name of a header"),
        ({"x-key": 4711}, TypeError, "extra_headers must have values of type str, not int"),
        ({4711: "canary"}, TypeError, "extra_headers must have names of type str, not int"),
        ({"x-key": b"canary"}, TypeError, "extra_headers must have values of type str, not bytes"),
        ({"x-key": "\ud800"}, TypeError, "extra_headers must have values of valid Unicode"),
        ("x-key: canary", TypeError, "extra_headers must be a dict of names and values, not str"),
        (4711, TypeError, "extra_headers must be a dict of names and values, not int"),
    ],
)
def test_invalid_headers_are_refused_before_anything_is_sent(either, control, headers, error, message):
    with pytest.raises(error, match=message) as caught:
        either.integrations.get("7", extra_headers=headers)
    assert control.journal() == []
    # As a test's report does, it shows the variables of our own frames, which is where a key would be found.
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    ours = [frame.locals or {} for frame in shown.stack if "ocamba_hood" in frame.filename]
    assert ours and "canary" not in str(ours)
    expected = TypeError if error is TypeError else ConfigurationError
    with pytest.raises(expected, match=message.replace("extra_", "default_")):
        Client(token="token", default_headers=headers)


def test_no_error_quotes_a_header():
    quoted = {"title": "Bad Request.", "message": "key gateway-canary is unknown; see 00-trace-01", "code": 400}
    headers = {"x-key": "gateway-canary", "traceparent": "00-trace-01"}
    with always(answer(400, quoted)) as server, pytest.raises(BadRequestError) as caught:
        Client(token="token", base_url=server.url, default_headers=headers).integrations.get("7")
    assert caught.value.message == "key [REDACTED] is unknown; see 00-trace-01"
