// The sandbox, as this page talks to it.

const TOKEN = "ocamba-sandbox-token";
/** Before it is asked again whether the sandbox is back. */
const PAUSE_MS = 1000;
/** The sandbox says something every 15 seconds, if only that it is there. */
const SILENCE_MS = 40_000;

/** Takes a token out of the address, where it would stay in the history. */
export function takeToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token == null) return;
  keepToken(token);
  history.replaceState(null, "", location.pathname);
}

/** For this tab only. */
export const keepToken = (token) => sessionStorage.setItem(TOKEN, token);

/** A request below `/_sandbox/`. An answer that is none is an error with its message. */
export async function ask(path, options = {}) {
  const response = await send(path, options);
  if (!response.ok) throw new Error(await reason(response));
  return response.status === 204 ? null : response.json();
}

/**
 * Follows what happens, for ever. `tell` gets each update; `connected` gets `live`, `gone`, or `locked` with a reason, in
 * which case what it returns is waited for.
 */
export async function follow(tell, connected) {
  for (;;) {
    const silence = new AbortController();
    try {
      const response = await send("events", { signal: silence.signal });
      if (response.ok) {
        connected("live");
        await read(response.body.getReader(), silence, tell);
      } else if (response.status === 401 || response.status === 403) {
        await connected("locked", await reason(response));
        continue;
      }
    } catch {
      // It has gone, which is told below.
    }
    connected("gone");
    await new Promise((resume) => setTimeout(resume, PAUSE_MS));
  }
}

// Not EventSource, which can send no token.
async function read(reader, silence, tell) {
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
      if (event.startsWith("data: ")) tell(JSON.parse(event.slice("data: ".length)));
    }
  }
}

function send(path, options) {
  const token = sessionStorage.getItem(TOKEN);
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  return fetch(`/_sandbox/${path}`, { cache: "no-store", ...options, headers });
}

async function reason(response) {
  const answer = await response.json().catch(() => ({}));
  return answer.message ?? `the sandbox answers ${response.status}`;
}
