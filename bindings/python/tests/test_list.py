"""Lists request their pages as needed, and return each item once."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from servers import always, answer, never

import ocamba_hood
from ocamba_hood import Client, Page, ValidationError

LIST = "listIntegrations"


def fill(client, request, count, prefix="n"):
    """Creates so many, and returns their ids."""

    def create(number):
        return client.integrations.create({**request, "name": f"{prefix}{number}"}).id

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(create, range(count)))


@pytest.fixture
def twelve(control, client, some_example):
    return fill(client, some_example.request, 12)


def test_list_of_1000_is_complete_while_others_are_created(either, control, client, some_example):
    """None is lost, and none comes twice."""
    there = fill(client, some_example.request, 1000)
    enough = threading.Event()

    def create_more():
        number = 0
        while not enough.is_set():
            client.integrations.create({**some_example.request, "name": f"meanwhile{number}"})
            number += 1

    creating = threading.Thread(target=create_more)
    creating.start()
    try:
        found = [integration.id for integration in either.integrations.list(page_size=50)]
    finally:
        enough.set()
        creating.join()
    assert len(found) == len(set(found)), "none twice"
    assert not set(there) - set(found), "none lost"


def test_iteration_requests_pages_as_needed(either, twelve, control):
    listing = either.integrations.list(page_size=5)
    assert listing.total is None and control.asked(LIST) == 0
    items = iter(listing)
    assert control.asked(LIST) == 0
    first = [next(items).id for _ in range(5)]
    assert (listing.total, control.asked(LIST)) == (12, 1)
    assert next(items).id not in first and control.asked(LIST) == 2
    for integration in listing:
        break
    assert control.asked(LIST) == 3, "each loop begins anew"
    assert len(list(items)) == 6 and next(items, None) is None


def test_page_is_a_value(either, twelve, control):
    listing = either.integrations.list(page_size=5)
    pages = [listing.page(number) for number in (1, 2, 3, 4)]
    assert all(isinstance(page, Page) and page.total == 12 for page in pages)
    assert [len(page.items) for page in pages] == [5, 5, 2, 0]
    assert {item.id for page in pages for item in page.items} == set(twelve)
    assert (listing.total, control.asked(LIST)) == (12, 4)
    assert listing.page() == pages[0] and hash(listing.page()) == hash(pages[0])


def test_filters_select_and_sort(either, control, client, example):
    ids = fill(client, example.request, 3, "one-")
    listing = either.integrations.list
    assert [item.id for item in listing(sort="-id")] == sorted(ids, key=int, reverse=True)
    assert [item.name for item in listing(q="one-1", q_fields=["name"])] == ["one-1"]
    assert len(list(listing(provider_id=example.request["provider_id"], type=example.response["type"]))) == 3
    assert list(listing(provider_id="2000")) == [] and list(listing(type="nonsense")) == []
    only = next(iter(listing(fields=["name"])))
    assert (set(only.to_dict(reveal=True)), only.settings) == ({"id", "name"}, None)
    assert next(iter(listing(view="full"))).create_time


def test_filters_are_sent_as_query_parameters():
    with always(answer(200, {"total": 0, "items": []})) as server, Client(token="token", base_url=server.url) as client:
        listing = client.integrations.list
        listing(type="sms", provider_id="1", q="a&b=c", q_fields=("name", "id"), sort=["name", "-id"], page_size=7).page(3)
        listing(fields="id,name", view="default").page(1)
        queries = [head.split()[1].partition("?")[2] for head, _ in server.requests]
    assert set(queries[0].split("&")) == {
        *("page=3%2C7", "provider_id=1", "q=a%26b%3Dc", "q_fields=name%2Cid", "sort=name%2C-id", "type=sms"),
    }
    assert set(queries[1].split("&")) == {"fields=id%2Cname", "page=1%2C100", "sort=id", "view=default"}


@pytest.mark.parametrize(
    ("filters", "wrong"),
    [
        ({"page_size": 0}, "page_size"),
        ({"page_size": 10_000}, "page_size"),
        ({"page_size": "5"}, "page_size"),
        ({"page_size": True}, "page_size"),
        ({"type": ""}, "type"),
        ({"type": 5}, "type"),
        ({"provider_id": 1000}, "provider_id"),
        ({"q": "\ud800"}, "q"),
        ({"sort": "name,--id"}, "sort"),
        ({"fields": ["id", 5]}, "fields"),
        ({"fields": "id, name"}, "fields"),
        ({"q_fields": object()}, "q_fields"),
    ],
    ids=str,
)
def test_invalid_filter_is_rejected(either, control, filters, wrong):
    with pytest.raises(ValidationError) as caught:
        either.integrations.list(**filters)
    assert [field for field, _ in caught.value.field_errors] == [wrong]
    assert control.asked() == 0


def test_unknown_filter_and_invalid_page_are_rejected(either, control):
    for wrong in ("colour", "page", "cursor"):
        with pytest.raises(TypeError, match=wrong):
            either.integrations.list(**{wrong: 1})
    with pytest.raises(TypeError, match="type"):
        either.providers.list(type="sms")
    for number in (0, -1, 1.5, "1", True, 10**9):
        with pytest.raises(ValidationError) as caught:
            either.integrations.list().page(number)
        assert [field for field, _ in caught.value.field_errors] == ["page"]
    assert control.asked() == 0


def test_iteration_continues_after_an_error(either, twelve, control):
    items = iter(either.integrations.list(page_size=5, max_retries=0))
    seen = [next(items).id for _ in range(5)]
    control.fail(LIST, {"answer": {"status": 403}}, times=1)
    with pytest.raises(ocamba_hood.PermissionDeniedError):
        next(items)
    seen += [item.id for item in items]
    assert sorted(seen) == sorted(twelve), "none lost, none twice"


def test_threads_can_share_an_iterator(client, twelve):
    items = iter(client.integrations.list(page_size=2))
    with ThreadPoolExecutor(4) as pool:
        parts = pool.map(lambda _: [item.id for item in items], range(4))
        assert sorted(id for part in parts for id in part) == sorted(twelve)


def test_concurrent_pages_are_all_kept(client, twelve):
    """As when threads request pages before any of them takes an item."""
    items = iter(client.integrations.list(page_size=2))
    replies = [items._next_request().send(None) for _ in range(3)]
    assert all([items._take(reply) for reply in replies])
    assert sorted(item.id for item in items) == sorted(twelve)


def test_tasks_can_share_an_iterator(sandbox, twelve):
    import asyncio

    async def main():
        async with sandbox.async_client() as client:
            items = client.integrations.list(page_size=2).__aiter__()

            async def take():
                return [item.id async for item in items]

            parts = await asyncio.gather(*(take() for _ in range(4)))
            assert sorted(id for part in parts for id in part) == sorted(twelve)

    asyncio.run(main())


def test_cancelled_iteration_stops_its_request():
    import asyncio

    async def main():
        with never() as server:
            async with ocamba_hood.AsyncClient(token="token", base_url=server.url, max_retries=0) as client:
                task = asyncio.create_task(client.integrations.list().__aiter__().__anext__())
                await asyncio.to_thread(server.asked.wait, 20)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert await asyncio.to_thread(server.closed.wait, 20)

    asyncio.run(main())


@pytest.mark.parametrize("how", ["in_time", "too_late"])
@pytest.mark.parametrize("run", ["asyncio", "trio"])
def test_page_that_arrives_while_its_caller_is_cancelled_is_kept(sandbox, control, twelve, run, how):
    """The caller may be cancelled when the page has arrived, before or after the loop knows."""
    import asyncio
    import time

    import trio

    def block_until_the_page_is_sent():
        end = time.monotonic() + 20
        while control.asked(LIST) < 2:
            assert time.monotonic() < end

    async def main(cancelled):
        async with sandbox.async_client() as client:
            items = client.integrations.list(page_size=3).__aiter__()
            found = [(await items.__anext__()).id for _ in range(3)]
            # The loop may have resumed the caller before: then it has the item.
            ended = await cancelled(items.__anext__)
            found += [ended.id] if ended else []
            found += [item.id async for item in items]
            assert found == sorted(twelve, key=int)

    async def by_asyncio(anext):
        task = asyncio.ensure_future(anext())
        await asyncio.sleep(0)
        block_until_the_page_is_sent()
        if how == "too_late":
            # The loop reads the reply before it resumes this task.
            asyncio.get_running_loop().call_soon(lambda: asyncio.get_running_loop().call_soon(task.cancel))
        else:
            task.cancel()
        [ended] = await asyncio.gather(task, return_exceptions=True)
        return None if isinstance(ended, asyncio.CancelledError) else ended

    async def by_trio(anext):
        async def block():
            block_until_the_page_is_sent()
            scope.cancel()

        ended = None
        with trio.CancelScope() as scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(block)
                ended = await anext()
        return ended

    asyncio.run(main(by_asyncio)) if run == "asyncio" else trio.run(main, by_trio)


def test_interrupt_loses_no_page(sandbox, twelve):
    calls = []

    def interrupt(attempt):
        calls.append(attempt)
        if len(calls) == 2:
            raise KeyboardInterrupt

    with sandbox.client(on_request=interrupt) as client:
        items = iter(client.integrations.list(page_size=5))
        seen = [next(items).id for _ in range(5)]
        with pytest.raises(KeyboardInterrupt):
            next(items)
        assert seen + [item.id for item in items] == sorted(twelve, key=int)


def test_list_of_a_closed_client_raises_an_error(sandbox, twelve):
    client = sandbox.client()
    listing = client.integrations.list(page_size=5)
    items = iter(listing)
    assert len([next(items) for _ in range(5)]) == 5
    client.close()
    for work in (lambda: list(listing), lambda: listing.page(1), lambda: next(items)):
        with pytest.raises(ocamba_hood.ConfigurationError, match="closed"):
            work()


def test_repr_names_the_listed_class(client, control):
    assert repr(client.integrations.list(q="x")) == "<Listing of Integration>"
    assert repr(iter(client.providers.list())) == "<items of <Listing of ProviderDescription>>"
    assert json.dumps(list(client.integrations.list())) == "[]"
