// openapi-fetch with the types of openapi-typescript.
import createClient from "openapi-fetch";
import type { paths } from "./client.js";
import requests from "./requests.js";

declare const process: { env: Record<string, string> };

const { OCAMBA_BASE_URL, OCAMBA_TOKEN } = process.env;
const client = createClient<paths>({ baseUrl: OCAMBA_BASE_URL, headers: { Authorization: `Bearer ${OCAMBA_TOKEN}` } });

for (const { body } of requests) {
  const validated = await client.POST("/v1/hood/integrations/validate", { body });
  const { data, error } = await client.POST("/v1/hood/integrations", { body });
  if (validated.error || error || data.provider_id !== body.provider_id) {
    throw new Error(`not created: ${error?.message}`);
  }
}
const { data } = await client.GET("/v1/hood/integrations", { params: { query: { page: 1, sort: "id" } } });
if (data?.total !== requests.length || data.items.some((it) => !it.name)) {
  throw new Error("not listed");
}

const [one, another] = requests;
// @ts-expect-error: another provider's settings do not compile.
const { error } = await client.POST("/v1/hood/integrations", { body: { ...one.body, settings: another.body.settings } });
if (error?.code !== 400) throw new Error("not refused");
