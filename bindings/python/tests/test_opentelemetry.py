"""Spans, with OpenTelemetry's own SDK."""

import asyncio
import importlib.metadata
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import trio
from opentelemetry import trace
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from servers import Server, always, answer, never

from ocamba_hood import AsyncClient, Client, HoodError, NotFoundError, OutcomeUnknownError
from ocamba_hood.opentelemetry import HoodInstrumentor


@pytest.fixture
def telemetry():
    """A tracer, and the spans that ended."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    HoodInstrumentor().instrument(tracer_provider=provider)
    yield provider.get_tracer("test"), exporter.get_finished_spans
    HoodInstrumentor().uninstrument()
    provider.shutdown()


def tree(spans):
    """The names of spans, each with those of its children, in the order in which they began."""
    by_parent = {}
    for span in sorted(spans, key=lambda span: span.start_time):
        by_parent.setdefault(span.parent and span.parent.span_id, []).append(span)

    def below(parent):
        return [(span.name, below(span.context.span_id)) for span in by_parent.get(parent, [])]

    return below(None)


def traceparents(server):
    return [re.search(r"traceparent: 00-(\w{32})-(\w{16})-\w\w", head).groups() for head, _ in server.requests]


POST = "POST /v1/hood/integrations"


def test_call_has_a_span_with_a_child_for_each_request(telemetry, some_example):
    tracer, spans = telemetry

    def serve(connection):
        connection.request()
        connection.send(answer(429, {"trace_id": "t-1"}, ["Retry-After: 0"]))
        connection.request()
        connection.send(answer())

    with Server(serve) as server, Client(token="token-canary", base_url=server.url) as client:
        with tracer.start_as_current_span("mine") as mine:
            client.integrations.create(some_example.request)
    assert tree(spans()) == [("mine", [("ocamba_hood.create", [(POST, []), (POST, [])])])]
    first, second, call, _ = spans()
    assert call.kind is SpanKind.INTERNAL and call.status.status_code is StatusCode.UNSET
    assert first.kind is second.kind is SpanKind.CLIENT
    assert first.instrumentation_scope.name == "ocamba_hood"
    port = int(server.url.rpartition(":")[2])
    both = {
        "http.request.method": "POST",
        "server.address": "127.0.0.1",
        "server.port": port,
        "url.full": f"{server.url}/v1/hood/integrations",
        "url.path": "/v1/hood/integrations",
        "url.template": "/v1/hood/integrations",
    }
    failed = {"http.response.status_code": 429, "error.type": "rate_limit", "ocamba.trace_id": "t-1"}
    assert dict(first.attributes) == {**both, **failed}
    assert dict(second.attributes) == {**both, "http.response.status_code": 201, "http.request.resend_count": 1}
    assert (first.status.status_code, second.status.status_code) == (StatusCode.ERROR, StatusCode.UNSET)
    assert call.start_time <= first.start_time <= first.end_time <= second.start_time <= second.end_time
    ids = (f"{mine.get_span_context().trace_id:032x}", f"{call.context.span_id:016x}")
    assert traceparents(server) == [ids, ids]


def test_errors_are_recorded_without_secrets(telemetry, some_example):
    _, spans = telemetry
    settings = {**some_example.request["settings"], some_example.secret: "key-canary"}
    request = {**some_example.request, "settings": settings}
    body = {"title": "No.", "message": "the token-canary and key-canary are wrong"}
    quoted = ["X-Request-Id: token-canary", "Set-Cookie: cookie-canary"]
    with always(answer(404, body, quoted)) as server, Client(token="token-canary", base_url=server.url) as client:
        with pytest.raises(NotFoundError):
            client.with_options(default_headers={"x-key": "gateway-canary"}).integrations.create(request)
    with Server(lambda connection: connection.request()) as server:
        with Client(token="token-canary", base_url=server.url) as client, pytest.raises(OutcomeUnknownError):
            client.integrations.create(request)
    with pytest.raises(HoodError):
        client.integrations.create(request)
    attempt, call, lost, unknown, closed = spans()
    assert (attempt.attributes["error.type"], attempt.status.status_code) == ("not_found", StatusCode.ERROR)
    assert (call.attributes["error.type"], call.attributes["ocamba.outcome"]) == ("not_found", "rejected")
    assert call.status.status_code is StatusCode.ERROR
    [event] = call.events
    assert event.attributes["exception.type"] == "ocamba_hood.NotFoundError"
    assert "the [REDACTED] and [REDACTED] are wrong" in event.attributes["exception.message"]
    assert "http.response.status_code" not in lost.attributes and lost.attributes["error.type"] == "outcome_unknown"
    assert unknown.attributes["ocamba.outcome"] == "unknown"
    assert (closed.attributes["error.type"], closed.attributes["ocamba.outcome"]) == ("configuration", "not_sent")
    assert "canary" not in "".join(span.to_json() for span in spans())


def test_pages_carry_the_traceparent_of_their_own_call(telemetry):
    tracer, spans = telemetry
    found = {"items": [{"id": "1"}], "total": 2}
    with always(answer(200, found)) as server, Client(token="token", base_url=server.url) as client:
        items = iter(client.integrations.list(page_size=1))
        with tracer.start_as_current_span("mine"):
            next(items)
            client.integrations.list().page(1)
        client.providers.list().page(1)
    calls = [span for span in spans() if span.name.startswith("ocamba_hood.")]
    assert [span.name for span in calls] == ["ocamba_hood.list", "ocamba_hood.list", "ocamba_hood.list_providers"]
    assert traceparents(server) == [(f"{s.context.trace_id:032x}", f"{s.context.span_id:016x}") for s in calls]
    assert (calls[0].parent, calls[2].parent) == (calls[1].parent, None) and calls[0].parent is not None


@pytest.mark.parametrize("run", [asyncio.run, trio.run])
def test_parent_is_the_span_of_the_caller_in_an_event_loop(telemetry, sandbox, some_example, run):
    tracer, spans = telemetry

    async def one(client, number):
        with tracer.start_as_current_span(f"task-{number}"):
            await client.integrations.create({**some_example.request, "name": f"n{number}"})

    async def main():
        async with AsyncClient(token="any", base_url=sandbox.url) as client:
            if run is asyncio.run:
                await asyncio.gather(*(one(client, number) for number in range(5)))
                return
            async with trio.open_nursery() as nursery:
                for number in range(5):
                    nursery.start_soon(one, client, number)

    run(main if run is trio.run else main())
    children = [("ocamba_hood.create", [(POST, [])])]
    assert sorted(tree(spans())) == [(f"task-{number}", children) for number in range(5)]


def test_parent_is_the_span_of_the_caller_in_threads(telemetry, client, some_example):
    tracer, spans = telemetry

    def one(number):
        with tracer.start_as_current_span(f"task-{number}"):
            client.integrations.create({**some_example.request, "name": f"n{number}"})

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(one, range(5)))
    children = [("ocamba_hood.create", [(POST, [])])]
    assert sorted(tree(spans())) == [(f"task-{number}", children) for number in range(5)]


def test_cancelled_call_ends_its_span(telemetry, some_example):
    _, spans = telemetry

    async def main(server):
        client = AsyncClient(token="token", base_url=server.url)
        task = asyncio.ensure_future(client.integrations.create(some_example.request))
        await asyncio.to_thread(server.asked.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with never() as server:
        asyncio.run(main(server))
    [call] = spans()
    assert (call.attributes["ocamba.outcome"], call.status.status_code) == ("unknown", StatusCode.ERROR)
    assert call.attributes["error.type"].endswith("CancelledError")


@pytest.mark.parametrize("where", ["on_start", "on_end"])
def test_processor_that_fails_fails_no_call(control, sandbox, some_example, caplog, where):
    def broken(*_, **__):
        raise RuntimeError("mine")

    processor, provider = SpanProcessor(), TracerProvider()
    setattr(processor, where, broken)
    provider.add_span_processor(processor)
    HoodInstrumentor().instrument(tracer_provider=provider)
    try:
        with sandbox.client() as client:
            assert client.integrations.create(some_example.request).id
            assert len(list(client.integrations.list())) == 1
            with pytest.raises(NotFoundError):
                client.integrations.get("999999")
    finally:
        HoodInstrumentor().uninstrument()
        provider.shutdown()
    assert {record.getMessage() for record in caplog.records} == {"tracing failed"}


def test_header_that_http_cannot_carry_is_left_out(telemetry, some_example, monkeypatch):
    """A program's propagator must not fail its calls."""

    class Propagator(TraceContextTextMapPropagator):
        def inject(self, carrier, *arguments, **options):
            super().inject(carrier, *arguments, **options)
            carrier.update({"x-good": "1", "x-bad": "ü", "x-worse": "a\r\nb: c"})

    monkeypatch.setattr("opentelemetry.propagate._HTTP_TEXT_FORMAT", Propagator())
    with always(answer()) as server, Client(token="token", base_url=server.url) as client:
        client.integrations.create(some_example.request)
    [(head, _)] = server.requests
    assert "traceparent: 00-" in head and "x-good: 1" in head and "x-bad" not in head and "x-worse" not in head


