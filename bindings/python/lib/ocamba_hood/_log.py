"""Log records of the requests on the wire: logger `ocamba_hood`, level DEBUG. No body, no secret."""

from sys import modules

_logger = None


def log(reply):
    """Logs each request that a call made. Costs next to nothing where nobody listens."""
    # Nobody who has not imported `logging` can listen to it.
    logging = modules.get("logging")
    if logging is None:
        return
    global _logger
    if _logger is None:
        _logger = logging.getLogger("ocamba_hood")
    if not _logger.isEnabledFor(logging.DEBUG):
        return
    for attempt, (method, path, status, duration, trace_id) in enumerate(reply.attempts, 1):
        _logger.debug(
            "%s %s: %s in %.1f ms (attempt %d, trace id %s)",
            *(method, path, "no answer" if status is None else status, duration * 1e3, attempt, trace_id),
            extra={
                "method": method,
                "path": path,
                "status": status,
                "duration": duration,
                "attempt": attempt,
                "trace_id": trace_id,
            },
        )
