"""Waiting for the worker within an event loop. Imports asyncio, so it is itself imported with the first such call."""

from __future__ import annotations

from asyncio import get_running_loop
from weakref import WeakKeyDictionary, ref

from . import _native

#: A loop's queue lives as long as the loop.
_queues: WeakKeyDictionary[object, _LoopQueue] = WeakKeyDictionary()


#: The loop that was last seen, and its queue: most programs have one loop at a time.
_last: tuple[ref[object], _LoopQueue] | None = None


async def wait(start, *arguments):
    """The reply to a call, which `start` starts with the arguments and the queue it is to come back to.

    Where the task is cancelled, the request is stopped too.
    """
    loop = get_running_loop()
    last = _last
    queue = last[1] if last is not None and last[0]() is loop else _queue_of(loop)
    call = start(*arguments, queue.native)
    future = loop.create_future()
    queue.waiting[call.id] = future
    try:
        return await future
    finally:
        # The drain has taken it out, unless this is the end of a task that was cancelled.
        if queue.waiting.pop(call.id, None) is not None:
            call.cancel()


def _queue_of(loop):
    """The queue of a loop, made with its first call."""
    global _last
    queue = _queues.get(loop)
    if queue is None:
        queue = _queues[loop] = _LoopQueue(loop)
    _last = (ref(loop), queue)
    return queue


class _LoopQueue:
    """Where the calls of one loop come back. Does not hold the loop, which holds it."""

    __slots__ = ("native", "waiting", "__weakref__")

    def __init__(self, loop):
        self.waiting = {}
        self.native = _native.LoopQueue()
        try:
            loop.add_reader(self.native.fileno(), self.drain)
        except NotImplementedError:
            self.native = _native.LoopQueue(_waker(ref(loop), ref(self)))

    def drain(self):
        for id, reply in self.native.drain():
            future = self.waiting.pop(id, None)
            if future is not None and not future.done():
                future.set_result(reply)


def _waker(loop, queue):
    """Wakes the loop from the worker's thread."""

    def wake():
        if (living := loop()) is not None and (found := queue()) is not None:
            living.call_soon_threadsafe(found.drain)

    return wake
