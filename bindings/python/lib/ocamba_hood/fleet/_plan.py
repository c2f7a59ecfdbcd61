"""What applying a fleet would do."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    _Action = Literal["create", "update", "adopt", "unchanged", "conflict"]

_SIGNS = {"create": "+", "update": "~", "conflict": "!"}
_ACTIONS = ("create", "update", "adopt", "unchanged", "conflict")


@dataclass(frozen=True)
class FieldChange:
    """What an update does to one field. Of what may be secret it tells only that it changes."""

    #: Which field, as `"settings.sender_name"`.
    field: str
    #: Whether its values are hidden.
    secret: bool
    #: What it is; `None` where it is not there, or hidden.
    before: Any
    #: What it becomes; `None` where it is hidden.
    after: Any

    def __str__(self) -> str:
        if self.secret:
            return f"{self.field}: changes (secret)"
        before = "(none)" if self.before is None else json.dumps(self.before, ensure_ascii=False)
        return f"{self.field}: {before} -> {json.dumps(self.after, ensure_ascii=False)}"


@dataclass(frozen=True)
class Step:
    """What is to be done with one row."""

    #: Its line in the file, or its number, from 1 on.
    line: int
    #: The integration's name.
    name: str
    #: Its provider's id.
    provider_id: str
    #: `"create"`; `"update"`, where one is there that differs; `"adopt"`, where one is there just as asked for;
    #: `"unchanged"`, where the ledger knew; `"conflict"`, which a person must look at.
    action: _Action
    #: The integration that is there.
    id: str | None
    #: What an update changes.
    changes: tuple[FieldChange, ...]
    #: An earlier run may have sent it: it is looked for once more before it is sent again.
    in_doubt: bool
    #: Why nothing can be done, with a conflict.
    conflict: str | None

    def __str__(self) -> str:
        name = json.dumps(self.name, ensure_ascii=False)
        text = f"{_SIGNS.get(self.action, '=')} {self.action} {name} ({self.provider_id}), line {self.line}"
        text += f", {self.id}" if self.id else ""
        text += ", in doubt: looked for once more first" if self.in_doubt else ""
        return "".join([text, *(f"\n    {more}" for more in (self.conflict, *self.changes) if more)])


class Plan:
    """What applying a fleet would do: a `Step` for each row. `print(plan)` shows what changes. Holds no secret."""

    def __init__(self, steps: Iterable[Mapping[str, Any]]) -> None:
        self._steps = tuple(_step(step) for step in steps)

    @property
    def steps(self) -> tuple[Step, ...]:
        """A step for each row, in the order of the input."""
        return self._steps

    @property
    def counts(self) -> Counter[str]:
        """How many rows have each action: `plan.counts["create"]`."""
        return Counter(step.action for step in self._steps)

    def __iter__(self) -> Iterator[Step]:
        return iter(self._steps)

    def __len__(self) -> int:
        return len(self._steps)

    def __str__(self) -> str:
        counts = self.counts
        lines = [str(step) for step in self._steps if step.action != "unchanged"]
        return "\n".join([*lines, ", ".join(f"{counts[action]} {action}" for action in _ACTIONS)])

    def __repr__(self) -> str:
        return f"Plan({', '.join(f'{action}={count}' for action, count in self.counts.items())})"


def _step(told: Mapping[str, Any]) -> Step:
    changes = tuple(
        FieldChange(change["field"], change.get("secret", False), change.get("from"), change.get("to"))
        for change in told.get("changes", ())
    )
    return Step(
        line=told["line"],
        name=told["name"],
        provider_id=told["provider_id"],
        action=told["action"],
        id=told.get("id"),
        changes=changes,
        in_doubt=told.get("in_doubt", False),
        conflict=told.get("conflict"),
    )
