"""Fleets from tables of any library, and reports as such."""

import csv
import json
from datetime import date
from html import escape
from zipfile import ZipFile

import duckdb
import pandas
import polars
import pyarrow
import pytest

from ocamba_hood import Client
from ocamba_hood.fleet import Fleet, InvalidRowsError, Report

#: Longer than what a view of a text has within itself.
LONG = "a name that is longer than twelve bytes"


@pytest.fixture(autouse=True)
def account(sandbox, control, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OCAMBA_TOKEN", "token")
    monkeypatch.setenv("OCAMBA_BASE_URL", sandbox.url)


def flat(example, count=3):
    settings = {f"settings.{name}": value for name, value in example.request["settings"].items()}
    provider = example.request["provider_id"]
    return [{"name": f"{LONG} {number}", "provider": provider, "status": "active", **settings} for number in range(count)]


def nested(example, count=3):
    return [{**example.request, "name": f"{LONG} {number}"} for number in range(count)]


def views(rows):
    table = pyarrow.Table.from_pylist(rows)
    return table.cast(pyarrow.schema([(name, pyarrow.string_view()) for name in table.column_names]))


def chunks(rows):
    return pyarrow.concat_tables(pyarrow.Table.from_pylist([row]) for row in rows).slice(0, len(rows))


def categories(rows):
    return pandas.DataFrame(rows).astype("category")


def relation(rows):
    return duckdb.sql("from given", connection=duckdb.connect().register("given", pyarrow.Table.from_pylist(rows)))


@pytest.mark.parametrize("rows", [flat, nested])
@pytest.mark.parametrize("table", [polars.DataFrame, pandas.DataFrame, pyarrow.Table.from_pylist, chunks])
def test_table_is_applied(sandbox, example, table, rows):
    fleet = Fleet(table(rows(example)))
    assert fleet.check() == 3
    assert [row.name for row in fleet.apply(ledger="ledger")] == [f"{LONG} {number}" for number in range(3)]
    wire = Fleet(nested(example)).plan()
    assert wire.counts == {"adopt": 3}, str(wire)


@pytest.mark.parametrize("table", [views, categories, relation])
def test_text_columns_may_have_any_encoding(some_example, table):
    assert Fleet(table(flat(some_example))).apply(ledger="ledger").counts == {"created": 3}


def test_nulls_are_omitted(some_example):
    rows = flat(some_example)
    first, *others = rows
    for table in (polars.DataFrame, pandas.DataFrame, pyarrow.Table.from_pylist):
        assert Fleet(table([{**first, "status": None}, *others])).check() == 3
    with pytest.raises(TypeError, match="'settings.foreign' has no value and no type"):
        Fleet(polars.DataFrame([{**row, "settings.foreign": None} for row in rows])).check()
    assert Fleet(pyarrow.Table.from_pylist([{**row, "settings.foreign": None} for row in rows])).check() == 3
    secret = f"settings.{some_example.secret}"
    with pytest.raises(InvalidRowsError) as caught:
        Fleet(polars.DataFrame([first, {**first, "name": "b", secret: None}])).check()
    assert [(row_error.line, row_error.field) for row_error in caught.value.row_errors] == [(2, secret)]


def test_numbers_and_booleans_keep_their_types():
    row = {"name": "a", "provider_id": "2000", "settings": {"n": 7, "x": 0.5, "yes": True, "many": ["a", "b"]}}
    for table in (polars.DataFrame, pyarrow.Table.from_pylist):
        fleet = Fleet(table([row]), allow_unknown_provider=True)
        fleet.apply(ledger="ledger", failed="failed.jsonl")
        with open("failed.jsonl") as file:
            assert json.loads(file.read())["settings"] == row["settings"]


def test_cells_of_a_spreadsheet_become_what_the_settings_want():
    # A column of numbers with an empty cell is one of floats: so are ids, ports and phones that `read_excel` reads.
    frame = pandas.DataFrame(
        {
            "name": [7, 8],
            "provider": ["mitto", "mitto"],
            "status": [float("nan"), None],
            "settings.api_key": [12345.0, 67890.0],
            "settings.sender_name": [4711, 4712],
            "NOTES": [date(2026, 1, 1), date(2026, 1, 2)],
        }
    )
    for rows in (frame, frame.to_dict("records"), polars.from_pandas(frame)):
        fleet = Fleet(rows, ignore_columns="NOTES")
        assert fleet.check() == 2
        fleet.apply(ledger="ledger")
    created = {row.name: row.settings for row in Client().integrations.list(view="full")}
    assert {name: (settings.api_key.expose(), settings.sender_name) for name, settings in created.items()} == {
        "7": ("12345", "4711"),
        "8": ("67890", "4712"),
    }


def test_workbook_is_read_by_polars(tmp_path):
    texts = ["name", "provider", "status", "settings.api_key", "settings.sender_name"]
    cells = [[7, "mitto", "active", 12345, 4711], ["Ü & Söhne", "Mitto", None, "0049170", 4712], [None] * 5]
    workbook(tmp_path / "fleet.xlsx", [texts, *cells])
    fleet = Fleet(polars.read_excel("fleet.xlsx"))
    assert fleet.check() == 2
    assert fleet.apply(ledger="ledger").counts == {"created": 2}
    created = {row.name: row.settings for row in Client().integrations.list(view="full")}
    assert {name: (settings.api_key.expose(), settings.sender_name) for name, settings in created.items()} == {
        "7": ("12345", "4711"),
        "Ü & Söhne": ("0049170", "4712"),
    }
    # The program reads it too, and names the cells that it refuses.
    assert Fleet("fleet.xlsx").plan(ledger="ledger").counts == {"unchanged": 2}
    assert Fleet("fleet.xlsx", sheet="Shops").check() == 2
    workbook(tmp_path / "fleet.xlsx", [texts, [7, "mitto", "active", 12345, 1.5e15]])
    with pytest.raises(InvalidRowsError, match=r"2: settings.sender_name \(Shops!E2\) is a number with more digits") as caught:
        Fleet("fleet.xlsx").check()
    assert caught.value.row_errors[0].cell == "Shops!E2"


def workbook(path, rows):
    """Writes a workbook with one sheet, as spreadsheets do: texts, numbers, and cells that are empty."""

    def cell(place, value):
        if value is None:
            return ""
        if isinstance(value, str):
            return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        return f'<c r="{place}"><v>{value}</v></c>'

    lines = [
        f'<row r="{number}">{"".join(cell(f"{column}{number}", value) for column, value in zip("ABCDE", row))}</row>'
        for number, row in enumerate(rows, 1)
    ]
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packages = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{packages}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/sheet.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{packages}/relationships">'
        f'<Relationship Id="r1" Type="{relations}/officeDocument" Target="workbook.xml"/></Relationships>',
        "workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relations}">'
        '<sheets><sheet name="Shops" sheetId="1" r:id="r1"/></sheets></workbook>',
        "_rels/workbook.xml.rels": f'<Relationships xmlns="{packages}/relationships">'
        f'<Relationship Id="r1" Type="{relations}/worksheet" Target="sheet.xml"/></Relationships>',
        "sheet.xml": f'<worksheet xmlns="{main}"><sheetData>{"".join(lines)}</sheetData></worksheet>',
    }
    with ZipFile(path, "w") as file:
        for name, text in parts.items():
            file.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + text)


