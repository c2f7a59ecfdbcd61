// What is wrong with a request is told before anything is sent.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ValidationError, unknownProvider } from "ocamba-hood";
import { answering, example, rejection } from "./helpers.mjs";

const listener = await answering(201, { id: "7" });
const client = listener.client();
after(() => assert.equal(listener.connections(), 0, "nothing was sent"));

const [setting] = Object.keys(example.settings);
const { [setting]: _, ...incomplete } = example.settings;
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
  ["provider_id", /not a provider that this version knows/, { ...example, provider_id: "9999" }],
  ["provider_id", /must be a string/, unknownProvider({ ...example, provider_id: 9999 })],
  ["settings", /is required/, { ...example, settings: undefined }],
  ["settings", /must be an object, not null/, { ...example, settings: null }],
  [`settings.${setting}`, /is required/, { ...example, settings: incomplete }],
  [`settings.${setting}`, /must be a string, not a number/, { ...example, settings: { ...example.settings, [setting]: 5 } }],
  [`settings.${setting}`, /must be a string, not an object/, { ...example, settings: { ...example.settings, [setting]: new Map() } }],
  [`settings.${setting}`, /must be a string, not null/, { ...example, settings: { ...example.settings, [setting]: NaN } }],
  ["settings.foreign", /is not a setting/, { ...example, settings: { ...example.settings, foreign: "canary" } }],
  [`settings.${setting}`, /is required/, unknownProvider({ ...example, settings: incomplete })],
  ["request", /must be an object, not undefined/, undefined],
  ["request", /must be an object, not function/, () => {}],
  ["request", /must be an object, not null/, null],
  ["request", /must be an object, not a string/, "canary"],
  ["request", /must be an object, not a list/, []],
  ["request", /cannot be written as JSON/, circular],
  ["request", /cannot be written as JSON/, { ...example, name: 5n }],
  ["options.timeout", /must be a number of milliseconds/, example, { timeout: "5" }],
  ["options.timeout", /must be a number of milliseconds/, example, { timeout: 0 }],
  ["options.colour", /is not an option/, example, { colour: "red" }],
  ["options", /must be an object/, example, "canary"],
  ["options.signal", /must be an AbortSignal/, example, { signal: {} }],
  ["options.signal", /must be an AbortSignal/, example, { signal: null }],
];

for (const [field, expected, request, options] of cases) {
  test(`${field} ${expected.source}`, async () => {
    const error = await rejection(client.integrations.create(request, options));
    assert.ok(error instanceof ValidationError, error.stack);
    assert.equal(error.outcome, "not_sent");
    const problem = error.problems.find((problem) => problem.field === field);
    assert.ok(problem, `${field} is named in ${JSON.stringify(error.problems)}`);
    assert.match(problem.message, expected);
    assert.doesNotMatch(error.stack, /canary/);
  });
}

test("all that is wrong is told at once", async () => {
  const error = await rejection(client.integrations.create({ ...example, name: "", settings: {} }));
  assert.ok(error.problems.length > 1);
});
