// Lists: page by page as they are needed, each item once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AbortError, Secret } from "ocamba-hood";
import { answering, example, examples, recording, rejection, requestsDuring, sandbox, server } from "./helpers.mjs";

const named = (name) => ({ ...example, name });

/** A sandbox with so many integrations. */
async function filled(count) {
  const made = await sandbox();
  const client = made.client();
  const all = Array.from({ length: count }, (_, i) => client.integrations.create(named(`item ${i}`)));
  return { made, client, ids: (await Promise.all(all)).map(({ id }) => id).sort() };
}

for (const sort of ["id", "-id", "name,-id"]) {
  test(`1,000 by ${sort}, none lost and none twice, while others are created`, async () => {
    const { client, ids } = await filled(1_000);
    const read = [];
    let created = 0;
    const more = (async () => {
      while (read.length < 1_000) {
        await client.integrations.create(named(`while ${created++}`));
        await new Promise(setImmediate);
      }
    })();
    for await (const { id } of client.integrations.list({ sort, page_size: 50 })) read.push(id);
    await more;
    assert.equal(new Set(read).size, read.length, "none twice");
    assert.deepEqual(ids.filter((id) => !read.includes(id)), [], "none lost");
    assert.ok(created > 5, `${created} were created meanwhile`);
  });
}

test("a page is asked for when its first item is, and none after a break", async () => {
  const { made, client } = await filled(30);
  const readSome = async (count) => {
    let read = 0;
    for await (const _ of client.integrations.list({ page_size: 10 })) {
      read += 1;
      if (read === count) break;
    }
  };
  for (const [count, requests] of [[1, 1], [10, 1], [11, 2], [30, 3]]) {
    assert.equal((await requestsDuring(made, () => readSome(count))).length, requests, `${count} items`);
  }
  assert.deepEqual(await requestsDuring(made, () => client.integrations.list()), [], "nothing before the first item");
  const asked = requestsDuring(made, async () => {
    const items = client.integrations.list({ page_size: 10 })[Symbol.asyncIterator]();
    await items.next();
    assert.deepEqual(await items.return(), { value: undefined, done: true });
    assert.deepEqual(await items.next(), { value: undefined, done: true });
  });
  assert.equal((await asked).length, 1);
});

test("items that are asked for at once come in order", async () => {
  const { client, ids } = await filled(25);
  const items = client.integrations.list({ page_size: 10 })[Symbol.asyncIterator]();
  const all = await Promise.all(Array.from({ length: 26 }, () => items.next()));
  assert.deepEqual(all.slice(0, 25).map(({ value }) => value.id), ids);
  assert.equal(all[25].done, true);
});

test("a list can be read again, and its pages one by one", async () => {
  const { client, ids } = await filled(25);
  const list = client.integrations.list({ page_size: 10 });
  for (let round = 0; round < 2; round += 1) assert.deepEqual((await list.all()).map(({ id }) => id), ids);
  const { total, items } = await list.page(3);
  assert.deepEqual([total, items.map(({ id }) => id)], [25, ids.slice(20)]);
  assert.deepEqual(await list.page(4), { total: 25, items: [] });
  const { value, status } = await list.withResponse.page(1);
  assert.deepEqual([value.items.length, status], [10, 200]);
});

test("filters are sent by their names, lists with commas", async () => {
  const { client, sent } = await recording(200, { total: 0, items: [] });
  const filters = { type: "sms", provider_id: "1", q: "a&b", q_fields: ["name"], sort: ["name", "-id"], fields: "name,status", view: "full" };
  await client().integrations.list({ ...filters, page_size: 7, q: "a&b" }).all();
  await client().integrations.list({ q: undefined }).page(2);
  await client().providers.list({ page_size: 3 }).all();
  const queries = sent.map(({ url }) => Object.fromEntries(new URL(url, "http://x").searchParams));
  const lists = { q_fields: "name", sort: "name,-id", fields: "id,name,status,provider_id" };
  assert.deepEqual(queries[0], { ...filters, ...lists, page: "1,7" });
  assert.deepEqual(queries[1], { page: "2,100", sort: "id" });
  assert.deepEqual(queries[2], { page: "1,3" });
});

