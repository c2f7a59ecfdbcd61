"""Reports: the outcome of each row of a fleet."""

import csv
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from .._table import _Columns, dataclass_columns
from .._tabular import Tabular

_DONE = {"created", "updated", "adopted", "unchanged"}
_SUFFIXES = (".csv", ".json", ".jsonl", ".ndjson", ".txt", "")
_SIGNS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class RowReport:
    """The outcome of one row."""

    #: Its line in the file, or its number, counted from 1.
    line: int
    #: The integration's name.
    name: str
    #: Its provider's id.
    provider_id: str
    #: `"created"`, `"updated"`, `"adopted"`, `"unchanged"`: the account matches the row. `"failed"`: the server rejected it, or
    #: it was not sent. `"conflict"`: a person must decide. `"unknown"`: it was sent, and the next run will search for it.
    #: `"applied"`: it was created, but its id is unknown. `"pending"`: the run stopped before it.
    outcome: Literal["created", "updated", "adopted", "unchanged", "failed", "conflict", "unknown", "applied", "pending"]
    #: The integration's id, if known.
    id: str | None
    #: Stable name of the kind of failure, for example `"bad_request"`.
    code: str | None
    #: The error message. It quotes no secret.
    message: str | None
    #: Request ID to quote to the vendor's support.
    trace_id: str | None
    #: The references to secrets, for example `"api_key=env:MITTO_KEY"`.
    references: str | None

    @property
    def is_done(self) -> bool:
        """Whether the account matches the row."""
        return self.outcome in _DONE


COLUMNS = [field.name for field in fields(RowReport)]


class Report(Tabular):
    """The outcome of each row, in the order of the input. Contains no secret.

    A report is a sequence of `RowReport`s, and a table: `report.to_pandas()`, `polars.DataFrame(report)`. A notebook shows rows
    that are not done first.
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]], stopped: str | None = None) -> None:
        self._rows = tuple(RowReport(*(row[name] for name in COLUMNS)) for row in rows)
        self._stopped = stopped

    @property
    def rows(self) -> tuple[RowReport, ...]:
        """The outcome of each row."""
        return self._rows

    @property
    def stopped(self) -> str | None:
        """Why the run stopped early, or `None`. Apply again with the same ledger to resume it."""
        return self._stopped

    @property
    def is_complete(self) -> bool:
        """Whether the account matches all rows."""
        return all(row.is_done for row in self._rows)

    @property
    def failed(self) -> tuple[RowReport, ...]:
        """The rows that the account does not match."""
        return tuple(row for row in self._rows if not row.is_done)

    @property
    def counts(self) -> Counter[str]:
        """Number of rows with each outcome: `report.counts["created"]`."""
        return Counter(row.outcome for row in self._rows)

    def to_list(self) -> list[dict[str, Any]]:
        """Returns a dict for each row."""
        return [asdict(row) for row in self._rows]

    def write(self, path: str | os.PathLike[str]) -> None:
        """Writes the report to a file in the format of its suffix: .csv, .json, .jsonl or .ndjson, or a text table for .txt
        or none.

        :raises ValueError: the suffix is of another format. `ocamba fleet apply --report` also writes .md, .xml and .html.
        """
        path = Path(path)
        if path.suffix.lower() not in _SUFFIXES:
            known = ", ".join(filter(None, _SUFFIXES))
            raise ValueError(
                f"the suffix {path.suffix!r} is of no format of reports; use {known}, or the program "
                "(`ocamba fleet apply --report`) for .md, .xml and .html"
            )
        with path.open("w", encoding="utf-8", newline="") as file:
            match path.suffix.lower():
                case ".csv":
                    writer = csv.writer(file, lineterminator="\n")
                    writer.writerow(COLUMNS)
                    writer.writerows([_cell(value) for value in row.values()] for row in self.to_list())
                case ".json":
                    json.dump(self.to_list(), file, ensure_ascii=False, indent=2)
                    file.write("\n")
                case ".jsonl" | ".ndjson":
                    file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in self.to_list())
                case _:
                    file.write(f"{self}\n")

    def _columns(self) -> _Columns:
        return dataclass_columns(RowReport, self._rows)

    def _repr_html_(self) -> str:
        from .._html import counted, table

        columns = dict(dataclass_columns(RowReport, sorted(self._rows, key=lambda row: row.is_done)))
        del columns["references"]
        return table(columns, caption=counted(self.counts))

    def __iter__(self) -> Iterator[RowReport]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> RowReport:
        return self._rows[index]

    def __str__(self) -> str:
        """Returns a text table without empty columns."""
        lines = [[name.upper().replace("_", " ") for name in COLUMNS]]
        lines += [["" if value is None else _line(str(value)) for value in row.values()] for row in self.to_list()]
        columns = [cells for cells in zip(*lines) if any(cells[1:]) or len(lines) == 1]
        widths = [max(map(len, cells)) for cells in columns]
        return "\n".join("  ".join(map(str.ljust, cells, widths)).rstrip() for cells in zip(*columns))

    def __repr__(self) -> str:
        counts = ", ".join(f"{outcome}={count}" for outcome, count in self.counts.items())
        return f"Report({counts}{', ' if counts else ''}is_complete={self.is_complete})"


def _cell(value: object) -> object:
    """Escapes a value that a spreadsheet would compute, with an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.lstrip("'").startswith(_SIGNS) else value


def _line(text: str) -> str:
    return "".join(" " if ord(letter) < 32 or 127 <= ord(letter) < 160 else letter for letter in text)
