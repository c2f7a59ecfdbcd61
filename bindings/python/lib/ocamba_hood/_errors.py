"""The errors. Each says whether its request took effect: see `HoodError.outcome`."""

from __future__ import annotations

from ._http import Attempt, Headers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Literal

    _Outcome = Literal["not_sent", "rejected", "unknown", "applied"]
    _Stage = Literal["name", "tcp", "proxy", "tls", "redis"]
else:
    # `get_type_hints` evaluates annotations.
    Any, Mapping, Sequence = object, dict, list
    _Outcome = _Stage = str | None

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

    A create is not idempotent, so check `outcome` before you try again::

        try:
            client.integrations.create(request)
        except HoodError as error:
            if error.outcome == "unknown":
                integration = client.integrations.find_created(error)
    """

    #: Whether the request took effect. `"not_sent"`: no, it did not reach the server, and it is safe to try again.
    #: `"rejected"`: no, the server refused it. `"unknown"`: perhaps, so check first. `"applied"`: yes, but the response was
    #: unreadable.
    outcome = "unknown"  # type: _Outcome
    #: Stable name of the kind of failure, for example `"bad_request"`.
    code: str
    #: The reason, from the server if it sent one.
    message: str
    #: The HTTP status, if there was a response.
    status: int | None
    #: The server's name for the status.
    title: str | None
    #: Request ID to quote to the vendor's support.
    trace_id: str | None
    #: The stage that failed, if no connection could be made: `"name"` (finding the address), `"tcp"`, `"proxy"`, `"tls"`, or
    #: `"redis"` (that of the rate limit).
    if TYPE_CHECKING:
        stage: _Stage | None
    else:
        stage: str | None
    #: Time to wait before the next request, in seconds, with a `RateLimitError`.
    retry_after: float | None
    #: All errors of the request, with a `ValidationError`: each a field and a message.
    field_errors: tuple[tuple[str, str], ...]
    #: The create that `find_created` searches for. Contains no secret.
    _unconfirmed_create: str | None
    # What follows has plain values, which JSON can carry.
    _headers: dict[str, str]
    if TYPE_CHECKING:
        _attempts: list[dict[str, Any]]
    _cause: str | None

    def __init__(
        self,
        text: str = "",
        fields: dict[str, Any] | None = None,
        /,
        *,
        outcome: _Outcome = "unknown",
        code: str = "",
        message: str | None = None,
        status: int | None = None,
        title: str | None = None,
        trace_id: str | None = None,
        stage: _Stage | None = None,
        retry_after: float | None = None,
        field_errors: tuple[tuple[str, str], ...] = (),
        unconfirmed_create: str | None = None,
        headers: Mapping[str, str] = {},
        attempts: Sequence[dict[str, Any]] = (),
        cause: str | None = None,
    ) -> None:
        super().__init__(text)
        self.outcome = outcome
        self.code = code
        self.message = text if message is None else message
        self.status = status
        self.title = title
        self.trace_id = trace_id
        self.stage = stage
        self.retry_after = retry_after
        self.field_errors = field_errors
        self._unconfirmed_create = unconfirmed_create
        self._headers, self._attempts, self._cause = dict(headers), list(attempts), cause
        # Task queues send `args`, perhaps as JSON, and call the class with them. No attribute contains a secret.
        self.args = (text, self.__dict__)
        if isinstance(fields, dict):
            self.__dict__.update(fields)
            self.field_errors = tuple((field, message) for field, message in self.field_errors)
        self._set_cause()

    @property
    def headers(self) -> Headers:
        """The headers of the response; empty if there was none. Secrets that the server quotes are redacted, and cookies."""
        return Headers(self._headers)

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """The HTTP requests of the call; empty if none was sent."""
        return tuple(Attempt(**fields) for fields in self._attempts)

    def _set_cause(self) -> None:
        # An exception does not keep its cause on its way to another process.
        if self._cause is not None:
            self.__cause__ = OSError(self._cause)

    def __str__(self) -> str:
        return str(self.args[0])

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r}, outcome={self.outcome!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        # The class may have another constructor.
        return _unpickled, (type(self), self.args[0]), self.__dict__

    def __setstate__(self, state: dict[str, Any] | None) -> None:
        super().__setstate__(state)
        self._set_cause()


def _unpickled(kind: type[HoodError], text: str) -> HoodError:
    error = kind.__new__(kind)
    HoodError.__init__(error, text)
    return error


class ConfigurationError(HoodError, ValueError):
    """The configuration is invalid, for example a missing token, an unsafe base URL or a timeout of zero. Nothing was sent."""


class ValidationError(HoodError, ValueError):
    """The request is invalid; `field_errors` names each field. Nothing was sent."""


class HoodConnectionError(HoodError, ConnectionError):
    """The connection failed before the request was written. Nothing was sent."""


class HoodTimeoutError(HoodError, TimeoutError):
    """The call timed out. Its `outcome` says whether the request was sent."""


class AuthenticationError(HoodError):
    """The server rejected the token (401)."""


class PermissionDeniedError(HoodError):
    """The token lacks the permission (403)."""


class NotFoundError(HoodError):
    """The resource does not exist (404)."""


class RateLimitError(HoodError):
    """The account sent too many requests (429); `retry_after` is the time to wait, if the server sent it."""


class BadRequestError(HoodError):
    """The server rejected the request (any other 4xx)."""


class ServerError(HoodError):
    """The server failed (5xx), or sent an unexpected status."""


class OutcomeUnknownError(HoodError):
    """The request may have taken effect: the connection broke before the response arrived; or `find_created` found integrations
    that may be older than the create, and the message lists their ids."""


class UnreadableResponseError(HoodError):
    """The response could not be read. Its `outcome` says whether the request may have taken effect."""


class DuplicateError(HoodError):
    """Several integrations have the name and provider that must be unique; the message lists their ids. Nothing was sent."""
