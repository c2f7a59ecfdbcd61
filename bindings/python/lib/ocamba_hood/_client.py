"""The clients, and how they are set up."""

from __future__ import annotations

from os import fspath

from . import _native
from ._integrations import AsyncIntegrations, Integrations
from ._providers import AsyncProviders, Providers

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os

    from typing_extensions import Self


class _Base:
    __slots__ = ("_native", "__weakref__")

    def __init__(
        self,
        *,
        token: str | _native.Secret | None = None,
        base_url: str | None = None,
        timeout: float | None = None,
        connect_timeout: float | None = None,
        max_retries: int | None = None,
        rate_limit: str | _native.Secret | None = None,
        rate_limit_tier: str | None = None,
        rate_limit_dir: str | os.PathLike[str] | None = None,
        max_response_bytes: int | None = None,
        user_agent: str | None = None,
    ) -> None:
        """Sets a client up. What is left out comes from the environment.

        :param token: the account's token; else the environment's `OCAMBA_TOKEN`.
        :param base_url: where the API is: https, or http to this machine; else the environment's `OCAMBA_BASE_URL`, or
            `https://api.ocamba.com`.
        :param timeout: how many seconds a call may take, retries and waits for the rate limit included; else 120.
        :param connect_timeout: how many seconds making a connection may take, within the timeout; else 10.
        :param max_retries: how often a call may be sent again, where it cannot have been carried out; else 3.
        :param rate_limit: who shares the account's rate limit: `"shared"` (all processes of this user on this machine),
            `"memory"` (this client), `"off"`, or a URL like `"redis://host:6379"` (all machines); else the environment's
            `OCAMBA_RATE_LIMIT`, or `"shared"`.
        :param rate_limit_tier: requests that the account may make in a second and in a minute, as `"10/150"`; else the
            environment's `OCAMBA_RATE_LIMIT_TIER`, or that.
        :param rate_limit_dir: folder with the file of a shared rate limit; else the environment's `OCAMBA_RATE_LIMIT_DIR`,
            or the user's cache folder.
        :param max_response_bytes: how much of an answer is read before it is given up; else 10 MiB.
        :param user_agent: what stands before this package's own name in `User-Agent`, as `my-app/1.2`.
        :raises ConfigurationError: no token, or a value that cannot be used.
        """
        # From here on no traceback can show them. An address may hold a password, and is refused then.
        token, base_url, rate_limit = _native.hide(token), _native.hide(base_url), _native.hide(rate_limit)
        self._native = _native.Client(
            token=token,
            base_url=base_url,
            timeout=timeout,
            connect_timeout=connect_timeout,
            max_retries=max_retries,
            rate_limit=rate_limit,
            rate_limit_tier=rate_limit_tier,
            rate_limit_dir=None if rate_limit_dir is None else fspath(rate_limit_dir),
            max_response_bytes=max_response_bytes,
            user_agent=user_agent,
        )
        self._open()

    def _open(self) -> None:
        """Makes what the client gives, once."""

    @property
    def base_url(self) -> str:
        """Where the API is."""
        return self._native.base_url

    def __repr__(self) -> str:
        # One that is only half made, as in a traceback, has no address.
        native = getattr(self, "_native", None)
        return f"{type(self).__name__}(base_url={native and native.base_url!r})"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> tuple[object, ...]:
        name = type(self).__name__
        raise TypeError(f"{name} is not pickled, since the pickle would show its token; make one in each process")


class Client(_Base):
    """A client of the Hood API.

    Example::

        with Client() as client:  # OCAMBA_TOKEN
            integration = client.integrations.create(name="Example", settings=...)

    One client serves all threads, and also the children of a fork, which get connections of their own.
    """

    __slots__ = ("_integrations", "_providers")

    @property
    def integrations(self) -> Integrations:
        """The integrations of the account."""
        return self._integrations

    @property
    def providers(self) -> Providers:
        """The providers, in the server's own words."""
        return self._providers

    def _open(self) -> None:
        self._integrations = Integrations(self._native)
        self._providers = Providers(self._native)

    def close(self) -> None:
        """Closes the connections. A call after this is refused."""
        self._native.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncClient(_Base):
    """A client of the Hood API for asyncio.

    Example::

        async with AsyncClient() as client:  # OCAMBA_TOKEN
            integration = await client.integrations.create(name="Example", settings=...)

    One client serves all event loops, also one after the other.
    """

    __slots__ = ("_integrations", "_providers")

    @property
    def integrations(self) -> AsyncIntegrations:
        """The integrations of the account."""
        return self._integrations

    @property
    def providers(self) -> AsyncProviders:
        """The providers, in the server's own words."""
        return self._providers

    def _open(self) -> None:
        self._integrations = AsyncIntegrations(self._native)
        self._providers = AsyncProviders(self._native)

    async def close(self) -> None:
        """Closes the connections. A call after this is refused."""
        self._native.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
