"""Results that are more than an integration."""

from ._checks import a_str, a_whole_number, optional
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
    __class_getitem__ = classmethod(type(list[int]))

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


class Ensured(Model):
    """What `ensure` made of it."""

    __slots__ = {
        "integration": "The integration.",
        "action": "What was done: `created`, `adopted` as it was, or `updated` where it differed.",
    }
    __match_args__ = ("integration", "action")

    def __init__(self, *, integration, action):
        put(self, "integration", integration)
        put(self, "action", a_str(self, "action", action))


class Page(Model):
    """One page of a list."""

    __slots__ = {
        "items": "The items of this page.",
        "total": "How many items all pages have together, where the server told.",
    }
    __match_args__ = ("items", "total")
    __class_getitem__ = classmethod(type(list[int]))

    def __init__(self, *, items, total=None):
        put(self, "items", tuple(items))
        put(self, "total", optional(a_whole_number, self, "total", total))
