"""Waits for the worker within trio. Imports trio, so the first call that is awaited there imports this module."""

from __future__ import annotations

from weakref import ref

from outcome import Value
from trio.lowlevel import Abort, RunVar, checkpoint_if_cancelled, current_task, current_trio_token, reschedule
from trio.lowlevel import wait_task_rescheduled

from . import _native

#: The queue of each run of trio.
_queue: RunVar[_TrioQueue] = RunVar("ocamba_hood")


async def wait(start, *arguments):
    """Starts a call with the arguments and the queue of the current run, and returns its reply.

    Cancelling the scope stops the request.
    """
    # The request could be sent before a cancellation that is due stops it.
    await checkpoint_if_cancelled()
    queue = _queue.get(None)
    if queue is None:
        _queue.set(queue := _TrioQueue())
    call = start(*arguments, queue.native)
    queue.waiting[call.id] = current_task()

    def abort(_):
        del queue.waiting[call.id]
        call.cancel()
        return Abort.SUCCEEDED

    return await wait_task_rescheduled(abort)


class _TrioQueue:
    """Receives the replies of one run."""

    __slots__ = ("native", "waiting", "__weakref__")

    def __init__(self):
        self.waiting = {}
        self.native = _native.LoopQueue(_waker(current_trio_token(), ref(self)))

    def drain(self):
        for id, reply in self.native.drain():
            task = self.waiting.pop(id, None)
            if task is not None:
                reschedule(task, Value(reply))


def _waker(token, queue):
    """A function that wakes the run from the thread of the worker. After the run, it fails, and nobody waits."""

    def wake():
        if (found := queue()) is not None:
            token.run_sync_soon(found.drain)

    return wake
