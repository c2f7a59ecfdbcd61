"""The classes as fields of pydantic's models, and in FastAPI: validated as dicts in wire form, and shown without secrets."""

import copy
import dataclasses
import json
from typing import Any

import pytest
from fastapi import FastAPI, encoders
from fastapi.testclient import TestClient
from pydantic import BaseModel, ConfigDict, SecretStr, TypeAdapter, ValidationError, create_model

import ocamba_hood
from ocamba_hood import _pydantic
from ocamba_hood import Ensured, Integration, NewIntegration, Page, Provider, ProviderDescription, RateLimitStatus, RawValues
from ocamba_hood import Response, Secret, SettingsUpdate, UnknownProvider, UpdateIntegration
from ocamba_hood.fleet import Fleet, RowReport, Step

CANARY = "canary-7f3a"
UNKNOWN = {"name": "Bot", "provider_id": "2000", "settings": {"bot_token": CANARY}}


class Body(BaseModel):
    settings: Provider
    changes: SettingsUpdate | None = None
    token: Secret | None = None


def planted(example):
    table = type(example.typed.settings)._settings
    return {name: CANARY if table[name][3] else value for name, value in example.request["settings"].items()}


def wire_of(example):
    return {**example.request, "settings": planted(example)}


def rejected(adapter, value):
    """The errors, after a search for the secret."""
    with pytest.raises(ValidationError) as caught:
        adapter.validate_python(value)
    assert CANARY not in str(caught.value) + repr(caught.value.errors()) + caught.value.json()
    assert "read()" not in str(caught.value) and "input_type=_" not in str(caught.value)
    return [(".".join(map(str, error["loc"])), error["type"]) for error in caught.value.errors()]


def test_settings_are_fields_of_models(example):
    settings = type(example.typed.settings).from_dict(planted(example))
    model = create_model("Model", settings=(type(settings), ...))
    for given in (settings, planted(example), {"provider_id": settings.provider_id, **planted(example)}):
        made = model(settings=given)
        assert made.settings == settings and CANARY not in repr(made) + made.model_dump_json() + repr(made.model_dump())
        assert model.model_validate(made.model_dump()) == made == copy.deepcopy(made) == made.model_copy(deep=True)
        assert model.model_validate_json(json.dumps({"settings": planted(example)})) == made
    assert made.model_dump(mode="json") == {"settings": {"provider_id": settings.provider_id, **settings.to_dict()}}


def test_provider_id_selects_the_settings(example):
    settings = type(example.typed.settings).from_dict(planted(example))
    id = settings.provider_id
    body = Body(settings={"provider_id": id, **planted(example)}, changes={"provider_id": id, example.secret: CANARY}, token=CANARY)
    assert (body.settings, type(body.changes), body.token) == (settings, example.update_class, Secret(CANARY))
    assert Body(settings=settings) == Body(settings=body.settings) == Body.model_validate(Body(settings=settings).model_dump())
    assert CANARY not in repr(body) + body.model_dump_json() + repr(body.model_dump())
    unknown = UnknownProvider(provider_id="2000", settings={"bot_token": CANARY})
    for given in (unknown, {"provider_id": "2000", "settings": {"bot_token": CANARY}}):
        assert Body(settings=given).settings == unknown
    # Two providers may have the same settings.
    assert rejected(TypeAdapter(Provider), planted(example)) == [("", "provider_id")]
    assert isinstance(settings, Provider) and isinstance(unknown, SettingsUpdate) and not isinstance(settings, SettingsUpdate)
    assert issubclass(type(settings), Provider) and not isinstance(None, Provider)


