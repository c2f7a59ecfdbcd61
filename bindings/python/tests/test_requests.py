"""An invalid request is rejected before anything is sent, with its field and the expected value."""

import numpy
import pytest
from servers import always, answer

from ocamba_hood import Client, NewIntegration, Secret, UnknownProvider, ValidationError


@pytest.fixture
def deaf():
    """A client whose server must not receive a request."""
    with always(answer()) as server, Client(token="token", base_url=server.url) as client:
        yield client
        assert server.requests == []


def fields(deaf, request, **options):
    with pytest.raises(ValidationError) as caught:
        deaf.integrations.create(request, **options)
    error = caught.value
    assert (error.outcome, error.code, error.status) == ("not_sent", "validation", None)
    assert isinstance(error, ValueError)
    assert all(field in str(error) for field, _ in error.field_errors)
    return [field for field, _ in error.field_errors]


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"name": ""}, ["name"]),
        ({"name": "n" * 101}, ["name"]),
        ({"name": 5}, ["name"]),
        ({"name": None}, ["name"]),
        ({"name": "\ud800"}, ["name"]),
        ({"name": object()}, ["name"]),
        ({"colour": "red"}, ["colour"]),
        ({"provider_id": "2000"}, ["provider_id"]),
        ({"provider_id": 1000}, ["provider_id"]),
        ({"settings": None}, ["settings"]),
        ({"settings": []}, ["settings"]),
        ({"settings": {1: "x"}}, ["settings"]),
        ({"status": 1.5}, ["status"]),
        ({"status": float("nan")}, ["status"]),
        ({"status": 2**70}, ["status"]),
    ],
)
def test_invalid_field_of_a_dict_is_named(deaf, some_example, change, wrong):
    assert fields(deaf, {**some_example.request, **change}) == wrong


def test_invalid_setting_is_named(deaf, example):
    for name, _, kind, _ in example.settings:
        for value in (None, object(), b"bytes", ["x"], {}, *((5, "") if kind is str else ("text",))):
            settings = {**example.request["settings"], name: value}
            assert fields(deaf, {**example.request, "settings": settings}) == [f"settings.{name}"]


def test_all_field_errors_are_reported(deaf, example):
    wrong = fields(deaf, {"name": "", "provider_id": example.request["provider_id"], "settings": {"foreign": 1}})
    required = [f"settings.{name}" for name, _, _, required in example.settings if required]
    assert wrong == ["name", *required, "settings.foreign"]


def test_request_of_a_wrong_type_is_rejected(deaf, some_example):
    for request in (5, "text", [], {}, None):
        assert fields(deaf, request)[0] in ("request", "name")
    circle = {}
    circle["settings"] = circle
    assert "nested" in str(pytest.raises(ValidationError, deaf.integrations.create, circle).value)
    settings = some_example.typed.settings
    assert fields(deaf, some_example.request, name="Example") == ["request"]
    assert fields(deaf, some_example.request, settings=settings) == ["request"]
    assert fields(deaf, some_example.request, status="paused") == ["request"]
    assert fields(deaf, None, settings=settings) == ["name"]
    assert fields(deaf, None, name="Example") == ["provider_id"]
    assert fields(deaf, None, name="Example", settings=some_example.request["settings"]) == ["settings"]


def test_argument_of_a_wrong_type_is_named(deaf, some_example):
    for flag in ("no", 1, None):
        assert fields(deaf, some_example.request, allow_unknown_provider=flag) == ["allow_unknown_provider"]
    unknown = {"name": "Bot", "provider_id": "2000", "settings": {}, "colour": 5}
    assert fields(deaf, unknown, allow_unknown_provider=numpy.True_) == fields(deaf, unknown, allow_unknown_provider=True) == ["colour"]


def test_settings_of_another_provider_are_rejected(deaf, example, some_example):
    if example.name == some_example.name:
        return
    mixed = {**example.request, "settings": some_example.typed.settings}
    assert fields(deaf, mixed) == ["settings"]
    with pytest.raises(TypeError, match="provider_id"):
        NewIntegration.from_dict(mixed)


def test_class_rejects_invalid_settings(example):
    kind, settings = type(example.typed.settings), example.request["settings"]
    for name, attribute, expected, required in example.settings:
        with pytest.raises(TypeError, match=f"{attribute} must be {expected.__name__}.* not list"):
            kind(**{**example.arguments, attribute: []})
        if not required:
            continue
        with pytest.raises(TypeError, match=f"{attribute} must be {expected.__name__}.* not None"):
            kind(**{**example.arguments, attribute: None})
        with pytest.raises(TypeError, match=attribute):
            kind(**{other: value for other, value in example.arguments.items() if other != attribute})
        with pytest.raises(TypeError, match=name):
            kind.from_dict({other: value for other, value in settings.items() if other != name})
    with pytest.raises(TypeError, match="foreign"):
        kind(**example.arguments, foreign="x")
    with pytest.raises(TypeError, match="foreign"):
        kind.from_dict({**settings, "foreign": "x"})
    with pytest.raises(TypeError, match="positional"):
        kind(*settings.values())
    with pytest.raises(TypeError, match="settings must be of a settings class"):
        NewIntegration(name="Example", settings=settings)
    with pytest.raises(TypeError, match="name must be str, not int"):
        NewIntegration(name=5, settings=kind(**example.arguments))
    with pytest.raises(TypeError, match="dict, not str"):
        kind.from_dict("text")
    for wrong, found in ((("a",), "tuple"), (str, "type"), (int, "int")):
        with pytest.raises(TypeError, match=f"must be str or Secret, not {found}"):
            kind.from_dict({**settings, example.secret: wrong})
    with pytest.raises(TypeError, match="settings must be a dict, not tuple"):
        NewIntegration.from_dict({**example.request, "settings": ("a",)})


def test_secret_may_be_hidden_in_a_dict(client, example):
    settings = example.request["settings"]
    hidden = {name: Secret(value) if isinstance(value, str) else value for name, value in settings.items()}
    assert client.integrations.create({**example.request, "settings": hidden}).settings == example.typed.settings


def test_unknown_provider_is_created_unchanged():
    raw = {"bot_token": "123:abc", "deep": {"list": [1, 2.5, None, True]}}
    wire = {"name": "Bot", "provider_id": "2000", "settings": raw, "status": "active"}
    settings = UnknownProvider(provider_id="2000", settings=raw)
    with always(answer(body={"id": "1", **wire})) as server, Client(token="token", base_url=server.url) as client:
        for integration in (
            client.integrations.create(name="Bot", settings=settings),
            client.integrations.create(NewIntegration(name="Bot", settings=settings)),
            client.integrations.create({**wire, "settings": settings}),
            client.integrations.create(wire, allow_unknown_provider=True),
        ):
            assert integration.settings == settings
            assert integration.to_dict(reveal=True) == {"id": "1", **wire}
        import json

        assert [json.loads(body) for _, body in server.requests] == [wire] * 4
