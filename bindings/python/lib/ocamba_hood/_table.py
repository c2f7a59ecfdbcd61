"""Tables: the columns of integrations and provider descriptions, for each library of tables. They contain no secret."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime, timedelta, timezone
from importlib import import_module
from typing import Any

from ._generated import ProviderDescription
from ._settings import Settings

#: The type and the values of each column, by name.
_Columns = Mapping[str, tuple[type, list[Any]]]
#: The type of a column in Arrow, pandas and polars.
_TYPES = {
    str: (("string",), "string", ("String",)),
    bool: (("bool_",), "boolean", ("Boolean",)),
    int: (("int64",), "Int64", ("Int64",)),
    float: (("float64",), "Float64", ("Float64",)),
    datetime: (("timestamp", "us", "UTC"), "datetime64[us, UTC]", ("Datetime", "us", "UTC")),
}
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def columns(kind: Any, items: Iterable[Any]) -> _Columns:
    """The columns of items: plain fields, and of the settings those that are not secret."""
    items = list(items)
    made: dict[str, tuple[type, list[Any]]] = {}
    for name, (attribute, type_, *_) in kind._table.items():
        values = [getattr(item, attribute) for item in items]
        made[name] = (datetime, [_time(value) for value in values]) if name.endswith("_time") else (type_, values)
        if name == "provider_id":
            made["provider"] = (str, [_provider(item) for item in items])
    if kind is ProviderDescription:
        made["settings"] = (str, [", ".join(setting.name for setting in item.settings or ()) or None for item in items])
        return made
    known = [item.settings if isinstance(item.settings, Settings) else None for item in items]
    for settings in dict.fromkeys(type(settings) for settings in known if settings is not None):
        for name, (attribute, type_, _, is_secret) in settings._settings.items():
            if not is_secret and f"settings.{name}" not in made:
                # A setting of another provider's may have the same name.
                values = [getattr(one, attribute, None) if one and name in one._settings else None for one in known]
                made[f"settings.{name}"] = (type_, values)
    return made


def dataclass_columns(kind: type, rows: Iterable[Any]) -> _Columns:
    """The columns of dataclasses, with text for everything but numbers and booleans."""
    rows, plain = list(rows), (int, bool)
    cells = {field: [_cell(getattr(row, field.name)) for row in rows] for field in fields(kind)}
    return {field.name: (field.type if field.type in plain else str, values) for field, values in cells.items()}  # type: ignore[misc]


def stream(columns: _Columns) -> Any:
    """The columns as an Arrow stream."""
    try:
        nanoarrow = library("nanoarrow", "tables require nanoarrow; to install it, run: pip install 'ocamba-hood[tables]'")
    except ImportError as error:
        try:
            return to_arrow(columns).__arrow_c_stream__()
        except ImportError:
            raise error from None
    types = {name: _arrow(nanoarrow, kind) for name, (kind, _) in columns.items()}
    arrays = [nanoarrow.c_array(list(map(_number, values)), types[name]) for name, (_, values) in columns.items()]
    count = max((len(array) for array in arrays), default=0)
    schema = nanoarrow.struct(types, nullable=False)
    return nanoarrow.Array(nanoarrow.c_array_from_buffers(schema, count, [None], children=arrays)).__arrow_c_stream__()


def to_arrow(columns: _Columns) -> Any:
    """The columns as a pyarrow table."""
    pyarrow = _required("pyarrow")
    schema = pyarrow.schema({name: _arrow(pyarrow, kind) for name, (kind, _) in columns.items()})
    return pyarrow.table({name: values for name, (_, values) in columns.items()}, schema=schema)


def to_pandas(columns: _Columns) -> Any:
    """The columns as a pandas DataFrame, with types that have missing values."""
    pandas = _required("pandas")
    return pandas.DataFrame({name: pandas.Series(values, dtype=_TYPES[kind][1]) for name, (kind, values) in columns.items()})


def to_polars(columns: _Columns) -> Any:
    """The columns as a polars DataFrame."""
    polars = _required("polars")
    schema = {name: _called(polars, *_TYPES[kind][2]) for name, (kind, _) in columns.items()}
    return polars.DataFrame({name: values for name, (_, values) in columns.items()}, schema=schema)


def library(name: str, message: str) -> Any:
    """Imports an optional library. The error says how to install it."""
    try:
        return import_module(name)
    except ImportError:
        raise ImportError(message, name=name) from None


def _required(name: str) -> Any:
    return library(name, f"this table requires {name}; to install it, run: pip install {name}")


def _arrow(library: Any, kind: type) -> Any:
    return _called(library, *_TYPES[kind][0])


def _called(library: Any, name: str, *arguments: str) -> Any:
    return getattr(library, name)(*arguments)


def _number(value: Any) -> Any:
    """A time as nanoarrow takes it: in microseconds."""
    return (value - _EPOCH) // timedelta(microseconds=1) if isinstance(value, datetime) else value


def _cell(value: Any) -> Any:
    return "; ".join(map(str, value)) or None if isinstance(value, tuple) else value


def _provider(integration: Any) -> Any:
    """The provider's name, from the server if it sent one."""
    described = integration.provider and integration.provider.name
    known = integration._providers.get(integration.provider_id)
    return described or (known and known._title)


def _time(text: str | None) -> datetime | None:
    """A time of the server's, which is in GMT."""
    try:
        time = datetime.fromisoformat((text or "").replace("Z", "+00:00"))
    except ValueError:
        return None
    return time.astimezone(timezone.utc) if time.tzinfo else time.replace(tzinfo=timezone.utc)
