"""The base of fleets: rows, an account, and the commands of the program."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from .._binary import binary as installed
from .._checks import a_secret
from .._native import hide
from ._process import Task
from ._rows import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Protocol, Union

    from .._generated import NewIntegration
    from .._native import Secret

    class _ArrowStream(Protocol):
        """A table from any library."""

        def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...

    _Path = Union[str, os.PathLike[str]]
    _Rows = Union[_Path, _ArrowStream, Iterable[Union[NewIntegration, Mapping[str, object]]]]


class Setup:
    """Rows, each an integration for the account.

    A secret in a row may be a reference, which is resolved just before sending: `env:NAME`, `file:PATH` or `keyring:NAME`.
    """

    __slots__ = ("_binary", "_options", "_source", "_tasks", "_variables")

    def __init__(
        self,
        rows: _Rows,
        *,
        token: str | Secret | None = None,
        base_url: str | None = None,
        profile: str | None = None,
        rate_limit: str | Secret | None = None,
        rate_limit_tier: str | None = None,
        rate_limit_dir: _Path | None = None,
        timeout: float | None = None,
        allow_unknown_provider: bool = False,
        binary: _Path | None = None,
    ) -> None:
        """Prepares a fleet. Reads and sends nothing yet.

        :param rows: a path (.csv, .jsonl, .json, .yaml, or a saved plan); an iterable of `NewIntegration`s or of dicts in wire
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
        :param allow_unknown_provider: accept providers that this version does not know.
        :param binary: path of `ocamba`; defaults to `OCAMBA_BINARY` of the environment, the program that pip installed, or
            the one on the `PATH`.
        """
        # From here on, no traceback can show the secrets. A URL may contain a password.
        self._source = Source(rows)
        del rows
        token, base_url, profile, rate_limit = hide(token), hide(base_url), hide(profile), hide(rate_limit)
        tier, folder = hide(rate_limit_tier), hide(None if rate_limit_dir is None else os.fspath(rate_limit_dir))
        self._source.require()
        given = {"token": token, "base_url": base_url, "profile": profile, "rate_limit": rate_limit}
        given |= {"rate_limit_tier": tier, "rate_limit_dir": folder}
        # Passed in the environment, because other users can see the arguments of a process.
        self._variables: dict[str, Secret] = {
            f"OCAMBA_{name.upper()}": a_secret(self, name, value) for name, value in given.items() if value is not None
        }
        self._binary = binary
        self._options = [] if timeout is None else [f"--timeout={float(timeout)}"]
        self._options += ["--allow-unknown-provider"] if allow_unknown_provider else []
        self._tasks: set[Task] = set()

    def stop(self) -> None:
        """Stops the current runs, from another thread or from `on_progress`: they finish the requests in flight, and send no
        others. The report of an apply then says why it `stopped`."""
        for task in tuple(self._tasks):
            task.stop()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({getattr(self, '_source', None)!r})"

    def _task(self, command: str, **options: object) -> Task:
        """Returns a task to run. Omits options that are `None`."""
        path = self._source.path
        given = [f"--{name.replace('_', '-')}={_text(value)}" for name, value in options.items() if value is not None]
        program = os.fspath(self._binary or installed("fleet"))
        # A name that begins with a dash would be an option.
        rows = "-" if path is None else os.path.join(os.curdir, path) if path.startswith("-") else path
        return Task([program, "fleet", command, rows, "--output=jsonl", *self._options, *given], self._variables)

    def _apply(self, ledger: _Path | None, **options: object) -> Task:
        if ledger is None and self._source.path is None:
            raise TypeError(
                "apply requires a ledger, such as ledger='fleet.ledger', unless the rows are in a file: a run that ends early "
                "resumes with the same ledger"
            )
        return self._task("apply", ledger=ledger, progress="json", **options)


def _text(value: Any) -> str:
    return os.fsdecode(value) if isinstance(value, os.PathLike) else str(value)
