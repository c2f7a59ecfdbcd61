// The rows as lines of JSON, one after the other as the program takes them.
"use strict";

const { fileURLToPath } = require("node:url");
const { invalid } = require("./errors.js");

/** Where the rows come from: a file's path, or something that gives them, perhaps once only. */
class Source {
  #rows;
  /** What was read last. */
  #read;

  constructor(rows) {
    if (rows instanceof URL) this.path = fileURLToPath(rows);
    else if (typeof rows === "string" && rows !== "") this.path = path(rows);
    else if (typeof rows === "function" || isIterable(rows)) this.#rows = rows;
    else throw invalid("a fleet is made of a path, an iterable of rows, or a function that returns one");
  }

  /** The rows from the first one on. */
  lines() {
    const rows = typeof this.#rows === "function" ? this.#rows() : this.#rows;
    if (!isIterable(rows)) throw invalid("the function that was to return an iterable of rows returned something else");
    if (rows === this.#read && isOneShot(rows)) {
      throw invalid("the rows were read once and are gone: give an array, or a function that returns them anew");
    }
    this.#read = rows;
    return lines(rows);
  }
}

/** The program takes a minus alone for its standard input. */
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
    // What JSON has no word for is refused with its number, as all that is no object.
    return JSON.stringify(row, exposed) ?? "null";
  } catch (error) {
    throw invalid(`row ${number} cannot be written as JSON`, error);
  }
}

/** Puts what a `Secret` hides in its place: of this or any other copy of `ocamba-hood`. */
function exposed(key, value) {
  const secret = this[key];
  return typeof secret === "object" && typeof secret?.expose === "function" ? secret.expose() : value;
}

function isIterable(rows) {
  // A text gives its letters.
  return typeof rows === "object" && typeof (rows?.[Symbol.asyncIterator] ?? rows?.[Symbol.iterator]) === "function";
}

/** Generators and streams. */
function isOneShot(rows) {
  return ["next", "pipe", "getReader"].some((method) => typeof rows[method] === "function");
}

module.exports = { Source };
