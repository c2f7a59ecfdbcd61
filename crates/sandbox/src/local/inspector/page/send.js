// Sends a request of the list again, as it was or edited.

import { get, set } from "./body.js";
import { MASK } from "./content.js";
import { byId, printable } from "./dom.js";
import { ask } from "./server.js";

/** Texts of requests are kept up to this number of letters. */
const LONGEST = 256;
/** The browser sends its own. */
const OWN_HEADERS = new Set(["host", "user-agent", "content-length", "connection", "accept-encoding", "expect", "transfer-encoding", "te"]);

/** Sends a request as it was, and returns what came of it. */
export async function again(id) {
  const { row, sent } = await ask(`requests/${id}?secrets=shown`);
  return send(row.method, target(row, sent), sent.headers, sent.body && text(sent.body));
}

/** Lets the user edit a request and send it. `say` gets what came of it. */
export async function edit(id, say) {
  const { row, sent } = await ask(`requests/${id}`);
  byId("edit-method").value = row.method;
  byId("edit-target").value = target(row, sent);
  byId("edit-token").value = "";
  byId("edit-body").value = sent.body?.json == null ? "" : JSON.stringify(sent.body.json, null, 2);
  byId("edit-hidden").hidden = !(sent.body?.masked.length > 0);
  byId("edit-error").textContent = "";
  byId("edit-form").onsubmit = (event) => {
    // The browser's own button closes the dialog.
    if (event.submitter?.id !== "edit-send") return;
    event.preventDefault();
    sendEdited(id, sent).then(
      (result) => {
        byId("edit").close();
        say(result);
      },
      (error) => (byId("edit-error").textContent = printable(error.message)),
    );
  };
  byId("edit").showModal();
}

async function sendEdited(id, { body }) {
  const clear = (await ask(`requests/${id}?secrets=shown`)).sent;
  const token = byId("edit-token").value.trim();
  const headers = clear.headers.filter(([name]) => !(token && name === "authorization"));
  if (token) headers.push(["authorization", `Bearer ${token}`]);
  const edited = byId("edit-body").value;
  if (edited !== "" && !headers.some(([name]) => name === "content-type")) headers.push(["content-type", "application/json"]);
  return send(byId("edit-method").value, byId("edit-target").value, headers, edited === "" ? null : filled(edited, body, clear.body));
}

/** Puts the secrets where their masks still are. */
function filled(edited, masked, clear) {
  if (!edited.includes(MASK)) return edited;
  let json;
  try {
    json = JSON.parse(edited);
  } catch (error) {
    throw new Error(`The body is not JSON (${error.message}), so its hidden secrets cannot be filled in. Correct it, or write them.`);
  }
  const hidden = (masked?.masked ?? []).filter((pointer) => get(json, pointer) === MASK);
  return JSON.stringify(hidden.reduce((all, pointer) => set(all, pointer, get(clear.json, pointer)), json), null, 2);
}

async function send(method, target, headers, body) {
  if (!target.startsWith("/")) throw new Error("The address must begin with /.");
  const own = Object.fromEntries(headers.filter(([name]) => !OWN_HEADERS.has(name) && !name.startsWith("sec-")));
  // A browser sends no body with these.
  const content = ["GET", "HEAD"].includes(method) ? {} : { body };
  try {
    const response = await fetch(target, { method, headers: own, cache: "no-store", redirect: "manual", ...content });
    return `Sent ${method} ${target}: ${response.status}.`;
  } catch {
    return `Sent ${method} ${target}: the connection ended without a response.`;
  }
}

function target({ path }, { query }) {
  if (path.length >= LONGEST || query?.length >= LONGEST) throw new Error("This address is too long to be kept, so it cannot be sent again.");
  return `${path}${query ? `?${query}` : ""}`;
}

function text({ cut, text }) {
  if (cut) throw new Error("This body is too large to be kept, so it cannot be sent again.");
  return text;
}
