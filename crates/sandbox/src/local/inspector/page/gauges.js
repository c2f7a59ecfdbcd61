// The gauges of the limits, and the requests of each second.

import { byId, count, drawn, el } from "./dom.js";

const GAUGES = [
  { window: "second", title: "This second", seconds: 1 },
  { window: "minute", title: "This minute", seconds: 60 },
  { window: "in-flight", title: "In flight" },
];
/** Number of seconds in the chart. */
const SECONDS = 60;

/** Draws the gauges, and returns the function that shows a new state. */
export function gauges() {
  const all = GAUGES.map(gauge);
  byId("gauges").append(...all.map((it) => it.element));
  const rate = rates();
  let ends = [];
  // The server reports when a window ends; the time until then is counted here.
  setInterval(() => ends.forEach(({ gauge, at }) => gauge.rest(at - performance.now())), 250);
  return (state) => {
    ends = [];
    for (const gauge of all) {
      const window = state.windows.find((it) => it.seconds === gauge.seconds);
      if (gauge.seconds == null) gauge.show(state.in_flight, state.max_in_flight);
      else gauge.show(window?.used ?? 0, window?.limit ?? null, window == null);
      if (window?.used > 0) ends.push({ gauge, at: performance.now() + window.resets_in_ms });
      gauge.rest(window?.used > 0 ? window.resets_in_ms : null);
    }
    rate(state.requests);
  };
}

function gauge({ window, title, seconds }) {
  const circle = { cx: 32, cy: 32, r: 27, fill: "none", "stroke-width": 6 };
  const fill = drawn("circle", { ...circle, class: "fill", pathLength: 100, transform: "rotate(-90 32 32)" });
  const track = drawn("circle", { ...circle, class: "track" });
  const ring = drawn("svg", { viewBox: "0 0 64 64", "aria-hidden": "true" }, track, fill);
  const number = el("b", {}, "0");
  const limit = el("span", { class: "small muted" });
  const rest = el("span", { class: "small muted" });
  const meter = { role: "meter", "aria-label": title, "aria-valuemin": 0, "aria-valuemax": 0, "aria-valuenow": 0 };
  const face = el("div", { class: "face", ...meter, data: { window } }, ring, el("span", {}, number, limit));
  return {
    seconds,
    element: el("div", { class: "gauge" }, face, el("span", { class: "small" }, title), rest),
    show(used, most, off = false) {
      const share = most ? Math.min(used / most, 1) : 0;
      // A round end would show a dot for an empty gauge.
      fill.setAttribute("stroke-dasharray", `${share * 100} 100`);
      fill.toggleAttribute("hidden", share === 0);
      face.className = `face ${share < 0.7 ? "accent" : share < 1 ? "warn" : "bad"}`;
      number.textContent = off ? "off" : count(used);
      limit.textContent = most ? `of ${count(most)}` : off ? "" : "no limit";
      face.toggleAttribute("data-off", most == null);
      face.setAttribute("aria-valuenow", used);
      face.setAttribute("aria-valuemax", most ?? Math.max(used, 1));
      face.setAttribute("aria-valuetext", off ? "off" : `${used} ${most ? `of ${most}` : "without a limit"}`);
    },
    rest(ms) {
      const text = ms == null || ms <= 0 ? "" : `resets in ${Math.ceil(ms / 1000)} s`;
      if (rest.textContent !== text) rest.textContent = text;
    },
  };
}

/** Draws a bar for each of the last seconds. */
function rates() {
  const bars = drawn("path", { class: "bars" });
  const picture = drawn("svg", { viewBox: `0 0 ${SECONDS * 4} 32`, preserveAspectRatio: "none", "aria-hidden": "true" }, bars);
  const now = el("b", {}, "0");
  byId("rate").append(picture, el("p", { class: "muted" }, now, " requests in the last second"));
  let [total, before, seconds] = [null, null, []];
  setInterval(() => {
    if (total == null) return;
    // The total restarts when the requests are cleared.
    const last = before == null ? 0 : Math.max(0, total - before);
    before = total;
    seconds = [...seconds, last].slice(-SECONDS);
    now.textContent = count(last);
    const most = Math.max(4, ...seconds);
    const bar = (value, index) => {
      const height = Math.max(value > 0 ? 2 : 0.5, (value / most) * 32);
      return `M${(SECONDS - seconds.length + index) * 4} 32v${-height}h3v${height}z`;
    };
    bars.setAttribute("d", seconds.map(bar).join(""));
  }, 1000);
  return (requests) => (total = requests);
}
