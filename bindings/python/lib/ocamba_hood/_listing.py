"""Lists that are asked for page by page, as their items are needed."""

from ._calls import Async, AsyncWithResponse, Sync, SyncWithResponse, done, page, wait
from ._native import Request


class _Listing:
    """What lists have in common."""

    __slots__ = ("_client", "_operation", "_filters", "_options", "_kind", "_request", "_total")
    __class_getitem__ = classmethod(type(list[int]))

    def __init__(self, client, operation, filters, options, kind):
        self._client, self._operation, self._filters = client, operation, filters
        self._options, self._kind = options, kind
        self._total = None
        self._request = Request.of(operation, filters)
        # A filter that cannot be is told at once.
        error = self._request.error
        if error is not None:
            raise error

    @property
    def total(self):
        """How many items there are in all, as the server said with the last page; `None` before the first."""
        return self._total

    def page(self, number=1):
        """One page, the first being 1: a `Page`.

        :raises ValidationError: a page 0.
        """
        return self._call(self._request_of(number), self._options, self._read)

    def __repr__(self):
        return f"<{type(self).__name__} of {self._kind.__name__}>"

    def _request_of(self, number):
        return Request.of(self._operation, {**self._filters, "page": number})

    def _read(self, reply):
        found = page(self._kind, reply)
        self._total = found.total
        return found

    def _pages(self):
        return self._client.paginator(self._request, self._options)


class Listing(_Listing, Sync):
    """A list that is asked for as its items are needed. From `list`::

        for integration in client.integrations.list(type="sms"):
            print(integration.id)

    Each item comes once, though the list may change meanwhile. The next page is asked for when its first item is; who
    stops early asks for no more. Each `for` begins anew. After an error, `next` asks for the same page again.
    """

    __slots__ = ()

    def __iter__(self):
        return _Items(self)

    @property
    def with_response(self):
        """The same pages, each as a `Response`: the page with the status, headers and trace ID::

            response = client.integrations.list().with_response.page(1)
        """
        return ListingWithResponse(self._client, self._operation, self._filters, self._options, self._kind)


class ListingWithResponse(_Listing, SyncWithResponse):
    """A list whose pages come as a `Response`. From `Listing.with_response`."""

    __slots__ = ()


class AsyncListing(_Listing, Async):
    """A list that is asked for as its items are needed. From `list`::

        async for integration in client.integrations.list(type="sms"):
            print(integration.id)

    Each item comes once, though the list may change meanwhile. The next page is asked for when its first item is; who
    stops early asks for no more. Each `async for` begins anew. After an error, `anext` asks for the same page again.
    """

    __slots__ = ()

    def __aiter__(self):
        return _AsyncItems(self)

    @property
    def with_response(self):
        """The same pages, each as a `Response`: the page with the status, headers and trace ID::

            response = await client.integrations.list().with_response.page(1)
        """
        return AsyncListingWithResponse(self._client, self._operation, self._filters, self._options, self._kind)


class AsyncListingWithResponse(_Listing, AsyncWithResponse):
    """A list whose awaited pages come as a `Response`. From `AsyncListing.with_response`."""

    __slots__ = ()


class _Pages:
    """The pages of a list, one after the other, and what is left of the last one."""

    __slots__ = ("_listing", "_pages", "_ready")

    def __init__(self, listing):
        self._listing, self._pages = listing, listing._pages()
        #: In reverse. Two threads may take from it.
        self._ready = []

    def _take(self, reply):
        """Puts a page in; whether there was one."""
        if reply.status is None:
            return False
        self._ready[:0] = reversed(self._listing._read(reply).items)
        return True

    def __repr__(self):
        return f"<items of {self._listing!r}>"


class _Items(_Pages):
    __slots__ = ()

    def __iter__(self):
        return self

    def __next__(self):
        while True:
            try:
                return self._ready.pop()
            except IndexError:
                pass
            if not self._take(done(self._pages.next())):
                raise StopIteration


class _AsyncItems(_Pages):
    __slots__ = ()

    def __aiter__(self):
        return self

    async def __anext__(self):
        while True:
            try:
                return self._ready.pop()
            except IndexError:
                pass
            if not self._take(done(await wait(self._pages.start_next))):
                raise StopAsyncIteration
