// `process.nextTick` of Node, which its streams and child processes need, and which tests replace.
"use strict";

let real;
const own = (...all) => real(...all);
let running = 0;
let replaced;

/** Runs `work`, and meanwhile puts Node's own `nextTick`, which the caller has kept, in place of a replaced one. */
async function withNextTick(nextTick, work) {
  real ??= nextTick;
  running += 1;
  if (process.nextTick !== real && process.nextTick !== own) {
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