@pytest.mark.parametrize(
    "value, kind", [(date(2026, 1, 1), "date32"), (b"bytes", "binary"), ({"deep": date(2026, 1, 1)}, "date32")]
)
def test_column_of_an_unsupported_type_is_named(some_example, value, kind):
    table = pyarrow.Table.from_pylist([{**row, "odd": value} for row in flat(some_example)])
    with pytest.raises(TypeError, match=f"the column 'odd[.a-z]*' has the type {kind}, .* cast it, or drop it"):
        Fleet(table).check()


def test_index_of_a_dataframe_is_no_column(some_example):
    frame = pandas.DataFrame(flat(some_example, 4))
    for made in (pandas.concat([frame.head(1), frame.tail(1)]), frame.iloc[[0, 2]], frame.head(2).set_index(pandas.Index(["a", "b"]))):
        assert Fleet(made).check() == 2


def test_column_that_appears_twice_is_named(some_example):
    text, value = f"settings.{some_example.text}", some_example.request["settings"][some_example.text]
    table = pyarrow.Table.from_pylist(flat(some_example))
    nested_table = pyarrow.Table.from_pylist(nested(some_example))
    for twice in (table, nested_table):
        with pytest.raises(TypeError, match=f"the column '{text}' appears more than once"):
            Fleet(twice.append_column(text, pyarrow.array([value] * 3))).check()


