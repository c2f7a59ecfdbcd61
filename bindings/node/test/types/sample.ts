// Uses everything that the package offers. Compiled, never run.
import {
  AbortError,
  AuthenticationError,
  BadRequestError,
  Client,
  ConfigurationError,
  ConnectionError,
  DuplicateError,
  HoodError,
  NotFoundError,
  OutcomeUnknownError,
  PermissionDeniedError,
  ProviderId,
  RateLimitError,
  Secret,
  ServerError,
  TimeoutError,
  UnreadableResponseError,
  ValidationError,
  describedProvider,
  reveal,
  unknownProvider,
  type CallOptions,
  type Changed,
  type ClientOptions,
  type Ensured,
  type HoodResponse,
  type Integration,
  type IntegrationFilters,
  type List,
  type Mitto,
  type NewIntegration,
  type Outcome,
  type Page,
  type PartOf,
  type FieldError,
  type ProviderDescription,
  type RequestMessage,
  type SettingDescription,
  type Stage,
  type ReconcileOptions,
  type SettingsOf,
  type Status,
  type UnknownProviderIntegration,
  type UnknownProviderUpdate,
  type UpdateIntegration,
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
  rateLimit: "shared",
  rateLimitTier: "75/700",
  rateLimitDir: "limits",
  maxResponseBytes: 1_000_000,
  userAgent: "sample/1.0",
  headers: new Headers({ "x-key": "1" }),
};
const client = new Client(options);
new Client({ rateLimit: "memory" }), new Client({ rateLimit: "off" });
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
const call: CallOptions = { signal: AbortSignal.timeout(1_000), timeout: 500, connectTimeout: 100, maxRetries: 0, headers: { traceparent: "00-1", "x-key": new Secret("464XXX") } };

