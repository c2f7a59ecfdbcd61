"""A result with what came beside it."""

from ._model import Model, put


class Response(Model):
    """A result with the status, headers and trace id of its answer."""

    __slots__ = {
        "value": "The result.",
        "status": "The HTTP status.",
        "headers": "The headers, named in lower case.",
        "trace_id": "Names the answer to the vendor's support, where the server sent one.",
    }
    __match_args__ = ("value", "status", "headers", "trace_id")

    def __init__(self, *, value, status, headers, trace_id=None):
        put(self, "value", value)
        put(self, "status", status)
        put(self, "headers", dict(headers))
        put(self, "trace_id", trace_id)

    def __repr__(self):
        # Without the headers, which may be of any kind.
        return f"Response(status={self.status!r}, trace_id={self.trace_id!r}, value={self.value!r})"

    def __hash__(self):
        return hash((Response, self.status, self.trace_id, self.value))
