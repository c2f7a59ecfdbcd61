"""Writes the options of a fleet as arguments of the program."""

from __future__ import annotations

import os
from typing import Any


def option(name: str, value: Any) -> str:
    """An argument of the program. Raises a `TypeError` that names the option."""
    is_flag = value is True and name == "reveal"
    return f"--{name.replace('_', '-')}" + ("" if is_flag else f"={_OPTIONS.get(name, _path)(name, value)}")


def _path(name: str, value: Any) -> str:
    if isinstance(value, (str, os.PathLike)):
        return os.fsdecode(value)
    expected = "the path of a plan that plan(save=...) wrote" if name == "plan" else "a path"
    raise TypeError(f"{'save' if name == 'out' else name} must be {expected}, not {type(value).__name__}")


def number(name: str, value: Any) -> str:
    """A number of seconds as text."""
    if hasattr(value, "__float__") and not isinstance(value, bool):
        return str(float(value))
    raise TypeError(f"{name} must be a number of seconds, not {type(value).__name__}")


def _count(name: str, value: Any) -> str:
    if hasattr(value, "__index__") and not isinstance(value, bool):
        return str(value.__index__())
    raise TypeError(f"{name} must be a whole number, not {type(value).__name__}")


#: What checks and writes the options that are not paths.
_OPTIONS = {"in_flight": _count, "reconcile_timeout": number, "progress": lambda _, value: value}