test("only what was asked for is listed", async () => {
  const client = (await sandbox()).client();
  for (const request of Object.values(examples)) await client.integrations.create(request);
  const { provider_id } = example;
  const some = await client.integrations.list({ provider_id, fields: ["name"] }).all();
  assert.deepEqual(some.map(({ id: _, ...rest }) => rest), [{ name: example.name, provider_id }]);
  const [item] = await client.integrations.list({ provider_id }).all();
  assert.ok(Object.values(item.settings).some((value) => value instanceof Secret));
  const [hidden] = await client.integrations.list({ q: example.name, fields: ["settings"] }).all();
  assert.ok(Object.values(hidden.settings).every((value) => value instanceof Secret), "whose they are is not known");
});

test("ids that are numbers keep all their digits", async () => {
  const page = '{"total":2,"items":[{"id":"1"},{"id":12345678901234567890}]}';
  const { client } = await answering(200, page);
  const expected = ["1", "12345678901234567890"];
  assert.deepEqual((await client().integrations.list().all()).map(({ id }) => id), expected);
  assert.deepEqual((await client().integrations.list().page(1)).items.map(({ id }) => id), expected);
  const { client: one } = await answering(200, '{"id":12345678901234567890}');
  assert.equal((await one().integrations.get("1")).id, "12345678901234567890");
});

test("a total that is none is null", async () => {
  const { client } = await answering(200, { items: [{ id: "1" }] });
  assert.deepEqual(await client().integrations.list().page(1), { total: null, items: [{ id: "1" }] });
});

test("a signal stops the request for a page, and what comes after", async () => {
  const { client } = await server((request, response) => {
    if (!request.url.includes("page=1")) return;
    response.writeHead(200, { "content-type": "application/json" }).end('{"total":4,"items":[{"id":"1"},{"id":"2"}]}');
  });
  const reason = new Error("mine");
  const read = [];
  const readUntil = async (stop, options) => {
    read.length = 0;
    for await (const { id } of client().integrations.list({ page_size: 2 }, options)) {
      read.push(id);
      stop(id);
    }
  };
  for (const [expected, stop] of [
    [["1"], (id, controller) => controller.abort(reason)],
    [["1", "2"], (id, controller) => id === "2" && setTimeout(() => controller.abort(reason), 20)],
  ]) {
    const controller = new AbortController();
    const error = await rejection(readUntil((id) => stop(id, controller), { signal: controller.signal }));
    assert.ok(error instanceof AbortError, error.stack);
    assert.deepEqual([error.cause, read], [reason, expected]);
  }
  const aborted = await rejection(readUntil(() => {}, { signal: AbortSignal.abort(reason) }));
  assert.deepEqual([aborted.name, aborted.cause, read], ["AbortError", reason, []]);
  const late = await rejection(readUntil(() => {}, { timeout: 30 }));
  assert.deepEqual([late.name, read], ["TimeoutError", ["1", "2"]]);
});

test("an error within a list shows the line of the caller", async () => {
  const { client } = await answering(404, { title: "Not found." });
  async function readerOfList() {
    for await (const _ of client().integrations.list());
  }
  async function wrongReader() {
    for await (const _ of client().integrations.list({ page_size: 0 }));
  }
  for (const error of [await rejection(readerOfList()), await rejection(wrongReader())]) {
    assert.match(error.stack, /^\w+Error: .+\n\s+at (async readerOfList|wrongReader) .*list\.test\.mjs:\d+/);
    assert.doesNotMatch(error.stack, /ocamba-hood.lib/);
  }
});

test("providers are listed in the server's own words", async () => {
  const providers = await (await sandbox()).client().providers.list({ page_size: 2 }).all();
  assert.equal(new Set(providers.map(({ id }) => id)).size, Object.keys(examples).length);
  const { settings } = providers.find(({ id }) => id === example.provider_id);
  assert.deepEqual(settings.map(({ name }) => name).sort(), Object.keys(example.settings).sort());
});
