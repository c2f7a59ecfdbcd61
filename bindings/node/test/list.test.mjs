// Lists: page by page as needed, each item once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AbortError, Secret } from "ocamba-hood";
import { answering, example, examples, recording, rejection, requestsDuring, sandbox, server } from "./helpers.mjs";

const named = (name) => ({ ...example, name });

/** Starts a sandbox with this number of integrations. */
async function filled(count) {
  const made = await sandbox();
  const client = made.client();
  const all = Array.from({ length: count }, (_, i) => client.integrations.create(named(`item ${i}`)));
  return { made, client, ids: (await Promise.all(all)).map(({ id }) => id).sort() };
}

for (const sort of ["id", "-id", "name,-id"]) {
  test(`list by ${sort} returns 1,000 items once while others are created`, async () => {
    const { client, ids } = await filled(1_000);
    const read = [];
    for await (const { id } of client.integrations.list({ sort, page_size: 50 })) {
      read.push(id);
      // While a page is read, so that others move.
      if (read.length % 50 === 25 && read.length < 1_000) await client.integrations.create(named(`while ${read.length}`));
    }
    assert.equal(new Set(read).size, read.length, "none twice");
    assert.deepEqual(ids.filter((id) => !read.includes(id)), [], "none lost");
  });
}

test("list requests a page when its first item is needed, and none after a break", async () => {
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

test("concurrent reads return the items in order", async () => {
  const { client, ids } = await filled(25);
  const items = client.integrations.list({ page_size: 10 })[Symbol.asyncIterator]();
  const all = await Promise.all(Array.from({ length: 26 }, () => items.next()));
  assert.deepEqual(all.slice(0, 25).map(({ value }) => value.id), ids);
  assert.equal(all[25].done, true);
});

test("list can be read again, and page by page", async () => {
  const { client, ids } = await filled(25);
  const list = client.integrations.list({ page_size: 10 });
  for (let round = 0; round < 2; round += 1) assert.deepEqual((await list.all()).map(({ id }) => id), ids);
  const { total, items } = await list.page(3);
  assert.deepEqual([total, items.map(({ id }) => id)], [25, ids.slice(20)]);
  assert.deepEqual(await list.page(4), { total: 25, items: [] });
  const { value, status } = await list.withResponse.page(1);
  assert.deepEqual([value.items.length, status], [10, 200]);
});

test("filters are sent by name, arrays with commas", async () => {
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

test("list returns only the requested fields and integrations", async () => {
  const client = (await sandbox()).client();
  for (const request of Object.values(examples)) await client.integrations.create(request);
  const { provider_id } = example;
  const some = await client.integrations.list({ provider_id, fields: ["name"] }).all();
  assert.deepEqual(some.map(({ id: _, ...rest }) => rest), [{ name: example.name, provider_id }]);
  const [item] = await client.integrations.list({ provider_id }).all();
  assert.ok(Object.values(item.settings).some((value) => value instanceof Secret));
  const [hidden] = await client.integrations.list({ q: example.name, fields: ["settings"] }).all();
  assert.ok(Object.values(hidden.settings).every((value) => value instanceof Secret), "their provider is unknown");
});

test("signal aborts the request of a page and ends the list", async () => {
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
  const late = await rejection(readUntil(() => {}, { timeout: 6_000 }));
  assert.deepEqual([late.name, read], ["TimeoutError", ["1", "2"]]);
});

test("error within a list shows the caller's line", async () => {
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
