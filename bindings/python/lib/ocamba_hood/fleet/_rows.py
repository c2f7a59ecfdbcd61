"""Rows from anything, as the lines of JSON that the program reads. Nothing of them is kept, and nothing shown."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from .._native import RawValues, Secret


class Source:
    """Where rows come from: a path, a table, or another iterable."""

    __slots__ = ("_given", "_is_used", "path")

    def __init__(self, given: object) -> None:
        """Never raises: a traceback would show what was given."""
        self._given: Any = given
        self._is_used = False
        self.path = os.fsdecode(given) if isinstance(given, (str, os.PathLike)) else None

    def require(self) -> None:
        """Refuses what has no rows."""
        is_one = isinstance(self._given, (bytes, Mapping)) or not isinstance(self._given, Iterable)
        if self.path is None and is_one and not _is_table(self._given):
            raise TypeError(f"a fleet is made of a path, an iterable of requests, or a table, not of {self.kind}")

    @property
    def kind(self) -> str:
        """What it is, in a word."""
        return type(self._given).__name__

    def lines(self) -> Iterator[bytes]:
        """Each row as a line. Can be asked for again unless the rows come from an iterator."""
        if isinstance(self._given, Iterator):
            if self._is_used:
                raise TypeError(
                    f"the rows come from {self.kind}, which can be read once, and was: give a list or a table to read them "
                    "again (apply and plan check all rows first, so check is not needed before them)"
                )
            self._is_used = True
        if _is_table(self._given):
            from ._arrow import rows

            return map(_line, rows(self._given), count(1))
        return map(_line, self._given, count(1))

    def __repr__(self) -> str:
        return repr(self.path) if self.path is not None else f"<{self.kind}>"


def _is_table(given: object) -> bool:
    """Whether it exports an Arrow stream."""
    return hasattr(given, "__arrow_c_stream__")


def _line(row: Any, number: int) -> bytes:
    why: str
    try:
        return json.dumps(_plain(row, top=True), default=_plain, allow_nan=False).encode() + b"\n"
    except (TypeError, ValueError) as error:
        why = str(error)
    # A traceback may show it.
    del row
    raise TypeError(f"row {number} cannot be written as JSON: {why}")


def _plain(value: Any, top: bool = False) -> Any:
    """What JSON has, of a request or of what is within one, with its secrets in clear."""
    if isinstance(value, (Secret, RawValues)):
        return value.expose()
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, Mapping) and (top or not isinstance(value, dict)):
        return dict(value)
    expected = "it must be a request, as a dict or NewIntegration" if top else "it can hold text, numbers, lists and dicts"
    kind = type(value).__name__
    del value
    raise TypeError(f"{expected}, not {kind}")
