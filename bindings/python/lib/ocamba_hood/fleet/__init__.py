"""Many integrations at once: rows from a file, a list or a table are checked, planned and applied.

Example::

    from ocamba_hood.fleet import Fleet

    report = Fleet("fleet.csv").apply()  # OCAMBA_TOKEN
    print(report)

With the same ledger, a run that ended early, in whatever way, is gone on with: nothing is lost, and nothing created twice.
The work is done by the program `ocamba`, in a process of its own: `pip install 'ocamba-hood[fleet]'`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._errors import FleetError, RowError, InvalidRowsError
from ._plan import FieldChange, Plan, Step
from ._progress import Bar, Progress, teller
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
    "RowError",
    "InvalidRowsError",
    "Plan",
    "Progress",
    "Report",
    "RowReport",
    "Step",
]


class Fleet(Setup):
    __slots__ = ()
    __doc__ = Setup.__doc__

    def check(self) -> int:
        """Finds all mistakes; nothing is sent. Returns how many rows there are.

        :raises InvalidRowsError: all that is wrong, each with its row and field.
        """
        return _count(self._run(self._task("check"), _nobody))

    def plan(self, *, ledger: _Path | None = None, save: _Path | None = None) -> Plan:
        """Finds out what `apply` would do, by one look at the account. Nothing is changed.

        :param ledger: what earlier runs have done; else, of a file, `FILE.ledger` if it is there.
        :param save: where to write the plan, to be applied as it is or not at all: `apply(plan=...)`.
        :raises InvalidRowsError: the rows are not valid.
        :raises FleetError: the account cannot be read, or the ledger not used.
        """
        return Plan(self._run(self._task("plan", ledger=ledger, out=save), _nobody).printed)

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
        """Makes the account as the rows say: creates, updates, adopts. Goes on where a run with the same ledger ended.

        What fails of single rows is in the report, and does not stop the rest. Ctrl-C stops it when what is on its way
        has ended; applying again goes on.

        :param ledger: the file that knows what was done; else, of a file, `FILE.ledger`.
        :param plan: do as this saved plan says, or nothing.
        :param on_progress: is told how far it has come.
        :param progress: whether to show a bar of `tqdm`; else if there is a terminal and `tqdm`.
        :param in_flight: how many requests may be on their way at once; else 16.
        :param reconcile_timeout: how many seconds the server may be at a create of which nothing was heard; else 10.
        :param failed: where to write the rows that are not done, as they stood, to be mended and applied again.
        :raises InvalidRowsError: the rows are not valid; nothing was sent.
        :raises FleetError: the account cannot be read, or the ledger not used; or the plan does not hold any more.
        """
        task = self._apply(ledger, plan=plan, in_flight=in_flight, reconcile_timeout=reconcile_timeout, failed=failed)
        bar = Bar(progress)
        try:
            return _report(self._run(task, teller(on_progress, bar)))
        except KeyboardInterrupt as interrupt:
            interrupt.args = ("apply again with the same ledger, and it goes on where it was",)
            raise
        finally:
            bar.close()

    def _run(self, task: Task, tell: Callable[[dict[str, Any]], None]) -> End:
        self._tasks.add(task)
        try:
            return task.run(self._source, tell)
        finally:
            self._tasks.discard(task)


class AsyncFleet(Setup):
    """A fleet for asyncio. A task that is cancelled ends when what is on its way has ended."""

    __slots__ = ()

    async def check(self) -> int:
        """As `Fleet.check`."""
        return _count(await self._run(self._task("check"), _nobody))

    async def plan(self, *, ledger: _Path | None = None, save: _Path | None = None) -> Plan:
        """As `Fleet.plan`."""
        return Plan((await self._run(self._task("plan", ledger=ledger, out=save), _nobody)).printed)

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
        """As `Fleet.apply`. `on_progress` is called on the loop; the rows are read on another thread."""
        from ._async import on_loop

        task = self._apply(ledger, plan=plan, in_flight=in_flight, reconcile_timeout=reconcile_timeout, failed=failed)
        bar = Bar(progress)
        try:
            return _report(await self._run(task, teller(on_loop(on_progress), bar)))
        finally:
            bar.close()

    async def _run(self, task: Task, tell: Callable[[dict[str, Any]], None]) -> End:
        from ._async import run

        self._tasks.add(task)
        try:
            return await run(task, self._source, tell)
        finally:
            self._tasks.discard(task)


def _nobody(_: object) -> None:
    """Is told, and does nothing."""


def _count(end: End) -> int:
    count: int = end.printed[0]["rows"]
    return count


def _report(end: End) -> Report:
    return Report(end.printed, end.stopped)


# Where users find them is where they say they are from, in a traceback and in a pickle.
for _name in __all__:
    globals()[_name].__module__ = __name__
del _name
