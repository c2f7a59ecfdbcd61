"""Lists that request their pages while their items are read."""

from __future__ import annotations

from ._calls import Async, Sync, WithResponse, done, page, wait
from ._native import Request
from ._observe import Observation
from ._public import Public
from ._response import Page, Response
from ._tabular import Tabular


class _Listing(Public):
    __slots__ = ("_client", "_operation", "_filters", "_options", "_kind", "_request", "_total")
    __class_getitem__ = classmethod(type(list[int]))

    def __init__(self, client, operation, filters, options, kind):
        self._client, self._operation, self._filters = client, operation, filters
        self._options, self._kind = options, kind
        self._total = None
        self._request = Request.of(operation, filters)
        # Raises for an invalid filter here rather than with the first page.
        error = self._request.error
        if error is not None:
            raise error

    @property
    def total(self) -> int | None:
        """Total number of items, as the server reported it with the latest page; `None` before the first page."""
        return self._total

    def page(self, number: int = 1) -> Page:
        """Returns one page, counted from 1, as a `Page`.

        :raises ValidationError: the number is less than 1.
        """
        request = Request.of(self._operation, {**self._filters, "page": number})
        return self._call(request, self._options, self._read)

    def __repr__(self):
        return f"<{type(self).__name__} of {self._kind.__name__}>"

    def _read(self, reply):
        found = page(self._kind, reply)
        self._total = found.total
        return found


class _WithView(_Listing):
    __slots__ = ()

    @property
    def with_response(self):
        """The same pages, as a `Response`: the page with the status, headers and trace ID::

            response = client.integrations.list().with_response.page(1)
        """
        return self._view(self._client, self._operation, self._filters, self._options, self._kind)


class ListingWithResponse(WithResponse, _Listing, Sync):
    """A list whose pages are returned as a `Response`. From `Listing.with_response`."""

    __slots__ = ()
    _returned = "Response[{}]"


class Listing(Tabular, _WithView, Sync):
    """A list that requests its pages while its items are read. From `list`::

        for integration in client.integrations.list(type="sms"):
            print(integration.id)

    Each item appears once, even if the list changes in the meantime. Iteration requests a page when it needs the first item,
    and stops with the loop. Each `for` starts from the beginning. After an error, `next` requests the same page again.

    A list is also a table, of all its pages: `listing.to_pandas()`, `polars.DataFrame(listing)`. A notebook shows its first page.
    """

    __slots__ = ()
    _view = ListingWithResponse

    def __iter__(self):
        return ListingItems(self)

    def _columns(self):
        from ._table import columns

        return columns(self._kind, self)

    def _repr_html_(self):
        return self.page()._repr_html_()


class AsyncListingWithResponse(WithResponse, _Listing, Async):
    """A list whose awaited pages are returned as a `Response`. From `AsyncListing.with_response`."""

    __slots__ = ()
    _returned, _not_awaited = "Response[{}]", ()


class AsyncListing(_WithView, Async):
    """A list that requests its pages while its items are read. From `list`::

        async for integration in client.integrations.list(type="sms"):
            print(integration.id)

    Each item appears once, even if the list changes in the meantime. Iteration requests a page when it needs the first item,
    and stops with the loop. Each `async for` starts from the beginning. After an error, `anext` requests the same page again, and
    after a cancellation, it returns the same item.

    A list is also a table, of all its pages: `await listing.to_pandas()`.
    """

    __slots__ = ()
    _view, _not_awaited = AsyncListingWithResponse, ()

    def __aiter__(self):
        return AsyncListingItems(self)

    async def to_pandas(self) -> object:
        """Returns a pandas DataFrame: see `Listing.to_pandas`."""
        return (await self._all()).to_pandas()

    async def to_polars(self) -> object:
        """Returns a polars DataFrame: see `Listing.to_polars`."""
        return (await self._all()).to_polars()

    async def to_arrow(self) -> object:
        """Returns a pyarrow table, which every library of tables reads: see `Listing.to_arrow`."""
        return (await self._all()).to_arrow()

    async def _all(self):
        """One page with the items of all pages."""
        return Page(items=[item async for item in self], total=self._total)


class _Items:
    """The items of a list: those of the latest page that are left, and a paginator for the rest."""

    __slots__ = ("_listing", "_pages", "_ready", "_again")

    def __init__(self, listing):
        self._listing = listing
        self._pages = listing._client.native.paginator(listing._request, listing._options)
        #: In reverse order. Several threads may take items.
        self._ready = []
        #: Requests whose pages may have arrived when their callers were cancelled.
        self._again = []

    def _observation(self):
        return Observation(self._listing._client, self._listing._request)

    def _next_request(self):
        try:
            return self._again.pop()
        except IndexError:
            return self._pages.request()

    def _take(self, reply):
        """Adds the items of a page. Returns `False` after the last page."""
        if reply.status is None:
            return False
        self._ready[:0] = reversed(self._listing._read(reply).items)
        return True

    def __repr__(self):
        return f"<items of {self._listing!r}>"


class ListingItems(_Items):
    __slots__ = ()

    def __iter__(self):
        return self

    def __next__(self):
        while True:
            try:
                return self._ready.pop()
            except IndexError:
                pass
            with self._observation() as observation:
                request = self._next_request()
                try:
                    reply = request.send(observation.headers)
                    is_page = self._take(reply)
                except BaseException:
                    self._again.append(request)
                    raise
                done(reply, observation)
            if not is_page:
                raise StopIteration


class AsyncListingItems(_Items):
    __slots__ = ()

    def __aiter__(self):
        return self

    async def __anext__(self):
        while True:
            try:
                return self._ready.pop()
            except IndexError:
                pass
            with self._observation() as observation:
                request = self._next_request()
                try:
                    reply = await wait(request.start, observation.headers)
                    is_page = self._take(reply)
                except BaseException:
                    self._again.append(request)
                    raise
                done(reply, observation)
            if not is_page:
                raise StopAsyncIteration