def test_secret_of_pydantic_is_accepted_wherever_a_secret_is(sandbox, control, example, tmp_path, monkeypatch):
    expected = type(example.typed.settings).from_dict(planted(example))
    arguments = {attribute: planted(example)[name] for name, attribute, _, _ in example.settings}
    arguments = {name: SecretStr(value) if value == CANARY else value for name, value in arguments.items()}
    settings = {name: SecretStr(value) if value == CANARY else value for name, value in planted(example).items()}
    wire = {**example.request, "settings": settings}
    assert type(expected)(**arguments) == type(expected).from_dict(settings) == NewIntegration.from_dict(wire).settings == expected
    assert example.update_class(**arguments).to_dict(reveal=True) == planted(example)
    assert Secret(SecretStr(CANARY)) == Secret(CANARY)
    assert UnknownProvider(provider_id="1", settings={"a": [SecretStr(CANARY)]}).to_dict(reveal=True) == {"a": [CANARY]}
    with ocamba_hood.Client(token=SecretStr("token"), base_url=sandbox.url) as client:
        created = client.integrations.create(wire)
        assert created.settings == expected
        client.integrations.update(created.id, {"provider_id": wire["provider_id"], "settings": settings})
    monkeypatch.chdir(tmp_path)
    fleet = Fleet([{**wire, "name": "Another"}], token=SecretStr("token"), base_url=sandbox.url)
    assert fleet.apply(ledger="ledger").is_complete


def test_requests_are_validated_as_dicts_in_wire_form(example):
    adapter = TypeAdapter(NewIntegration)
    wire = wire_of(example)
    request = NewIntegration.from_dict(wire)
    assert adapter.validate_python(wire) == adapter.validate_json(json.dumps(wire)) == adapter.validate_python(request) == request
    assert adapter.validate_python({**wire, "settings": request.settings}) == request
    assert adapter.validate_python({"name": wire["name"], "settings": request.settings}) == request.__replace__(status=None)
    assert adapter.validate_python(adapter.dump_python(request)) == request
    assert adapter.dump_python(request, mode="json") == request.to_dict() and CANARY not in repr(adapter.dump_python(request))
    assert adapter.validate_python(UNKNOWN) == NewIntegration.from_dict(UNKNOWN)
    updates = TypeAdapter(UpdateIntegration)
    for change in ({"name": "b"}, {}, {"provider_id": wire["provider_id"], "settings": {example.secret: CANARY}, "status": "active"}):
        update = updates.validate_python(change)
        assert update == UpdateIntegration.from_dict(change) == updates.validate_python(updates.dump_python(update))
        assert CANARY not in updates.dump_json(update).decode()


def test_errors_name_the_field_and_show_no_secret(example):
    wire, id = wire_of(example), example.request["provider_id"]
    kind = type(example.typed.settings)
    missing = {name: value for name, value in planted(example).items() if name != example.text}
    for settings, errors in (
        (missing, [(example.text, "missing")]),
        ({**planted(example), "foreign": CANARY}, [("foreign", "extra_forbidden")]),
        ({**planted(example), example.secret: [CANARY]}, [(example.secret, "secret_type")]),
        ({**planted(example), "provider_id": "7"}, [("provider_id", "literal_error")]),
    ):
        assert rejected(TypeAdapter(kind), settings) == errors
        given = wire if "provider_id" not in settings else {**wire, "provider_id": id}
        expected = [(f"{id}.settings.{field}", code) for field, code in errors]
        assert rejected(TypeAdapter(NewIntegration), {**given, "settings": settings}) == expected
    for settings in (CANARY, [CANARY], None, 5):
        assert rejected(TypeAdapter(kind), settings) == [("", "dict_type")]
        assert rejected(TypeAdapter(NewIntegration), {**wire, "settings": settings}) == [(f"{id}.settings", "dict_type")]
    assert rejected(TypeAdapter(NewIntegration), {**wire, "foreign": CANARY}) == [(f"{id}.foreign", "extra_forbidden")]
    for request in ({"name": "a", "settings": planted(example)}, CANARY, [wire], None):
        assert rejected(TypeAdapter(NewIntegration), request) == [("", "provider_id")]
    assert rejected(TypeAdapter(UpdateIntegration), {"settings": planted(example)}) == [("", "provider_id")]
    for result in ({**wire, "id": []}, {**wire}, CANARY):
        assert rejected(TypeAdapter(Integration), result) == [("id", "missing") if isinstance(result, dict) else ("", "dict_type")]


