"""Errors arrive as they left: from other processes, and by the task queues that people use."""

import json
import multiprocessing
import pickle
import warnings
from concurrent.futures import ProcessPoolExecutor

import cloudpickle
import pytest
import travelling
from celery import Celery
from celery.contrib.testing.worker import start_worker
from servers import Server, always, answer
from travelling import known

from ocamba_hood import Client, HoodError, OutcomeUnknownError, RateLimitError, ValidationError

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")


def rejecting():
    """A server whose error quotes the token and a secret of the request."""
    body = {"title": "A title.", "message": "the token-canary and key-canary are wrong", "trace_id": "t-1"}
    quoted = ["Retry-After: 7", "X-Echo: token-canary and key-canary", "Set-Cookie: session=cookie-canary"]
    return always(answer(429, body, quoted))


@pytest.fixture(params=["rejected", "unknown", "invalid"])
def failing(request, some_example):
    """A server, and a request that fails: rejected with headers, cut off, or invalid."""
    settings = {**some_example.request["settings"], some_example.secret: "key-canary"}
    wire = {**some_example.request, "settings": settings, "name": "" if request.param == "invalid" else "Example"}
    server = rejecting() if request.param != "unknown" else Server(lambda connection: connection.request())
    with server:
        yield server.url, wire


def caught(url, request):
    with pytest.raises(HoodError) as raised:
        travelling.fail(url, request)
    return raised.value


def stable(error, expected):
    """What is known of an error, but for when and how long it happened, and on which port."""
    [text] = {str(error), str(expected)}
    plain = (type(error), text, error.outcome, error.code, error.status, error.trace_id, error.field_errors)
    attempts = [(a.number, a.method, a.path, a.status, a.error, a.trace_id) for a in error.attempts]
    return (*plain, dict(error.headers), attempts, error.retry_after, error.stage, bool(error._unconfirmed_create))


def test_errors_have_what_they_are_expected_to(failing):
    error = caught(*failing)
    kind = {"not_sent": ValidationError, "rejected": RateLimitError, "unknown": OutcomeUnknownError}[error.outcome]
    assert type(error) is kind and bool(error.attempts) == (error.outcome != "not_sent")
    assert bool(error.headers) == (error.outcome == "rejected")


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_error_arrives_from_a_process_pool(failing, method):
    url, request = failing
    expected = caught(url, request)
    with Client(token=travelling.TOKEN, base_url=url, max_retries=0) as travelling.inherited:
        with pytest.raises(HoodError):
            travelling.fail_with_inherited(url, request)
        work = travelling.fail if method == "spawn" else travelling.fail_with_inherited
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            with ProcessPoolExecutor(2, multiprocessing.get_context(method)) as pool:
                errors = [future.exception(timeout=60) for future in [pool.submit(work, url, request) for _ in range(4)]]
    for error in errors:
        assert stable(error, expected) == stable(expected, expected)
        assert "canary" not in str(error.__cause__), "the traceback of the other process"
        assert "canary" not in repr(known(error))
        again = pickle.loads(pickle.dumps(error))
        assert repr(again.__cause__) == repr(expected.__cause__)


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_error_arrives_from_a_multiprocessing_pool(failing, method):
    url, request = failing
    expected = caught(url, request)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        with multiprocessing.get_context(method).Pool(1) as pool, pytest.raises(HoodError) as raised:
            pool.apply(travelling.fail, (url, request))
    assert stable(raised.value, expected) == stable(expected, expected)


def test_error_arrives_by_cloudpickle(failing):
    """As joblib, Dask and Ray send it."""
    error = caught(*failing)
    again = cloudpickle.loads(cloudpickle.dumps(error))
    assert known(again) == known(error) and repr(again.__cause__) == repr(error.__cause__)
    assert b"canary" not in cloudpickle.dumps(error)


@pytest.fixture(scope="module", params=["json", "pickle"])
def task(request):
    """A task of Celery, with a worker that serializes its results."""
    app = Celery("test", broker="memory://", backend="cache+memory://", set_as_current=False)
    app.conf.update(task_serializer=request.param, result_serializer=request.param, accept_content=["json", "pickle"])
    app.conf.update(worker_hijack_root_logger=False)
    app.conf.update(broker_transport_options={"polling_interval": 0.01})
    task = app.task(name="fail")(travelling.fail)
    with start_worker(app, pool="solo", perform_ping_check=False, loglevel="ERROR", shutdown_timeout=120):
        yield task


def test_error_arrives_by_celery(failing, task):
    url, request = failing
    expected = caught(url, request)
    for result in (task.delay(url, request), task.apply((url, request))):
        with pytest.raises(HoodError) as raised:
            result.get(timeout=60)
        error = raised.value
        assert stable(error, expected) == stable(expected, expected)
        assert repr(error.__cause__) == repr(expected.__cause__) and "canary" not in repr(known(error))


def test_error_arrives_as_json(failing):
    """By queues that send `args`, and call the class with them."""
    error = caught(*failing)
    again = type(error)(*json.loads(json.dumps(error.args)))
    assert known(again) == known(error) and repr(again.__cause__) == repr(error.__cause__)
