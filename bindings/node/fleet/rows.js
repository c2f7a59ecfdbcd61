// Writes rows as lines of JSON, no faster than the program reads them.
"use strict";

const { fileURLToPath } = require("node:url");
const { invalid } = require("./errors.js");
const { checked } = require("./plain.js");

/** The source of rows: a file's path, or an iterable, which perhaps can be read only once. */
class Source {
  #rows;
  /** The iterable that was read last. */
  #read;

  constructor(rows) {
    if (rows instanceof URL) this.path = fileURLToPath(rows);
    else if (typeof rows === "string" && rows !== "") this.path = path(rows);
    else if (typeof rows === "function" || isIterable(rows)) this.#rows = rows;
    else throw invalid("a fleet needs a path, an iterable of rows, or a function that returns one");
  }

  /** Returns the rows as lines, from the first. */
  lines() {
    const rows = typeof this.#rows === "function" ? this.#rows() : this.#rows;
    if (!isIterable(rows)) throw invalid("the function of rows did not return an iterable");
    if (rows === this.#read && isOneShot(rows)) {
      throw invalid("the rows were already read and can be read only once; pass an array, or a function that returns them again");
    }
    this.#read = rows;
    return lines(rows);
  }
}

/** Returns the path, but not as `-`, which the program takes for its standard input. */
function path(text) {
  return text === "-" ? "./-" : text;
}

async function* lines(rows) {
  let number = 0;
  for await (const row of rows) {
    number += 1;
    yield `${text(row, number)}\n`;
  }
}

function text(row, number) {
  try {
    // JSON has no `undefined`: the program rejects `null` and names the row.
    return JSON.stringify(row, checked) ?? "null";
  } catch (error) {
    throw invalid(`row ${number} could not be written as JSON: ${error.message}`, error);
  }
}

function isIterable(rows) {
  // A string would iterate its characters.
  return typeof rows === "object" && typeof (rows?.[Symbol.asyncIterator] ?? rows?.[Symbol.iterator]) === "function";
}

/** Whether these are a generator or a stream. */
function isOneShot(rows) {
  return ["next", "pipe", "getReader"].some((method) => typeof rows[method] === "function");
}

module.exports = { Source };
