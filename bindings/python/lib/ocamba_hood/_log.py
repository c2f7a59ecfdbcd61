"""Log records of HTTP requests: logger `ocamba_hood`, level DEBUG. They contain no body and no secret."""

from sys import modules

_LOGGED = ("method", "path", "status", "duration", "number", "trace_id")
_logger = None


def log(reply):
    """Logs each HTTP request of a call. Costs next to nothing if the level is disabled."""
    # Without an import of `logging`, the program cannot have enabled it.
    logging = modules.get("logging")
    if logging is None:
        return
    global _logger
    if _logger is None:
        _logger = logging.getLogger("ocamba_hood")
    if not _logger.isEnabledFor(logging.DEBUG):
        return
    for fields in reply.attempts:
        method, path, status, duration, attempt, trace_id = (fields[name] for name in _LOGGED)
        _logger.debug(
            "%s %s: %s in %.1f ms (attempt %d, trace id %s)",
            *(method, path, "no response" if status is None else status, duration * 1e3, attempt, trace_id),
            extra=dict(method=method, path=path, status=status, duration=duration, attempt=attempt, trace_id=trace_id),
        )
