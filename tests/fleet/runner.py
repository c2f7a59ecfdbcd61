"""The runner in Python: `python runner.py FILE LEDGER`. README.md describes its output."""

import json
import sys
from dataclasses import asdict

from ocamba_hood.fleet import Fleet, InvalidRowsError

NAMES = {"before": "from", "after": "to"}


def seen(file: str, ledger: str) -> dict:
    fleet = Fleet(file)
    try:
        planned = fleet.plan(ledger=ledger)
        report = fleet.apply(ledger=ledger, in_flight=1, reconcile_timeout=0.3)
    except InvalidRowsError as error:
        return {"row_errors": [row_error_of(row_error._asdict()) for row_error in error.row_errors]}
    plan = {
        "steps": [step(asdict(step_)) for step_ in planned],
        "orphans": [asdict(orphan) for orphan in planned.orphans],
    }
    result = {"rows": report.to_list(), "counts": report.counts}
    return {"plan": plan, "report": {**result, "stopped": report.stopped, "is_complete": report.is_complete}}


def row_error_of(fields: dict) -> dict:
    """Converts an error of a row to the form of the command line, which has a cell in workbooks only."""
    return {name: value for name, value in fields.items() if name != "cell" or value}


def step(fields: dict) -> dict:
    """Converts a step to the form of the command line, which omits empty fields."""
    changes = [{NAMES.get(name, name): value for name, value in change.items()} for change in fields["changes"]]
    return present({**fields, "changes": [present(change) for change in changes]})


def present(fields: dict) -> dict:
    return {name: value for name, value in fields.items() if value not in (None, False, [])}


print(json.dumps(seen(*sys.argv[1:])))
