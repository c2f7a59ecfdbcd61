"""`client.providers`."""

from ._calls import Async, Sync
from ._generated import ProviderDescription
from ._listing import AsyncListing, Listing


class _Providers:
    """What both have in common."""

    __slots__ = ("_client",)

    def __init__(self, client):
        self._client = client

    def list(self, *, page_size=None, timeout=None, connect_timeout=None, max_retries=None):
        """All providers, page by page as they are needed::

            for provider in client.providers.list():
                print(provider.id, provider.name)

        :param page_size: how many items a page has; else 100.
        :param timeout: how many seconds each page may take, in place of the client's; so too `connect_timeout`.
        :param max_retries: how often each page may be asked for again, in place of the client's.
        :raises ValidationError: a page size that cannot be.
        """
        options = (timeout, connect_timeout, max_retries, None)
        return self._listing(self._client, "list_providers", {"page_size": page_size}, options, ProviderDescription)


class Providers(_Providers, Sync):
    """The providers in the server's own words: each a `ProviderDescription`. From `Client.providers`."""

    __slots__ = ()
    _listing = Listing


class AsyncProviders(_Providers, Async):
    """The providers in the server's own words: each a `ProviderDescription`. From `AsyncClient.providers`."""

    __slots__ = ()
    _listing = AsyncListing
