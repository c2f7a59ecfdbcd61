// Invalid requests are rejected before anything is sent.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Secret, ValidationError, unknownProvider } from "ocamba-hood";
import { answering, example, rejection } from "./helpers.mjs";

const listener = await answering(201, { id: "7" });
const client = listener.client();
after(() => assert.equal(listener.connections(), 0, "nothing was sent"));

const [setting] = Object.keys(example.settings);
const { [setting]: _, ...incomplete } = example.settings;
const { status: _status, ...active } = example;
const circular = { ...example };
circular.settings = circular;

const cases = [
  ["name", /must have 1 to 100 characters/, { ...example, name: "" }],
  ["name", /must have 1 to 100 characters/, { ...example, name: "n".repeat(101) }],
  ["name", /must be a string, not a number/, { ...example, name: 5 }],
  ["name", /is required/, { ...example, name: undefined }],
  ["nmae", /is not a field/, { ...example, nmae: "canary" }],
  ["status", /must be a string, not null/, { ...example, status: null }],
  ["provider_id", /is required/, { ...example, provider_id: undefined }],
  ["provider_id", /must be a string, not a number/, { ...example, provider_id: 1000 }],
  ["provider_id", /is unknown to this version/, { ...example, provider_id: "9999" }],
  ["provider_id", /must be a string/, unknownProvider({ ...example, provider_id: 9999 })],
  ["settings", /is required/, { ...example, settings: undefined }],
  ["status", /must not be a function/, { ...example, status() {} }],
  [`settings.${setting}`, /must not be a symbol/, { ...example, settings: { ...example.settings, [setting]: Symbol("x") } }],
  [`settings.${setting}`, /must not be a bigint/, { ...example, settings: { ...example.settings, [setting]: 1n } }],
  [`settings.${setting}`, /must not be a promise/, { ...example, settings: { ...example.settings, [setting]: Promise.resolve("x") } }],
  ["settings", /must be plain data, not Map/, { ...example, settings: new Map(Object.entries(example.settings)) }],
  ["settings", /must be plain data, not WeakMap/, { ...example, settings: new WeakMap() }],
  ["settings", /must be plain data, not Accessors/, { ...example, settings: new (class Accessors { get api_key() { return "canary"; } })() }],
  ["settings", /must be an object, not null/, { ...example, settings: null }],
  [`settings.${setting}`, /is required/, { ...example, settings: incomplete }],
  [`settings.${setting}`, /must be a string, not a number/, { ...example, settings: { ...example.settings, [setting]: 5 } }],
  [`settings.${setting}`, /must be a string, not an object/, { ...example, settings: { ...example.settings, [setting]: {} } }],
  [`settings.${setting}`, /must not be NaN/, { ...example, settings: { ...example.settings, [setting]: NaN } }],
  [`settings.${setting}`, /must not be Infinity/, { ...example, settings: { ...example.settings, [setting]: new Secret(Infinity) } }],
  [`settings.${setting}`, /must not be without a value/, { ...example, settings: { ...example.settings, [setting]: new Date(NaN) } }],
  [`settings.${setting}`, /must be a Secret, not a copy/, { ...example, settings: { ...example.settings, [setting]: structuredClone(new Secret("canary")) } }],
  ["settings.list", /must not have undefined items/, unknownProvider({ ...example, provider_id: "9999", settings: { list: ["canary", undefined] } })],
  ["request", /must be plain data, not Object: it hides status/, Object.assign(Object.create({ status: "inactive" }), active)],
  ["request", /must be plain data/, Object.defineProperty({ name: "x" }, "status", { value: "inactive" })],
  ["request", /must be plain data, not Partial/, Object.assign(new (class Partial { get status() { return "inactive"; } })(), { name: "x", provider_id: "1", settings: {} })],
  ["request", /must be plain data/, unknownProvider(Object.assign(Object.create({ status: "inactive" }), active))],
  ["settings", /must be plain data, not Extra: it hides region/, { ...example, settings: Object.assign(new (class Extra { get region() { return "canary"; } })(), example.settings) }],
  ["settings.foreign", /is not a setting/, { ...example, settings: { ...example.settings, foreign: "canary" } }],
  [`settings.${setting}`, /is required/, unknownProvider({ ...example, settings: incomplete })],
  ["request", /must be an object, not undefined/, undefined],
  ["request", /must not be a function/, () => {}],
  ["request", /must be an object, not null/, null],
  ["request", /must be an object, not a string/, "canary"],
  ["request", /must be an object, not a list/, []],
  ["settings", /must not contain itself/, circular],
  ["name", /must not be a bigint/, { ...example, name: 5n }],
  ["options.timeout", /must be a number of milliseconds/, example, { timeout: "5" }],
  ["options.timeout", /must be a number of milliseconds/, example, { timeout: 0 }],
  ["options.colour", /is not an option/, example, { colour: "red" }],
  ["options.traced", /must not be set/, example, { traced: [["x-key", "canary"]] }],
  ["options", /must be a plain object/, example, "canary"],
  ["options", /must be a plain object/, example, []],
  ["options", /must be a plain object/, example, new Map([["timeout", 5]])],
  ["options", /must be a plain object/, example, Object.assign(Object.create({ timeout: 5 }), { maxRetries: 1 })],
  ["options.headers", /must be plain data, not Error/, example, { headers: new Error("canary") }],
  ["options.signal", /must be an AbortSignal/, example, { signal: {} }],
  ["options.signal", /must be an AbortSignal/, example, { signal: null }],
  ["options.signal", /must be an AbortSignal/, example, { signal: { aborted: false, addEventListener() {} } }],
];

