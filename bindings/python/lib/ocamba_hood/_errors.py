"""What can go wrong. Every error says what became of its request: see `HoodError.outcome`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    _Outcome = Literal["not_sent", "rejected", "unknown", "applied"]

__all__ = [
    "AuthenticationError",
    "BadRequestError",
    "ConfigurationError",
    "DuplicateError",
    "HoodConnectionError",
    "HoodError",
    "HoodTimeoutError",
    "NotFoundError",
    "OutcomeUnknownError",
    "PermissionDeniedError",
    "RateLimitError",
    "ServerError",
    "UnreadableResponseError",
    "ValidationError",
]


class HoodError(Exception):
    """Any failure of a client or a call.

    A create is not idempotent, so look at `outcome` before you try again::

        try:
            client.integrations.create(request)
        except HoodError as error:
            if error.outcome == "unknown":
                integration = client.integrations.find_created(error)
    """

    #: What became of the request. `"not_sent"`: nothing reached the server, it is safe to try again. `"rejected"`: the
    #: server said no. `"unknown"`: it may have been carried out, so look first. `"applied"`: it was carried out, but
    #: the answer could not be read.
    outcome: _Outcome
    #: A name for the kind of failure that does not change, as `"bad_request"`.
    code: str
    #: What went wrong, in the server's words where it said.
    message: str
    #: The HTTP status, if an answer came.
    status: int | None
    #: The status in the server's words.
    title: str | None
    #: Names the answer to the vendor's support.
    trace_id: str | None
    #: How many seconds the server asks to wait, with a `RateLimitError`.
    retry_after: float | None
    #: With a `ValidationError`, everything that is wrong with the request: a field and what is wrong with it.
    field_errors: tuple[tuple[str, str], ...]
    #: What `find_created` looks for. Holds no secret.
    _unconfirmed_create: str | None

    def __init__(
        self,
        text: str = "",
        /,
        *,
        outcome: _Outcome = "not_sent",
        code: str = "",
        message: str | None = None,
        status: int | None = None,
        title: str | None = None,
        trace_id: str | None = None,
        retry_after: float | None = None,
        field_errors: tuple[tuple[str, str], ...] = (),
        unconfirmed_create: str | None = None,
    ) -> None:
        super().__init__(text)
        self.outcome = outcome
        self.code = code
        self.message = text if message is None else message
        self.status = status
        self.title = title
        self.trace_id = trace_id
        self.retry_after = retry_after
        self.field_errors = field_errors
        self._unconfirmed_create = unconfirmed_create

    def __reduce__(self) -> tuple[Any, ...]:
        # Workers of a pool send their errors home as pickles. None holds a secret.
        return type(self), self.args, self.__dict__


class ConfigurationError(HoodError, ValueError):
    """The client was set up wrongly: no token, a base URL that is not safe, a timeout of zero. Nothing was sent."""


class ValidationError(HoodError, ValueError):
    """The request is not valid; `field_errors` has each field. Nothing was sent."""


class HoodConnectionError(HoodError, ConnectionError):
    """No connection could be made, or it broke before anything was written. Nothing was sent."""


class HoodTimeoutError(HoodError, TimeoutError):
    """The time was over. `outcome` tells whether the request had been sent by then."""


class AuthenticationError(HoodError):
    """The server does not know the token (401)."""


class PermissionDeniedError(HoodError):
    """The token may not do this (403)."""


class NotFoundError(HoodError):
    """There is no such thing (404)."""


class RateLimitError(HoodError):
    """Too many requests (429); `retry_after` has the seconds to wait, if the server said."""


class BadRequestError(HoodError):
    """The server refused the request (any other 4xx)."""


class ServerError(HoodError):
    """The server failed (5xx), or answered with a status that nobody expects."""


class OutcomeUnknownError(HoodError):
    """The request was sent, and the connection broke before its answer came: it may have been carried out."""


class UnreadableResponseError(HoodError):
    """The server carried the request out, and its answer cannot be read. Do not try again."""


class DuplicateError(HoodError):
    """Several integrations have that name and provider, where there must be one; the message has their ids. Nothing was sent."""
