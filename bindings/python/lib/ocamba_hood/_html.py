"""HTML for notebooks: escaped, and without secrets."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ._model import Model

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ._table import _Columns

#: Maximum number of rows.
_ROWS = 20
#: Maximum length of a cell.
_LENGTH = 120


def table(columns: _Columns, total: int | None = None, caption: str = "") -> str:
    """A table without its empty columns, and without the rows after the first 20."""
    shown = {name: values for name, (_, values) in columns.items() if any(value is not None for value in values)}
    count = max((len(values) for _, values in columns.values()), default=0)
    rows = zip(*(values[:_ROWS] for values in (shown or columns).values()))
    some, total = min(count, _ROWS), max(count, total or 0)
    counted = f"{some:,} of {total:,} rows" if some < total else f"{total:,} row{'' if total == 1 else 's'}"
    return _table([_row("th", shown or columns), *(_row("td", row) for row in rows)], f"{caption or counted}")


def fields(model: Model) -> str:
    """The fields of an object as a table."""
    rows = (f"<tr><th>{_cell(name)}</th><td>{_cell(value)}</td></tr>" for name, value in _flat(model))
    return _table(rows, type(model).__name__)


def _table(rows: Iterable[str], caption: str) -> str:
    style = "caption-side: bottom; text-align: left"
    return f'<table style="text-align: left"><caption style="{style}">{_cell(caption)}</caption>{"".join(rows)}</table>'


def _row(tag: str, cells: Iterable[object]) -> str:
    return f"<tr>{''.join(f'<{tag}>{_cell(cell)}</{tag}>' for cell in cells)}</tr>"


def _cell(value: object) -> str:
    """A value as text. Escapes characters that reorder or hide text, like `repr`."""
    text = "" if value is None else value if isinstance(value, str) else str(value)
    text = text if len(text) <= _LENGTH else f"{text[:_LENGTH]}…"
    return escape("".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text))


def _flat(model: Model, prefix: str = "") -> Iterator[tuple[str, object]]:
    """The fields that have a value, and those of objects within."""
    for name in model._shown or model.__match_args__:
        value = getattr(model, name, model._left_out)
        if isinstance(value, Model):
            yield from _flat(value, f"{prefix}{name}.")
        elif value is not None and value is not model._left_out:
            yield prefix + name, value if isinstance(value, str) else repr(value)
