"""Tables as they are passed on between libraries: rows read from an Arrow stream, and a report as one."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._report import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What a cell may be, by the name of its type. A struct, a list and a dictionary may be of these.
_SCALARS = {
    *("NULL", "BOOL", "UINT8", "INT8", "UINT16", "INT16", "UINT32", "INT32", "UINT64", "INT64"),
    *("HALF_FLOAT", "FLOAT", "DOUBLE", "STRING", "LARGE_STRING", "STRING_VIEW"),
}
_LISTS = {"LIST", "LARGE_LIST", "FIXED_SIZE_LIST"}


def rows(source: object) -> Iterator[dict[str, Any]]:
    """The rows of a stream as requests, a chunk at a time: `settings.NAME` becomes a setting, and a null is left out."""
    nanoarrow = _nanoarrow()
    stream = nanoarrow.ArrayStream(source)
    if stream.schema.type.name != "STRUCT":
        raise TypeError(f"rows must be a table, with columns; this is {_words(stream.schema)}")
    for column in stream.schema.fields:
        _check(column, column.name)
    empty = [column.name for column in stream.schema.fields if column.type.name == "NULL"]
    try:
        # Not chunk by chunk: nanoarrow 0.9 copies a chunk before it reads it, and breaks long texts of `string_view` so.
        yield from map(_request, nanoarrow.iterator.iter_py(stream))
    except RuntimeError as error:
        # polars says that such a column has a buffer, which it has not.
        if not empty:
            raise
        raise TypeError(f"the column {empty[0]!r} has no value and no type: drop it, or cast it to text") from error


def table(rows: list[dict[str, Any]]) -> Any:
    """The rows of a report as an array of structs."""
    nanoarrow = _nanoarrow()
    types = {name: nanoarrow.string() for name in COLUMNS} | {"line": nanoarrow.int64()}
    columns = [nanoarrow.c_array([row[name] for row in rows], types[name]) for name in COLUMNS]
    schema = nanoarrow.struct(types, nullable=False)
    return nanoarrow.Array(nanoarrow.c_array_from_buffers(schema, len(rows), [None], children=columns))


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


def _check(schema: Any, column: str) -> None:
    """Refuses what no field of a request is, with the column's name."""
    kind = schema.type.name
    if kind == "STRUCT":
        for field in schema.fields:
            _check(field, f"{column}.{field.name}")
    elif kind == "DICTIONARY" or kind in _LISTS:
        _check(schema.value_type, column)
    elif kind not in _SCALARS:
        expected = "text, a number, or true or false"
        raise TypeError(f"the column {column!r} is {_words(schema)}, and must be {expected}: cast it, or drop it")


def _words(schema: Any) -> str:
    return f"of the type {schema.type.name.lower()}"


def _nanoarrow() -> Any:
    try:
        return import_module("nanoarrow")
    except ImportError:
        message = "tables need nanoarrow; to install it, run: pip install 'ocamba-hood[fleet]'"
        raise ImportError(message, name="nanoarrow") from None
