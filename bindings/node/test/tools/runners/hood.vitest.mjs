// What tests of users do, in Vitest: run by runners.test.mjs in each of its pools.
import { AbortError, Client, ConnectionError, NotFoundError, Secret, ValidationError } from "ocamba-hood";
import { Sandbox } from "ocamba-hood/testing";
import { Fleet } from "ocamba-fleet";
import * as hooks from "vitest";
import { expected, request, wrong } from "./request.cjs";

const { afterEach, describe, expect, test, vi } = hooks;
const sandbox = Sandbox.forTests(hooks, { limits: false });
afterEach(() => void vi.useRealTimers());

test("calls with fake timers", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "setImmediate", "queueMicrotask", "Date", "performance"] });
  const { integrations } = sandbox.client();
  const { id } = await integrations.create(request);
  vi.useRealTimers();
  expect(await integrations.get(id)).toMatchObject({ id, name: request.name });
});

test("secrets are equal if their values are, and hidden", async () => {
  const { settings } = await sandbox.client().integrations.create(request);
  const send = vi.fn();
  send(settings);
  expect(settings).toEqual(expected(settings));
  expect(settings).toStrictEqual(expected(settings));
  expect(send).toHaveBeenCalledWith(expected(settings));
  expect(settings).not.toEqual(wrong(settings));
  expect(settings).not.toStrictEqual(wrong(settings));
  expect(settings).not.toMatchObject(wrong(settings));
  expect(send).not.toHaveBeenCalledWith(wrong(settings));
  expect(() => expect(new Secret("canary-1")).toEqual(new Secret("canary-2"))).toThrow(/^(?!.*canary-)/s);
  expect(new Secret({ token: "canary-1" })).toMatchInlineSnapshot(`"[REDACTED]"`);
});

test("errors match", async () => {
  const { integrations } = sandbox.client();
  await expect(integrations.get("404404")).rejects.toThrow(NotFoundError);
  await expect(integrations.create({ ...request, name: "" })).rejects.toBeInstanceOf(ValidationError);
  await expect(integrations.create({ ...request, name: "" })).rejects.toMatchObject({ field_errors: [{ field: "name" }] });
});

test("signals are accepted", async () => {
  const controller = new AbortController();
  const { integrations } = sandbox.client();
  expect(await new Fleet([request]).check({ signal: controller.signal })).toBe(1);
  controller.abort();
  await expect(integrations.get("7", { signal: controller.signal })).rejects.toThrow(AbortError);
});

test("clients without options use the sandbox", async () => {
  expect(await new Client().integrations.list().all()).toEqual([]);
});

test("other machines are refused", async () => {
  const client = new Client({ token: "t", baseUrl: "https://api.example.com", rateLimit: "off" });
  await expect(client.integrations.get("7")).rejects.toThrow(ConnectionError);
});

describe("a sandbox with TLS", () => {
  Sandbox.forTests(hooks, { limits: false, tls: true });

  test("clients without options trust it, and are not limited", async () => {
    const client = new Client();
    expect((await client.rateLimitStatus()).storage).toBe("off");
    expect(await client.integrations.list().all()).toEqual([]);
  });
});
