"""`client.providers`."""

from ._generated import ProviderDescription
from ._listing import AsyncListing, Listing


class _Providers:
    __slots__ = ("_client",)

    def __init__(self, client):
        self._client = client

    def list(self, *, page_size=None, timeout=None, connect_timeout=None, max_retries=None):
        """Lists all providers. Iteration requests each page when it needs the first item::

            for provider in client.providers.list():
                print(provider.id, provider.name)

        :param page_size: maximum number of items per page; defaults to 100.
        :param timeout: maximum duration of the request for each page, in seconds; defaults to the client's.
        :param connect_timeout: maximum duration of connecting, in seconds; defaults to the client's.
        :param max_retries: maximum number of retries for each page; defaults to the client's.
        :raises ValidationError: the page size is invalid.
        """
        options = (timeout, connect_timeout, max_retries, None)
        return self._listing(self._client, "list_providers", {"page_size": page_size}, options, ProviderDescription)


class Providers(_Providers):
    """The server's descriptions of the providers, as `ProviderDescription`s. From `Client.providers`."""

    __slots__ = ()
    _listing = Listing


class AsyncProviders(_Providers):
    """The server's descriptions of the providers, as `ProviderDescription`s. From `AsyncClient.providers`."""

    __slots__ = ()
    _listing = AsyncListing
