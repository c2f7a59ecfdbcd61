// The client of OpenAPI Generator for `fetch`.
import { Configuration, IntegrationsApi, CreateIntegrationFromJSON } from "./client/index.js";
import requests from "./requests.js";

declare const process: { env: Record<string, string> };

const { OCAMBA_BASE_URL: basePath, OCAMBA_TOKEN: accessToken } = process.env;
const api = new IntegrationsApi(new Configuration({ basePath, accessToken }));

for (const { body } of requests) {
  const integration = CreateIntegrationFromJSON(body);
  await api.validateIntegration({ createIntegration: integration });
  const created = await api.createIntegration({ createIntegration: integration });
  if (created.providerId !== integration.providerId) throw new Error("not created");
}
const { total, items } = await api.listIntegrations({ page: 1, sort: "id" });
if (total !== requests.length || items.some((it) => !it.name)) throw new Error("not listed");
