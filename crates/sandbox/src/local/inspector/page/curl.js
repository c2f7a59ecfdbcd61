// A request as a command that sends it again.

/** What is hidden stays so: `body` has its secrets masked but for those that were shown. */
export function curl(origin, { method, path, query, contentType, body }) {
  const address = quoted(`${origin}${path}${query ? `?${query}` : ""}`);
  const lines = [`curl ${method === "GET" ? "" : `--request ${quoted(method)} `}${address}`];
  // The shell puts the token there.
  lines.push(`--header "Authorization: Bearer $OCAMBA_TOKEN"`);
  if (body != null) {
    lines.push(`--header ${quoted(`Content-Type: ${contentType ?? "application/json"}`)}`);
    lines.push(`--data-raw ${quoted(body)}`);
  }
  return lines.join(" \\\n  ");
}

/** For a POSIX shell: nothing within means anything. */
function quoted(text) {
  return /^[A-Za-z0-9_./:-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
