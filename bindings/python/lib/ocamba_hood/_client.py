"""The clients."""

from __future__ import annotations

from os import PathLike, fspath
from sys import modules

from . import _native
from ._calls import SharedClient, in_thread, rate_limit_status
from ._checks import require_function
from ._http import Attempt
from ._integrations import AsyncIntegrations, AsyncProviders, Integrations, Providers
from ._public import Public, mark_awaited
from ._response import RateLimitStatus

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from typing_extensions import Self

    from ._native import _SecretText
else:
    # `get_type_hints` evaluates annotations.
    from _collections_abc import Callable, Mapping

    Any = Self = _SecretText = object


def _text(value: str | PathLike[str] | _native.Secret | _SecretText | None) -> str | _native.Secret | _SecretText | None:
    """Returns a path as text."""
    return fspath(value) if isinstance(value, PathLike) else value


def _is_cached(kind: type[Any], name: str) -> bool:
    """Whether an attribute of an object is the result of a `functools.cached_property`."""
    # Without an import of `functools`, it is none.
    functools = modules.get("functools")
    return functools is not None and isinstance(getattr(kind, name, None), functools.cached_property)


class _Base(Public):
    __slots__ = ("_shared", "_integrations", "_providers", "__weakref__")
    #: Those of `integrations` and `providers`.
    _classes: tuple[type[Any], type[Any]]

    def __init__(
        self,
        *,
        token: str | _native.Secret | _SecretText | None = None,
        base_url: str | None = None,
        timeout: float | None = None,
        connect_timeout: float | None = None,
        max_retries: int | None = None,
        rate_limit: str | _native.Secret | _SecretText | None = None,
        rate_limit_tier: str | None = None,
        rate_limit_dir: str | PathLike[str] | None = None,
        max_response_bytes: int | None = None,
        user_agent: str | None = None,
        default_headers: Mapping[str, str | _native.Secret] | None = None,
        proxy: str | _native.Secret | _SecretText | None = None,
        root_certificates: str | PathLike[str] | None = None,
        client_certificate: str | PathLike[str] | _native.Secret | _SecretText | None = None,
        http_host: str | None = None,
        on_request: Callable[[Attempt], object] | None = None,
    ) -> None:
        """Creates a client. Omitted arguments come from the environment, or have a default.

        :param token: API token of the account; defaults to `OCAMBA_TOKEN` of the environment.
        :param base_url: URL of the API, with https, or with http on this machine; defaults to `OCAMBA_BASE_URL` of the
            environment, or `https://api.ocamba.com`.
        :param timeout: maximum duration of a call, in seconds, including retries and waits for the rate limit; defaults to 120.
        :param connect_timeout: maximum duration of connecting, in seconds, within the timeout; defaults to 10.
        :param max_retries: maximum number of retries of a call; defaults to 3. A request is retried only if it cannot have
            taken effect, or only reads.
        :param rate_limit: which clients share the account's rate limit: `"shared"` (all processes of this user on this
            machine), `"memory"` (this client only), a URL such as `"redis://host:6379"` or `"rediss://…"` over TLS (all
            machines), or `"off"`; defaults to `OCAMBA_RATE_LIMIT` of the environment, or `"shared"`.
        :param rate_limit_tier: number of requests that the account may send per second and per minute; defaults to
            `OCAMBA_RATE_LIMIT_TIER` of the environment, or `"10/150"`.
        :param rate_limit_dir: folder for the state of a shared rate limit; defaults to `OCAMBA_RATE_LIMIT_DIR` of the
            environment, or the user's cache folder. While it cannot be used, this process keeps the state in its memory, and
            shows a `RuntimeWarning`.
        :param max_response_bytes: maximum size of a response body, in bytes; defaults to 10 MiB.
        :param user_agent: product to name before this package in `User-Agent`, for example `my-app/1.2`.
        :param default_headers: headers of all requests, for example the key of a gateway; a call's `extra_headers` replace those
            of the same name. The client sets `authorization` and similar headers itself.
        :param proxy: `"system"` (that of `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, or of macOS or Windows), `"off"`, or a URL
            such as `"http://user:password@proxy.example.com:3128"` or `"socks5://…"`; defaults to `OCAMBA_PROXY` of the
            environment, or `"system"`.
        :param root_certificates: certificates to trust in addition to the system's, for example of a company's own
            authority: text in PEM, or the path of a file or folder; defaults to `OCAMBA_ROOT_CERTIFICATES` of the
            environment. Those of `REQUESTS_CA_BUNDLE` and `CURL_CA_BUNDLE` are trusted too; `SSL_CERT_FILE` and
            `SSL_CERT_DIR` replace the system's.
        :param client_certificate: certificate and private key of the client, for gateways that ask for one: text in PEM, or
            the path of a file; defaults to `OCAMBA_CLIENT_CERTIFICATE` of the environment.
        :param http_host: host of a private network that may be used with plain http, for example `"sandbox"`. The token
            crosses that network in clear. Defaults to `OCAMBA_HTTP_HOST` of the environment.
        :param on_request: function that is called with an `Attempt` for each HTTP request, once its call has ended, on the
            thread or event loop of the call. An exception in it is logged, and does not fail the call.
        :raises ConfigurationError: the token is missing, or an argument is invalid.
        """
        # From here on, no traceback can show the secrets. A URL may contain a password.
        token, base_url, rate_limit = _native.hide(token), _native.hide(base_url), _native.hide(rate_limit)
        proxy, client_certificate = _native.hide(proxy), _native.hide(_text(client_certificate))
        headers, default_headers = _native.hide_headers(default_headers), None
        native = _native.Client(
            token=token,
            base_url=base_url,
            timeout=timeout,
            connect_timeout=connect_timeout,
            max_retries=max_retries,
            rate_limit=rate_limit,
            rate_limit_tier=rate_limit_tier,
            rate_limit_dir=_text(rate_limit_dir),
            max_response_bytes=max_response_bytes,
            user_agent=user_agent,
            default_headers=headers,
            proxy=proxy,
            root_certificates=_text(root_certificates),
            client_certificate=client_certificate,
            http_host=http_host,
        )
        self._open(native, on_request)

    def _open(self, native: _native.Client, on_request: Callable[[Attempt], object] | None) -> None:
        require_function("on_request", on_request)
        if isinstance(self, AsyncClient):
            mark_awaited()
        self._shared = SharedClient(native, on_request)
        self._integrations, self._providers = self._classes[0](self._shared), self._classes[1](self._shared)

    def with_options(
        self,
        *,
        timeout: float | None = None,
        connect_timeout: float | None = None,
        max_retries: int | None = None,
        default_headers: Mapping[str, str | _native.Secret] | None = None,
        on_request: Callable[[Attempt], object] | None = None,
    ) -> Self:
        """Returns a client with other defaults, which shares everything else with this one: connections, rate limit, token::

            client.with_options(timeout=5, max_retries=0).integrations.get("1165")

        Omitted arguments keep this client's values; `default_headers` are added to its own. Closing either client closes both.

        :raises ConfigurationError: an argument is invalid.
        """
        headers, default_headers = _native.hide_headers(default_headers), None
        client = object.__new__(type(self))
        # The attributes of a subclass.
        for name, value in getattr(self, "__dict__", {}).items():
            if not _is_cached(type(self), name):
                client.__dict__[name] = value
        native = self._shared.native.with_options((timeout, connect_timeout, max_retries, None, headers))
        client._open(native, self._shared.on_request if on_request is None else on_request)
        return client

    @property
    def base_url(self) -> str:
        """URL of the API."""
        return self._shared.native.base_url

    def __repr__(self) -> str:
        # In a traceback, the client may have no address yet.
        shared = getattr(self, "_shared", None)
        return f"{type(self).__name__}(base_url={shared and shared.native.base_url!r})"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> tuple[object, ...]:
        name = type(self).__name__
        raise TypeError(f"{name} cannot be pickled, because the pickle would expose its token; create one in each process")


