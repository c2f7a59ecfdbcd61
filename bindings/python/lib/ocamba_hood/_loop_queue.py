"""Waits for the worker within an event loop. Imports asyncio, so the first awaited call imports this module."""

from __future__ import annotations

from asyncio import get_running_loop
from weakref import WeakKeyDictionary, ref

from . import _native

#: The queue of each loop, as long as the loop lives.
_queues: WeakKeyDictionary[object, _LoopQueue] = WeakKeyDictionary()
#: The loop of the latest call, and its queue: most programs use one loop at a time.
_last: tuple[ref[object], _LoopQueue] | None = None


async def wait(start, *arguments):
    """Starts a call with the arguments and the queue of the running loop, and returns its reply.

    Cancelling the task stops the request.
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
        # `drain` removes the call, unless the task was cancelled first.
        if queue.waiting.pop(call.id, None) is not None:
            call.cancel()


def _queue_of(loop):
    """The queue of a loop, created with its first call."""
    global _last
    queue = _queues.get(loop)
    if queue is None:
        queue = _queues[loop] = _LoopQueue(loop)
    _last = (ref(loop), queue)
    return queue


class _LoopQueue:
    """Receives the replies of one loop. The loop refers to it, so it does not refer to the loop."""

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
    """A function that wakes the loop from the thread of the worker."""

    def wake():
        if (living := loop()) is not None and (found := queue()) is not None:
            living.call_soon_threadsafe(found.drain)

    return wake
