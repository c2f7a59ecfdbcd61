// Uses everything that the package offers. Compiled, never run.
import {
  AbortError,
  AuthenticationError,
  BadRequestError,
  Client,
  ConfigurationError,
  ConnectionError,
  HoodError,
  NotFoundError,
  OutcomeUnknownError,
  PermissionError,
  RateLimitError,
  Secret,
  ServerError,
  TimeoutError,
  UnreadableResponseError,
  ValidationError,
  reveal,
  unknownProvider,
  type CallOptions,
  type ClientOptions,
  type HoodResponse,
  type Integration,
  type Lane,
  type NewIntegration,
  type Outcome,
  type Problem,
  type ProviderId,
  type RequestMessage,
  type Status,
  type UnknownProviderIntegration,
} from "ocamba-hood";
import { Sandbox, type SandboxOptions } from "ocamba-hood/testing";
import hood = require("ocamba-hood");

const required: typeof Client = hood.Client;
const options: ClientOptions = {
  token: process.env["OCAMBA_TOKEN"],
  baseUrl: "https://api.ocamba.com",
  timeout: 5_000,
  connectTimeout: 1_000,
  maxRetries: 2,
  lane: { place: "shared", folder: "lanes", burst: 75, steady: 700 },
  maxResponseBytes: 1_000_000,
  userAgent: "sample/1.0",
};
const client = new Client(options);
const lane: Lane = { place: "memory" };
new Client({ lane }), new Client({ lane: "off" });
const hidden: { baseUrl: string; token: string } = client.toJSON();
const known: ProviderId = "1004";
const status: Status = "paused";
const request: NewIntegration = {
  name: "Example",
  provider_id: known,
  settings: { api_key: new Secret("AScs8XXX"), sender_name: "Example" },
  status,
};
const unknown: UnknownProviderIntegration = unknownProvider({ name: "Bot", provider_id: "2000", settings: { a: 1 } });
const call: CallOptions = { signal: AbortSignal.timeout(1_000), timeout: 500, connectTimeout: 100, maxRetries: 0 };

async function create(): Promise<Integration> {
  const integration = await client.integrations.create(request, call);
  await client.integrations.create(unknown);
  const response: HoodResponse<Integration> = await client.integrations.createWithResponse(request);
  console.log(response.status, response.headers["x-ratelimit-remaining"], response.trace_id, response.value.id);

  const id: string = integration.id;
  const name: string | null | undefined = integration.name;
  switch (integration.provider_id) {
    case "1000": {
      const sid: string | undefined = integration.settings?.account_sid;
      const token: Secret | undefined = integration.settings?.auth_token;
      return console.log(id, name, sid, token?.expose()), integration;
    }
    case "1004":
      // @ts-expect-error: a setting of another provider
      integration.settings?.account_sid;
      return integration;
    default: {
      const provider: string = integration.provider_id;
      return console.log(provider), integration;
    }
  }
}

function explain(error: unknown): Outcome | undefined {
  if (error instanceof ValidationError) {
    const problems: Problem[] = error.problems ?? [];
    problems.forEach(({ field, message }) => console.log(field, message));
  }
  if (error instanceof RateLimitError) console.log(error.retry_after);
  const classes = [
    AbortError,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    ConnectionError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionError,
    ServerError,
    TimeoutError,
    UnreadableResponseError,
  ];
  classes.forEach((found) => console.log(error instanceof found));
  if (!(error instanceof HoodError)) return undefined;
  const { code, status, title, message, trace_id }: HoodError = error;
  console.log(code, status, title, message, trace_id, error.toJSON().name);
  return error.outcome;
}

async function test(): Promise<void> {
  const options: SandboxOptions = { token: "t", burst: 1, steady: 2, limits: false };
  const sandbox = await Sandbox.start(options);
  console.log(sandbox.url, reveal(() => JSON.stringify(hidden)));
  await sandbox.client({ timeout: 1_000 }).integrations.create(request);
  await sandbox.stop();
}

const told = (message: RequestMessage): string => `${message.method} ${message.path} ${message.status ?? "-"}`;

export { create, explain, required, test, told };

// What must not compile.
// @ts-expect-error: a provider that this version does not know, and nobody says so
client.integrations.create({ name: "Bot", provider_id: "2000", settings: {} });
// @ts-expect-error: this one is known, and has a type of its own
unknownProvider({ name: "Bot", provider_id: "1000", settings: {} });
// @ts-expect-error: a name is missing
client.integrations.create({ provider_id: "1004", settings: { api_key: "a", sender_name: "b" } });
// @ts-expect-error: a setting is missing
client.integrations.create({ name: "n", provider_id: "1004", settings: { api_key: "a" } });
// @ts-expect-error: a setting that there is not
client.integrations.create({ name: "n", provider_id: "1004", settings: { api_key: "a", sender_name: "b", c: "d" } });
// @ts-expect-error: a number where a string is due
client.integrations.create({ name: "n", provider_id: "1004", settings: { api_key: 1, sender_name: "b" } });
// @ts-expect-error: a field that there is not
client.integrations.create({ name: "n", provider_id: "1004", settings: { api_key: "a", sender_name: "b" }, x: 1 });
// @ts-expect-error: an option that there is not
new Client({ colour: "red" });
// @ts-expect-error: no place
new Client({ lane: "somewhere" });
// @ts-expect-error: milliseconds are a number
client.integrations.create(request, { timeout: "1s" });