def test_array_and_consumed_reader_are_rejected(some_example):
    with pytest.raises(TypeError, match="rows must be a table with columns"):
        Fleet(polars.Series(["a"])).check()
    reader = pyarrow.Table.from_pylist(flat(some_example)).to_reader()
    fleet = Fleet(reader)
    assert fleet.check() == 3
    with pytest.raises(TypeError, match="RecordBatchReader, which can be read only once"):
        fleet.apply(ledger="ledger")


def test_missing_nanoarrow_error_names_the_extra(some_example, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "nanoarrow", None)
    with pytest.raises(ImportError, match=r"pip install 'ocamba-hood\[fleet\]'"):
        Fleet(polars.DataFrame(flat(some_example))).check()
    assert Fleet(nested(some_example)).apply(ledger="ledger").is_complete


def test_report_is_a_table(some_example, control):
    control.fail(fault={"answer": {"status": 400}}, name=f"{LONG} 1")
    report = Fleet(nested(some_example)).apply(ledger="ledger")
    rows = report.to_list()
    assert [row["outcome"] for row in rows] == ["created", "failed", "created"]
    assert pyarrow.table(report).to_pylist() == report.to_arrow().to_pylist() == rows
    assert polars.DataFrame(report).to_dicts() == rows
    for frame in (report.to_pandas(), pandas.DataFrame.from_arrow(report)):
        assert list(frame.columns) == list(rows[0]) and list(frame["name"]) == [row["name"] for row in rows]
    made = pyarrow.table(report)
    assert duckdb.sql("select count(*) from made where outcome = 'created'").fetchall() == [(2,)]
    schema = made.schema.set(0, pyarrow.field("line", pyarrow.int32()))
    assert pyarrow.table(report, schema=schema).to_pylist() == rows
    assert len(polars.DataFrame(Report([]))) == 0


def test_report_is_written_in_each_format(tmp_path):
    row = {"line": 2, "name": "=cmd()", "provider_id": "2000", "outcome": "failed", "id": None, "code": "bad_request"}
    report = Report([{**row, "message": 'no, "never"\nagain', "trace_id": None, "references": "api_key=env:KEY"}])
    for name in ("r.csv", "r.json", "r.jsonl", "r.txt"):
        report.write(tmp_path / name)
    with pytest.raises(ValueError, match=r"the suffix '\.html' is of no format of reports; use \.csv, \.json, "):
        report.write(tmp_path / "r.html")
    assert not (tmp_path / "r.html").exists()
    assert json.loads((tmp_path / "r.json").read_text()) == report.to_list()
    with open(tmp_path / "r.csv", newline="") as file:
        (read,) = csv.DictReader(file)
    assert (read["name"], read["message"], read["id"]) == ("'=cmd()", 'no, "never"\nagain', "")
    assert json.loads((tmp_path / "r.jsonl").read_text()) == report.to_list()[0]
    assert (tmp_path / "r.txt").read_text() == (
        "LINE  NAME    PROVIDER ID  OUTCOME  CODE         MESSAGE            REFERENCES\n"
        '2     =cmd()  2000         failed   bad_request  no, "never" again  api_key=env:KEY\n'
    )
