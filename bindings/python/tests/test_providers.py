"""The server's descriptions of providers, and the settings that they check."""

import pytest

import ocamba_hood
from ocamba_hood import Integration, ProviderDescription, SettingDescription, UnknownProvider, ValidationError

WIRE = {
    "id": "2000",
    "type": "chat",
    "name": "Bot",
    "logo": None,
    "settings": [
        {"title": "Token", "name": "bot_token", "type": "string", "required": True, "deprecated": False, "new": 1},
        {"name": "limit", "type": "integer", "required": None},
    ],
    "new": [1],
}


def test_providers_are_listed(either, control, example):
    found = {provider.id: provider for provider in either.providers.list()}
    provider = found[example.request["provider_id"]]
    assert isinstance(provider, ProviderDescription) and provider.type == example.response["type"]
    required = {setting.name for setting in provider.settings if setting.required}
    assert required == {name for name, _, _, required in example.settings if required}
    checked = provider.provider(example.request["settings"])
    assert checked == UnknownProvider(provider_id=provider.id, settings=example.request["settings"])
    assert either.integrations.create(name="Example", settings=checked).settings == example.typed.settings
    page = either.providers.list(page_size=2).page(2)
    assert (len(page.items), page.total) == (2, len(found))


def test_settings_are_checked_against_a_description():
    described = ProviderDescription.from_dict(WIRE)
    assert described.provider({"bot_token": "123:abc", "limit": 5}).settings["bot_token"] == "123:abc"
    for settings, fields in (
        ({}, ["settings.bot_token"]),
        ({"bot_token": 5, "limit": "5", "foreign": 1}, ["settings.bot_token", "settings.limit", "settings.foreign"]),
        ({"bot_token": object()}, ["settings.bot_token"]),
        (None, ["settings"]),
        ("text", ["settings"]),
    ):
        with pytest.raises(ValidationError) as caught:
            described.provider(settings)
        assert [field for field, _ in caught.value.field_errors] == fields
    assert ProviderDescription(id="1").provider({"any": 1}).provider_id == "1", "what is not described is not checked"


def test_unexpected_descriptions_are_read_and_written_back():
    for change in (
        *({}, {"settings": None}, {"settings": "x"}, {"settings": []}, {"name": 7}, {"id": "x", "type": None}),
        *({"settings": [{"title": "no name"}]}, {"settings": [5]}, {"settings": [{"name": "a", "required": "yes"}]}),
    ):
        wire = {**WIRE, **change}
        described = ProviderDescription.from_dict(wire)
        assert described.to_dict(reveal=True) == wire and ProviderDescription.from_dict(described.to_dict(reveal=True)) == described
        integration = Integration.from_dict({"id": "1", "provider": wire})
        assert integration.provider == described and integration.to_dict(reveal=True) == {"id": "1", "provider": wire}
    for provider in (None, 5, {}, {"id": None}, [WIRE]):
        integration = Integration.from_dict({"id": "1", "provider": provider})
        assert integration.provider is None and integration.to_dict(reveal=True) == {"id": "1", "provider": provider}
    with pytest.raises(ValueError, match="id"):
        ProviderDescription.from_dict({"name": "x"})
    with pytest.raises(ValueError, match="name"):
        SettingDescription.from_dict({"title": "x"})


def test_descriptions_are_values():
    described = ProviderDescription.from_dict(WIRE)
    assert [setting.name for setting in described.settings] == ["bot_token", "limit"]
    assert hash(described) == hash(ProviderDescription.from_dict(WIRE))
    setting = SettingDescription(name="a", required=True)
    assert ProviderDescription(id="1", settings=[setting]).settings == (setting,)
    assert repr(setting) == "SettingDescription(name='a', required=True, extra={})"
    for wrong in (
        lambda: ProviderDescription(id="1", settings=[5]),
        lambda: ProviderDescription(id=1),
        lambda: SettingDescription(name="a", required="yes"),
        lambda: Integration(id="1", provider={"id": "1"}),
    ):
        with pytest.raises(TypeError, match="must be"):
            wrong()
    with pytest.raises(AttributeError):
        described.name = "x"
    assert not issubclass(ocamba_hood.UnknownProvider, ProviderDescription)
