"""Spans of OpenTelemetry for all clients of this process: `pip install 'ocamba-hood[opentelemetry]'`.

Example::

    from ocamba_hood.opentelemetry import HoodInstrumentor

    HoodInstrumentor().instrument()

Each call has a span, a child of the current one, and each of its HTTP requests has a child of that, with attributes by the
conventions for HTTP clients. The requests carry the call's `traceparent`. No span contains a body, a header or a secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

try:
    from opentelemetry import propagate
    from opentelemetry.trace import SpanKind, Status, StatusCode, get_tracer, set_span_in_context
except ImportError:
    raise ImportError("OpenTelemetry is missing; install it with: pip install 'ocamba-hood[opentelemetry]'") from None

from . import _observe
from ._native import __version__, hide_headers

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer, TracerProvider

    from ._http import Attempt

__all__ = ["HoodInstrumentor"]


class HoodInstrumentor:
    """Switches the spans of this process on and off."""

    def instrument(self, *, tracer_provider: TracerProvider | None = None, **_: object) -> None:
        """Switches spans on, for all clients.

        :param tracer_provider: the provider of the tracer; defaults to the global one.
        """
        tracer = get_tracer("ocamba_hood", __version__, tracer_provider)
        _observe.tracing = lambda operation: _Trace(tracer, operation)

    def uninstrument(self, **_: object) -> None:
        """Switches spans off."""
        _observe.tracing = None


class _Trace:
    """The span of a call, and those of its HTTP requests, which are added when the call has ended."""

    def __init__(self, tracer: Tracer, operation: str) -> None:
        self._tracer = tracer
        self._span = tracer.start_span(f"ocamba_hood.{operation}")
        self._context = set_span_in_context(self._span)
        carrier: dict[str, str] = {}
        propagate.inject(carrier, self._context)
        # A value that HTTP cannot carry must not fail the call.
        sendable = {name: value for name, value in carrier.items() if value.isascii() and value.isprintable()}
        self.headers = hide_headers(sendable)

    def add(self, attempt: Attempt) -> None:
        """Adds the span of an HTTP request, which has ended."""
        if not self._span.is_recording():
            return
        began = int(attempt.started * 1e9)
        attributes: dict[str, Any] = {
            "http.request.method": attempt.method,
            "server.address": attempt.host,
            "server.port": attempt.port,
            "url.full": attempt.url,
            "url.path": attempt.path,
            "url.template": attempt.path_template,
            "http.response.status_code": attempt.status,
            "http.request.resend_count": attempt.number - 1 or None,
            "error.type": attempt.error,
            "ocamba.trace_id": attempt.trace_id,
        }
        span = self._tracer.start_span(
            f"{attempt.method} {attempt.path_template}",
            self._context,
            SpanKind.CLIENT,
            {name: value for name, value in attributes.items() if value is not None},
            start_time=began,
        )
        if attempt.error is not None:
            span.set_status(Status(StatusCode.ERROR, attempt.error))
        span.end(began + int(attempt.duration * 1e9))

    def end(self, error: BaseException | None) -> None:
        """Ends the span of the call."""
        try:
            if error is not None:
                _record(self._span, error)
        finally:
            self._span.end()


def _record(span: Span, error: BaseException) -> None:
    # Without the stack, whose lines of source may contain secrets.
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    span.add_event("exception", {"exception.type": kind, "exception.message": str(error)})
    span.set_attribute("error.type", getattr(error, "code", None) or kind)
    outcome = getattr(error, "outcome", None)
    if isinstance(outcome, str):
        span.set_attribute("ocamba.outcome", outcome)
    span.set_status(Status(StatusCode.ERROR, str(error)))
