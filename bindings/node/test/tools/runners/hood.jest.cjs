// What tests of users do, in Jest: run by runners.test.mjs in Node's environment and in jsdom's.
const { Fleet, AbortError: FleetAbortError } = require("ocamba-fleet");
const { AbortError, Client, ConnectionError, NotFoundError, Secret, ValidationError } = require("ocamba-hood");
const { Sandbox } = require("ocamba-hood/testing");
const { expected, request, wrong } = require("./request.cjs");

const sandbox = Sandbox.forTests({ beforeAll, beforeEach, afterAll }, { limits: false });
afterEach(() => jest.useRealTimers());

test("calls with fake timers", async () => {
  jest.useFakeTimers();
  const { integrations } = sandbox.client();
  const { id } = await integrations.create(request);
  jest.useRealTimers();
  expect(await integrations.get(id)).toMatchObject({ id, name: request.name });
});

test("secrets are equal if their values are, and hidden", async () => {
  const { settings } = await sandbox.client().integrations.create(request);
  const send = jest.fn();
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

test("signals of this environment are accepted", async () => {
  const controller = new AbortController();
  const { integrations } = sandbox.client();
  const fleet = new Fleet([request]);
  const options = { token: "sandbox-token", baseUrl: sandbox.url, signal: controller.signal };
  expect(await fleet.check(options)).toBe(1);
  await integrations.list({}, { signal: controller.signal }).all();
  controller.abort();
  await expect(integrations.get("7", { signal: controller.signal })).rejects.toThrow(AbortError);
  await expect(fleet.check(options)).rejects.toThrow(FleetAbortError);
});

test("clients without options use the sandbox", async () => {
  expect(await new Client().integrations.list().all()).toEqual([]);
});

test("other machines are refused", async () => {
  const client = new Client({ token: "t", baseUrl: "https://api.example.com", rateLimit: "off" });
  await expect(client.integrations.get("7")).rejects.toThrow(ConnectionError);
});

describe("a sandbox with TLS", () => {
  Sandbox.forTests({ beforeAll, beforeEach, afterAll }, { limits: false, tls: true });

  test("clients without options trust it, and are not limited", async () => {
    const client = new Client();
    expect((await client.rateLimitStatus()).storage).toBe("off");
    expect(await client.integrations.list().all()).toEqual([]);
  });
});