def test_results_are_serialized_without_secrets(example):
    integration = Integration.from_dict({**example.response, "settings": {**planted(example), "unknown": CANARY}, "x": CANARY})
    page, ensured = Page(items=[integration], total=7), Ensured(integration=integration, action="created")
    response = Response(value=page, status=200, headers={"set-cookie": CANARY}, trace_id="t")
    for kind, value, expected in (
        (Integration, integration, integration.to_dict()),
        (list[Integration], [integration], [integration.to_dict()]),
        (Page[Integration], page, {"items": [integration.to_dict()], "total": 7}),
        (Ensured, ensured, {"integration": integration.to_dict(), "action": "created"}),
        (Response[Page[Integration]], response, {"value": {"items": [integration.to_dict()], "total": 7}, "status": 200, "trace_id": "t"}),
        (Secret, Secret(CANARY), "[REDACTED]"),
        (RawValues, RawValues({"a": CANARY, "b": None}), {"a": "[REDACTED]", "b": None}),
    ):
        adapter = TypeAdapter(kind)
        assert adapter.dump_python(value, mode="json") == expected == json.loads(adapter.dump_json(value))
        assert CANARY not in repr(adapter.dump_python(value)) and adapter.validate_python(value) == value
        assert isinstance(adapter.json_schema(), dict) and isinstance(adapter.json_schema(mode="serialization"), dict)
        assert adapter.validate_json(json.dumps(expected))
    wire = {"id": "2000", "settings": [{"name": "a", "x": CANARY}]}
    assert CANARY not in TypeAdapter(ProviderDescription).dump_json(ProviderDescription.from_dict(wire)).decode()
    with ocamba_hood.Client(token="token", base_url="http://127.0.0.1:1", rate_limit="memory") as client:
        status = client.rate_limit_status()
    assert TypeAdapter(RateLimitStatus).dump_python(status, mode="json")["storage"] == "memory"


def test_json_schemas_describe_the_wire_form(example):
    kind, request = type(example.typed.settings), example.request
    schema = TypeAdapter(kind).json_schema()
    assert schema["title"] == kind.__name__ and schema["additionalProperties"] is False and schema["description"]
    assert set(schema["required"]) == {name for name, (_, _, required, _) in kind._settings.items() if required}
    for name, (_, _, _, secret) in kind._settings.items():
        field = schema["properties"][name]
        assert field["description"] and (field.get("format"), field.get("writeOnly")) == (("password", True) if secret else (None, None))
    schema = TypeAdapter(NewIntegration).json_schema()
    (branch,) = [one for one in schema["oneOf"] if one["properties"]["provider_id"].get("const") == request["provider_id"]]
    assert branch["required"] == ["name", "provider_id", "settings"]
    assert branch["properties"]["settings"]["$ref"] == f"#/$defs/{kind.__name__}"


def test_fastapi_takes_and_returns_the_classes(sandbox, control, example):
    app, client = FastAPI(), sandbox.client()

    @app.post("/integrations")
    def create(request: NewIntegration) -> Integration:
        return client.integrations.create(request)

    @app.patch("/integrations/{id}")
    def update(id: str, change: UpdateIntegration) -> Integration:
        client.integrations.update(id, change)
        return client.integrations.get(id)

    @app.get("/integrations")
    def integrations() -> Page[Integration]:
        return client.integrations.list().page()

    @app.put("/settings")
    def settings(body: Body) -> Body:
        return body

    http, wire = TestClient(app), wire_of(example)
    created = http.post("/integrations", json=wire)
    assert created.status_code == 200, created.text
    change = {"provider_id": wire["provider_id"], "name": "Another", "settings": {example.secret: CANARY + "2"}}
    updated = http.patch(f"/integrations/{created.json()['id']}", json=change)
    assert updated.json()["name"] == "Another" and updated.json()["settings"][example.secret] == "[REDACTED]"
    assert client.integrations.get(created.json()["id"]).to_dict(reveal=True)["settings"][example.secret] == CANARY + "2"
    listed = http.get("/integrations")
    body = http.put("/settings", json={"settings": {"provider_id": wire["provider_id"], **planted(example)}, "token": CANARY})
    assert listed.json()["total"] == 1 and body.json()["token"] == "[REDACTED]"
    wrong = [http.post("/integrations", json={**wire, "settings": {**planted(example), example.text: {}}})]
    wrong += [http.post("/integrations", json=wire | {"foreign": CANARY}), http.post("/integrations", json={**wire, "provider_id": None})]
    wrong += [http.put("/settings", json={"settings": planted(example)})]
    assert [one.status_code for one in wrong] == [422] * 4
    assert example.text in wrong[0].json()["detail"][0]["loc"]
    for one in (created, updated, listed, body, *wrong):
        assert CANARY not in one.text, one.text
    # Where the schema of a request and a response differ, FastAPI adds their names.
    names = {name.split("-")[0] for name in http.get("/openapi.json").json()["components"]["schemas"]}
    assert {"Integration", type(example.typed.settings).__name__} <= names


