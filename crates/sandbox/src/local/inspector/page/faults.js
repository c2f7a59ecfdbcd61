// The switches for faults.

import { byId, el } from "./dom.js";
import { ask } from "./server.js";

/** Draws the switches, and returns the function that shows the remaining faults. `failed` gets the errors. */
export async function faults(failed) {
  const presets = await (await fetch("/_sandbox/page/faults.json")).json();
  const press = (preset, { currentTarget }) =>
    toggle(preset, currentTarget.getAttribute("aria-checked") === "true").catch((error) => failed(error.message));
  const switches = presets.map((preset) => ({ ...preset, element: drawSwitch(preset, (event) => press(preset, event)) }));
  let left = { seed: 0, faults: [] };

  const show = () => {
    const others = left.faults.filter((rule) => !presets.some((preset) => isOf(rule, preset)));
    for (const { element, ...preset } of switches) {
      const rule = left.faults.find((rule) => isOf(rule, preset));
      element.setAttribute("aria-checked", rule != null);
    }
    const on = left.faults.length - others.length;
    byId("faults-on").textContent = on > 0 ? "one is on" : "";
    byId("other-faults").hidden = others.length === 0;
    byId("other-faults").textContent = `And ${others.length} from a file or a test.`;
  };

  const toggle = async (preset, wasOn) => {
    // The current faults, since one may have fired.
    const { seed, faults } = await ask("faults");
    const others = faults.filter((rule) => !presets.some((other) => isOf(rule, other)));
    const once = byId("fault-once").checked ? { times: 1 } : {};
    // The first match fires.
    left = { seed, faults: wasOn ? others : [{ ...once, fault: preset.fault }, ...others] };
    await ask("faults", { method: "PUT", body: JSON.stringify(left) });
    show();
  };

  byId("faults").append(...switches.map((it) => it.element));
  return (faults) => {
    left = faults;
    show();
  };
}

function drawSwitch({ id, title, description }, click) {
  const name = `fault-${id}`;
  const text = el("span", {}, el("b", { id: name }, title), el("span", { id: `${name}-description`, class: "small muted" }, description));
  const label = { "aria-labelledby": name, "aria-describedby": `${name}-description` };
  const knob = el("span", { class: "knob", "aria-hidden": "true" });
  return el("button", { type: "button", class: "row", role: "switch", "aria-checked": "false", ...label, click, data: { fault: id } }, text, knob);
}

/** Returns whether a rule is this preset, for every request. */
function isOf(rule, preset) {
  const { fault, times, ...rest } = rule;
  return Object.keys(rest).length === 0 && sorted(fault) === sorted(preset.fault);
}

/** Returns the JSON of a value with sorted fields. */
function sorted(value) {
  return JSON.stringify(value, (_, it) => {
    const isObject = it !== null && typeof it === "object" && !Array.isArray(it);
    return isObject ? Object.fromEntries(Object.entries(it).sort()) : it;
  });
}
