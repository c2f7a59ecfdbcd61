// Recognizes the client of a request by its user agent.

// The first match counts: clients that name their language come before the core that they use.
const CLIENTS = [
  ["cli", ">_", "Command line", /\bocamba-cli\//],
  ["python", "Py", "Python", /\bocamba-hood-python\//],
  ["node", "JS", "Node", /\bocamba-hood-node\//],
  ["rust", "Rs", "Rust", /\bocamba-hood\//],
  ["curl", "cu", "curl", /^curl\//],
  ["php", "php", "PHP", /\bphp\b|guzzle/i],
  ["python", "Py", "Python", /python|aiohttp|httpx|urllib/i],
  ["node", "JS", "Node", /^node\b|undici|axios|\bbun\/|\bdeno\//i],
  ["rust", "Rs", "Rust", /^reqwest\/|^hyper\//],
  ["browser", "web", "Browser", /^mozilla\//i],
];

/** Returns the kind, the mark and the name of a client. */
export function client(userAgent) {
  if (!userAgent) return { kind: "none", mark: "·", title: "Unknown" };
  const found = CLIENTS.find(([, , , pattern]) => pattern.test(userAgent));
  if (found) return { kind: found[0], mark: found[1], title: found[2] };
  // The name of a program comes first.
  return { kind: "other", mark: "?", title: userAgent.split(/[\s/]/)[0] || "Another client" };
}
