// Plans, reports and statuses. None has a secret.
"use strict";

/** The outcomes of rows that succeeded. */
const DONE = ["created", "updated", "adopted", "unchanged"];

class Plan {
  constructor({ steps, orphans = [] }) {
    this.steps = steps;
    this.orphans = orphans;
  }

  get counts() {
    return count(this.steps, "action");
  }

  [Symbol.iterator]() {
    return this.steps.values();
  }

  /** Returns the steps. */
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

  /** Returns the rows, as the command line writes them. */
  toJSON() {
    return this.rows;
  }
}

class Status {
  constructor({ rows, is_running }) {
    this.rows = rows;
    this.isRunning = is_running;
  }

  get counts() {
    return count(this.rows, "state");
  }

  [Symbol.iterator]() {
    return this.rows.values();
  }

  /** Returns the rows, as the command line writes them. */
  toJSON() {
    return this.rows;
  }
}

function count(items, field) {
  const counts = {};
  for (const { [field]: kind } of items) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

module.exports = { Plan, Report, Status };
