"""An asynchronous client that is used as the synchronous one is, so that one test serves both."""

import asyncio
import inspect

from ocamba_hood import AsyncIntegrations, AsyncListing, AsyncProviders


class Awaited:
    """Waits for whatever is awaitable, in an event loop of its own."""

    def __init__(self, target, loop=None):
        self._target = target
        self._loop = loop or asyncio.new_event_loop()

    def __getattr__(self, name):
        found = getattr(self._target, name)
        if isinstance(found, (AsyncIntegrations, AsyncProviders)):
            return Awaited(found, self._loop)
        return self._calling(found) if callable(found) else found

    def _calling(self, function):
        def call(*arguments, **options):
            result = function(*arguments, **options)
            if inspect.isawaitable(result):
                return self._loop.run_until_complete(result)
            return Awaited(result, self._loop) if isinstance(result, AsyncListing) else result

        return call

    def __iter__(self):
        return Items(self._target.__aiter__(), self._loop)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._loop.run_until_complete(self._target.close())
        self._loop.close()


class Items:
    """The items of an asynchronous list."""

    def __init__(self, items, loop):
        self._items, self._loop = items, loop

    def __iter__(self):
        return self

    def __next__(self):
        try:
            return self._loop.run_until_complete(self._items.__anext__())
        except StopAsyncIteration:
            raise StopIteration from None
