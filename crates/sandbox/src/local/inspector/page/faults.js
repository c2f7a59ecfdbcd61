// The switches for faults, and the requests that they are for.

import { byId, count, el } from "./dom.js";
import { ask } from "./server.js";

/**
 * Draws the switches. Returns `show`, which shows the remaining faults, and `know`, which takes the names of operations.
 * `failed` gets the errors.
 */
export async function faults(failed) {
  const presets = await (await fetch("/_sandbox/page/faults.json")).json();
  const press = (preset, { currentTarget }) =>
    toggle(preset, currentTarget.getAttribute("aria-checked") === "true").catch((error) => failed(error.message));
  const switches = presets.map((preset) => ({ ...preset, ...drawSwitch(preset, (event) => press(preset, event)) }));
  let left = { seed: 0, faults: [] };

  const show = () => {
    const others = left.faults.filter((rule) => !presets.some((preset) => isOf(rule, preset)));
    for (const { element, scope, ...preset } of switches) {
      const rule = left.faults.find((rule) => isOf(rule, preset));
      element.setAttribute("aria-checked", rule != null);
      scope.textContent = rule ? inWords(rule) : "";
    }
    const on = left.faults.length - others.length;
    byId("faults-on").textContent = on > 0 ? `${count(on)} on` : "";
    byId("faults-total").hidden = left.faults.length === 0;
    byId("faults-total").textContent = count(left.faults.length);
    byId("other-faults").hidden = others.length === 0;
    byId("other-faults").textContent = `And ${others.length} from a file or a test.`;
  };

  const toggle = async (preset, wasOn) => {
    const chosen = wasOn ? [] : [{ ...chosenScope(), fault: preset.fault }];
    // The current faults, since one may have fired.
    const { seed, faults } = await ask("faults");
    // The first match fires.
    left = { seed, faults: [...chosen, ...faults.filter((rule) => !isOf(rule, preset))] };
    await ask("faults", { method: "PUT", body: JSON.stringify(left) });
    show();
  };

  byId("faults").append(...switches.map((it) => it.element));
  return {
    show(faults) {
      left = faults;
      show();
    },
    know(operations) {
      const options = operations.map((id) => el("option", { value: id }, id));
      byId("fault-operation").replaceChildren(byId("fault-operation").firstElementChild, ...options);
    },
  };
}

/** The requests that the user has chosen. Throws where a number is invalid. */
function chosenScope() {
  const scope = {};
  if (byId("fault-operation").value) scope.operation = byId("fault-operation").value;
  for (const id of ["fault-times", "fault-share"]) {
    if (!byId(id).checkValidity()) throw new Error(`${id === "fault-times" ? "times" : "share"}: ${byId(id).validationMessage}`);
  }
  if (byId("fault-times").value) scope.times = Number(byId("fault-times").value);
  if (byId("fault-share").value) scope.probability = Number(byId("fault-share").value) / 100;
  return scope;
}

/** The requests of a rule. */
function inWords({ operation, times, probability }) {
  const parts = [operation, times && (times === 1 ? "once more" : `${count(times)} more`)];
  if (probability != null) parts.push(`${Math.round(probability * 100)} %`);
  return parts.filter(Boolean).join(" · ");
}

function drawSwitch({ id, title, description }, click) {
  const name = `fault-${id}`;
  const scope = el("span", { class: "small bad", id: `${name}-scope` });
  const about = el("span", { id: `${name}-description`, class: "small muted" }, description);
  const text = el("span", {}, el("b", { id: name }, title), about, scope);
  const label = { "aria-labelledby": name, "aria-describedby": `${name}-description ${name}-scope` };
  const knob = el("span", { class: "knob", "aria-hidden": "true" });
  const attributes = { type: "button", class: "row", role: "switch", "aria-checked": "false", ...label, click, data: { fault: id } };
  return { element: el("button", attributes, text, knob), scope };
}

/** Returns whether a rule is this preset, for whichever operation, count and share. */
function isOf(rule, preset) {
  const { fault, times, operation, probability, ...rest } = rule;
  return Object.keys(rest).length === 0 && sorted(fault) === sorted(preset.fault);
}

/** Returns the JSON of a value with sorted fields. */
function sorted(value) {
  return JSON.stringify(value, (_, it) => {
    const isObject = it !== null && typeof it === "object" && !Array.isArray(it);
    return isObject ? Object.fromEntries(Object.entries(it).sort()) : it;
  });
}
