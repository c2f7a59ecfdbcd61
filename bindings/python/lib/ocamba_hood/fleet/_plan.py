"""Plans: what applying a fleet would do."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .._table import _Columns, dataclass_columns
from .._tabular import Tabular

_SIGNS = {"create": "+", "update": "~", "conflict": "!"}
#: The order in a notebook.
_ORDER = ("conflict", "update", "adopt", "create", "unchanged")
_ACTIONS = ("create", "update", "adopt", "unchanged", "conflict")


@dataclass(frozen=True)
class FieldChange:
    """The change of one field by an update. Hides the values of fields that may be secret."""

    #: The field, for example `"settings.sender_name"`.
    field: str
    #: Whether the values are hidden.
    secret: bool
    #: The old value; `None` if it is missing or hidden.
    before: Any
    #: The new value; `None` if it is hidden.
    after: Any

    def __str__(self) -> str:
        if self.secret:
            return f"{self.field}: changes (secret)"
        before = "(none)" if self.before is None else json.dumps(self.before, ensure_ascii=False)
        return f"{self.field}: {before} -> {json.dumps(self.after, ensure_ascii=False)}"


@dataclass(frozen=True)
class Step:
    """The planned action for one row."""

    #: Its line in the file, or its number, counted from 1.
    line: int
    #: The integration's name.
    name: str
    #: Its provider's id.
    provider_id: str
    #: `"create"`; `"update"` for an integration that differs; `"adopt"` for an equal one; `"unchanged"` if the ledger has
    #: it; `"conflict"` if a person must decide.
    action: Literal["create", "update", "adopt", "unchanged", "conflict"]
    #: The id of the existing integration.
    id: str | None
    #: The changes of an update.
    changes: tuple[FieldChange, ...]
    #: The references to secrets, for example `"api_key=env:MITTO_KEY"`.
    references: str | None
    #: Whether an earlier run may have sent the row: `apply` searches for it before sending it again.
    in_doubt: bool
    #: The reason of a conflict.
    conflict: str | None

    def __str__(self) -> str:
        name = json.dumps(self.name, ensure_ascii=False)
        text = f"{_SIGNS.get(self.action, '=')} {self.action} {name} ({self.provider_id}), line {self.line}"
        text += f", {self.id}" if self.id else ""
        text += ", in doubt: searched for first" if self.in_doubt else ""
        reads = self.references and f"reads {self.references}"
        return "".join([text, *(f"\n    {more}" for more in (self.conflict, reads, *self.changes) if more)])


@dataclass(frozen=True)
class Orphan:
    """An integration that the ledger has, and that no row names any more. Nothing is done with it."""

    #: Its id.
    id: str
    #: Its name.
    name: str
    #: Its provider's id.
    provider_id: str

    def __str__(self) -> str:
        return f"? in the ledger, in no row: {json.dumps(self.name, ensure_ascii=False)} ({self.provider_id}), {self.id}"


class Plan(Tabular):
    """What applying a fleet would do: a `Step` for each row. `print(plan)` shows the changes. Contains no secret.

    A plan is also a table: `plan.to_pandas()`, `polars.DataFrame(plan)`. A notebook shows conflicts and updates first.
    """

    def __init__(self, steps: Iterable[Mapping[str, Any]], orphans: Iterable[Mapping[str, Any]] = ()) -> None:
        self._steps = tuple(_step(step) for step in steps)
        self._orphans = tuple(Orphan(**orphan) for orphan in orphans)

    @property
    def steps(self) -> tuple[Step, ...]:
        """A step for each row, in the order of the input."""
        return self._steps

    @property
    def orphans(self) -> tuple[Orphan, ...]:
        """The integrations that the ledger has, and that no row names any more. Nothing is done with them."""
        return self._orphans

    @property
    def counts(self) -> Counter[str]:
        """Number of rows with each action: `plan.counts["create"]`."""
        return Counter(step.action for step in self._steps)

    def _columns(self) -> _Columns:
        return dataclass_columns(Step, self._steps)

    def _repr_html_(self) -> str:
        from .._html import counted, table

        steps = sorted(self._steps, key=lambda step: _ORDER.index(step.action))
        columns = dict(dataclass_columns(Step, steps))
        del columns["references"]
        columns["in_doubt"] = (bool, [step.in_doubt or None for step in steps])
        return table(columns, caption=counted(self.counts))

    def __iter__(self) -> Iterator[Step]:
        return iter(self._steps)

    def __len__(self) -> int:
        return len(self._steps)

    def __str__(self) -> str:
        counts = self.counts
        lines = [str(step) for step in self._steps if step.action != "unchanged"] + [str(orphan) for orphan in self._orphans]
        return "\n".join([*lines, ", ".join(f"{counts[action]} {action}" for action in _ACTIONS)])

    def __repr__(self) -> str:
        return f"Plan({', '.join(f'{action}={count}' for action, count in self.counts.items())})"


def _step(fields: Mapping[str, Any]) -> Step:
    changes = tuple(
        FieldChange(change["field"], change.get("secret", False), change.get("from"), change.get("to"))
        for change in fields.get("changes", ())
    )
    known: dict[str, Any] = {name: fields.get(name) for name in Step.__dataclass_fields__}
    return Step(**{**known, "changes": changes, "in_doubt": fields.get("in_doubt", False)})
