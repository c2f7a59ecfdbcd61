"""Many integrations at once: checks, plans and applies rows from a file, a list or a table.

Example::

    from ocamba_hood.fleet import Fleet

    report = Fleet("fleet.csv").apply()  # the token comes from OCAMBA_TOKEN
    print(report)

A run that ended early resumes with the same ledger, without lost or duplicate integrations. The program `ocamba` does the
work in a process of its own; to install it, run `pip install 'ocamba-hood[fleet]'`.
"""

from ._errors import FleetError, InvalidRowsError, MadeRow, RowError
from ._fleet import AsyncFleet, Fleet
from ._plan import FieldChange, Orphan, Plan, Step
from ._progress import Progress
from ._report import Report, RowReport
from ._status import Export, LedgerRow, Status

__all__ = [
    "AsyncFleet",
    "Export",
    "FieldChange",
    "Fleet",
    "FleetError",
    "InvalidRowsError",
    "LedgerRow",
    "MadeRow",
    "Orphan",
    "Plan",
    "Progress",
    "Report",
    "RowError",
    "RowReport",
    "Status",
    "Step",
]

# Tracebacks and pickles name the public module of each class.
for _name in __all__:
    globals()[_name].__module__ = __name__
del _name
