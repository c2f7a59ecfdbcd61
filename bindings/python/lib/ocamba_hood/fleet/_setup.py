"""What all fleets have in common: rows, an account, and the commands of the program."""

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
        """A table of any library."""

        def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...

    _Path = Union[str, os.PathLike[str]]
    _Rows = Union[_Path, _ArrowStream, Iterable[Union[NewIntegration, Mapping[str, object]]]]


class Setup:
    """Rows, each an integration that the account is to have.

    A secret in a row may be a reference, looked up just before it is sent: `env:NAME`, `file:PATH` or `keyring:NAME`.
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
        """Nothing is read or sent yet.

        :param rows: a path (.csv, .jsonl, .json, .yaml, or a saved plan); or an iterable of `NewIntegration`s, or of dicts
            in the wire form, in which `provider` may be a name in place of `provider_id`; or a table of polars, pandas,
            pyarrow or DuckDB, with the columns `name`, `provider`, `status`, and `settings.NAME` or a struct `settings`.
        :param token: the account's token; else the environment's `OCAMBA_TOKEN`, or that of `ocamba auth login`.
        :param base_url: where the API is; else the environment's `OCAMBA_BASE_URL`, or `https://api.ocamba.com`.
        :param profile: the account, by its name in `ocamba auth list`, whatever else the environment says of an account;
            else the environment's `OCAMBA_PROFILE`.
        :param rate_limit: who shares the account's rate limit, as for a `Client`; else the environment's
            `OCAMBA_RATE_LIMIT`. So too `rate_limit_tier` and `rate_limit_dir`.
        :param timeout: how many seconds a request may take, retries and waits for the rate limit included; else 120.
        :param allow_unknown_provider: whether to take providers that this version does not know as they are.
        :param binary: where `ocamba` is; else the environment's `OCAMBA_BINARY`, or where pip puts it, or the `PATH`.
        """
        # From here on no traceback can show them. An address may hold a password.
        self._source = Source(rows)
        del rows
        token, base_url, profile, rate_limit = hide(token), hide(base_url), hide(profile), hide(rate_limit)
        tier, folder = hide(rate_limit_tier), hide(None if rate_limit_dir is None else os.fspath(rate_limit_dir))
        self._source.require()
        given = {"token": token, "base_url": base_url, "profile": profile, "rate_limit": rate_limit}
        given |= {"rate_limit_tier": tier, "rate_limit_dir": folder}
        # By its environment, which others cannot see, as they can its arguments.
        self._variables: dict[str, Secret] = {
            f"OCAMBA_{name.upper()}": a_secret(self, name, value) for name, value in given.items() if value is not None
        }
        self._binary = binary
        self._options = [] if timeout is None else [f"--timeout={float(timeout)}"]
        self._options += ["--allow-unknown-provider"] if allow_unknown_provider else []
        self._tasks: set[Task] = set()

    def stop(self) -> None:
        """Stops what is running, from another thread or from `on_progress`: what is on its way is waited for, and nothing
        more is sent. The report of an apply says `stopped`."""
        for task in tuple(self._tasks):
            task.stop()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({getattr(self, '_source', None)!r})"

    def _task(self, command: str, **options: object) -> Task:
        """A task, which is still to be run. Options that are `None` are left out."""
        path = self._source.path
        given = [f"--{name.replace('_', '-')}={_text(value)}" for name, value in options.items() if value is not None]
        program = os.fspath(self._binary or installed("fleet"))
        # A name may begin with a dash, which would make it an option.
        rows = "-" if path is None else os.path.join(os.curdir, path) if path.startswith("-") else path
        return Task([program, "fleet", command, rows, "--output=jsonl", *self._options, *given], self._variables)

    def _apply(self, ledger: _Path | None, **options: object) -> Task:
        if ledger is None and self._source.path is None:
            raise TypeError(
                "apply needs a ledger, as ledger='fleet.ledger', unless the rows are in a file: a run that ends early is "
                "gone on with by the same ledger"
            )
        return self._task("apply", ledger=ledger, progress="json", **options)


def _text(value: Any) -> str:
    return os.fsdecode(value) if isinstance(value, os.PathLike) else str(value)
