"""Each operation on integrations, of both clients."""

import pytest
from servers import always, answer

import ocamba_hood
from ocamba_hood import Client, Integration, NewIntegration, ProviderDescription, Response, ValidationError

#: Malformed ids.
NO_IDS = ["", ".", "..", "a/b", "../x", "1\n2", "1 2", "%2e", "1?x=1", "1#x", "ü", "1" * 65, 1165, None]


def test_get_returns_an_integration_in_full(either, example):
    created = either.integrations.create(example.request)
    found = either.integrations.get(created.id)
    assert (found.id, found.name, found.settings) == (created.id, created.name, created.settings)
    assert found.effective_status and len(found.create_time) == len("2021-10-29 12:47:00")
    assert isinstance(found.provider, ProviderDescription) and found.provider.id == example.request["provider_id"]
    assert {setting.name for setting in found.provider.settings} >= set(example.request["settings"])
    assert not found.extra and Integration.from_dict(found.to_dict(reveal=True)) == found


def test_validate_creates_nothing(either, control, example):
    assert either.integrations.validate(example.request) is None
    assert either.integrations.validate(example.typed) is None
    assert either.integrations.validate(name="Example", settings=example.typed.settings, status=None) is None
    assert list(either.integrations.list()) == []
    assert control.asked("validateIntegration") == 3


def test_send_test_accepts_an_id_or_a_request(either, control, example):
    id = either.integrations.create(example.request).id
    assert either.integrations.send_test(id) is None
    assert either.integrations.send_test(example.request) is None
    assert either.integrations.send_test(example.typed) is None
    assert control.asked("sendTestNotification") == 3


def test_send_test_body_contains_the_id_or_request(some_example):
    with always(answer(204, b"")) as server, Client(token="token", base_url=server.url) as client:
        client.integrations.send_test("1165")
        client.integrations.send_test(some_example.request)
        client.integrations.send_test({"name": "Bot", "provider_id": "2000", "settings": {}}, allow_unknown_provider=True)
        import json

        bodies = [json.loads(body)["integration"] for _, body in server.requests]
        assert bodies[:2] == [{"id": "1165"}, some_example.request] and bodies[2]["provider_id"] == "2000"


def test_with_response_returns_a_response_of_each_call(either, control, some_example):
    calls = either.integrations
    created = calls.with_response.create(some_example.request)
    id = created.value.id
    responses = {
        201: [created, calls.with_response.ensure({**some_example.request, "name": "Another"})],
        200: [calls.with_response.get(id), calls.list().with_response.page(1), either.providers.list().with_response.page(1)],
        204: [
            calls.with_response.validate(some_example.request),
            calls.with_response.update(id, name="Renamed"),
            calls.with_response.send_test(id),
        ],
    }
    for status, all in responses.items():
        for response in all:
            assert isinstance(response, Response) and response.status == status and response.headers
    assert responses[201][1].value.action == "created"
    assert [response.value for response in responses[204]] == [None, None, None]
    assert len(responses[200][1].value.items) == responses[200][1].value.total == 2


@pytest.mark.parametrize("id", NO_IDS, ids=repr)
def test_malformed_id_is_rejected(either, control, id):
    calls = either.integrations
    for work in (lambda: calls.get(id), lambda: calls.update(id, name="Another"), lambda: calls.with_response.get(id)):
        with pytest.raises(ValidationError) as caught:
            work()
        assert [field for field, _ in caught.value.field_errors] == ["id"]
    with pytest.raises(ValidationError):
        calls.send_test(id)
    assert control.asked() == 0


def test_call_timeout_applies_to_each_operation(some_example):
    from servers import never

    with never() as server, Client(token="token", base_url=server.url, max_retries=0) as client:
        calls = client.integrations
        for work in (
            lambda **options: calls.get("1", **options),
            lambda **options: calls.update("1", name="Another", **options),
            lambda **options: calls.validate(some_example.request, **options),
            lambda **options: calls.ensure(some_example.request, **options),
            lambda **options: calls.send_test("1", **options),
            lambda **options: next(iter(calls.list(**options))),
            lambda **options: calls.list(**options).page(1),
            lambda **options: next(iter(client.providers.list(**options))),
        ):
            with pytest.raises(ocamba_hood.HoodTimeoutError):
                work(timeout=0.05)
            with pytest.raises(TypeError, match="timeout"):
                work(timeout="5")
            with pytest.raises(TypeError, match="colour"):
                work(colour="red")


def test_ensure_accepts_a_typed_request(either, example):
    request = NewIntegration.from_dict({**example.request, "name": "Typed"})
    assert either.integrations.ensure(request).integration.name == "Typed"
