"""Updates: omitted fields keep their values, `None` is sent as `null`, and each provider has its own class."""

import copy
import json
import pickle

import pytest
from servers import always, answer

from ocamba_hood import KEEP, Client, Secret, UnknownProvider, UpdateIntegration, ValidationError


@pytest.fixture
def wire():
    """What is sent: the body of each update, by a client whose server keeps it."""
    with always(answer(204, b"")) as server, Client(token="token", base_url=server.url) as client:

        def sent(*arguments, **options):
            server.requests.clear()
            assert client.integrations.update("1165", *arguments, **options) is None
            [(head, body)] = server.requests
            assert head.startswith("PATCH /v1/hood/integrations/1165 ")
            return json.loads(body)

        yield sent


def attribute(example, name):
    return type(example.typed.settings)._settings[name][0]


def test_update_accepts_every_form(either, control, example):
    """In the sandbox, which merges it."""
    id = either.integrations.create(example.request).id
    name, kind = attribute(example, example.text), example.update_class
    before = either.integrations.get(id).to_dict(reveal=True)["settings"]
    updates = [
        lambda value: either.integrations.update(id, settings=kind(**{name: value})),
        lambda value: either.integrations.update(id, UpdateIntegration(settings=kind(**{name: value}))),
        lambda value: either.integrations.update(
            id, {"provider_id": example.request["provider_id"], "settings": {example.text: value}}
        ),
        lambda value: either.integrations.update(
            id, {"provider_id": example.request["provider_id"], "settings": kind(**{name: value})}
        ),
    ]
    for number, update in enumerate(updates):
        # Sound for whatever form the setting has.
        value = f"{number}{before[example.text]}"
        assert update(value) is None
        assert either.integrations.get(id).to_dict(reveal=True)["settings"] == {**before, example.text: value}
    either.integrations.update(id, name="Another", status="paused")
    found = either.integrations.get(id)
    assert (found.name, found.status) == ("Another", "paused")


def test_null_differs_from_an_omitted_setting(wire, example):
    for name in example.request["settings"]:
        kind, key = example.update_class, attribute(example, name)
        value = example.request["settings"][name]
        assert wire(settings=kind(**{key: None})) == {"settings": {name: None}}
        assert wire(settings=kind(**{key: value})) == {"settings": {name: value}}
        assert wire(name="Another", settings=kind(**{key: value})) == {"name": "Another", "settings": {name: value}}
        plain = {"provider_id": example.request["provider_id"], "settings": {name: None}}
        assert wire(plain) == {"settings": {name: None}}
    assert wire(name="Another") == wire({"name": "Another"}) == wire(UpdateIntegration(name="Another")) == {"name": "Another"}
    assert wire(status="paused", name=KEEP, settings=KEEP) == {"status": "paused"}


def test_unknown_provider_is_updated_unchanged(wire):
    unknown = UnknownProvider(provider_id="2000", settings={"bot_token": "123:abc", "x": None})
    expected = {"settings": {"bot_token": "123:abc", "x": None}}
    assert wire(settings=unknown) == wire(UpdateIntegration(settings=unknown)) == expected
    assert wire({"provider_id": "2000", **expected}, allow_unknown_provider=True) == expected


def test_invalid_update_is_rejected(either, control, example, some_example):
    id = example.request["provider_id"]
    empty = example.update_class()
    wrong = [
        (lambda update: update(), ["update"]),
        (lambda update: update({}), ["update"]),
        (lambda update: update(UpdateIntegration()), ["update"]),
        (lambda update: update(settings=empty), ["settings"]),
        (lambda update: update({"provider_id": id, "settings": {}}), ["settings"]),
        (lambda update: update({"settings": {example.text: "x"}}), ["provider_id"]),
        (lambda update: update({"provider_id": "2000", "settings": {"a": "x"}}), ["provider_id"]),
        (lambda update: update({"provider_id": id, "settings": {"foreign": "x"}}), ["settings.foreign"]),
        (lambda update: update({"provider_id": id, "settings": {example.text: 5}}), [f"settings.{example.text}"]),
        (lambda update: update({"provider_id": id, "settings": {example.text: KEEP}}), [f"settings.{example.text}"]),
        (lambda update: update({"colour": "red"}), ["colour", "update"]),
        (lambda update: update(name=""), ["name"]),
        (lambda update: update(name=None), ["name"]),
        (lambda update: update(name="n" * 101), ["name"]),
        (lambda update: update(status=5), ["status"]),
        (lambda update: update(settings={example.text: "x"}), ["settings"]),
        (lambda update: update(settings=None), ["settings"]),
        (lambda update: update({"name": "Another"}, name="Another"), ["update"]),
        (lambda update: update(5), ["update"]),
    ]
    for work, fields in wrong:
        with pytest.raises(ValidationError) as caught:
            work(lambda *arguments, **options: either.integrations.update("1", *arguments, **options))
        assert [field for field, _ in caught.value.field_errors] == fields, caught.value
        assert caught.value.outcome == "not_sent"
    if example.name != some_example.name:
        other = some_example.update_class(**{attribute(some_example, some_example.text): "x"})
        with pytest.raises(ValidationError, match="provider_id"):
            either.integrations.update("1", {"provider_id": id, "settings": other})
    assert control.asked() == 0


def test_class_rejects_invalid_changes(example):
    kind = example.update_class
    for name, key, expected, _ in example.settings:
        assert getattr(kind(), key) is KEEP and getattr(kind(**{key: None}), key) is None
        with pytest.raises(TypeError, match=f"{key} must be {expected.__name__}.* not list"):
            kind(**{key: []})
        with pytest.raises(TypeError, match=f"{key} must be"):
            kind.from_dict({name: []})
    with pytest.raises(TypeError, match="foreign"):
        kind(foreign="x")
    with pytest.raises(TypeError, match="foreign"):
        kind.from_dict({"foreign": "x"})
    for wrong in ({"name": 5}, {"name": None}, {"status": None}, {"settings": None}, {"settings": {}}):
        with pytest.raises(TypeError, match=f"{next(iter(wrong))} must be"):
            UpdateIntegration(**wrong)
    with pytest.raises(TypeError, match="colour"):
        UpdateIntegration.from_dict({"colour": "red"})


def test_changes_are_frozen_values_without_secrets(example):
    kind, secret = example.update_class, attribute(example, example.secret)
    one, other = kind(**{secret: "x"}), kind(**{secret: Secret("x")})
    assert one == other and hash(one) == hash(other) and one != kind() and kind(**{secret: None}) != kind()
    assert repr(kind()) == f"{kind.__name__}()" and repr(kind(**{secret: None})) == f"{kind.__name__}({secret}=None)"
    assert "[REDACTED]" in repr(one)
    with pytest.raises(AttributeError, match=secret):
        setattr(one, secret, "y")
    update = UpdateIntegration(name="Another", settings=one)
    wire = {"name": "Another", "provider_id": kind.provider_id, "settings": {example.secret: "x"}}
    assert update.to_dict(reveal=True) == wire and UpdateIntegration.from_dict(wire) == update
    assert UpdateIntegration.from_dict({}) == UpdateIntegration() and UpdateIntegration().to_dict(reveal=True) == {}


def test_keep_is_a_singleton():
    assert repr(KEEP) == "KEEP"
    assert pickle.loads(pickle.dumps(KEEP)) is KEEP and copy.deepcopy([KEEP])[0] is KEEP and copy.copy(KEEP) is KEEP
