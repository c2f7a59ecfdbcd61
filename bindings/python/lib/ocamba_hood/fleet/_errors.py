"""What can go wrong with a fleet."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from .._errors import HoodError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping


class FleetError(HoodError):
    """A fleet that cannot be read, planned or applied. What fails of single rows is in the report, and raises nothing.

    `code` is stable: `"invalid_rows"`, `"file"`, `"ledger"`, `"ledger_in_use"`, `"stale_plan"`, `"not_a_plan"`, or one of a
    call's, as `"connection"` and `"authentication"`. With an `outcome` of `"unknown"`, some rows may have been sent: the
    ledger knows which, and applying again goes on.
    """

    #: What to do next.
    hint: str | None = None

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class InvalidRowsError(FleetError, ValidationError):
    """The rows have mistakes: all of them, in `row_errors`. Nothing was sent."""

    #: All that is wrong, in the order of the rows: of more than 10,000 the first.
    row_errors: tuple[RowError, ...] = ()
    #: How many there are.
    count: int = 0

    def __str__(self) -> str:
        shown = [f"  {mistake}" for mistake in self.row_errors[:50]]
        if self.count > len(shown):
            shown.append(f"  and {self.count - len(shown)} more, in .row_errors")
        return "\n".join([super().__str__(), *shown])


@dataclass(frozen=True)
class RowError:
    """One thing that is wrong with the rows. It quotes no value."""

    #: The file, or `"rows"`.
    file: str
    #: The line where the row begins, or its number, from 1 on.
    line: int
    #: The field or column, as `"settings.api_key"`; empty where it is the row as a whole.
    field: str
    #: What is wrong, and what was expected.
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}{' ' if self.field else ''}{self.message}"


def error_of(told: Mapping[str, Any]) -> FleetError:
    """The exception for a failure as the program tells it."""
    code, message, outcome = told["code"], told["message"], told["outcome"]
    if code != "invalid_rows":
        error = FleetError(message, outcome=outcome, code=code, trace_id=told.get("trace_id"))
    else:
        names = [field.name for field in fields(RowError)]
        mistakes = tuple(RowError(*(mistake.get(name, "") for name in names)) for mistake in told["row_errors"])
        field_errors = tuple((mistake.field, str(mistake)) for mistake in mistakes)
        error = InvalidRowsError(message, outcome=outcome, code=code, field_errors=field_errors)
        error.row_errors, error.count = mistakes, told["count"]
    error.hint = told.get("hint")
    return error
