"""Tells of the HTTP requests of calls: the log, a client's `on_request`, and spans. None of them sees a body or a secret."""

from __future__ import annotations

from _collections_abc import Coroutine
from sys import modules

from ._errors import HoodError
from ._http import Attempt
from ._native import warn

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
        self._trace = None if tracing is None else _guarded("tracing", tracing, request.name)

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
                _guarded("logging", _log, logger, attempt)
            if self._trace is not None:
                _guarded("tracing", self._trace.add, attempt)
            if on_request is not None:
                _guarded("on_request", _tell, on_request, attempt)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if error is not None and not isinstance(error, HoodError):
            self._request.cancel(error)
        if self._trace is not None:
            _guarded("tracing", self._trace.end, error)


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
    fields = {name: getattr(attempt, name) for name in _LOGGED}
    shown = {**fields, "status": "no response" if attempt.status is None else attempt.status, "duration": attempt.duration * 1e3}
    text = "%s %s: %s in %.1f ms (attempt %d, trace id %s)"
    record = logger.makeRecord(logger.name, _DEBUG, __file__, 0, text, tuple(shown.values()), None, "_log")
    fields["attempt"] = fields.pop("number")
    for name, value in fields.items():
        # A program's own factory may set the same names. As `extra`, that would be an error.
        record.__dict__.setdefault(name, value)
    logger.handle(record)


def _tell(on_request, attempt):
    found = on_request(attempt)
    if isinstance(found, Coroutine):
        found.close()
        raise TypeError("on_request must be a plain function, not an async one: nobody would await it")


def _guarded(what, function, *arguments):
    """Calls what belongs to the program. The call may have taken effect, so its result must not be lost."""
    try:
        return function(*arguments)
    except Exception as error:
        # Not in another variable, which would keep the error, and through its traceback this frame, alive.
        try:
            import logging

            logging.getLogger("ocamba_hood").error("%s failed", what, exc_info=error)
        except Exception:
            warn(f"{what} failed, and so did the log of it: {type(error).__name__}")
    return None
