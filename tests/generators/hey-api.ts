// The client of hey-api.
import { client } from "./client/client.gen.js";
import { createIntegration, listIntegrations, validateIntegration } from "./client/index.js";
import requests from "./requests.js";

declare const process: { env: Record<string, string> };

client.setConfig({ baseUrl: process.env.OCAMBA_BASE_URL, auth: process.env.OCAMBA_TOKEN, throwOnError: true });

for (const { body } of requests) {
  await validateIntegration({ body, throwOnError: true });
  const { data } = await createIntegration({ body, throwOnError: true });
  if (data.provider_id !== body.provider_id) throw new Error("not created");
}
const { data } = await listIntegrations({ query: { page: 1, sort: "id" }, throwOnError: true });
if (data.total !== requests.length || data.items.some((it) => !it.name)) throw new Error("not listed");