class Client(_Base):
    """A client of the Hood API.

    Example::

        with Client() as client:  # the token comes from OCAMBA_TOKEN
            integration = client.integrations.create(name="Example", settings=...)

    Threads can share one client. After a fork, each process uses its own connections.
    """

    __slots__ = ()
    _classes = Integrations, Providers

    @property
    def integrations(self) -> Integrations:
        """The integrations of the account."""
        return self._integrations

    @property
    def providers(self) -> Providers:
        """The server's descriptions of the providers."""
        return self._providers

    def rate_limit_status(self) -> RateLimitStatus:
        """Returns the state of the account's rate limit.

        :raises ConfigurationError: another process keeps the file of the state locked.
        :raises HoodConnectionError: the Redis that keeps the state cannot be reached.
        """
        return rate_limit_status(self._shared.native.rate_limit_status())

    def close(self) -> None:
        """Closes the connections. Later calls raise a `ConfigurationError`."""
        self._shared.native.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncClient(_Base):
    """A client of the Hood API for asyncio and trio.

    Example::

        async with AsyncClient() as client:  # the token comes from OCAMBA_TOKEN
            integration = await client.integrations.create(name="Example", settings=...)

    Event loops can share one client, also one loop after another.
    """

    __slots__ = ()
    _classes = AsyncIntegrations, AsyncProviders

    @property
    def integrations(self) -> AsyncIntegrations:
        """The integrations of the account."""
        return self._integrations

    @property
    def providers(self) -> AsyncProviders:
        """The server's descriptions of the providers."""
        return self._providers

    async def rate_limit_status(self) -> RateLimitStatus:
        """Returns the state of the account's rate limit.

        :raises ConfigurationError: another process keeps the file of the state locked.
        :raises HoodConnectionError: the Redis that keeps the state cannot be reached.
        """
        # It takes a moment, but waits where the state is kept by Redis.
        return rate_limit_status(await in_thread(self._shared.native.rate_limit_status))

    async def close(self) -> None:
        """Closes the connections. Later calls raise a `ConfigurationError`."""
        self._shared.native.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
