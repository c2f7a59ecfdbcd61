"""Lists, pages and single objects as tables, for libraries and for notebooks. No secret is in any of them."""

import asyncio
import sys
from datetime import datetime, timezone

import duckdb
import pandas
import polars
import pyarrow
import pytest

import ocamba_hood
from ocamba_hood import Ensured, Integration, NewIntegration, Page, ProviderDescription, SettingDescription, UnknownProvider
from ocamba_hood.fleet import Plan, Report

CANARY = "canary-7f3a"
BASE = "id company_id name type provider_id provider status is_default effective_status create_time".split()
READERS = [
    lambda table: table.to_pandas().astype(object).where(table.to_pandas().notna(), None).to_dict("records"),
    lambda table: pandas.DataFrame.from_arrow(table).astype(object).to_dict("records"),
    lambda table: table.to_polars().to_dicts(),
    lambda table: polars.DataFrame(table).to_dicts(),
    lambda table: table.to_arrow().to_pylist(),
    lambda table: pyarrow.table(table).to_pylist(),
    lambda given: duckdb.sql("from given").arrow().read_all().to_pylist(),
]


def planted(example, name="Example"):
    table = type(example.typed.settings)._settings
    secret = {setting: CANARY for setting in example.request["settings"] if table[setting][3]}
    return {**example.response, "name": name, "settings": {**example.request["settings"], **secret, "unknown": CANARY}, "x": CANARY}


def filled(client, example, count=3):
    wire = {**example.request, "settings": {**example.request["settings"], example.secret: CANARY}}
    for number in range(count):
        client.integrations.create({**wire, "name": f"Shop {number}"})


@pytest.mark.parametrize("read", READERS, ids=range(len(READERS)))
def test_page_is_a_table_without_secrets(example, read):
    page = Page(items=[Integration.from_dict(planted(example, name)) for name in ("a", "b")], total=2)
    rows = read(page)
    settings = type(example.typed.settings)._settings
    plain = {f"settings.{name}": value for name, value in example.request["settings"].items() if not settings[name][3]}
    for row, name in zip(rows, ("a", "b"), strict=True):
        assert [column for column in row if not column.startswith("settings.")] == BASE
        assert {column: value for column, value in row.items() if column.startswith("settings.")} == plain
        assert (row["name"], row["provider_id"], row["id"]) == (name, example.request["provider_id"], example.response["id"])
        assert row["provider"] == example.typed.settings._title
    assert CANARY not in str(rows)


def test_columns_have_types():
    wire = {"id": "1", "is_default": True, "create_time": "2021-10-29 12:47:00", "provider": {"id": "1", "name": "Bot"}}
    odd = [{"id": "2", "create_time": "yesterday"}, {"id": "3", "create_time": "2021-10-29T14:47:00+02:00"}]
    page = Page(items=map(Integration.from_dict, [wire, *odd]))
    time = datetime(2021, 10, 29, 12, 47, tzinfo=timezone.utc)
    schema = pyarrow.table(page).schema
    assert schema == page.to_arrow().schema
    assert schema.field("create_time").type == pyarrow.timestamp("us", "UTC") and schema.field("is_default").type == pyarrow.bool_()
    assert duckdb.sql("select create_time from page where is_default").fetchall() == [(time,)]
    assert page.to_polars().schema["create_time"] == polars.Datetime("us", "UTC")
    assert page.to_polars()["create_time"].to_list() == [time, None, time]
    frame = page.to_pandas()
    assert frame.dtypes["create_time"] == "datetime64[us, UTC]" and frame.dtypes["is_default"] == "boolean"
    assert frame["provider"][0] == "Bot"
    empty = Page(items=[])
    for names in (list(empty.to_pandas()), empty.to_polars().columns, pyarrow.table(empty).column_names):
        assert names == BASE


def test_settings_with_one_name_are_in_one_column():
    kinds = [kind for kind in ocamba_hood.__dict__.values() if isinstance(kind, type) and issubclass(kind, ocamba_hood.Settings)]
    known = [kind for kind in kinds if kind.provider_id and not kind._is_partial]
    settings = [kind(**{name: f"{kind.__name__} {name}" for name in kind.__match_args__}) for kind in known]
    settings.append(UnknownProvider(provider_id="2000", settings={"bot_token": CANARY}))
    page = Page(items=[Integration(id=str(number), settings=one) for number, one in enumerate(settings)])
    for row, one in zip(page.to_polars().to_dicts(), settings, strict=True):
        assert {name: value for name, value in row.items() if name.startswith("settings.") and value is not None} == {
            f"settings.{name}": value for name, value in one.to_dict().items() if value != "[REDACTED]"
        }


def test_listing_is_a_table_of_all_pages(sandbox, control, some_example):
    with sandbox.client() as client:
        filled(client, some_example)
        listing = client.integrations.list(page_size=2)
        names = ["Shop 0", "Shop 1", "Shop 2"]
        for table in (listing.to_pandas(), polars.DataFrame(listing), listing.to_arrow(), listing.to_polars()):
            assert list(table["name"].to_pylist() if hasattr(table, "column") else table["name"]) == names
        assert listing.to_polars()["create_time"].null_count() == 0
        html = listing._repr_html_()
        assert "Shop 0" in html and "2 of 3 rows" in html and CANARY not in html
        providers = client.providers.list().to_polars()
        assert providers.columns == ["id", "type", "name", "logo", "settings"] and len(providers) >= 6
        assert "api_key" in ", ".join(providers["settings"])

    async def tables():
        async with sandbox.async_client() as client:
            listing = client.integrations.list(page_size=2)
            return await listing.to_pandas(), await listing.to_polars(), await listing.to_arrow()

    for table in asyncio.run(tables()):
        assert len(table) == 3 and CANARY not in str(table)


