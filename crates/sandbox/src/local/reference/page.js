// Lays out the document by Scalar, for trying it out against the sandbox that serves this page.

const api = newer(await (await fetch("/docs/openapi.json")).json());
api.openapi = "3.1.1";

for (const operation of Object.values(api.paths).flatMap(Object.values)) {
  const examples = Object.entries(operation.requestBody?.content["application/json"].examples ?? {});
  for (const sample of operation["x-codeSamples"] ?? []) {
    const [language, provider] = sample.label.split(" · ");
    const example = examples.find(([, { summary }]) => summary === provider);
    // Then Scalar asks for the language alone, and shows the sample of the provider whose example is chosen below.
    if (example) Object.assign(sample, { label: language, example: example[0] });
  }
}

const place = document.querySelector("#reference");
place.replaceChildren();
// The buttons that copy a sample show a picture only, or the language, and Scalar names them by a text that is not there.
new MutationObserver(() => {
  for (const button of place.querySelectorAll('[class~="group/copy-button"]')) {
    const name = `${button.querySelector("span span")?.textContent ?? ""} Copy`.trim();
    if (button.getAttribute("aria-label") !== name) button.setAttribute("aria-label", name);
  }
}).observe(place, { childList: true, subtree: true });
Scalar.createApiReference(place, {
  content: api,
  servers: [{ url: location.origin, description: "This sandbox" }],
  // Any token is let in, unless the sandbox was started with one.
  authentication: { preferredSecurityScheme: "token", securitySchemes: { token: { token: "sandbox" } } },
  // The samples of the document, and no others.
  hiddenClients: true,
  defaultOpenAllTags: true,
  // The document has its own address, and is not what was made of it here.
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

// The document in the newer version of OpenAPI. Scalar would do this by itself, but it takes the `example` of a sample for
// that of a schema, and moves it away.
function newer(value) {
  if (Array.isArray(value)) return value.map(newer);
  if (value === null || typeof value !== "object") return value;
  const { nullable, example, ...rest } = value;
  const made = Object.fromEntries(
    Object.entries(rest).map(([name, member]) => [name, name === "examples" ? member : newer(member)]),
  );
  if (nullable && made.type) made.type = [made.type, "null"];
  // What has a schema is a parameter or a header, which keep theirs.
  if (example !== undefined) Object.assign(made, value.schema ? { example } : { examples: [example] });
  return made;
}
