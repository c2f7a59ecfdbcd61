"""Each provider of the document, created in the sandbox in every form."""

import asyncio

import pytest

from ocamba_hood import Integration, NewIntegration, UnknownProvider


def same(integration, example):
    """Whether it is the documented answer, but for the id that the sandbox gives."""
    assert not isinstance(integration.settings, UnknownProvider), "typed"
    return {**integration.to_dict(reveal=True), "id": "", "company_id": ""} == {**example.response, "id": "", "company_id": ""}


def test_example_is_created_from_a_dict(client, example):
    assert same(client.integrations.create(example.request), example)


def test_example_is_created_from_a_typed_request(client, example):
    assert same(client.integrations.create(example.typed), example)


def test_example_is_created_from_keywords(client, example):
    settings = example.typed.settings
    assert same(client.integrations.create(name=example.request["name"], settings=settings), example)


def test_example_is_created_from_a_dict_with_typed_settings(client, example):
    assert same(client.integrations.create({**example.request, "settings": example.typed.settings}), example)


def test_example_is_created_asynchronously(sandbox, example):
    async def create():
        async with sandbox.async_client() as client:
            return await client.integrations.create(example.typed)

    assert same(asyncio.run(create()), example)


def test_documented_response_is_typed_and_written_back(example):
    integration = Integration.from_dict(example.response)
    assert integration.to_dict(reveal=True) == example.response
    assert integration.settings == example.typed.settings
    assert not integration.extra and not integration.extra_settings


def test_documented_request_is_written_back(example):
    assert NewIntegration.from_dict(example.request).to_dict(reveal=True) == example.request


def test_requests_are_frozen_values(example):
    one, other = example.typed, example.typed
    assert one == other and hash(one) == hash(other)
    assert len({one.settings, other.settings}) == 1
    changed = type(one.settings).from_dict({**example.request["settings"], example.secret: "x"})
    assert changed != one.settings
    match one:
        case NewIntegration(name=name, settings=settings):
            assert name == example.request["name"] and settings == other.settings
    for name in one.settings.__match_args__:
        with pytest.raises(AttributeError, match=name):
            setattr(one.settings, name, "x")
        with pytest.raises(AttributeError, match=name):
            delattr(one.settings, name)
    with pytest.raises(AttributeError):
        one.settings.colour = "red"