for (const [field, expected, request, options] of cases) {
  test(`${field} ${expected.source}`, async () => {
    const error = await rejection(client.integrations.create(request, options));
    assert.ok(error instanceof ValidationError, error.stack);
    assert.equal(error.outcome, "not_sent");
    const found = error.field_errors.find((error) => error.field === field);
    assert.ok(found, `${field} is named in ${JSON.stringify(error.field_errors)}`);
    assert.match(found.message, expected);
    assert.doesNotMatch(error.stack, /canary/);
  });
}

const { integrations, providers } = client;
const { provider_id, settings } = example;
const others = [
  ...["", ".", "..", "a/b", "../x", "1\n2", "1 2", "%2e%2e", "1?x=1", "1#x", "ü", "1".repeat(65), 7, undefined, null, {}].flatMap((id) => [
    ["id", /must be/, () => integrations.get(id)],
    ["id", /must be/, () => integrations.update(id, { name: "n" })],
  ]),
  ...["", "..", "a/b"].map((id) => ["id", /must be/, () => integrations.sendTest(id)]),
  ["request", /must be an object, not a number/, () => integrations.sendTest(7)],
  ["request", /must be an object, not undefined/, () => integrations.sendTest()],
  ["name", /is required/, () => integrations.sendTest({ provider_id, settings })],
  ["name", /is required/, () => integrations.validate({ provider_id, settings })],
  ["name", /is required/, () => integrations.ensure({ provider_id, settings })],
  ["update", /changes nothing/, () => integrations.update("7", {})],
  ["update", /changes nothing/, () => integrations.update("7", { provider_id, name: undefined })],
  ["update", /must be an object, not undefined/, () => integrations.update("7")],
  ["update", /must be an object, not null/, () => integrations.update("7", null)],
  ["settings", /must not contain itself/, () => integrations.update("7", circular)],
  ["name", /must have 1 to 100 characters/, () => integrations.update("7", { name: "" })],
  ["name", /must be a string, not null/, () => integrations.update("7", { name: null })],
  ["settings", /change nothing/, () => integrations.update("7", { provider_id, settings: {} })],
  ["settings", /must be an object, not null/, () => integrations.update("7", { provider_id, settings: null })],
  ["provider_id", /is required with settings/, () => integrations.update("7", { settings })],
  ["provider_id", /is unknown to this version/, () => integrations.update("7", { provider_id: "9999", settings })],
  ["settings.foreign", /is not a setting/, () => integrations.update("7", { provider_id, settings: { foreign: "canary" } })],
  [`settings.${setting}`, /must be a string, not a number/, () => integrations.update("7", { provider_id, settings: { [setting]: 7 } })],
  ...[0, -1, 1.5, NaN, Infinity, "1", null, undefined].map((page) => ["page", /whole number from 1/, () => integrations.list().page(page)]),
  ["page", /whole number from 1/, () => providers.list().page(0)],
  ["page_size", /whole number from 1/, () => integrations.list({ page_size: 0 }).all()],
  ["page_size", /whole number from 1/, () => integrations.list({ page_size: 10_000 }).page(1)],
  ["colour", /is not a filter; use one of type/, () => integrations.list({ colour: "canary" }).all()],
  ["colour", /is not a filter; use one of type/, () => integrations.list({ colour: "canary" }).page(1)],
  ["sort", /must be field names/, () => integrations.list({ sort: "name,--id" }).all()],
  ["fields", /must contain only strings/, () => integrations.list({ fields: ["id", 7] }).all()],
  ["q", /must be a string/, () => integrations.list({ q: 7 }).all()],
  ["filters", /must be an object/, () => integrations.list(null).all()],
  ["filters", /must be an object/, () => integrations.list(null).page(1)],
  ["filters", /must be an object/, () => integrations.list("canary").page(1)],
  ["settings", /must not contain itself/, () => integrations.list(circular).all()],
  ["filters", /must be plain data, not Map/, () => integrations.list(new Map([["type", "sms"]])).page(1)],
  ["page_size", /must not be NaN/, () => integrations.list({ page_size: NaN }).all()],
  ["options", /must be a plain object/, () => integrations.list({}, "canary").all()],
  ["options.colour", /is not an option/, () => integrations.list({}, { colour: "red" }).all()],
  ["options.reconcileTimeout", /is not an option/, () => integrations.create(example, { reconcileTimeout: 5 })],
  ...[-5, NaN, Infinity].map((reconcileTimeout) =>
    ["options.reconcileTimeout", /must be a number of milliseconds|must not be/, () => integrations.ensure(example, { reconcileTimeout })]),
  ["options.signal", /must be an AbortSignal/, () => integrations.list({}, { signal: {} }).all()],
];

others.forEach(([field, expected, work], index) => {
  test(`${index}: ${`${work}`.slice(6)}: ${field} ${expected.source}`, async () => {
    const error = await rejection(work());
    assert.ok(error instanceof ValidationError, error.stack);
    const found = error.field_errors.find((error) => error.field === field);
    assert.ok(found, `${field} is named in ${JSON.stringify(error.field_errors)}`);
    assert.match(found.message, expected);
    assert.doesNotMatch(error.stack, /canary/);
  });
});

test("error lists all invalid fields", async () => {
  const error = await rejection(client.integrations.create({ ...example, name: "", settings: {} }));
  assert.ok(error.field_errors.length > 1);
});
