"""No secret is shown: the tests put a canary into every secret, and search for it everywhere."""

import asyncio
import copy
import dataclasses
import io
import json
import logging
import pickle
import pprint
import traceback
from pathlib import Path

import pytest
from servers import always, answer

import ocamba_hood
from ocamba_hood import AsyncClient, Client, Ensured, Integration, NewIntegration, Page, ProviderDescription, RawValues
from ocamba_hood import Secret, UnknownProvider, UpdateIntegration

CANARY = "canary-7f3a"
QUOTES = Path(__file__).resolve().parents[3] / "tests" / "canary" / "quotes.json"


@dataclasses.dataclass
class Holder:
    """A dataclass of a user's."""

    held: object


def planted(example):
    """The example with the canary in each secret. None without a secret."""
    settings = example.typed.settings
    secret = [name for name in settings.__match_args__ if isinstance(getattr(settings, name), Secret)]
    assert secret, "each provider has a secret"
    return {**example.request, "settings": {**example.request["settings"], **dict.fromkeys(secret, CANARY)}}


def shown(value):
    """Every way in which Python shows a value."""
    yield from (repr(value), str(value), f"{value}", f"{value!r}", f"{value!s}", "%s %r" % (value, value), ascii(value))
    yield format(value, "")
    yield pprint.pformat(value)
    yield pprint.pformat({"key": [value]})
    yield pprint.pformat(Holder(value))
    yield repr(dataclasses.asdict(Holder(value)))
    yield repr(dataclasses.astuple(Holder(value)))
    yield json.dumps({"key": value}, default=str)
    yield json.dumps({"key": value}, default=repr)
    yield repr(vars(value) if hasattr(value, "__dict__") else "")
    names = [name for name in dir(value) if not name.startswith("__") and name != "expose"]
    yield repr({name: getattr(value, name, None) for name in names})
    yield repr((copy.copy(value), copy.deepcopy(value)))
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        try:
            yield repr(pickle.dumps(value, protocol))
        except (TypeError, pickle.PicklingError) as refusal:
            yield everything_of(refusal)


def everything_of(error):
    """An error as a crash report shows it: with the variables of each frame that is the package's."""
    text = [repr(error), str(error), repr(error.args), repr(vars(error)), repr(getattr(error, "__notes__", ""))]
    seen = error
    while seen is not None:
        for frame, _ in traceback.walk_tb(seen.__traceback__):
            if "test_" not in frame.f_code.co_filename and "pytest" not in frame.f_code.co_filename:
                text.append(f"{frame.f_code.co_name}: {frame.f_locals!r}")
        text += [repr(seen), repr(seen.args), repr(getattr(seen, "object", ""))]
        seen = seen.__cause__ or seen.__context__
    return "\n".join(text)


def clean(*texts):
    for text in texts:
        assert CANARY not in text, text


def test_values_show_no_secret(example):
    wire = planted(example)
    request = NewIntegration.from_dict(wire)
    integration = Integration.from_dict({**example.response, "settings": {**wire["settings"], "unknown": CANARY}})
    unknown = UnknownProvider(provider_id="2000", settings={"bot_token": CANARY})
    raw = [RawValues(value) for value in ({"a": CANARY}, [CANARY], CANARY)]
    odd = Integration.from_dict({"id": "1", "provider_id": "2000", "settings": CANARY, "token": CANARY})
    response = ocamba_hood.Response(value=integration, status=201, headers={"set-cookie": CANARY})
    for value in (Secret(CANARY), request, request.settings, integration, unknown, odd, *raw):
        clean(*shown(value))
    clean(repr(response), str(response), pprint.pformat(response), json.dumps(response, default=str))
    # They are available on request.
    assert CANARY in json.dumps(request.to_dict(reveal=True)) and CANARY in json.dumps(integration.to_dict(reveal=True))
    assert Secret(CANARY).expose() == CANARY
    assert f"{Secret(CANARY):>12}" == "  [REDACTED]"


def test_values_of_other_calls_show_no_secret(example):
    wire = planted(example)
    integration = Integration.from_dict({**example.response, "settings": wire["settings"], "provider": {"id": "1", "x": CANARY}})
    changes = example.update_class.from_dict(wire["settings"])
    update = UpdateIntegration.from_dict({"name": "Another", "provider_id": wire["provider_id"], "settings": wire["settings"]})
    described = ProviderDescription.from_dict({"id": "2000", "settings": [{"name": "a", "x": CANARY}], "x": CANARY})
    unknown = UpdateIntegration.from_dict({"provider_id": "2000", "settings": {"bot_token": CANARY}})
    values = (changes, update, described, *described.settings, unknown, described.provider({"a": CANARY}))
    for value in values:
        clean(*shown(value))
    # These may hold what pickle refuses, and so are shown, not copied.
    for value in (Ensured(integration=integration, action="created"), Page(items=[integration], total=1)):
        clean(repr(value), str(value), pprint.pformat([value]), json.dumps(value, default=str), repr(copy.copy(value)))
    assert CANARY in json.dumps([value.to_dict(reveal=True) for value in (changes, update, described)])


