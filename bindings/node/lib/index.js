// The package's face. One module for `import` and `require` alike, so that there is one of each class.
"use strict";

const { Client } = require("./client.js");
const {
  HoodError,
  AbortError,
  AuthenticationError,
  BadRequestError,
  ConfigurationError,
  ConnectionError,
  DuplicateError,
  NotFoundError,
  OutcomeUnknownError,
  PermissionDeniedError,
  RateLimitError,
  ServerError,
  TimeoutError,
  UnreadableResponseError,
  ValidationError,
} = require("./errors.js");
const { Secret, reveal } = require("./secret.js");
const { describedProvider, unknownProvider } = require("./unknown-provider.js");

// Bare names and nothing else: for `import`, Node finds them by reading this text.
module.exports = {
  Client,
  Secret,
  reveal,
  describedProvider,
  unknownProvider,
  HoodError,
  AbortError,
  AuthenticationError,
  BadRequestError,
  ConfigurationError,
  ConnectionError,
  DuplicateError,
  NotFoundError,
  OutcomeUnknownError,
  PermissionDeniedError,
  RateLimitError,
  ServerError,
  TimeoutError,
  UnreadableResponseError,
  ValidationError,
};
