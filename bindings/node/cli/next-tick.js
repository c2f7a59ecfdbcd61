// `process.nextTick` of Node, which its streams and child processes need, and which tests replace.
"use strict";

let real;
const own = (...all) => real(...all);
let running = 0;
let replaced;

/** Runs `work`, and meanwhile puts Node's own `nextTick`, which the caller has kept, in place of a fake one. */
async function withNextTick(nextTick, work) {
  real ??= nextTick;
  running += 1;
  // Of fake timers and of mocks. What wraps Node's own, as instrumentation does, stays.
  if (process.nextTick.clock || process.nextTick.mock) {
    replaced = process.nextTick;
    process.nextTick = own;
  }
  try {
    return await work();
  } finally {
    running -= 1;
    // Unless the test has restored it meanwhile.
    if (running === 0 && process.nextTick === own) process.nextTick = replaced;
  }
}

module.exports = { withNextTick };
