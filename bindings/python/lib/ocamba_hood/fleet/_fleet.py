"""Fleets: rows, an account, and the commands of the program."""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Generic, Protocol, TypeVar, Union

from .._binary import binary as program
from .._calls import in_trio
from .._checks import a_bool, a_secret, a_str, require_function
from .._generated import NewIntegration
from .._native import Secret, hide
from .._public import Public, mark_awaited
from ._options import number, option
from ._plan import Plan
from ._process import End, Task
from ._progress import Bar, Progress, listening
from ._report import Report
from ._rows import Source
from ._status import Export, Status


class _ArrowStream(Protocol):
    """A table from any library."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...



class _SecretText(Protocol):
    """A `SecretStr` of pydantic."""

    def get_secret_value(self) -> str: ...


_Path = Union[str, os.PathLike[str]]
_Rows = Union[_Path, _ArrowStream, Iterable[Union[NewIntegration, Mapping[str, object]]]]
_Count = TypeVar("_Count")
_Plan = TypeVar("_Plan")
_Report = TypeVar("_Report")
_Export = TypeVar("_Export")
_Status = TypeVar("_Status")


class _Fleet(Public, Generic[_Count, _Plan, _Report, _Export, _Status]):
    """The commands, by the types of their results, which differ between the two classes."""

    __slots__ = ("_account", "_binary", "_options", "_source", "_tasks", "_variables")

    def __init__(
        self,
        rows: _Rows,
        *,
        token: str | Secret | _SecretText | None = None,
        base_url: str | None = None,
        profile: str | None = None,
        rate_limit: str | Secret | None = None,
        rate_limit_tier: str | None = None,
        rate_limit_dir: _Path | None = None,
        timeout: float | None = None,
        references: str | Iterable[str] = (),
        ignore_columns: str | Iterable[str] = (),
        sheet: str | None = None,
        allow_unknown_provider: bool = False,
        binary: _Path | None = None,
    ) -> None:
        """Prepares a fleet. Reads and sends nothing yet.

        :param rows: a path (.csv, .xlsx, .ods, .jsonl, .json, .yaml, or a saved plan); an iterable of `NewIntegration`s or of dicts in wire
            form, with `provider_id` or the name of a `provider`; or a table from polars, pandas, pyarrow or DuckDB with the
            columns `name`, `provider`, `status`, and `settings.NAME` or a struct `settings`.
        :param token: API token of the account; defaults to `OCAMBA_TOKEN` of the environment, or to `ocamba auth login`.
        :param base_url: URL of the API; defaults to `OCAMBA_BASE_URL` of the environment, or `https://api.ocamba.com`.
        :param profile: name of the account in `ocamba auth list`, which overrides the account of the environment; defaults to
            `OCAMBA_PROFILE` of the environment.
        :param rate_limit: which clients share the account's rate limit, as in `Client`.
        :param rate_limit_tier: number of requests per second and per minute, as in `Client`.
        :param rate_limit_dir: folder for the state of a shared rate limit, as in `Client`.
        :param timeout: maximum duration of a request, in seconds, including retries and waits for the rate limit; defaults
            to 120.
        :param references: what references to secrets in the rows may read: `env:PREFIX`, `file:FOLDER` or `keyring:SERVICE`,
            or several of these; by default nothing, and each text is sent unchanged.
        :param ignore_columns: columns, or fields of each row, to be left out, such as notes.
        :param sheet: name of a workbook's sheet; defaults to the first one that is not hidden.
        :param allow_unknown_provider: accept providers that this version does not know.
        :param binary: path of `ocamba`, of the same version; defaults to `OCAMBA_BINARY` of the environment, an absolute path,
            or to the program that pip installed.
        """
        # From here on, no traceback can show the secrets. A URL may contain a password.
        self._source = Source(rows)
        del rows
        token, base_url, profile, rate_limit = hide(token), hide(base_url), hide(profile), hide(rate_limit)
        tier, folder = hide(rate_limit_tier), hide(None if rate_limit_dir is None else os.fspath(rate_limit_dir))
        self._source.require()
        given = {"token": token, "profile": profile, "rate_limit": rate_limit}
        given |= {"rate_limit_tier": tier, "rate_limit_dir": folder}
        # Passed in the environment, because other users can see the arguments of a process.
        self._variables: dict[str, Secret] = {
            f"OCAMBA_{name.upper()}": a_secret(self, name, value) for name, value in given.items() if value is not None
        }
        self._binary = binary
        self._account = [] if timeout is None else [f"--timeout={number('timeout', timeout)}"]
        # Not in the environment, whose URL must not receive a stored token.
        self._account += [] if base_url is None else [f"--base-url={a_secret(self, 'base_url', base_url).expose()}"]
        #: Of the commands that read the rows.
        self._options = ["--allow-unknown-provider"] if a_bool(self, "allow_unknown_provider", allow_unknown_provider) else []
        self._options += [] if sheet is None else [f"--sheet={a_str(self, 'sheet', sheet)}"]
        several = [references] if isinstance(references, str) else () if references is None else references
        self._options += [f"--references={a_str(self, 'references', text)}" for text in several]
        ignored = [ignore_columns] if isinstance(ignore_columns, str) else list(() if ignore_columns is None else ignore_columns)
        self._options += [f"--ignore-column={a_str(self, 'ignore_columns', name)}" for name in ignored]
        self._source.ignored = frozenset(ignored)
        self._tasks: set[Task] = set()
        if isinstance(self, AsyncFleet):
            mark_awaited()

    def check(self) -> _Count:
        """Checks all rows, and returns their number. Sends nothing.

        :raises InvalidRowsError: rows are invalid; it lists each error with its row and field.
        """
        count: _Count = self._run("check", lambda end: end.printed[0]["rows"])
        return count

    def plan(self, *, ledger: _Path | None = None, save: _Path | None = None) -> _Plan:
        """Reads the account, and returns what `apply` would do. Changes nothing.

        :param ledger: ledger of earlier runs; for a file, defaults to `FILE.ledger` if it exists.
        :param save: file to write the plan to, for `apply(plan=...)`.
        :raises InvalidRowsError: rows are invalid.
        :raises FleetError: reading the account or the ledger failed.
        """
        made: _Plan = self._run("plan", lambda end: Plan(**end.printed[0]), ledger=ledger, out=save)
        return made

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
    ) -> _Report:
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
        require_function("on_progress", on_progress)
        options = {"ledger": ledger, "plan": plan, "in_flight": in_flight, "reconcile_timeout": reconcile_timeout}
        read = lambda end: Report(end.printed, end.stopped)
        report: _Report = self._run("apply", read, on_progress, progress, **options, failed=failed)
        return report

    def export(self, *, ledger: _Path | None = None, reveal: bool = False) -> _Export:
        """Writes the account to the file of this fleet (.csv, .jsonl, .json or .yaml), and replaces what it had. Applying the
        file, with the same secrets, changes nothing. Its ledger knows the integration of each row, so that a row can be
        renamed. Only their owner can read them.

        :param ledger: file that records the integration of each row; defaults to `FILE.ledger`.
        :param reveal: whether to write the secrets that the API returns, in place of references to variables of the
            environment.
        :raises FleetError: the account could not be read, or the file could not be written.
        """
        if self._source.path is None:
            raise TypeError("export writes the account to a file: create the fleet with its path")
        written: _Export = self._run("export", _exported, ledger=ledger, reveal=reveal or None)
        return written

    def status(self, *, ledger: _Path | None = None) -> _Status:
        """Returns what the ledger of earlier runs knows of each row, also while a run uses it. Sends nothing.

        :param ledger: the ledger; for a file, defaults to `FILE.ledger`.
        :raises FleetError: there is no ledger, or it cannot be read.
        """
        if self._source.path is None and ledger is None:
            raise TypeError("status requires a ledger, such as ledger='fleet.ledger', unless the rows are in a file")
        known: _Status = self._run("status", lambda end: Status(**end.printed[0]), ledger=ledger)
        return known

    def stop(self) -> None:
        """Stops the current runs, from another thread or from `on_progress`: they finish the requests in flight, and send no
        others. The report of an apply then says why it `stopped`."""
        for task in tuple(self._tasks):
            task.stop()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({getattr(self, '_source', None)!r})"

    def _run(self, command: str, read: Callable[[End], Any], *progress: Any, **options: object) -> Any:
        """Runs a command, and returns what `read` makes of its end. Omits options that are `None`."""
        raise NotImplementedError

    @contextmanager
    def _task(self, command: str, options: dict[str, object], on_progress: Any = None, bar: bool | None = False) -> Iterator[Task]:
        """Returns a task to run, which `stop` can stop meanwhile."""
        source, path = self._source, self._source.path
        if command == "apply":
            options["progress"] = "json"
            if path is None and options["ledger"] is None:
                raise TypeError(
                    "apply requires a ledger, such as ledger='fleet.ledger', unless the rows are in a file: a run that ends "
                    "early resumes with the same ledger"
                )
        given = [option(name, value) for name, value in options.items() if value is not None]
        # A name that begins with a dash would be an option.
        file = path and (os.path.join(os.curdir, path) if path.startswith("-") else path)
        match command:
            case "export":
                rows = [f"--out={file}"]
            case "status":
                # The ledger has what it needs: the rows are not read.
                rows, source = [] if file is None else [file], Source(os.devnull)
            case _:
                rows = ["-" if file is None else file, *self._options]
        words = [program("fleet", self._binary), "fleet", command, *rows, "--output=jsonl", *self._account, *given]
        with Bar(bar) as shown:
            task = Task(words, self._variables, source, listening(on_progress, shown))
            self._tasks.add(task)
            try:
                yield task
            except KeyboardInterrupt as interrupt:
                if command == "apply":
                    interrupt.args = ("the run was stopped; apply again with the same ledger to resume it",)
                raise
            finally:
                self._tasks.discard(task)


class Fleet(_Fleet[int, Plan, Report, Export, Status]):
    """Rows, each an integration for the account.

    With `references`, a secret in a row may be a reference, which is resolved just before sending: `env:NAME`, `file:PATH` or
    `keyring:NAME`. `text:` before such a text makes it a text. Variables that begin with `OCAMBA_` are never read.
    """

    __slots__ = ()

    def _run(self, command: str, read: Callable[[End], Any], *progress: Any, **options: object) -> Any:
        with self._task(command, options, *progress) as task:
            return read(task.run())


class AsyncFleet(
    _Fleet[
        "Coroutine[Any, Any, int]",
        "Coroutine[Any, Any, Plan]",
        "Coroutine[Any, Any, Report]",
        "Coroutine[Any, Any, Export]",
        "Coroutine[Any, Any, Status]",
    ]
):
    """A fleet for asyncio: the methods of a `Fleet`, awaited. A cancelled task finishes its requests in flight before it ends.

    Calls `on_progress` on the loop, and reads the rows on another thread.
    """

    __slots__ = ()
    _not_awaited = ("stop",)

    async def _run(self, command: str, read: Callable[[End], Any], listener: Any = None, *bar: Any, **options: object) -> Any:
        # Takes longer to import than the rest of the package.
        import asyncio

        if in_trio():
            raise RuntimeError("AsyncFleet needs asyncio; in trio, use a Fleet in a thread: trio.to_thread.run_sync(fleet.apply)")
        loop = asyncio.get_running_loop()
        on_loop = listener and partial(loop.call_soon_threadsafe, listener)
        with self._task(command, options, on_loop, *bar) as task:
            future = loop.run_in_executor(None, task.run)
            try:
                return read(await asyncio.shield(future))
            except asyncio.CancelledError:
                task.stop()
                await asyncio.wait([future])
                # Retrieved, so that asyncio does not warn about it.
                future.exception()
                raise


def _exported(end: End) -> Export:
    (written,) = end.printed
    return Export(written["rows"], tuple(written["variables"]), tuple(written["left_out"]))
