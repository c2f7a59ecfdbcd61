"""`ensure` creates one integration per name and provider, and `find_created` checks whether a create took effect."""

import copy
import pickle

import pytest

import ocamba_hood
from ocamba_hood import Ensured, HoodError, Integration, ValidationError

CREATE = "createIntegration"


def test_ensure_creates_adopts_and_updates(either, control, example):
    ensure = either.integrations.ensure
    created = ensure(example.request)
    assert isinstance(created, Ensured) and isinstance(created.integration, Integration)
    adopted = ensure(example.typed)
    text = {**example.request["settings"], example.text: "1" + example.request["settings"][example.text]}
    updated = ensure({**example.request, "settings": text})
    again = ensure(name=example.request["name"], settings=updated.integration.settings)
    assert [it.action for it in (created, adopted, updated, again)] == ["created", "adopted", "updated", "adopted"]
    assert {it.integration.id for it in (created, adopted, updated, again)} == {created.integration.id}
    assert updated.integration.to_dict(reveal=True)["settings"] == text
    assert (control.asked(CREATE), control.asked("updateIntegration")) == (1, 1)


def test_ensure_fails_when_the_name_has_duplicates(either, control, some_example):
    ids = [either.integrations.create(some_example.request).id for _ in range(2)]
    with pytest.raises(ocamba_hood.DuplicateError) as caught:
        either.integrations.ensure(some_example.request)
    error = caught.value
    assert (error.code, error.outcome) == ("duplicate", "not_sent")
    assert all(id in str(error) for id in ids)


def test_ensure_rejects_invalid_arguments(either, control, some_example):
    with pytest.raises(ValidationError, match="name"):
        either.integrations.ensure({**some_example.request, "name": ""})
    for invalid in (-1, float("nan"), float("inf"), 1e300):
        with pytest.raises(ocamba_hood.ConfigurationError, match="reconcile_timeout"):
            either.integrations.ensure(some_example.request, reconcile_timeout=invalid)
    with pytest.raises(TypeError, match="reconcile_timeout"):
        either.integrations.ensure(some_example.request, reconcile_timeout="5")
    assert control.asked() == 0


def failure(either, request):
    with pytest.raises(HoodError) as caught:
        either.integrations.create(request, max_retries=0)
    return caught.value


def test_find_created_returns_a_create_that_took_effect(either, control, example):
    """The connection closes after the create."""
    control.fail(CREATE, {"close": {"at": "commit"}}, times=1)
    error = failure(either, example.request)
    assert error.outcome == "unknown"
    found = either.integrations.find_created(error)
    assert (found.name, found.settings) == (example.request["name"], example.typed.settings)
    assert either.integrations.with_response.find_created(error).value == found
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert either.integrations.find_created(again) == found, "as from the worker of a pool"


def test_longest_timeouts_are_accepted(either, control, some_example):
    control.fail(CREATE, {"close": {"at": "commit"}})
    longest = {"timeout": 1e19, "connect_timeout": 1e19, "reconcile_timeout": 1e19}
    request = {**some_example.request, "name": f"longest {type(either).__name__}"}
    assert either.integrations.ensure(request, **longest).integration.name == request["name"]
    assert either.integrations.find_created(failure(either, some_example.request), **longest) is not None


def test_find_created_returns_none_when_the_create_had_no_effect(either, control, example):
    """The connection closes before the create."""
    control.fail(CREATE, {"close": {"at": "read"}}, times=1)
    error = failure(either, example.request)
    assert error.outcome == "unknown"
    assert either.integrations.find_created(error, reconcile_timeout=0.1) is None
    assert either.integrations.with_response.find_created(error, reconcile_timeout=0).value is None


def test_find_created_rejects_other_errors(either, control, some_example):
    control.fail(CREATE, {"answer": {"status": 400}}, times=1)
    for error in (failure(either, some_example.request), HoodError("mine"), ValueError("mine"), None):
        with pytest.raises(ValidationError, match="not of a create"):
            either.integrations.find_created(error)
    assert control.asked("listIntegrations") == 0


def test_ensured_is_compared_by_value(some_example):
    integration = Integration.from_dict(some_example.response)
    one = Ensured(integration=integration, action="created")
    assert one == Ensured(integration=integration, action="created") != Ensured(integration=integration, action="adopted")
    match one:
        case Ensured(action="created", integration=Integration(id=id)):
            assert id == integration.id
    assert repr(one) == f"Ensured(integration={integration!r}, action='created')"
