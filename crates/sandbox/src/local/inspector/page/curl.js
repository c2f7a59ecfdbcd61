// The cURL command that sends a request again.

/** Returns the command. In `body`, all secrets are masked except those that are shown. */
export function curl(origin, { method, path, query, contentType, body }) {
  const address = quote(`${origin}${path}${query ? `?${query}` : ""}`);
  const lines = [`curl ${method === "GET" ? "" : `--request ${quote(method)} `}${address}`];
  // The shell inserts the token.
  lines.push(`--header "Authorization: Bearer $OCAMBA_TOKEN"`);
  if (body != null) {
    lines.push(`--header ${quote(`Content-Type: ${contentType ?? "application/json"}`)}`);
    lines.push(`--data-raw ${quote(body)}`);
  }
  return lines.join(" \\\n  ");
}

/** Quotes a text for a POSIX shell. */
function quote(text) {
  return /^[A-Za-z0-9_./:-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
