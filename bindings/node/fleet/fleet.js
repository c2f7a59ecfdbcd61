// Many integrations at once.
"use strict";

const { FleetError, aborted, failure, invalid } = require("./errors.js");
const { ofFleet, translate } = require("./options.js");
const { run } = require("./program.js");
const { Plan, Report, Status } = require("./report.js");
const { Source } = require("./rows.js");

/** The codes of errors that the report describes. */
const REPORTED = ["incomplete", "stopped"];

const NO_LEDGER = "options.ledger must be a path, since the rows do not come from a file";

class Fleet {
  #source;
  /** The arguments of the commands that read the rows. */
  #options;

  constructor(rows, options) {
    this.#source = new Source(rows);
    this.#options = ofFleet(options);
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
    // A program whose stderr was closed cannot say why it stopped.
    const stopped = error || code === 0 ? null : "cancelled";
    return new Report(output, error?.stopped ?? stopped);
  }

  async export(options) {
    const { path } = this.#source;
    if (path === undefined) throw invalid("export writes the account to a file: create the fleet with its path");
    const { output } = await this.#run("export", options, [`--out=${path}`]);
    const { rows, variables, left_out } = output;
    const references = [...new Set(variables.map((variable) => `env:${variable.split("_")[0]}_`))].sort();
    return { rows, variables, leftOut: left_out, references };
  }

  async status(options) {
    const { path } = this.#source;
    if (path === undefined && options?.ledger === undefined) throw invalid(NO_LEDGER);
    const { output } = await this.#run("status", options, path === undefined ? [] : ["--", path]);
    return new Status(output);
  }

  /**
   * Runs a command and returns how the program ended, or throws its error.
   *
   * @param file - the arguments of a command that does not read the rows.
   */
  async #run(command, options, file) {
    const { args, env, signal, onProgress } = translate(command, options);
    const { path } = this.#source;
    if (command === "apply" && path === undefined && options?.ledger === undefined) {
      throw invalid(NO_LEDGER);
    }
    if (signal?.aborted) throw aborted(signal);
    const changes = command === "apply";
    const reading = file ? [] : this.#options;
    const forms = ["--output=json", ...(changes ? ["--progress=json"] : []), ...reading];
    const lines = file || path !== undefined ? undefined : this.#source.lines();
    const words = ["fleet", command, ...forms, ...args, ...(file ?? ["--", path ?? "-"])];
    const ended = await run(words, { env, lines, changes, signal, onProgress });
    const { code, killed, output, error, text, isUnstarted } = ended;
    // The report describes rows that failed. A file that could not be written is an error.
    const isReported = changes && Array.isArray(output) && (!error || REPORTED.includes(error.code));
    if (code === 0 || isReported) return ended;
    if (isUnstarted) throw aborted(signal);
    if (error) throw failure(error);
    const outcome = changes ? "unknown" : "not_sent";
    throw new FleetError({ code: "ended", outcome, message: early(killed ? `by ${killed}` : `with code ${code}`, text) });
  }

  /** Returns the source of the rows, but no row, since rows have secrets. */
  toJSON() {
    return { rows: this.#source.path ?? "given" };
  }

  [Symbol.for("nodejs.util.inspect.custom")](_depth, options, inspect) {
    return `Fleet ${inspect(this.toJSON(), options)}`;
  }
}

function early(how, text) {
  const message = `the program ocamba ended ${how} without a result`;
  return `${message}; apply again with the same ledger to resume${text && `. Its output: ${text}`}`;
}

module.exports = { Fleet };
