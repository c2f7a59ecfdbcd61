"""What `dataclasses`, and libraries that know dataclasses, read of a class: its fields, their types and defaults."""

from __future__ import annotations

from dataclasses import MISSING, field, make_dataclass
from inspect import Parameter, signature
from typing import Any, get_type_hints

_TWINS: dict[type, type] = {}


def twin(cls: type) -> Any:
    """A dataclass with the same fields."""
    if cls not in _TWINS:
        _TWINS[cls] = _made(cls)
    return _TWINS[cls]


def _made(cls: type) -> type:
    hints, parameters = get_type_hints(cls), signature(cls).parameters
    fields = []
    for name in cls.__match_args__:  # type: ignore[attr-defined]
        default = parameters[name].default if name in parameters else Parameter.empty
        fields.append((name, hints.get(name, object), field(default=MISSING if default is Parameter.empty else default, kw_only=True)))
    return make_dataclass(cls.__name__, fields, frozen=True)