def test_nothing_is_sent_or_kept_without_the_instrumentor(some_example):
    HoodInstrumentor().uninstrument()
    with always(answer()) as server, Client(token="token", base_url=server.url) as client:
        client.integrations.create(some_example.request)
    assert "traceparent" not in server.requests[0][0]


def test_unsampled_spans_cost_no_children(some_example):
    """The API without an SDK records nothing."""
    HoodInstrumentor().instrument(tracer_provider=trace.NoOpTracerProvider())
    try:
        with always(answer()) as server, Client(token="token", base_url=server.url) as client:
            assert client.integrations.create(some_example.request).id
        assert "traceparent" not in server.requests[0][0]
    finally:
        HoodInstrumentor().uninstrument()


def test_missing_opentelemetry_says_what_to_install():
    code = "import sys; sys.modules['opentelemetry'] = None; import ocamba_hood.opentelemetry"
    output = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=60)
    assert "ImportError: OpenTelemetry is missing; install it with: pip install 'ocamba-hood[opentelemetry]'" in output.stderr


def test_opentelemetry_instrument_finds_the_instrumentor():
    [found] = importlib.metadata.entry_points(group="opentelemetry_instrumentor", name="ocamba-hood")
    assert found.load() is HoodInstrumentor
    assert 'opentelemetry-api>=1.20; extra == "opentelemetry"' in [
        text.replace(" ;", ";").replace("'", '"') for text in importlib.metadata.requires("ocamba-hood")
    ]