def test_missing_library_error_says_how_to_install_it(monkeypatch, some_example):
    page = Page(items=[Integration.from_dict(some_example.response)])
    for name in ("pandas", "polars", "pyarrow", "nanoarrow"):
        monkeypatch.setitem(sys.modules, name, None)
    for name, method in [("pandas", page.to_pandas), ("polars", page.to_polars), ("pyarrow", page.to_arrow)]:
        with pytest.raises(ImportError, match=f"pip install {name}"):
            method()
    with pytest.raises(ImportError, match=r"pip install 'ocamba-hood\[tables\]'"):
        page.__arrow_c_stream__()
    assert page._repr_html_()


def test_stream_comes_from_pyarrow_without_nanoarrow(monkeypatch, some_example):
    page = Page(items=[Integration.from_dict(some_example.response)])
    expected = pyarrow.table(page)
    monkeypatch.setitem(sys.modules, "nanoarrow", None)
    assert pyarrow.table(page) == expected


def test_html_is_escaped_and_redacted(example):
    name = "<b>&\u202e\u2066\x00\ud800'"
    integration = Integration.from_dict(planted(example, name))
    described = ProviderDescription(id="1", name=name, settings=[SettingDescription(name=name, extra={"x": CANARY})])
    request = NewIntegration(name=name, settings=integration.settings)
    update = ocamba_hood.UpdateIntegration(name=name, settings=example.update_class.from_dict({example.secret: CANARY}))
    row = {"line": 1, "name": name, "provider_id": "1", "outcome": "failed", "id": None, "code": None}
    report = Report([{**row, "message": None, "trace_id": None, "references": None}])
    plan = Plan([{"line": 1, "name": name, "provider_id": "1", "action": "create"}])
    page = Page(items=[integration])
    ensured = Ensured(integration=integration, action="created")
    response = ocamba_hood.Response(value=integration, status=200, headers={"x": CANARY})
    for shown in (integration, described, request, update, report, plan, page, ensured, response):
        html = shown._repr_html_()
        assert "&lt;b&gt;&amp;\\u202e\\u2066\\x00\\ud800&#x27;" in html, html
        assert CANARY not in html
    for secret in (integration, integration.settings, request, update, ensured, UnknownProvider(provider_id="1", settings={"a": CANARY})):
        html = secret._repr_html_()
        assert "[REDACTED]" in html and CANARY not in html


def test_html_is_short_for_long_tables():
    page = Page(items=[Integration(id=str(number), name="x" * 5000) for number in range(1000, 2000)], total=12345)
    html = page._repr_html_()
    assert html.count("<tr>") == 11 and "10 of 12,345 rows" in html and "1009" in html and "1010" not in html
    assert len(html) < 10_000
    assert "provider_id" not in html, "empty columns are left out"
    done = {"line": 1, "name": "a", "provider_id": "1", "id": "1", "code": None, "message": None, "trace_id": None, "references": None}
    rows = [{**done, "line": line, "outcome": "failed" if line == 99 else "created"} for line in range(100)]
    html = Report(rows)._repr_html_()
    assert html.index(">99</td>") < html.index(">0</td>"), "failed rows come first"
    assert "99 created, 1 failed · 10 of 100 rows" in html and "●</span> failed" in html


def test_plan_is_a_table():
    changes = [{"field": "settings.sender_name", "from": "a", "to": "b"}, {"field": "settings.api_key", "secret": True}]
    steps = [{"line": 1, "name": "a", "provider_id": "1", "action": "update", "id": "7", "changes": changes}]
    (row,) = polars.DataFrame(Plan(steps)).to_dicts()
    assert row["changes"] == 'settings.sender_name: "a" -> "b"; settings.api_key: changes (secret)'
    assert (row["line"], row["action"], row["id"], row["in_doubt"]) == (1, "update", "7", False)


def test_dicts_are_redacted_unless_revealed(example):
    wire = planted(example)
    integration = Integration.from_dict(wire)
    unknown = UnknownProvider(provider_id="2000", settings={"bot_token": CANARY, "none": None})
    for value in (integration, integration.settings, NewIntegration(name="a", settings=unknown), unknown):
        assert CANARY not in str(value.to_dict()) and "[REDACTED]" in str(value.to_dict())
        assert CANARY in str(value.to_dict(reveal=True))
    assert integration.to_dict(reveal=True) == wire
    assert integration.to_dict().keys() == wire.keys() and integration.to_dict()["x"] == "[REDACTED]"
    assert unknown.to_dict() == {"bot_token": "[REDACTED]", "none": None}


def test_redacted_dict_is_not_sent(either, some_example):
    integration = Integration.from_dict(some_example.response)
    with pytest.raises(ocamba_hood.ValidationError, match=r"is \[REDACTED\]; replace it with the real secret"):
        either.integrations.create(NewIntegration(name="a", settings=integration.settings).to_dict())