def test_lists_show_no_secret(sandbox, control, example):
    with sandbox.client() as client:
        client.integrations.create(planted(example))
        listing = client.integrations.list()
        items = iter(listing)
        clean(repr(list(items)), repr(listing), repr(items), repr(listing.page(1)), repr(listing._request))
        assert CANARY in json.dumps(next(iter(listing)).to_dict(reveal=True))


def test_clients_show_no_secret():
    for client in (Client(token=CANARY, base_url="http://127.0.0.1:1"), AsyncClient(token=Secret(CANARY))):
        clean(*shown(client), *shown(client.integrations), repr(client._shared), repr(client._shared.native))


def test_quoted_secret_is_hidden_in_every_encoding(example):
    canary = json.loads(QUOTES.read_text())
    wire = planted(example)
    settings = {name: canary["secret"] if value == CANARY else value for name, value in wire["settings"].items()}
    for encoding, quote in canary["quotes"].items():
        text = f"the value '{quote}' is wrong"
        with always(answer(400, {"title": text, "message": text, "trace_id": quote})) as server:
            # Once the secret is the token, and once a setting.
            for token in (canary["secret"], "token"):
                client = Client(token=token, base_url=server.url, rate_limit="off")
                error = raised(lambda client=client: client.integrations.create({**wire, "settings": settings}))
                seen = everything_of(error) + "".join(traceback.format_exception(error, limit=0))
                assert not [trace for trace in canary["traces"] if trace in seen], (encoding, seen)
                assert "the value '" in str(error) and "' is wrong" in str(error)


def raised(work):
    with pytest.raises(Exception) as caught:
        work()
    return caught.value