async function create(): Promise<Integration> {
  const integration = await client.integrations.create(request, call);
  await client.integrations.create(unknown);
  const response: HoodResponse<Integration> = await client.integrations.withResponse.create(request);
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

// The result has the provider of the request.
async function narrowed(): Promise<string | undefined> {
  const settings = { api_key: "k", sender_name: "Example" };
  const made = await client.integrations.create({ name: "n", provider_id: ProviderId.Mitto, settings });
  const { integration } = await client.integrations.ensure({ name: "n", provider_id: "1004", settings });
  // @ts-expect-error: a setting of another provider
  made.settings?.account_sid;
  const copy: Integration = { ...made, name: "Copy" };
  return integration.settings?.sender_name ?? copy.name ?? made.settings?.sender_name;
}

async function anyProvider<Id extends ProviderId>(provider_id: Id, settings: SettingsOf[Id]): Promise<string> {
  return (await client.integrations.create({ name: "n", provider_id, settings })).id;
}

async function change(integration: Integration): Promise<void> {
  const { id, effective_status, create_time, provider } = await client.integrations.get(integration.id, call);
  const status: Status | null | undefined = effective_status;
  console.log(status, create_time, provider?.name, provider?.settings?.map(({ name, required }) => `${name} ${required}`));
  const rename: UpdateIntegration = { name: "Another", status: "paused" };
  const settings: Changed<Mitto> = { api_key: new Secret("k"), sender_name: null };
  const done: void = await client.integrations.update(id, rename, call);
  await client.integrations.update(id, { provider_id: "1004", settings, status: "active" });
  const unheardOf: UnknownProviderUpdate = unknownProvider({ provider_id: "2000", settings: { bot_token: null } });
  const beside: HoodResponse<void> = await client.integrations.withResponse.update(id, unheardOf);
  await client.integrations.validate(request), await client.integrations.validate(unknown, call);
  await client.integrations.sendTest(id), await client.integrations.sendTest(request, call);
  const statuses = [
    await client.integrations.withResponse.validate(request),
    await client.integrations.withResponse.get(id),
    await client.integrations.withResponse.sendTest(unknown),
  ].map(({ status }) => status);
  console.log(done, beside.status, statuses);
}

async function ensure(): Promise<Ensured | Integration | null> {
  const reconcileTimeout: ReconcileOptions = { reconcileTimeout: 5_000, ...call };
  try {
    const { integration, action } = await client.integrations.ensure(request, reconcileTimeout);
    const actions: "created" | "adopted" | "updated" = action;
    console.log((await client.integrations.withResponse.ensure(unknown)).value.integration.name);
    return { integration, action: actions };
  } catch (error) {
    if (!(error instanceof HoodError) || error.outcome !== "unknown") throw error;
    console.log((await client.integrations.withResponse.findCreated(error)).value?.id);
    return await client.integrations.findCreated(error, reconcileTimeout);
  }
}

async function list(): Promise<List<Integration>> {
  const filters: IntegrationFilters = { type: "sms", provider_id: known, q: "a", q_fields: ["name"], sort: "name,-id", view: "full" };
  const all = client.integrations.list({ page_size: 10, sort: ["name", "-id"] }, call);
  for await (const integration of all) {
    if (integration.provider_id === "1004") console.log(integration.settings?.sender_name);
    break;
  }
  const { total, items }: Page<Integration> = await all.page(1);
  const beside: HoodResponse<Page<Integration>> = await all.withResponse.page(2);
  const some: PartOf<Integration>[] = await client.integrations.list({ ...filters, fields: ["name"] }).all();
  const name: string | null | undefined = some[0]?.name;
  // @ts-expect-error: it need not be there, since only some fields were requested
  const provider: string = some[0]?.provider_id;
  console.log(total, items.length, beside.value.items, name, provider);
  for await (const description of client.providers.list({ page_size: 10 })) describe(description);
  return all;
}

function describe(description: ProviderDescription): UnknownProviderIntegration {
  const settings: SettingDescription[] = description.settings ?? [];
  console.log(settings.map(({ title, name, type, required, deprecated }) => [title, name, type, required, deprecated]));
  return describedProvider(description, { name: "n", settings: { bot_token: new Secret("123:abc") }, status });
}

function explain(error: unknown): Outcome | undefined {
  if (error instanceof ValidationError) {
    const field_errors: FieldError[] = error.field_errors;
    field_errors.forEach(({ field, message }) => console.log(field, message));
  }
  if (error instanceof RateLimitError) console.log(error.retry_after);
  const classes = [
    AbortError,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    ConnectionError,
    DuplicateError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    ServerError,
    TimeoutError,
    UnreadableResponseError,
  ];
  classes.forEach((found) => console.log(error instanceof found));
  if (!(error instanceof HoodError)) return undefined;
  const { code, http_status, title, message, trace_id, stage }: HoodError = error;
  console.log(code, http_status, title, message, trace_id, stage satisfies Stage | undefined, error.toJSON().name);
  return error.outcome;
}

async function test(): Promise<void> {
  const options: SandboxOptions = { token: "t", burst: 1, steady: 2, limits: false, tls: true, seed: "rows.csv", state: "state.json" };
  const sandbox = await Sandbox.start(options);
  const certificate: string | undefined = sandbox.caCertificate;
  console.log(sandbox.url, certificate, reveal(() => JSON.stringify(hidden)));
  await sandbox.client({ timeout: 1_000 }).integrations.create(request);
  await sandbox.stop();
}

const shown = (message: RequestMessage): string => `${message.method} ${message.path} ${message.status ?? "-"}`;

export { anyProvider, change, create, ensure, explain, list, narrowed, required, shown, test };

// What must not compile.
// @ts-expect-error: a provider that this version does not know, and nobody says so
client.integrations.create({ name: "Bot", provider_id: "2000", settings: {} });
// @ts-expect-error: the field has another name
client.integrations.create({ name: "n", providerId: "1004", settings: { api_key: "a", sender_name: "b" } });
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
// @ts-expect-error: settings, and nobody says whose
client.integrations.update("7", { settings: { api_key: "a" } });
// @ts-expect-error: a setting that there is not
client.integrations.update("7", { provider_id: "1004", settings: { account_sid: "a" } });
// @ts-expect-error: a number where a string is due
client.integrations.update("7", { provider_id: "1004", settings: { sender_name: 7 } });
// @ts-expect-error: null where it cannot be
client.integrations.update("7", { name: null });
// @ts-expect-error: an id is a string
client.integrations.get(7);
// @ts-expect-error: a filter that there is not
client.integrations.list({ colour: "red" });
// @ts-expect-error: this call does not wait for anything to reconcileTimeout
client.integrations.get("7", { reconcileTimeout: 5 });
// @ts-expect-error: an option that there is not
new Client({ colour: "red" });
// @ts-expect-error: no place
new Client({ rateLimit: "somewhere" });
// @ts-expect-error: milliseconds are a number
client.integrations.create(request, { timeout: "1s" });
