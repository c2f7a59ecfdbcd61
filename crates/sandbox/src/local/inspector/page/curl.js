// A request as a command.

/** Returns the cURL command that sends a request again. In `body`, all secrets are masked except those that are shown. */
export function curl({ method, path }, { query, headers }, body) {
  const address = quote(`${location.origin}${path}${query ? `?${query}` : ""}`);
  const lines = [`curl ${method === "GET" ? "" : `--request ${quote(method)} `}${address}`];
  // The shell inserts the token.
  lines.push(`--header "Authorization: Bearer $OCAMBA_TOKEN"`);
  if (body != null) {
    const type = headers.find(([name]) => name === "content-type")?.[1];
    lines.push(`--header ${quote(`Content-Type: ${type ?? "application/json"}`)}`);
    lines.push(`--data-raw ${quote(body)}`);
  }
  return lines.join(" \\\n  ");
}

/** Quotes a text for a POSIX shell. */
function quote(text) {
  return /^[A-Za-z0-9_./:-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
