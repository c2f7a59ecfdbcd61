"""HTML for notebooks: escaped, and without secrets."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ._model import Model
from ._native import RawValues

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ._table import _Columns

#: Maximum number of rows.
_ROWS = 10
#: Maximum length of a cell, and of a cell in one line.
_LENGTH, _LINE = 120, 60
#: The colours of outcomes and actions.
_RED, _AMBER, _GREEN = "#c0392b", "#d68910", "#1e8449"
_COLOURS = {
    **dict.fromkeys(("failed", "conflict"), _RED),
    **dict.fromkeys(("unknown", "applied", "pending", "update"), _AMBER),
    **dict.fromkeys(("created", "updated", "adopted", "unchanged", "create", "adopt"), _GREEN),
}


def table(columns: _Columns, total: int | None = None, caption: str = "") -> str:
    """A table without its empty columns, and without the rows after the first 10."""
    filled = {name: values for name, (_, values) in columns.items() if any(value is not None for value in values)}
    filled = filled or {name: values for name, (_, values) in columns.items()}
    count = max(map(len, filled.values()), default=0)
    rows = zip(*([_cell(value, name) for value in values[:_ROWS]] for name, values in filled.items()))
    some, total = min(count, _ROWS), max(count, total or 0)
    counted = f"{some:,} of {total:,} rows" if some < total else f"{total:,} row{'' if total == 1 else 's'}"
    return _table([_row("th", map(_cell, filled)), *(_row("td", row) for row in rows)], f"{caption}{caption and ' · '}{counted}")


def counted(counts: Mapping[str, int]) -> str:
    """Counts as a caption."""
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())


def fields(model: Model) -> str:
    """The fields of an object as a table."""
    return _table((_row("td", (f"<b>{_cell(name)}</b>", _cell(value))) for name, value in _flat(model)), type(model).__name__)


def _table(rows: Iterable[str], caption: str) -> str:
    style = "caption-side: bottom; text-align: left"
    return f'<table><caption style="{style}">{_cell(caption)}</caption>{"".join(rows)}</table>'


def _row(tag: str, cells: Iterable[str]) -> str:
    styles = ("text-align: left; white-space: nowrap", "text-align: left")
    return "<tr>" + "".join(f'<{tag} style="{styles[len(cell) > _LINE]}">{cell}</{tag}>' for cell in cells) + "</tr>"


def _cell(value: object, column: str = "") -> str:
    """A value as text. Escapes characters that reorder or hide text, like `repr`."""
    text = "" if value is None else value if isinstance(value, str) else str(value)
    text = text if len(text) <= _LENGTH else f"{text[:_LENGTH]}…"
    text = escape("".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text))
    colour = _COLOURS.get(text) if column in ("outcome", "action") else None
    return f'<span style="color: {colour}">●</span> {text}' if colour else text


def _flat(model: Model, prefix: str = "") -> Iterator[tuple[str, object]]:
    """The fields that have a value, and those of objects within."""
    for name in model._shown or model.__match_args__:
        value = getattr(model, name, model._left_out)
        if isinstance(value, Model):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, tuple):
            yield prefix + name, ", ".join(str(getattr(one, "name", one)) for one in value)
        elif value is not None and value is not model._left_out and not (isinstance(value, RawValues) and not value):
            yield prefix + name, value if isinstance(value, str) else repr(value)
