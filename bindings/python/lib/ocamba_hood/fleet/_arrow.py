"""Reads rows from an Arrow stream."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .._table import library

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Names of the types that a cell may have, alone or within a struct, list or dictionary.
_SCALARS = {
    *("NULL", "BOOL", "UINT8", "INT8", "UINT16", "INT16", "UINT32", "INT32", "UINT64", "INT64"),
    *("HALF_FLOAT", "FLOAT", "DOUBLE", "STRING", "LARGE_STRING", "STRING_VIEW"),
}
_LISTS = {"LIST", "LARGE_LIST", "FIXED_SIZE_LIST"}
#: The index of a DataFrame that was filtered or concatenated.
_INDEX = re.compile(r"__index_level_\d+__")


def rows(source: object, ignored: frozenset[str] = frozenset()) -> Iterator[dict[str, Any]]:
    """The rows of a stream as requests: `settings.NAME` becomes a setting, and nulls are omitted."""
    nanoarrow = library("nanoarrow", "tables require nanoarrow; to install it, run: pip install 'ocamba-hood[fleet]'")
    stream = nanoarrow.ArrayStream(source)
    if stream.schema.type.name != "STRUCT":
        raise TypeError(f"rows must be a table with columns, not a stream of type {stream.schema.type.name.lower()}")
    ignored |= {column.name for column in stream.schema.fields if _INDEX.fullmatch(column.name)}
    columns = [column for column in stream.schema.fields if column.name not in ignored]
    for column in columns:
        _check(column, column.name)
    fields = [name for column in columns for name in _fields(column)]
    for name in fields:
        if fields.count(name) > 1:
            raise TypeError(f"the column {name!r} appears more than once; rename it, or drop it")
    empty = [column.name for column in stream.schema.fields if column.type.name == "NULL"]
    try:
        # Not by chunks: nanoarrow 0.9 copies each chunk, which corrupts long texts of `string_view`.
        for row in nanoarrow.iterator.iter_py(stream):
            yield _request({name: value for name, value in row.items() if name not in ignored})
    except RuntimeError as error:
        # polars announces a buffer for such a column, but does not provide it.
        if not empty:
            raise
        raise TypeError(f"the column {empty[0]!r} has no value and no type; drop it, or cast it to text") from error


def _request(row: dict[str, Any]) -> dict[str, Any]:
    request: dict[str, Any] = {}
    settings: dict[str, Any] = {}
    for name, value in row.items():
        if value is None:
            continue
        if name == "settings" and isinstance(value, dict):
            settings.update((setting, value) for setting, value in value.items() if value is not None)
        elif name.startswith("settings."):
            settings[name.removeprefix("settings.")] = value
        else:
            request[name] = value
    return {**request, "settings": settings}


def _fields(column: Any) -> list[str]:
    """The fields of a request that a column fills."""
    is_settings = column.name == "settings" and column.type.name == "STRUCT"
    return [f"settings.{field.name}" for field in column.fields] if is_settings else [column.name]


def _check(schema: Any, column: str) -> None:
    """Raises an error that names the column if no field of a request has its type."""
    kind = schema.type.name
    if kind == "STRUCT":
        for field in schema.fields:
            _check(field, f"{column}.{field.name}")
    elif kind == "DICTIONARY" or kind in _LISTS:
        _check(schema.value_type, column)
    elif kind not in _SCALARS:
        raise TypeError(
            f"the column {column!r} has the type {kind.lower()}, but must be text, a number or boolean; cast it, or drop it"
        )
