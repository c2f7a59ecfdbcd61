// The connection to the sandbox.

const TOKEN = "ocamba-sandbox-token";
/** Pause between two attempts to reconnect. */
const PAUSE_MS = 1000;
/** Maximum silence. The sandbox sends something every 15 seconds. */
const SILENCE_MS = 40_000;

/** Moves a token out of the address, which stays in the history. */
export function takeToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  // eslint-disable-next-line security/detect-possible-timing-attacks -- whether there is a token, not which
  if (token == null) return;
  keepToken(token);
  history.replaceState(null, "", location.pathname);
}

/** Keeps the token for this tab. */
export const keepToken = (token) => sessionStorage.setItem(TOKEN, token);

/** Sends a request below `/_sandbox/`. Throws the message of an error response. */
export async function ask(path, options = {}) {
  const response = await send(path, options);
  if (!response.ok) throw new Error(await reason(response));
  return response.status === 204 ? null : response.json();
}

/**
 * Follows the events forever. `show` gets each update; `connected` gets `live`, `gone`, or `locked` with a reason. For
 * `locked`, its promise is awaited.
 */
export async function follow(show, connected) {
  for (;;) {
    const silence = new AbortController();
    try {
      const response = await send("events", { signal: silence.signal });
      if (response.ok) {
        connected("live");
        await read(response.body.getReader(), silence, show);
      } else if (response.status === 401 || response.status === 403) {
        await connected("locked", await reason(response));
        continue;
      }
    } catch {
      // Not reachable; reported below.
    }
    connected("gone");
    await new Promise((resume) => setTimeout(resume, PAUSE_MS));
  }
}

// Not EventSource, which cannot send a token.
async function read(reader, silence, show) {
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const watch = setTimeout(() => silence.abort(), SILENCE_MS);
    const { done, value } = await reader.read().finally(() => clearTimeout(watch));
    if (done) return;
    text += decoder.decode(value, { stream: true });
    const events = text.split("\n\n");
    text = events.pop();
    for (const event of events) {
      if (event.startsWith("data: ")) show(JSON.parse(event.slice("data: ".length)));
    }
  }
}

function send(path, options) {
  const token = sessionStorage.getItem(TOKEN);
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  return fetch(`/_sandbox/${path}`, { cache: "no-store", ...options, headers });
}

async function reason(response) {
  const error = await response.json().catch(() => ({}));
  return error.message ?? `the sandbox responded ${response.status}`;
}
