"""The status of a fleet: what its ledger knows; and exports: what an account has, as a sheet."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .._table import _Columns, dataclass_columns
from .._tabular import Tabular


@dataclass(frozen=True)
class LedgerRow:
    """What a ledger knows of one row."""

    #: The integration's name.
    name: str
    #: Its provider's id.
    provider_id: str
    #: `"done"`, `"failed"`; `"applied"`: done, but its id is unknown; `"pending"`: not sent; `"intent"`: it may have been sent,
    #: and the next run will search for it, unless a run is under way.
    state: Literal["done", "failed", "applied", "pending", "intent"]
    #: The last action.
    action: Literal["create", "update", "adopt"]
    #: The integration's id, if known.
    id: str | None
    #: Stable name of the kind of failure, for example `"bad_request"`.
    code: str | None
    #: The error message. It quotes no secret.
    message: str | None
    #: Request ID to quote to the vendor's support.
    trace_id: str | None


class Status(Tabular):
    """What a ledger knows of each row, in the order of their names. Contains no secret.

    A status is also a table: `status.to_pandas()`, `polars.DataFrame(status)`.
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]], is_running: bool = False) -> None:
        self._rows = tuple(LedgerRow(*(row[name] for name in LedgerRow.__dataclass_fields__)) for row in rows)
        self._is_running = is_running

    @property
    def rows(self) -> tuple[LedgerRow, ...]:
        """What the ledger knows of each row."""
        return self._rows

    @property
    def is_running(self) -> bool:
        """Whether a run uses the ledger."""
        return self._is_running

    @property
    def counts(self) -> Counter[str]:
        """Number of rows in each state: `status.counts["done"]`."""
        return Counter(row.state for row in self._rows)

    def _columns(self) -> _Columns:
        return dataclass_columns(LedgerRow, self._rows)

    def __iter__(self) -> Iterator[LedgerRow]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        counts = "".join(f", {state}={count}" for state, count in self.counts.items())
        return f"Status(is_running={self._is_running}{counts})"


@dataclass(frozen=True)
class Export:
    """What `Fleet.export` has written."""

    #: Number of rows.
    rows: int
    #: The variables of the environment to which the rows refer in place of secrets.
    variables: tuple[str, ...]
    #: The integrations that a sheet cannot have, and why.
    left_out: tuple[str, ...]

    @property
    def references(self) -> tuple[str, ...]:
        """The `references` of a fleet that applies the rows."""
        return tuple(sorted({f"env:{variable.split('_')[0]}_" for variable in self.variables}))
