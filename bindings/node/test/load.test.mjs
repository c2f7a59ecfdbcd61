// Many calls: no result reaches another caller, and no memory leaks.
import assert from "node:assert/strict";
import { test } from "node:test";
import { example, sandbox } from "./helpers.mjs";

// On a busy machine, the system refuses some of 10,000 connections at once, again and again.
const client = (await sandbox()).client({ timeout: 120_000, maxRetries: 10 });
const named = (i) => ({ ...example, name: `call ${i}` });

/** Runs `work` with the numbers below `count`, `inFlight` at once. */
async function atOnce(count, inFlight, work) {
  let next = 0;
  await Promise.all(Array.from({ length: inFlight }, async () => {
    while (next < count) await work(next++);
  }));
}

// First, while the process is small: later, a few megabytes more or less say nothing.
test("memory does not grow with the calls", async () => {
  let grown = await growth();
  // What is leaked is leaked again; pages that the system takes back late are not.
  for (let again = 0; again < 2 && !(grown.heapUsed < 10 && grown.rss < 30); again += 1) grown = await growth();
  assert.ok(grown.heapUsed < 10, `the heap grew by ${grown.heapUsed} bytes a call`);
  assert.ok(grown.rss < 30, `the process grew by ${grown.rss} bytes a call`);
});

/** Returns the bytes by which memory grows with a call. */
async function growth() {
  const measures = [];
  for (let round = 0; round < 14; round += 1) {
    await atOnce(20_000, 32, (i) => client.integrations.create(named(i)));
    global.gc();
    measures.push(process.memoryUsage());
  }
  // After two rounds of warm-up. Pages come and go by megabytes, and what is leaked stays: it is in the least of the last rounds,
  // seven rounds after the most of the first.
  const by = (what) => {
    const sizes = measures.map((measure) => measure[what]);
    return (Math.min(...sizes.slice(-3)) - Math.max(...sizes.slice(2, 5))) / (7 * 20_000);
  };
  return { heapUsed: by("heapUsed"), rss: by("rss") };
}

test("10,000 concurrent calls each receive their own result", async () => {
  const all = await Promise.all(Array.from({ length: 10_000 }, (_, i) => client.integrations.create(named(i))));
  all.forEach(({ name }, i) => assert.equal(name, `call ${i}`));
  assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
});

test("100,000 creates with random aborts each receive their own result", async () => {
  const ids = new Set();
  let answered = 0;
  let aborted = 0;
  await atOnce(100_000, 64, async (i) => {
    const controller = new AbortController();
    const pending = client.integrations.create(named(i), { signal: controller.signal });
    // At once, in this turn of the event loop, in the next, in the one after it, or never.
    const when = Math.floor(Math.random() * 8);
    if (when === 0) controller.abort();
    if (when === 1) queueMicrotask(() => controller.abort());
    if (when === 2) setImmediate(() => controller.abort());
    if (when === 3) setImmediate(() => setImmediate(() => controller.abort()));
    try {
      const { id, name } = await pending;
      assert.equal(name, `call ${i}`);
      assert.ok(!ids.has(id), `${id} was returned twice`);
      ids.add(id);
      answered += 1;
    } catch (error) {
      assert.equal(error.name, "AbortError", error.stack);
      aborted += 1;
    }
  });
  assert.equal(answered + aborted, 100_000);
  assert.ok(answered > 40_000 && aborted > 10_000, `${answered} answered, ${aborted} aborted`);
});
