"""A program that uses fleets: pyright and mypy, both strict, must accept it."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typing_extensions import assert_type

from ocamba_hood import NewIntegration, Secret
from ocamba_hood.fleet import (
    AsyncFleet,
    Export,
    Fleet,
    FleetError,
    InvalidRowsError,
    LedgerRow,
    Orphan,
    Plan,
    Progress,
    Report,
    RowError,
    RowReport,
    Status,
    Step,
)
from ocamba_hood.types import NewIntegrationDict


class Table:
    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...


def rows(request: NewIntegration, wire: NewIntegrationDict, many: Iterator[dict[str, Any]]) -> list[Fleet]:
    Fleet("fleet.csv", token=Secret("t"), base_url="https://api.ocamba.com", profile="one", rate_limit="shared", rate_limit_tier="10/150")
    Fleet(Path("fleet.csv"), timeout=5, allow_unknown_provider=True, binary=Path("ocamba"))
    Fleet("fleet.xlsx", ignore_columns=["NOTES"], sheet="Shops")
    Fleet(3)  # rejected
    Fleet([3])  # rejected
    return [Fleet([request, wire]), Fleet([wire]), Fleet(many), Fleet(Table()), Fleet(wire for _ in range(2))]


def one(fleet: Fleet, path: Path) -> None:
    assert_type(fleet.check(), int)
    plan = fleet.plan(ledger="ledger", save=path)
    assert_type(plan, Plan)
    assert_type(plan.counts, "Counter[str]")
    assert_type(plan.orphans, "tuple[Orphan, ...]")
    status = fleet.status(ledger=path)
    assert_type(status, Status)
    assert_type(status.is_running, bool)
    assert_type(status.rows, "tuple[LedgerRow, ...]")
    assert_type(status.counts, "Counter[str]")
    assert_type(fleet.export(reveal=True), Export)
    assert_type(fleet.export().references, "tuple[str, ...]")
    for step in plan:
        assert_type(step, Step)
        assert_type([change.secret for change in step.changes], "list[bool]")

    def listen(progress: Progress) -> None:
        assert_type(progress.remaining, "float | None")

    report = fleet.apply(ledger=path, plan="plan.json", on_progress=listen, progress=False, in_flight=4, reconcile_timeout=1)
    assert_type(report, Report)
    assert_type(report[0], RowReport)
    assert_type([report.to_polars(), plan.to_pandas()], list[Any])
    assert_type(report.failed, "tuple[RowReport, ...]")
    assert_type(report.stopped, "str | None")
    assert_type([row.id for row in report if row.outcome == "created"], "list[str | None]")
    report.write(path)
    fleet.apply("ledger")  # rejected
    report.stopped = None  # rejected


def failures(fleet: Fleet) -> None:
    try:
        fleet.check()
    except InvalidRowsError as error:
        assert_type(error.row_errors, "tuple[RowError, ...]")
        assert_type(error.row_errors[0].line, int)
    except FleetError as error:
        assert_type(error.hint, "str | None")


async def asynchronous(wire: NewIntegrationDict) -> None:
    fleet = AsyncFleet([wire])
    assert_type(await fleet.check(), int)
    assert_type(await fleet.plan(), Plan)
    assert_type(await fleet.apply(ledger="ledger"), Report)
    assert_type(await fleet.export(), Export)
    assert_type(await fleet.status(), Status)
    fleet.stop()