def test_fastapi_reads_settings_from_the_body(example):
    app = FastAPI()

    @app.post("/settings")
    def settings(given: Provider) -> Provider:
        return given

    @app.patch("/settings")
    def changes(given: SettingsUpdate | None = None) -> SettingsUpdate | None:
        return given

    http, wire = TestClient(app), {"provider_id": example.request["provider_id"], **planted(example)}
    for answer in (http.post("/settings", json=wire), http.patch("/settings", json={"provider_id": wire["provider_id"], example.secret: CANARY})):
        assert answer.status_code == 200 and answer.json()[example.secret] == "[REDACTED]", answer.text
    for id in (["1000"], {"a": 1}, 1000, True):
        wrong = http.post("/settings", json={**wire, "provider_id": id})
        assert wrong.status_code == 422 and CANARY not in wrong.text


def test_fastapi_encodes_results_without_a_declared_type(example, monkeypatch):
    app, wire = FastAPI(), {**example.response, "settings": planted(example), "foreign": {"a": CANARY}}
    integration = Integration.from_dict(wire)
    page = Page(items=[integration], total=1)

    @app.get("/{kind}")
    def get(kind: str):
        return {"integration": integration, "page": page, "response": Response(value=page, status=200, headers={"x": CANARY})}[kind]

    mine = lambda value: "mine"
    monkeypatch.setattr(encoders, "ENCODERS_BY_TYPE", {**encoders.ENCODERS_BY_TYPE, Page: mine})
    for again in (False, True):
        monkeypatch.setattr(_pydantic, "_registered", [encoders] if again else [])
        _pydantic.register(encoders)
        assert encoders.ENCODERS_BY_TYPE.pop(Page, mine) is mine
    monkeypatch.undo()

    http = TestClient(app)
    for kind in ("integration", "page", "response"):
        answer = http.get(f"/{kind}")
        assert answer.status_code == 200 and CANARY not in answer.text and "[REDACTED]" in answer.text, answer.text
    assert http.get("/page").json() == {"items": [integration.to_dict()], "total": 1}


def test_objects_without_a_declared_type_are_serialized_without_secrets(example):
    integration = Integration.from_dict({**example.response, "settings": planted(example), "foreign": CANARY})
    page, expected = Page(items=[integration], total=1), {"items": [integration.to_dict()], "total": 1}
    for kind, value in ((Any, page), (object, page), (Page, page), (list, [page])):
        dumped = json.loads(TypeAdapter(kind).dump_json(value))
        assert dumped == ([expected] if kind is list else expected)
    given = {"secret": Secret(CANARY), "raw": RawValues({"a": CANARY}), "settings": type(example.typed.settings).from_dict(planted(example))}
    assert CANARY not in TypeAdapter(Any).dump_json(given).decode()


def test_page_hides_its_input_and_needs_no_total(example):
    adapter, wire = TypeAdapter(Page[Integration]), {**example.response, "settings": planted(example)}
    assert adapter.validate_python({"items": [wire]}) == Page(items=[Integration.from_dict(wire)])
    assert rejected(adapter, {"total": 1, "data": [wire]}) == [("items", "missing")]
    assert rejected(adapter, {"items": CANARY, "total": CANARY}) == [("items", "tuple_type"), ("total", "int_parsing")]
    assert rejected(adapter, CANARY) == [("", "dict_type")]
    assert TypeAdapter(Response[int]).validate_python({"value": 5, "status": 200}).trace_id is None


