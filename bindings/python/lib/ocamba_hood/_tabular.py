"""The base of the classes that are tables. Imports no library of tables until a method needs it."""

from __future__ import annotations


class Tabular:
    """A table for all that read Arrow streams, such as polars, pandas, pyarrow and DuckDB. Contains no secret."""

    __slots__ = ()

    def _columns(self):
        """The type and the values of each column, by name."""
        raise NotImplementedError

    def to_pandas(self) -> object:
        """Returns a pandas DataFrame::

            frame = client.integrations.list().to_pandas()

        :raises ImportError: pandas is not installed.
        """
        from ._table import to_pandas

        return to_pandas(self._columns())

    def to_polars(self) -> object:
        """Returns a polars DataFrame::

            frame = client.integrations.list().to_polars()

        :raises ImportError: polars is not installed.
        """
        from ._table import to_polars

        return to_polars(self._columns())

    def to_arrow(self) -> object:
        """Returns a pyarrow table::

            table = client.integrations.list().to_arrow()

        :raises ImportError: pyarrow is not installed.
        """
        from ._table import to_arrow

        return to_arrow(self._columns())

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Returns the rows as an Arrow stream, which needs nanoarrow or pyarrow."""
        from ._table import stream

        # A requested schema is optional: the reader can convert to it.
        return stream(self._columns())

    def _repr_html_(self):
        from ._html import table

        return table(self._columns())
