"""The runner in Python: `python runner.py FILE LEDGER`. What it prints is told in the README."""

import json
import sys
from dataclasses import asdict

from ocamba_hood.fleet import Fleet, InvalidRowsError

NAMES = {"before": "from", "after": "to"}


def seen(file: str, ledger: str) -> dict:
    fleet = Fleet(file)
    try:
        plan = [step(asdict(step_)) for step_ in fleet.plan(ledger=ledger)]
        report = fleet.apply(ledger=ledger, in_flight=1, reconcile_timeout=0.3)
    except InvalidRowsError as mistakes:
        return {"row_errors": [asdict(mistake) for mistake in mistakes.row_errors]}
    told = {"rows": report.to_list(), "counts": report.counts}
    return {"plan": plan, "report": {**told, "stopped": report.stopped, "is_complete": report.is_complete}}


def step(fields: dict) -> dict:
    """A step as the command line writes it, which leaves out what there is nothing to say of."""
    changes = [{NAMES.get(name, name): value for name, value in change.items()} for change in fields["changes"]]
    return there({**fields, "changes": [there(change) for change in changes]})


def there(fields: dict) -> dict:
    return {name: value for name, value in fields.items() if value not in (None, False, [])}


print(json.dumps(seen(*sys.argv[1:])))