def test_settings_of_another_provider_are_rejected(example):
    wire = {"name": "a", "settings": example.typed.settings}
    assert TypeAdapter(NewIntegration).validate_python(wire).settings == example.typed.settings
    assert rejected(TypeAdapter(NewIntegration), {**wire, "provider_id": "2000"}) == [("", "provider_id")]


def test_input_that_is_nested_too_deeply_or_fits_no_provider_is_not_shown(example):
    deep = CANARY
    for _ in range(200):
        deep = [deep]
    settings, wire = {example.secret: CANARY, "k": deep}, {"name": "a", "settings": example.typed.settings, "api_key": CANARY}
    assert rejected(TypeAdapter(NewIntegration), {**wire, "provider_id": "2000"}) == [("", "provider_id")]
    assert rejected(TypeAdapter(NewIntegration), {**UNKNOWN, "settings": settings}) == [("", "value_error")]
    assert rejected(TypeAdapter(UnknownProvider), {"provider_id": "2000", "settings": settings}) == [("", "value_error")]
    assert rejected(TypeAdapter(RawValues), settings) == [("", "value_error")]
    assert rejected(TypeAdapter(Secret), [CANARY]) == [("", "secret_type")]
    open_value = {**planted(example), example.text: deep}
    assert rejected(TypeAdapter(NewIntegration), {**wire_of(example), "settings": open_value}) == [(example.request["provider_id"] + ".settings", "value_error")]


def test_changed_copies_are_checked_and_show_no_secret(example):
    settings = type(example.typed.settings).from_dict(planted(example))
    attribute = settings._settings[example.text][0]
    changed = settings.__replace__(**{attribute: "another"})
    assert getattr(changed, attribute) == "another" and changed != settings and type(changed) is type(settings)
    request = NewIntegration(name="a", settings=settings)
    assert request.__replace__(name="b") == NewIntegration(name="b", settings=settings)
    assert UpdateIntegration(name="a").__replace__(status="active") == UpdateIntegration(name="a", status="active")
    integration = Integration.from_dict({**example.response, "x": 1})
    assert integration.__replace__(name="b", extra={"x": 2}).to_dict(reveal=True) == {**example.response, "name": "b", "x": 2}
    assert Page(items=[1], total=1).__replace__(total=2) == Page(items=[1], total=2)
    for change in ({"name": 5}, {"foreign": 5}, {"settings": {"a": 1}}):
        with pytest.raises(TypeError):
            request.__replace__(**change)
    if hasattr(copy, "replace"):
        assert copy.replace(request, name="b").name == "b"


def test_dataclasses_know_the_fields(example):
    settings = type(example.typed.settings).from_dict(planted(example))
    attribute = settings._settings[example.text][0]
    request = NewIntegration(name="a", settings=settings, status=None)
    assert dataclasses.is_dataclass(request) and not dataclasses.is_dataclass(Page) and [field.name for field in dataclasses.fields(request)] == ["name", "settings", "status"]
    assert dataclasses.replace(settings, **{attribute: "b"}) == settings.__replace__(**{attribute: "b"})
    held = dataclasses.asdict(request)["settings"]
    assert type(settings)(**held) == settings and CANARY not in repr(held)
    with pytest.raises(TypeError):
        dataclasses.replace(request, foreign="b")


def test_dataclasses_of_fleets_are_known_to_pydantic():
    for kind in (RowReport, Step):
        assert dataclasses.is_dataclass(kind) and TypeAdapter(kind).json_schema()["properties"]["line"] == {"title": "Line", "type": "integer"}


class Strict(BaseModel):
    model_config = ConfigDict(strict=True)
    request: NewIntegration


def test_strict_models_take_dicts_and_objects(example):
    request = NewIntegration.from_dict(wire_of(example))
    assert Strict(request=request) == Strict(request=wire_of(example))
