"""Converts rows to the lines of JSON that the program reads. Keeps and shows none of them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import count, repeat
from typing import Any

from .._generated import NewIntegration
from .._model import Model
from .._native import RawValues, Secret, hide


class Source:
    """The source of rows: a path, a table, or another iterable."""

    __slots__ = ("_given", "_is_used", "ignored", "path")

    def __init__(self, given: object) -> None:
        """Never raises, because a traceback would show the rows."""
        self._given: Any = given
        self._is_used = False
        self.ignored: frozenset[str] = frozenset()
        self.path = os.fsdecode(given) if isinstance(given, (str, os.PathLike)) else None

    def require(self) -> None:
        """Raises an error for an object without rows."""
        is_one = isinstance(self._given, (bytes, Mapping)) or not isinstance(self._given, Iterable)
        if self.path is None and is_one and not _is_table(self._given):
            raise TypeError(f"rows must be a path, an iterable of requests, or a table, not {self.kind}")

    @property
    def kind(self) -> str:
        """The name of its type."""
        return type(self._given).__name__

    def lines(self) -> Iterator[bytes]:
        """Returns each row as a line. An iterator allows this only once."""
        if isinstance(self._given, Iterator):
            if self._is_used:
                raise TypeError(
                    f"the rows came from {self.kind}, which can be read only once; give a list or a table, or skip check, since "
                    "plan and apply check all rows first"
                )
            self._is_used = True
        if _is_table(self._given):
            from ._arrow import rows

            return map(_line, rows(self._given, self.ignored), count(1), repeat(self.ignored))
        return map(_line, self._given, count(1), repeat(self.ignored))

    def __repr__(self) -> str:
        return repr(self.path) if self.path is not None else f"<{self.kind}>"


def _is_table(given: object) -> bool:
    """Whether an object exports an Arrow stream."""
    return hasattr(given, "__arrow_c_stream__")


def _line(row: Any, number: int, ignored: frozenset[str] = frozenset()) -> bytes:
    why: str
    try:
        # Not in a variable: a traceback could show it.
        return _json(_with_provider(_without_missing(_plain(row, top=True), ignored))) + b"\n"
    except (TypeError, ValueError) as error:
        why = str(error)
    where = _where(row, ignored)
    del row
    raise TypeError(f"row {number} cannot be written as JSON: {where}{why}")


def _json(value: Any) -> bytes:
    return json.dumps(value, default=_plain, allow_nan=False).encode()


def _where(row: Any, ignored: frozenset[str]) -> str:
    """The name of the first field that cannot be written, for the beginning of a message."""
    try:
        fields = _without_missing(_plain(row, top=True), ignored)
    except (TypeError, ValueError):
        return ""
    settings = fields.get("settings")
    within = settings.items() if isinstance(settings, dict) else ()
    for name, value in [*((f"settings.{name}", value) for name, value in within), *fields.items()]:
        try:
            _json({name: value})
        except (TypeError, ValueError):
            return f"{name}: "
    return ""


def _with_provider(request: dict[str, Any]) -> dict[str, Any]:
    """The request with the provider of its typed settings, as a create takes it."""
    settings: Any = request.get("settings")
    if not hasattr(type(settings), "_wire"):
        return request
    kind, id = type(settings), settings.provider_id
    given = [str(request[name]).strip().lower() for name in ("provider", "provider_id") if request.get(name) is not None]
    # The names by which the program knows a provider.
    known = NewIntegration._providers.get(id, kind)  # type: ignore[attr-defined]
    names = {name.lower() for name in (id, known.__name__, getattr(known, "_title", id))}
    if not names.issuperset(given):
        raise TypeError(f"settings is {kind.__name__}, whose provider_id is {id}, not the given one")
    return request if given else {**request, "provider_id": id}


def _plain(value: Any, top: bool = False) -> Any:
    """Converts a request, or a value within one, for JSON, with secrets in clear."""
    if isinstance(value, RawValues):
        return value.expose()
    secret = None if isinstance(value, str) else hide(value)
    if type(secret) is Secret:
        return secret.expose()
    if isinstance(value, Model):
        return value.to_dict(reveal=True)  # type: ignore[attr-defined]
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, Mapping) and (top or not isinstance(value, dict)):
        return dict(value)
    # A scalar of numpy, as in the rows of `DataFrame.to_dict("records")`.
    if not top and hasattr(value, "dtype") and getattr(value, "shape", None) == ():
        return value.item()
    expected = "it must be a request, as a dict or NewIntegration" if top else "it may contain text, numbers, lists and dicts"
    kind = type(value).__name__
    del value
    raise TypeError(f"{expected}, not {kind}")


def _without_missing(request: dict[str, Any], ignored: frozenset[str]) -> dict[str, Any]:
    """The request without ignored columns, and without cells that are empty in a table: NaN, and missing values of pandas."""
    present = {name: value for name, value in request.items() if name not in ignored and not _is_missing(value)}
    settings = present.get("settings")
    if isinstance(settings, Mapping):
        present["settings"] = {name: value for name, value in settings.items() if not _is_missing(value)}
    return present


def _is_missing(value: Any) -> bool:
    if isinstance(value, float):
        return value != value
    return type(value).__name__ in ("NAType", "NaTType")
