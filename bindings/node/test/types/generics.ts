// Code for any provider, results that keep the provider of their request, and copies. Compiled, never run.
import {
  Client,
  ProviderId,
  Secret,
  type CallMessage,
  type Integration,
  type KnownIntegration,
  type NewIntegration,
  type NewIntegrationOf,
  type SettingsOf,
  type UpdateIntegration,
} from "ocamba-hood";
import { HoodInstrumentation } from "ocamba-hood/opentelemetry";
import { disableNetConnect } from "ocamba-hood/testing";
import { Fleet, type Row } from "ocamba-fleet";

const { integrations } = new Client();

async function anyProvider<Id extends ProviderId>(provider_id: Id, settings: SettingsOf[Id]): Promise<Integration<Id>> {
  const request: NewIntegrationOf<Id> = { name: "n", provider_id, settings };
  await integrations.validate(request), await integrations.sendTest(request), await integrations.ensure(request);
  await integrations.update("1165", { provider_id, settings });
  const made: Integration<Id> = await integrations.create(request);
  const { value, status } = await integrations.withResponse.create(request);
  const id: string = value.id;
  return status === 201 && id !== made.id ? value : made;
}

async function oneProvider(): Promise<(string | undefined)[]> {
  const request = { name: "n", provider_id: ProviderId.Mitto, settings: { api_key: "k", sender_name: "Example" } };
  const { value } = await integrations.withResponse.create(request);
  const { value: ensured } = await integrations.withResponse.ensure(request);
  const mine: KnownIntegration<"1004"> = value;
  // @ts-expect-error: a setting of another provider
  mine.settings?.account_sid;
  return [value.settings?.sender_name, ensured.integration.settings?.sender_name];
}

async function requests(request: NewIntegration, update: UpdateIntegration, row: Row): Promise<Fleet> {
  const { value }: { value: Integration } = await integrations.withResponse.create(request);
  await integrations.update(value.id, update);
  return new Fleet([row, request]);
}

function copies(integration: Integration): (Integration | undefined)[] {
  const { id, ...rest } = integration;
  const renamed: Integration = { ...integration, name: "Copy" };
  const again: Integration = { ...rest, id: `${id}0` };
  const cloned: Integration = structuredClone(integration);
  const all = [renamed, again, cloned];
  const found = all.filter((one): one is Integration<"1004"> => one.provider_id === ProviderId.Mitto);
  const [first] = found;
  const narrow: Integration<"1004"> | undefined = first && { ...first, name: first.settings?.sender_name };
  return [...all, narrow];
}

type Request = Parameters<typeof integrations.create>[0];
type Made = Awaited<ReturnType<typeof integrations.create>>;
const create = (request: Request): Promise<Made> => integrations.create(request);
const stub: Pick<typeof integrations, "get"> = { get: async (id) => ({ id, provider_id: "1004" }) };
const tracing = ({ operation, headers, error }: CallMessage): string => `${operation} ${headers["traceparent"]} ${error?.code}`;
const print: string = new Secret(1).fingerprint;
disableNetConnect();
const instrumentation: HoodInstrumentation = new HoodInstrumentation({ enabled: false });

export { anyProvider, copies, create, instrumentation, oneProvider, print, requests, stub, tracing };

// What must not compile, at the line of the mistake.
new Fleet([
  { name: "a", provider_id: "1004", settings: { api_key: "a", sender_name: "b" } },
  // @ts-expect-error: a setting is missing
  { name: "b", provider_id: "1004", settings: { api_key: "a" } },
]);
new Fleet([
  {
    name: "a",
    // @ts-expect-error: a provider that this version does not know, and nobody says so
    provider_id: "2000",
    settings: {},
  },
]);
integrations.withResponse.create({
  name: "a",
  provider_id: "1004",
  // @ts-expect-error: settings of another provider
  settings: { api_key: "a", domain: "b" },
});