def wrong_calls(example):
    """Calls that go wrong in each place where a secret is held."""
    wire = planted(example)
    kind, settings = type(example.typed.settings), wire["settings"]
    some = next(iter(settings))
    arguments = {attribute: settings[name] for name, attribute, _, _ in example.settings}
    with always(answer(500, {"message": f"no {CANARY}", "title": CANARY, "trace_id": CANARY})) as server:
        client = Client(token=CANARY, base_url=server.url, max_retries=0)
        create = client.integrations.create
        bad = [
            {**wire, "name": ""},
            {**wire, "name": object()},
            {**wire, "settings": {**settings, some: []}},
            {**wire, "settings": {**settings, some: object()}},
            {**wire, "settings": {**settings, "foreign": CANARY}},
            {**wire, "settings": {**settings, "foreign": "\ud800"}},
            {**wire, "settings": CANARY},
            {**wire, "provider_id": CANARY + "\ud800"},
            {**wire, "provider_id": "2000"},
            CANARY,
        ]
        calls, update = client.integrations, client.integrations.update
        for call in (calls.validate, calls.ensure, calls.send_test, calls.with_response.ensure):
            for request in (*bad, wire):
                yield lambda call=call, request=request: call(request)
        changes = {"provider_id": wire["provider_id"], "settings": settings}
        for request in (
            changes,
            UpdateIntegration.from_dict(changes),
            {**changes, "name": ""},
            {**changes, "settings": {**settings, some: object()}},
            {**changes, "settings": {**settings, "foreign": CANARY}},
            {**changes, "settings": CANARY},
            {**changes, "provider_id": "2000"},
            {"settings": settings},
            CANARY,
        ):
            yield lambda request=request: update("1", request)
            yield lambda request=request: calls.with_response.update("1", request)
            yield lambda request=request: asyncio.run(AsyncClient(token=CANARY, base_url=server.url).integrations.update("1", request))
        yield lambda: update("1", settings=settings)
        yield lambda: update("1", settings=CANARY)
        yield lambda: update("a/b", changes)
        yield lambda: update("1", changes, name="Another")
        yield lambda: example.update_class.from_dict({**settings, "foreign": CANARY})
        yield lambda: UpdateIntegration(settings=settings)
        yield lambda: UpdateIntegration.from_dict({**changes, "foreign": CANARY})
        for name, attribute, _, _ in example.settings:
            yield lambda attribute=attribute: example.update_class(**{**arguments, attribute: []})
        described = ProviderDescription.from_dict({"id": "2000", "settings": [{"name": "a", "type": "integer"}]})
        for given in ({"a": CANARY}, {"b": CANARY}, {"a": [object(), CANARY]}, CANARY):
            yield lambda given=given: described.provider(given)
        yield lambda: list(calls.list())
        for request in bad:
            yield lambda request=request: create(request)
            yield lambda request=request: client.integrations.with_response.create(request)
            yield lambda request=request: NewIntegration.from_dict(request).settings.no_such_setting
        yield lambda: create(wire)
        yield lambda: create(wire, timeout="5")
        yield lambda: create(name="Example", settings=settings)
        yield lambda: create(name="Example", settings=CANARY)
        yield lambda: create(NewIntegration.from_dict(wire))
        for name, attribute, _, required in example.settings:
            yield lambda attribute=attribute: kind(**{**arguments, attribute: []})
            yield lambda name=name: kind.from_dict({**settings, name: []})
            if required:
                yield lambda attribute=attribute: kind(**{**arguments, attribute: None})
                yield lambda name=name: kind.from_dict({other: v for other, v in settings.items() if other != name})
        yield lambda: kind(**arguments, foreign=CANARY)
        typed, unknown = kind(**arguments), UnknownProvider(provider_id="2000", settings={"a": CANARY})
        some_request, some_result = NewIntegration(name="Example", settings=typed), Integration(id="1", settings=typed)
        for changed in (typed, example.update_class(), unknown, some_request, UpdateIntegration(), some_result, described):
            yield lambda changed=changed: changed.__replace__(foreign=CANARY)
        for changed in (some_request, UpdateIntegration(), some_result):
            for given in (settings, CANARY):
                yield lambda changed=changed, given=given: changed.__replace__(name=5, settings=given)
        for name, attribute, _, _ in example.settings:
            yield lambda attribute=attribute: typed.__replace__(**{**arguments, attribute: []})
        yield lambda: typed.__replace__(**{typed._settings[example.secret][0]: [CANARY]})
        yield lambda: unknown.__replace__(provider_id=5, settings=CANARY)
        yield lambda: some_result.__replace__(name=5, extra={"a": CANARY}, extra_settings={"a": CANARY})
        yield lambda: kind.from_dict({**settings, "foreign": CANARY})
        yield lambda: kind.from_dict(CANARY)
        yield lambda: create(wire, allow_unknown_provider=None)
        deep = {"a": CANARY}
        for _ in range(200):
            deep = {"a": deep}
        for odd in ((CANARY,), {CANARY}, deep, [deep], CANARY.encode()):
            yield lambda odd=odd: kind.from_dict({**settings, example.secret: odd})
            yield lambda odd=odd: typed.__replace__(**{typed._settings[example.secret][0]: odd})
            yield lambda odd=odd: NewIntegration.from_dict({**wire, "settings": odd})
            yield lambda odd=odd: NewIntegration.from_dict({**wire, "settings": {**settings, example.secret: odd}})
            yield lambda odd=odd: UpdateIntegration.from_dict({**changes, "settings": odd})
            if odd is deep:
                yield lambda odd=odd: UnknownProvider(provider_id="2000", settings=odd)
                yield lambda odd=odd: unknown.__replace__(settings=odd)
                yield lambda odd=odd: NewIntegration.from_dict({**wire, "provider_id": "2000", "settings": odd})
        yield lambda: NewIntegration(name="Example", settings=settings)
        yield lambda: NewIntegration(name="Example", settings=CANARY)
        yield lambda: NewIntegration.from_dict({**wire, "foreign": CANARY})
        yield lambda: Integration.from_dict({"settings": settings})
        yield lambda: Integration(id=5, settings=kind(**arguments))
        yield lambda: UnknownProvider(provider_id=5, settings=settings)
        yield lambda: Secret([CANARY])
        for token in (CANARY + "\n", CANARY + "\ud800", [CANARY]):
            yield lambda token=token: Client(token=token)
        yield lambda: Client(token=CANARY, base_url=f"https://user:{CANARY}@example.com")
        yield lambda: Client(token=CANARY, timeout=0)
        yield lambda: Client(token=CANARY, colour="red")
        aclient = AsyncClient(token=CANARY, base_url=server.url, max_retries=0)
        for request in (*bad, wire):
            yield lambda request=request: asyncio.run(aclient.integrations.create(request))


def test_errors_show_no_secret(example):
    count = 0
    for work in wrong_calls(example):
        error = raised(work)
        clean(everything_of(error))
        # What a user's own frames hold is theirs to show, so this is without variables.
        clean("".join(traceback.format_exception(error)).replace(f"raised(lambda: {CANARY}", ""))
        try:
            clean(repr(pickle.dumps(error)))
        except (TypeError, AttributeError, pickle.PicklingError):
            pass
        count += 1
    assert count > 50


def test_logs_show_no_secret(sandbox, example):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    # Everything that a record has, not only its message.
    handler.emit = lambda record: stream.write(repr(vars(record)) + record.getMessage())
    root = logging.getLogger()
    root.addHandler(handler)
    before = root.level
    root.setLevel(logging.DEBUG)
    try:
        with Client(token=CANARY, base_url=sandbox.url) as client:
            client.integrations.create(planted(example))
            raised(lambda: client.integrations.create({**planted(example), "provider_id": "x"}, allow_unknown_provider=True))
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
    assert "/v1/hood/integrations" in stream.getvalue()
    clean(stream.getvalue())
