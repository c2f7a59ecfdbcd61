"""Every failure is a `HoodError` of its kind, whose outcome says whether the request took effect."""

import copy
import inspect
import json
import pickle

import pytest
from servers import Server, always, answer, never

import ocamba_hood
from ocamba_hood import Client, HoodError

ANSWERS = [
    (400, ocamba_hood.BadRequestError, "rejected"),
    (401, ocamba_hood.AuthenticationError, "rejected"),
    (403, ocamba_hood.PermissionDeniedError, "rejected"),
    (404, ocamba_hood.NotFoundError, "rejected"),
    (413, ocamba_hood.BadRequestError, "rejected"),
    (429, ocamba_hood.RateLimitError, "rejected"),
    (500, ocamba_hood.ServerError, "unknown"),
    (503, ocamba_hood.ServerError, "unknown"),
    (302, ocamba_hood.ServerError, "unknown"),
]


def failure(server, request, **options):
    with server, Client(token="token", base_url=server.url, max_retries=0) as client, pytest.raises(HoodError) as caught:
        client.integrations.create(request, **options)
    return caught.value


@pytest.mark.parametrize(("status", "kind", "outcome"), ANSWERS)
def test_status_determines_the_error_class(some_example, status, kind, outcome):
    body = {"code": status, "title": "A title.", "message": "a message", "trace_id": "t-1"}
    error = failure(always(answer(status, body, ["Retry-After: 7"])), some_example.request)
    assert type(error) is kind
    assert (error.status, error.outcome, error.title, error.message) == (status, outcome, "A title.", "a message")
    assert error.trace_id == "t-1"
    effect = "; the request may have taken effect" if outcome == "unknown" else ""
    assert str(error) == f"{status} A title: a message{effect} (trace id t-1)"
    assert error.retry_after == 7.0


def test_unreadable_response_has_its_own_class(some_example):
    error = failure(always(answer(201, b"<html>")), some_example.request)
    assert (type(error), error.outcome) == (ocamba_hood.UnreadableResponseError, "unknown")


def test_refused_connection_is_a_connection_error(some_example):
    # A port on which only the system could listen.
    with Client(token="token", base_url="http://127.0.0.1:1", max_retries=0) as client, pytest.raises(ConnectionError) as caught:
        client.integrations.create(some_example.request)
    assert (type(caught.value), caught.value.outcome) == (ocamba_hood.HoodConnectionError, "not_sent")
    assert "refused" in str(caught.value) and caught.value.stage == "tcp"


def test_missing_response_is_a_timeout_error(some_example):
    # Long enough to send the request on a busy machine.
    error = failure(never(), some_example.request, timeout=3)
    assert (type(error), error.outcome, error.stage) == (ocamba_hood.HoodTimeoutError, "unknown", None)
    assert isinstance(error, TimeoutError)


def test_client_timeout_applies_to_calls(some_example):
    with never() as server, Client(token="token", base_url=server.url, max_retries=0, timeout=0.1) as client:
        with pytest.raises(TimeoutError):
            client.integrations.create(some_example.request)


def test_broken_connection_is_no_connection_error(some_example):
    error = failure(Server(lambda connection: connection.request()), some_example.request)
    assert (type(error), error.outcome) == (ocamba_hood.OutcomeUnknownError, "unknown")
    assert not isinstance(error, ConnectionError), "retrying on ConnectionError would create a duplicate"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "OCAMBA_TOKEN"),
        ({"token": ""}, "empty"),
        ({"token": "two\nlines"}, "line break"),
        ({"token": "\ud800"}, "Unicode"),
        ({"token": "token", "base_url": "http://example.com"}, "https"),
        ({"token": "token", "timeout": 0}, "timeout"),
        ({"token": "token", "timeout": -1}, "timeout"),
        ({"token": "token", "timeout": float("nan")}, "timeout"),
        ({"token": "token", "timeout": float("inf")}, "timeout"),
        ({"token": "token", "timeout": 10**400}, "timeout must be a number of seconds, more than zero and at most 1e19"),
        ({"token": "token", "timeout": 1e300}, "at most 1e19"),
        ({"token": "token", "max_retries": -1}, "max_retries must be a whole number, from 0 to 4294967295"),
        ({"token": "token", "max_response_bytes": 0}, "max_response_bytes must be a whole number, from 1"),
        ({"token": "token", "connect_timeout": 0}, "connect_timeout"),
        ({"token": "token", "rate_limit": "fast"}, "the rate limit must be shared"),
        ({"token": "token", "rate_limit_tier": "fast"}, "tier of the rate limit"),
        ({"token": "token", "user_agent": "two\nlines"}, "user agent"),
    ],
)
def test_client_rejects_invalid_options(options, message):
    with pytest.raises(ocamba_hood.ConfigurationError, match=message) as caught:
        Client(**options)
    assert caught.value.outcome == "not_sent" and isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"token": 5}, "token must be str or Secret, not int"),
        ({"token": str}, "token must be str or Secret, not type"),
        ({"token": "token", "base_url": 5}, "base_url"),
        ({"token": "token", "timeout": "5"}, "timeout"),
        ({"token": "token", "timeout": True}, "timeout must be a number of seconds, not bool"),
        ({"token": "token", "max_retries": True}, "max_retries must be a whole number, not bool"),
        ({"token": "token", "max_response_bytes": True}, "max_response_bytes must be a whole number, not bool"),
        ({"token": "token", "colour": "red"}, "colour"),
    ],
)
def test_client_rejects_options_of_wrong_types(options, message):
    with pytest.raises(TypeError, match=message):
        Client(**options)


