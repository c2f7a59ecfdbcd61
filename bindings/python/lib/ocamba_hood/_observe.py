"""Tells of the HTTP requests of calls: the log, a client's `on_request`, and spans. None of them sees a body or a secret."""

from __future__ import annotations

from sys import modules

from ._errors import HoodError
from ._http import Attempt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: Begins the trace of a call with the name of its operation; set by `ocamba_hood.opentelemetry`.
tracing: Callable[[str], Any] | None = None

#: `logging.DEBUG`, and the logger once it was found.
_DEBUG = 10
_found: Any = None

_LOGGED = ("method", "path", "status", "duration", "number", "trace_id")


class Observation:
    """Observes one call from its start to its end, within a `with`."""

    __slots__ = ("_client", "_request", "_trace")

    def __init__(self, client, request):
        self._client, self._request = client, request
        self._trace = None if tracing is None else tracing(request.name)

    @property
    def headers(self):
        """The headers by which the server's spans become children of the call's."""
        return None if self._trace is None else self._trace.headers

    def note(self, reply):
        """Tells of each HTTP request of a call. Costs next to nothing if nobody listens."""
        logger, on_request = _logger(), self._client.on_request
        if logger is None and on_request is None and self._trace is None:
            return
        for fields in reply.attempts:
            attempt = Attempt(**fields)
            if logger is not None:
                _log(logger, attempt)
            if self._trace is not None:
                self._trace.add(attempt)
            if on_request is not None:
                _tell(on_request, attempt)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if error is not None and not isinstance(error, HoodError):
            self._request.cancel(error)
        if self._trace is not None:
            self._trace.end(error)


def _logger():
    global _found
    if _found is None:
        # Without an import of `logging`, the program cannot have enabled it.
        logging = modules.get("logging")
        if logging is None:
            return None
        _found = logging.getLogger("ocamba_hood")
    return _found if _found.isEnabledFor(_DEBUG) else None


def _log(logger, attempt):
    method, path, status, duration, number, trace_id = (getattr(attempt, name) for name in _LOGGED)
    logger.debug(
        "%s %s: %s in %.1f ms (attempt %d, trace id %s)",
        *(method, path, "no response" if status is None else status, duration * 1e3, number, trace_id),
        extra=dict(method=method, path=path, status=status, duration=duration, attempt=number, trace_id=trace_id),
    )


def _tell(on_request, attempt):
    try:
        on_request(attempt)
    except Exception:
        # The call has ended: its result must not be lost.
        import logging

        logging.getLogger("ocamba_hood").exception("on_request failed")
