"""The errors of fleets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .._errors import HoodError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping


class FleetError(HoodError):
    """Reading, planning or applying a fleet failed. Rows that fail are in the report, and raise nothing.

    The `code` is stable: `"invalid_rows"`, `"file"`, `"ledger"`, `"ledger_in_use"`, `"other_account"`, `"stale_plan"`,
    `"not_a_plan"`, or that of a call, for example `"connection"` or `"authentication"`. If the `outcome` is `"unknown"`,
    some rows may have been sent:
    the ledger records them, and applying again resumes the run.
    """

    #: The next step.
    hint: str | None = None
    #: The rows that an apply created or updated, where it could not write so to its ledger, or to a file.
    made: tuple[MadeRow, ...] = ()

    def __init__(self, text: str = "", fields: dict[str, Any] | None = None, /, **others: Any) -> None:
        super().__init__(text, fields, **others)
        self.made = tuple(MadeRow(*row) for row in self.made)

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class InvalidRowsError(FleetError, ValidationError):
    """The rows are invalid; `row_errors` lists each error. Nothing was sent."""

    #: The errors, in the order of the rows: at most the first 10,000.
    row_errors: tuple[RowError, ...] = ()
    #: Number of errors.
    count: int = 0

    def __init__(self, text: str = "", fields: dict[str, Any] | None = None, /, **others: Any) -> None:
        super().__init__(text, fields, **others)
        self.row_errors = tuple(RowError(*row_error) for row_error in self.row_errors)

    def __str__(self) -> str:
        shown = [f"  {error}" for error in self.row_errors[:50]]
        if self.count > len(shown):
            shown.append(f"  and {self.count - len(shown)} more, in .row_errors")
        return "\n".join([super().__str__(), *shown])


class MadeRow(NamedTuple):
    """A row whose integration was created or updated."""

    #: Its line in the file, or its number, counted from 1.
    line: int
    #: The integration's name.
    name: str
    #: Its provider's id.
    provider_id: str
    #: The integration's id, if known.
    id: str | None


class RowError(NamedTuple):
    """One error in the rows. It quotes no value."""

    #: The file, or `"rows"`.
    file: str
    #: The first line of the row, or its number, counted from 1.
    line: int
    #: The field or column, for example `"settings.api_key"`; empty for the whole row.
    field: str
    #: The error, and the expected value.
    message: str
    #: The cell of a workbook, for example `"Sheet1!C7"`; otherwise empty.
    cell: str = ""

    def __str__(self) -> str:
        cell = f"({self.cell})" if self.cell else ""
        return f"{self.file}:{self.line}: {' '.join(text for text in (self.field, cell, self.message) if text)}"


def error_of(reported: Mapping[str, Any]) -> FleetError:
    """The exception for a failure that the program reported."""
    code, message, outcome = reported["code"], reported["message"], reported["outcome"]
    if code != "invalid_rows":
        more = {name: reported.get(name) for name in ("stage", "trace_id")}
        error = FleetError(message, outcome=outcome, code=code, **more)
    else:
        rows = reported["row_errors"]
        row_errors = tuple(RowError(*(row.get(name, "") for name in RowError._fields)) for row in rows)
        field_errors = tuple((row_error.field, str(row_error)) for row_error in row_errors)
        error = InvalidRowsError(message, outcome=outcome, code=code, field_errors=field_errors)
        error.row_errors, error.count = row_errors, reported["count"]
    error.hint = reported.get("hint")
    error.made = tuple(MadeRow(**row) for row in reported.get("made", ()))
    return error
