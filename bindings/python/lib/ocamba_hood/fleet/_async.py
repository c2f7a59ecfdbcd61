"""A fleet's tasks for an event loop: each on a thread that waits for its program."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._process import End, Task
    from ._progress import Progress
    from ._rows import Source


async def run(task: Task, source: Source, tell: Callable[[dict[str, Any]], None]) -> End:
    """Runs it. Where it is cancelled, what is on its way is waited for, and nothing more is sent."""
    future = asyncio.get_running_loop().run_in_executor(None, task.run, source, tell)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        task.stop()
        await asyncio.wait([future])
        # Seen, so that nobody is told that it was not.
        future.exception()
        raise


def on_loop(listener: Callable[[Progress], object] | None) -> Callable[[Progress], object] | None:
    """Calls it on the loop, not on the thread that waits."""
    loop = asyncio.get_running_loop()
    return None if listener is None else lambda progress: loop.call_soon_threadsafe(listener, progress)
