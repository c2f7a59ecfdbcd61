"""Results of any form are read, and written back unchanged."""

import copy

import pytest
from servers import always, answer

from ocamba_hood import Client, Integration, RawValues, Response, UnknownProvider

CHANGES = [
    {"company_id": None},
    {"name": 7},
    {"type": "pigeon"},
    {"status": "paused"},
    {"status": None},
    {"settings": None},
    {"settings": "text"},
    {"settings": [1]},
    {"provider_id": 1000},
    {"provider_id": "2000"},
    {"provider_id": None},
    {"is_default": "no"},
    {"colour": {"deep": [1, 2**70, 1e300]}},
]


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_unknown_values_are_kept(example, change):
    wire = {**example.response, **change}
    integration = Integration.from_dict(copy.deepcopy(wire))
    assert integration.to_dict(reveal=True) == wire
    assert Integration.from_dict(integration.to_dict(reveal=True)) == integration


def test_setting_of_another_type_makes_the_settings_unknown(example):
    for name in example.response["settings"]:
        for value in ([5], None):
            wire = {**example.response, "settings": {**example.response["settings"], name: value}}
            integration = Integration.from_dict(wire)
            assert isinstance(integration.settings, UnknownProvider)
            assert integration.settings.settings[name] == value
            assert integration.to_dict(reveal=True) == wire


def test_unknown_setting_is_kept_with_typed_settings(example):
    wire = {**example.response, "settings": {**example.response["settings"], "region": "eu"}}
    integration = Integration.from_dict(wire)
    assert integration.settings == example.typed.settings
    assert integration.extra_settings["region"] == "eu"
    assert integration.to_dict(reveal=True) == wire


def test_integration_requires_only_its_id():
    assert Integration.from_dict({"id": "1"}) == Integration(id="1")
    assert Integration(id="1").to_dict(reveal=True) == {"id": "1"}
    assert Integration.from_dict({"id": 1165}).id == "1165"
    for wire in ({}, {"id": None}, {"id": []}):
        with pytest.raises(ValueError, match="id"):
            Integration.from_dict(wire)


def test_unknown_values_are_kept_in_a_response(some_example):
    wire = {**some_example.response, "status": "paused", "colour": "red", "type": None}
    with always(answer(body=wire)) as server, Client(token="token", base_url=server.url) as client:
        integration = client.integrations.create(some_example.request)
    assert (integration.status, integration.extra["colour"], integration.type) == ("paused", "red", None)
    assert integration.to_dict(reveal=True) == wire


def test_response_has_status_headers_and_trace_id(some_example):
    headers = ["X-RateLimit-Remaining: 9", "X-Trace-Id: t-1", "Via: a", "Via: b"]
    with always(answer(body=some_example.response, headers=headers)) as server:
        with Client(token="token", base_url=server.url) as client:
            response = client.integrations.with_response.create(some_example.request)
    assert isinstance(response, Response)
    assert (response.status, response.trace_id) == (201, "t-1")
    assert response.headers["x-ratelimit-remaining"] == "9"
    assert response.headers["via"] == "a, b"
    assert response.value == Integration.from_dict(some_example.response)


def test_raw_values_are_copied():
    given = {"list": [1]}
    raw = RawValues(given)
    given["list"].append(2)
    raw.expose()["list"].append(3)
    raw["list"].append(4)
    assert raw.expose() == {"list": [1]}
    assert (raw.get("none"), raw.get("none", 5), "list" in raw, list(raw), len(raw)) == (None, 5, True, ["list"], 1)
    with pytest.raises(KeyError, match="none"):
        raw["none"]
    assert raw == RawValues(raw) and hash(raw) == hash(RawValues({"list": [1]}))


def test_recursive_values_are_rejected():
    circle = {}
    circle["list"] = [circle]
    for make in (
        lambda: RawValues(circle),
        lambda: UnknownProvider(provider_id="2000", settings=circle),
        lambda: Integration.from_dict({"id": "1", "provider_id": "2000", "settings": circle}),
        lambda: Integration.from_dict({"id": "1", "more": circle}),
    ):
        with pytest.raises(ValueError, match="nested too deeply"):
            make()
