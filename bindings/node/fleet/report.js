// What is to be done with each row, and what became of it. Neither has a secret.
"use strict";

/** Outcomes of rows that are as they should be. */
const DONE = ["created", "updated", "adopted", "unchanged"];

class Plan {
  constructor(steps) {
    this.steps = steps;
  }

  get counts() {
    return count(this.steps, "action");
  }

  [Symbol.iterator]() {
    return this.steps.values();
  }

  /** The steps, as the command line writes them. */
  toJSON() {
    return this.steps;
  }
}

class Report {
  constructor(rows, stopped = null) {
    this.rows = rows;
    this.stopped = stopped;
  }

  get isComplete() {
    return this.failed.length === 0;
  }

  get counts() {
    return count(this.rows, "outcome");
  }

  get failed() {
    return this.rows.filter(({ outcome }) => !DONE.includes(outcome));
  }

  [Symbol.iterator]() {
    return this.rows.values();
  }

  /** The rows, as the command line writes them. */
  toJSON() {
    return this.rows;
  }
}

function count(items, field) {
  const counts = {};
  for (const { [field]: kind } of items) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

module.exports = { Plan, Report };
