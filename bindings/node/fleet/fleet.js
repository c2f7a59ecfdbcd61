// Many integrations at once.
"use strict";

const { FleetError, aborted, failure, invalid } = require("./errors.js");
const { translate } = require("./options.js");
const { run } = require("./program.js");
const { Plan, Report } = require("./report.js");
const { Source } = require("./rows.js");

/** What the report tells. */
const TOLD = ["incomplete", "stopped"];

class Fleet {
  #source;

  constructor(rows) {
    this.#source = new Source(rows);
  }

  async check(options) {
    const { output } = await this.#run("check", options);
    return output.rows;
  }

  async plan(options) {
    const { output } = await this.#run("plan", options);
    return new Plan(output);
  }

  async apply(options) {
    const { code, output, error } = await this.#run("apply", options);
    // Whoever does not listen any more is not told why.
    const why = error || code === 0 ? null : "it was told to";
    return new Report(output, error?.stopped ?? why);
  }

  /** Runs a command to its result, or fails with what it told. */
  async #run(command, options) {
    const { args, env, signal, onProgress } = translate(command, options);
    const { path } = this.#source;
    if (command === "apply" && path === undefined && options?.ledger === undefined) {
      throw invalid("options.ledger must be the path of a ledger: there is no file beside which it could be");
    }
    if (signal?.aborted) throw aborted(signal);
    const changes = command === "apply";
    const forms = ["--output=json", ...(changes ? ["--progress=json"] : [])];
    const lines = path === undefined ? this.#source.lines() : undefined;
    const words = ["fleet", command, ...forms, ...args, "--", path ?? "-"];
    const ended = await run(words, { env, lines, changes, signal, onProgress });
    const { code, killed, output, error, said, isUnbegun } = ended;
    // Rows that failed are told by the report, not by an error. That a file could not be written is one.
    const isTold = changes && Array.isArray(output) && (!error || TOLD.includes(error.code));
    if (code === 0 || isTold) return ended;
    if (isUnbegun) throw aborted(signal);
    if (error) throw failure(error);
    // Only an apply sends what changes something.
    const outcome = changes ? "unknown" : "not_sent";
    throw new FleetError({ code: "ended", outcome, message: early(killed ? `by ${killed}` : `with code ${code}`, said) });
  }

  /** Where the rows come from, and none of them: they have secrets. */
  toJSON() {
    return { rows: this.#source.path ?? "given" };
  }

  [Symbol.for("nodejs.util.inspect.custom")](_depth, options, inspect) {
    return `Fleet ${inspect(this.toJSON(), options)}`;
  }
}

function early(how, said) {
  const message = `the program ocamba ended ${how} before it had a result`;
  return `${message}; apply again with the same ledger, and it goes on where it ended${said && `. It said: ${said}`}`;
}

module.exports = { Fleet };
