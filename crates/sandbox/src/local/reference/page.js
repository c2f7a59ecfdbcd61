// Renders the document with Scalar, which sends requests to the sandbox that serves this page.

const api = newer(await (await fetch("/docs/openapi.json")).json());
api.openapi = "3.1.1";

for (const operation of Object.values(api.paths).flatMap(Object.values)) {
  const examples = Object.entries(operation.requestBody?.content["application/json"].examples ?? {});
  for (const sample of operation["x-codeSamples"] ?? []) {
    const [language, provider] = sample.label.split(" · ");
    const example = examples.find(([, { summary }]) => summary === provider);
    // Scalar then offers only the language, and shows the sample of the provider whose example is chosen.
    if (example) Object.assign(sample, { label: language, example: example[0] });
  }
}

const place = document.querySelector("#reference");
// The documentation has the same page without a sandbox.
const isSandbox = "sandbox" in place.dataset;
place.replaceChildren();
// The copy buttons show only a picture or the language, and Scalar labels them with a text that does not exist.
new MutationObserver(() => {
  for (const button of place.querySelectorAll('[class~="group/copy-button"]')) {
    const name = `${button.querySelector("span span")?.textContent ?? ""} Copy`.trim();
    if (button.getAttribute("aria-label") !== name) button.setAttribute("aria-label", name);
  }
}).observe(place, { childList: true, subtree: true });
Scalar.createApiReference(place, {
  content: api,
  // Any token is accepted, unless the sandbox was started with one.
  ...(isSandbox && {
    servers: [{ url: location.origin, description: "This sandbox" }],
    authentication: { preferredSecurityScheme: "token", securitySchemes: { token: { token: "sandbox" } } },
  }),
  hideTestRequestButton: !isSandbox,
  // Only the samples of the document.
  hiddenClients: true,
  defaultOpenAllTags: true,
  // The document has its own address; this one is converted.
  documentDownloadType: "none",
  // Nothing leaves this machine.
  agent: { disabled: true },
  externalUrls: { dashboardUrl: "", registryUrl: "", proxyUrl: "", apiBaseUrl: "" },
  hideClientButton: true,
  mcp: { disabled: true },
  showDeveloperTools: "never",
  telemetry: false,
  withDefaultFonts: false,
});

// Converts the document to the newer version of OpenAPI. Scalar does this too, but it mistakes the `example` of a sample
// for that of a schema, and removes it.
function newer(value) {
  if (Array.isArray(value)) return value.map(newer);
  if (value === null || typeof value !== "object") return value;
  const { nullable, example, ...rest } = value;
  const made = Object.fromEntries(
    Object.entries(rest).map(([name, member]) => [name, name === "examples" ? member : newer(member)]),
  );
  if (nullable && made.type) made.type = [made.type, "null"];
  // Parameters and headers, which have a schema, keep theirs.
  if (example !== undefined) Object.assign(made, value.schema ? { example } : { examples: [example] });
  return made;
}