def test_call_rejects_an_invalid_timeout(client, some_example):
    with pytest.raises(ocamba_hood.ConfigurationError, match="timeout"):
        client.integrations.create(some_example.request, timeout=-1)
    with pytest.raises(TypeError, match="timeout"):
        client.integrations.create(some_example.request, timeout="5")


def test_closed_client_raises_an_error(sandbox, some_example):
    client = sandbox.client()
    client.close()
    client.close()
    with pytest.raises(ocamba_hood.ConfigurationError, match="closed"):
        client.integrations.create(some_example.request)
    assert sandbox.url in repr(client)


def test_environment_configures_the_client(sandbox, some_example, monkeypatch):
    monkeypatch.setenv("OCAMBA_TOKEN", "t")
    monkeypatch.setenv("OCAMBA_BASE_URL", sandbox.url)
    with Client() as client:
        assert client.base_url == sandbox.url
        assert client.integrations.create(some_example.request).name == some_example.request["name"]


def ways(error):
    """The error after each way to travel: pickles, copies, and task queues that send `args`, also as JSON."""
    yield from (pickle.loads(pickle.dumps(error, protocol)) for protocol in range(pickle.HIGHEST_PROTOCOL + 1))
    yield from (copy.copy(error), copy.deepcopy(error))
    yield type(error)(*error.args)
    yield type(error)(*json.loads(json.dumps(error.args)))


def test_error_is_unchanged_after_any_way_to_travel(some_example):
    body = {"title": "A title.", "message": "a message", "trace_id": "t-1"}
    errors = [
        failure(always(answer(429, body, ["Retry-After: 7", "X-Request-Id: r-1"])), some_example.request),
        failure(always(answer(201)[:-3], ends=True), some_example.request),
        failure(never(), some_example.request, timeout=0.1),
        failure(always(b""), {"name": ""}),
        failure(Server(lambda connection: connection.request()), some_example.request),
        HoodError("mine", outcome="applied", unconfirmed_create="{}"),
        HoodError("mine", outcome="not_sent", stage="tls"),
    ]
    assert errors[0].headers["X-Request-Id"] == "r-1" and errors[0].attempts and isinstance(errors[1].__cause__, OSError)
    for error in errors:
        for again in ways(error):
            assert type(again) is type(error) and vars(again) == vars(error) and again.args == error.args
            assert (str(again), repr(again)) == (str(error), repr(error))
            assert again.headers == error.headers and again.attempts == error.attempts
            assert repr(again.__cause__) == repr(error.__cause__)
            assert vars(again) is not vars(error)


def test_missing_outcome_is_unknown():
    """No error may promise more than is known."""

    class Custom(ocamba_hood.HoodTimeoutError):
        def __init__(self, text):
            super().__init__(text)

    for error in (HoodError(), HoodError("mine"), Custom("mine"), HoodError.__new__(HoodError), HoodError("mine", "other")):
        assert error.outcome == "unknown"
    again = pickle.loads(pickle.dumps(HoodError("mine", outcome="rejected")))
    assert (again.outcome, str(again)) == ("rejected", "mine")
    custom = copy.copy(Custom("mine"))
    assert (type(custom), str(custom), custom.args[0]) == (Custom, "mine", "mine")


def test_error_classes_are_documented():
    classes = [c for c in vars(ocamba_hood).values() if inspect.isclass(c) and issubclass(c, HoodError)]
    assert len(classes) == 14
    assert all(c.__doc__ and c.__module__ == "ocamba_hood" for c in classes)
