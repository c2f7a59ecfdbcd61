"""Lets tests use an asynchronous client like a synchronous one, so that one test covers both."""

import asyncio
import inspect

import ocamba_hood

#: The classes whose calls are awaited.
ASYNC = tuple(value for name, value in vars(ocamba_hood).items() if name.startswith("Async"))


class Awaited:
    """Waits for every awaitable result, in its own event loop."""

    def __init__(self, target, loop=None):
        self._target = target
        self._loop = loop or asyncio.new_event_loop()

    def __getattr__(self, name):
        return self._wrapped(getattr(self._target, name))

    def _wrapped(self, found):
        if inspect.isawaitable(found):
            return self._loop.run_until_complete(found)
        if isinstance(found, ASYNC):
            return Awaited(found, self._loop)
        if inspect.ismethod(found):
            return lambda *arguments, **options: self._wrapped(found(*arguments, **options))
        return found

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
