"""Runs the tasks of a fleet for an event loop, each on a thread that waits for its program."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._process import End, Task
    from ._progress import Progress
    from ._rows import Source


async def run(task: Task, source: Source, listen: Callable[[dict[str, Any]], None]) -> End:
    """Runs a task. If it is cancelled, waits for the requests in flight, and sends no others."""
    future = asyncio.get_running_loop().run_in_executor(None, task.run, source, listen)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        task.stop()
        await asyncio.wait([future])
        # Retrieved, so that asyncio does not warn about it.
        future.exception()
        raise


def on_loop(listener: Callable[[Progress], object] | None) -> Callable[[Progress], object] | None:
    """Returns a listener for the waiting thread that calls the given one on the loop."""
    loop = asyncio.get_running_loop()
    return None if listener is None else lambda progress: loop.call_soon_threadsafe(listener, progress)
