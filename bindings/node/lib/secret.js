// Values that are shown to nobody but the server.
"use strict";

const REDACTED = "[REDACTED]";

let revealing = 0;

class Secret {
  #value;

  constructor(value) {
    this.#value = value;
  }

  expose() {
    return this.#value;
  }

  toString() {
    return REDACTED;
  }

  toJSON() {
    return revealing > 0 ? this.#value : REDACTED;
  }

  [Symbol.for("nodejs.util.inspect.custom")]() {
    return REDACTED;
  }
}

/** Runs `work` with secrets written to JSON in clear, until it returns. */
function reveal(work) {
  revealing += 1;
  try {
    return work();
  } finally {
    revealing -= 1;
  }
}

module.exports = { REDACTED, Secret, reveal };
