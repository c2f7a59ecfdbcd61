// `client.integrations` and `client.providers`. Methods that return a promise have a twin for the answer beside it.
"use strict";

const { List } = require("./list.js");
const { call, operations } = require("./operations.js");

class Integrations {
  #native;

  constructor(native) {
    this.#native = native;
  }

  create(request, options) {
    return call(this.#native, operations.create, undefined, request, options, false);
  }

  createWithResponse(request, options) {
    return call(this.#native, operations.create, undefined, request, options, true);
  }

  validate(request, options) {
    return call(this.#native, operations.validate, undefined, request, options, false);
  }

  validateWithResponse(request, options) {
    return call(this.#native, operations.validate, undefined, request, options, true);
  }

  ensure(request, options) {
    return call(this.#native, operations.ensure, undefined, request, options, false);
  }

  ensureWithResponse(request, options) {
    return call(this.#native, operations.ensure, undefined, request, options, true);
  }

  findCreated(error, options) {
    return call(this.#native, operations.findCreated, undefined, error, options, false);
  }

  findCreatedWithResponse(error, options) {
    return call(this.#native, operations.findCreated, undefined, error, options, true);
  }

  get(id, options) {
    return call(this.#native, operations.get, id, undefined, options, false);
  }

  getWithResponse(id, options) {
    return call(this.#native, operations.get, id, undefined, options, true);
  }

  update(id, update, options) {
    return call(this.#native, operations.update, id, update, options, false);
  }

  updateWithResponse(id, update, options) {
    return call(this.#native, operations.update, id, update, options, true);
  }

  sendTest(target, options) {
    return sendTest(this.#native, target, options, false);
  }

  sendTestWithResponse(target, options) {
    return sendTest(this.#native, target, options, true);
  }

  list(filters, options) {
    return new List(this.#native, operations.list, filters, options);
  }
}

class Providers {
  #native;

  constructor(native) {
    this.#native = native;
  }

  list(filters, options) {
    return new List(this.#native, operations.listProviders, filters, options);
  }
}

/** Of an integration that is there, by its id, or of one that is not created yet, by its request. */
function sendTest(native, target, options, withResponse) {
  const byId = typeof target === "string";
  const operation = byId ? operations.test : operations.testRequest;
  return call(native, operation, byId ? target : undefined, target, options, withResponse);
}

module.exports = { Integrations, Providers };
