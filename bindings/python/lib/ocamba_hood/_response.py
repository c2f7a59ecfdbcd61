"""Results that contain other results."""

from __future__ import annotations

from ._checks import a_str, a_whole_number, optional
from ._generated import Integration
from ._http import Headers
from ._model import Model, fill, put
from ._tabular import Tabular


class Response(Model):
    """A result with the status, headers and trace ID of its HTTP response."""

    __slots__ = {
        "value": "The result.",
        "status": "The HTTP status.",
        "headers": "The headers, whose names are found in any case.",
        "trace_id": "Request ID to quote to the vendor's support, if the server sent one.",
    }
    __match_args__ = ("value", "status", "headers", "trace_id")
    # Headers may contain anything, so they are not shown.
    _shown = ("status", "trace_id", "value")
    value: object
    status: int
    headers: Headers
    trace_id: str | None
    __class_getitem__ = classmethod(type(list[int]))

    def __init__(self, *, value: object, status: int, headers: Headers | dict[str, str], trace_id: str | None = None) -> None:
        put(self, "value", value)
        put(self, "status", status)
        put(self, "headers", Headers(headers))
        put(self, "trace_id", trace_id)

    def __repr__(self):
        return f"Response(status={self.status!r}, trace_id={self.trace_id!r}, value={self.value!r})"

    def __hash__(self):
        return hash((Response, self.status, self.trace_id, self.value))


class Ensured(Model):
    """The result of `ensure`."""

    __slots__ = {
        "integration": "The integration.",
        "action": "The action taken: `created`, `adopted` without a change, or `updated`.",
    }
    __match_args__ = ("integration", "action")
    integration: Integration
    action: str

    def __init__(self, *, integration: Integration, action: str) -> None:
        put(self, "integration", integration)
        put(self, "action", a_str(self, "action", action))


class Page(Tabular, Model):
    """One page of a list, which is also a table: `page.to_pandas()`, `polars.DataFrame(page)`."""

    __slots__ = {
        "items": "The items of this page.",
        "total": "Total number of items on all pages, if the server sent it.",
    }
    __match_args__ = ("items", "total")
    items: tuple[object, ...]
    total: int | None
    __class_getitem__ = classmethod(type(list[int]))

    def __init__(self, *, items: list[object] | tuple[object, ...], total: int | None = None) -> None:
        put(self, "items", tuple(items))
        put(self, "total", optional(a_whole_number, self, "total", total))

    def _columns(self):
        from ._table import columns

        return columns(type(self.items[0]) if self.items else Integration, self.items)

    def _repr_html_(self):
        from ._html import table

        return table(self._columns(), self.total)


class RateLimitStatus(Model):
    """The state of the account's rate limit. From `Client.rate_limit_status`."""

    __slots__ = {
        "storage": "Where the state is kept: `off`, `memory`, `file` or `redis`.",
        "fallback_reason": "Why the state is kept in the memory of this process for now; `None` unless it is.",
        "tier": "Number of requests that the account may send per second and per minute, such as `10/150`.",
        "used_in_second": "Number of requests of the last second, by all clients that share the limit.",
        "used_in_minute": "Number of requests of the last minute, by all clients that share the limit.",
        "in_flight": "Number of requests without a response yet, by all clients that share the limit.",
        "in_flight_limit": "Maximum number of requests in flight, if the server has complained.",
        "blocked_for": "Seconds for which no request is sent, because the server demanded a wait.",
        "waiting": "Number of calls of this client that wait for their turn.",
    }
    __match_args__ = tuple(__slots__)
    storage: str
    fallback_reason: str | None
    tier: str
    used_in_second: int
    used_in_minute: int
    in_flight: int
    in_flight_limit: int | None
    blocked_for: float
    waiting: int

    def __init__(self, **fields):
        fill(self, fields)
