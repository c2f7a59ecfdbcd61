"""Many integrations at once: checks, plans and applies rows from a file, a list or a table.

Example::

    from ocamba_hood.fleet import Fleet

    report = Fleet("fleet.csv").apply()  # the token comes from OCAMBA_TOKEN
    print(report)

A run that ended early resumes with the same ledger, without lost or duplicate integrations. The program `ocamba` does the
work in a process of its own; to install it, run `pip install 'ocamba-hood[fleet]'`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._errors import FleetError, InvalidRowsError, RowError
from ._plan import FieldChange, Plan, Step
from ._progress import Bar, Progress, listening
from ._report import Report, RowReport
from ._setup import Setup

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._process import End, Task
    from ._setup import _Path

__all__ = [
    "AsyncFleet",
    "FieldChange",
    "Fleet",
    "FleetError",
    "InvalidRowsError",
    "Plan",
    "Progress",
    "Report",
    "RowError",
    "RowReport",
    "Step",
]


class Fleet(Setup):
    __slots__ = ()
    __doc__ = Setup.__doc__

    def check(self) -> int:
        """Checks all rows, and returns their number. Sends nothing.

        :raises InvalidRowsError: rows are invalid; it lists each error with its row and field.
        """
        return _count(self._run(self._task("check"), _ignore))

    def plan(self, *, ledger: _Path | None = None, save: _Path | None = None) -> Plan:
        """Reads the account, and returns what `apply` would do. Changes nothing.

        :param ledger: ledger of earlier runs; for a file, defaults to `FILE.ledger` if it exists.
        :param save: file to write the plan to, for `apply(plan=...)`.
        :raises InvalidRowsError: rows are invalid.
        :raises FleetError: reading the account or the ledger failed.
        """
        return Plan(self._run(self._task("plan", ledger=ledger, out=save), _ignore).printed)

    def apply(
        self,
        *,
        ledger: _Path | None = None,
        plan: _Path | None = None,
        on_progress: Callable[[Progress], object] | None = None,
        progress: bool | None = None,
        in_flight: int | None = None,
        reconcile_timeout: float | None = None,
        failed: _Path | None = None,
    ) -> Report:
        """Creates, updates and adopts integrations so that the account matches the rows. Resumes an earlier run of the ledger.

        The report lists rows that fail; the other rows continue. Ctrl-C finishes the requests in flight, and stops the run.
        Apply again to resume it.

        :param ledger: file that records what was done; for a file, defaults to `FILE.ledger`.
        :param plan: saved plan to follow exactly; if the account has changed, nothing is sent.
        :param on_progress: function to call with the progress.
        :param progress: whether to show a `tqdm` bar; by default, if `tqdm` is installed and there is a terminal.
        :param in_flight: maximum number of concurrent requests; defaults to 16.
        :param reconcile_timeout: duration of the search after a create with an unknown outcome, in seconds, since the server
            may still be processing the request; defaults to 10.
        :param failed: file for the rows that are not done, unchanged, to fix and apply again.
        :raises InvalidRowsError: rows are invalid; nothing was sent.
        :raises FleetError: reading the account or the ledger failed, or the plan is out of date.
        """
        task = self._apply(ledger, plan=plan, in_flight=in_flight, reconcile_timeout=reconcile_timeout, failed=failed)
        bar = Bar(progress)
        try:
            return _report(self._run(task, listening(on_progress, bar)))
        except KeyboardInterrupt as interrupt:
            interrupt.args = ("the run was stopped; apply again with the same ledger to resume it",)
            raise
        finally:
            bar.close()

    def _run(self, task: Task, listen: Callable[[dict[str, Any]], None]) -> End:
        self._tasks.add(task)
        try:
            return task.run(self._source, listen)
        finally:
            self._tasks.discard(task)


class AsyncFleet(Setup):
    """A fleet for asyncio. A cancelled task finishes its requests in flight before it ends."""

    __slots__ = ()

    async def check(self) -> int:
        """Like `Fleet.check`."""
        return _count(await self._run(self._task("check"), _ignore))

    async def plan(self, *, ledger: _Path | None = None, save: _Path | None = None) -> Plan:
        """Like `Fleet.plan`."""
        return Plan((await self._run(self._task("plan", ledger=ledger, out=save), _ignore)).printed)

    async def apply(
        self,
        *,
        ledger: _Path | None = None,
        plan: _Path | None = None,
        on_progress: Callable[[Progress], object] | None = None,
        progress: bool | None = None,
        in_flight: int | None = None,
        reconcile_timeout: float | None = None,
        failed: _Path | None = None,
    ) -> Report:
        """Like `Fleet.apply`. Calls `on_progress` on the loop, and reads the rows on another thread."""
        from ._async import on_loop

        task = self._apply(ledger, plan=plan, in_flight=in_flight, reconcile_timeout=reconcile_timeout, failed=failed)
        bar = Bar(progress)
        try:
            return _report(await self._run(task, listening(on_loop(on_progress), bar)))
        finally:
            bar.close()

    async def _run(self, task: Task, listen: Callable[[dict[str, Any]], None]) -> End:
        from ._async import run

        self._tasks.add(task)
        try:
            return await run(task, self._source, listen)
        finally:
            self._tasks.discard(task)


def _ignore(_: object) -> None:
    """Ignores progress."""


def _count(end: End) -> int:
    count: int = end.printed[0]["rows"]
    return count


def _report(end: End) -> Report:
    return Report(end.printed, end.stopped)


# Tracebacks and pickles name the public module of each class.
for _name in __all__:
    globals()[_name].__module__ = __name__
del _name
