/**
 * What became of a request that failed.
 *
 * - `not_sent`: nothing reached the server; it is safe to try again.
 * - `rejected`: the server said no; nothing was created.
 * - `unknown`: it may have been carried out; look before trying again.
 * - `applied`: it was carried out, but the answer could not be read; do not try again.
 */
export type Outcome = "not_sent" | "rejected" | "unknown" | "applied";

/** One thing that is wrong with a request. */
export interface FieldError {
  /** Which field: a dotted path, as `settings.auth_token`. */
  field: string;
  /** What is wrong with it. */
  message: string;
}

/** What an error is made from, where a test makes one. */
export interface HoodErrorFields {
  message?: string;
  outcome?: Outcome;
  code?: string;
  status?: number;
  title?: string;
  trace_id?: string;
  retry_after?: number;
  field_errors?: FieldError[];
  cause?: unknown;
}

/** Any failure of a call, or of setting up a client. */
export class HoodError extends Error {
  constructor(fields?: HoodErrorFields);
  /** What became of the request. */
  outcome: Outcome;
  /** A name for the kind of failure that does not change, as `bad_request`. */
  code: string;
  /** The HTTP status, if an answer came. */
  status?: number;
  /** The status in the server's words. */
  title?: string;
  /** Names the answer to the vendor's support. */
  trace_id?: string;
  /** How many seconds the server asks to wait, with a {@link RateLimitError}. */
  retry_after?: number;
  /** Everything that is wrong with the request, with a {@link ValidationError}. */
  field_errors?: FieldError[];
  /** The error as data, with its message. */
  toJSON(): { name: string } & HoodErrorFields;
}

/**
 * The call's signal was aborted; its reason is the `cause`, and `name` is `"AbortError"`.
 *
 * An abort does not undo what the server has done: with the outcome `unknown` the integration may exist.
 */
export class AbortError extends HoodError {}
/** The server does not know the token (401). */
export class AuthenticationError extends HoodError {}
/** The server refused the request (any other 4xx). */
export class BadRequestError extends HoodError {}
/** The client was set up wrongly: no token, a base URL that is not safe, an option of the wrong type. Nothing was sent. */
export class ConfigurationError extends HoodError {}
/** No connection could be made, or it broke before anything was written. Nothing was sent. */
export class ConnectionError extends HoodError {}
/**
 * Several integrations have the name and provider that only one may have; the message lists their ids. Nothing was sent
 * that changes them.
 */
export class DuplicateError extends HoodError {}
/** There is no such thing (404). */
export class NotFoundError extends HoodError {}
/** The request was sent, and the connection broke before its answer came. */
export class OutcomeUnknownError extends HoodError {}
/** The token may not do this (403). */
export class PermissionDeniedError extends HoodError {}
/** Too many requests (429). */
export class RateLimitError extends HoodError {}
/** The server failed (5xx), or answered with a status that nobody expects. */
export class ServerError extends HoodError {}
/** The call's time was over. */
export class TimeoutError extends HoodError {}
/** The server carried the request out, and its answer cannot be read. */
export class UnreadableResponseError extends HoodError {}
/** The request is not valid; `field_errors` says what is wrong with it. Nothing was sent. */
export class ValidationError extends HoodError {}
