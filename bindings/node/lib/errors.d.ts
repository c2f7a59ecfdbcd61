/**
 * The state of a request that failed.
 *
 * - `not_sent`: no request reached the server; it is safe to try again.
 * - `rejected`: the server rejected the request; nothing was created or changed.
 * - `unknown`: the server may have carried out the request; check before trying again.
 * - `applied`: the server carried out the request, but the response could not be read; do not try again.
 */
export type Outcome = "not_sent" | "rejected" | "unknown" | "applied";

/**
 * A stage of making a connection: finding the address of a name, TCP, the tunnel through a proxy, the TLS handshake; or the Redis of the
 * rate limit, which is asked first.
 */
export type Stage = "name" | "tcp" | "proxy" | "tls" | "redis";

/** An invalid field of a request. */
export interface FieldError {
  /** The field as a dotted path, such as `settings.auth_token`. */
  field: string;
  /** What is wrong with the field. */
  message: string;
}

/** The fields of an error, for tests that make one, and for errors that travelled as JSON. */
export interface HoodErrorFields {
  message?: string | undefined;
  /** Default: `unknown`. */
  outcome?: Outcome | undefined;
  code?: string | undefined;
  http_status?: number | undefined;
  http_headers?: Record<string, string> | undefined;
  title?: string | undefined;
  trace_id?: string | undefined;
  stage?: Stage | undefined;
  retry_after?: number | undefined;
  field_errors?: FieldError[] | undefined;
  cause?: unknown;
}

/** The failure of a call, or of creating a client. */
export class HoodError extends Error {
  constructor(fields?: HoodErrorFields);
  /** The state of the request. */
  outcome: Outcome;
  /** A stable name for the kind of failure, such as `bad_request`. */
  code: string;
  /** The HTTP status of the response, if there was one. Not `status`, which web frameworks would send to your own users. */
  http_status?: number;
  /** The headers of that response, by their names in lower case, without secrets. Not printed, and not in JSON. */
  readonly http_headers?: Record<string, string>;
  /** The server's title for the error. */
  title?: string;
  /** Request ID to quote to the vendor's support. */
  trace_id?: string;
  /** The stage that failed, if no connection could be made. */
  stage?: Stage;
  /** Seconds to wait before the next request, if the server named them with a {@link RateLimitError}. */
  retry_after?: number;
  /** All invalid fields of the request, with a {@link ValidationError}. */
  field_errors?: FieldError[];
  /** Returns the error as data, with its message. */
  toJSON(): { name: string } & HoodErrorFields;
}

/**
 * The call's signal was aborted. Its reason is the `cause`, and `name` is `"AbortError"`.
 *
 * An abort does not undo what the server did: with the outcome `unknown` the integration may exist.
 */
export class AbortError extends HoodError {}
/** The server rejected the token (401). */
export class AuthenticationError extends HoodError {}
/** The server rejected the request (any other 4xx). */
export class BadRequestError extends HoodError {}
/** The client's options are invalid: no token, an unsafe base URL, an option of the wrong type. Nothing was sent. */
export class ConfigurationError extends HoodError {}
/** No connection could be made, or it broke before anything was written. Nothing was sent. */
export class ConnectionError extends HoodError {}
/**
 * Several integrations have the name and provider that only one may have; the message lists their ids. Nothing was
 * changed.
 */
export class DuplicateError extends HoodError {}
/** The integration does not exist (404). */
export class NotFoundError extends HoodError {}
/**
 * The request was sent, and the connection broke before the response arrived; or `findCreated` found integrations that may
 * be older than the create, and the message lists their ids.
 */
export class OutcomeUnknownError extends HoodError {}
/** The token lacks the permission (403). */
export class PermissionDeniedError extends HoodError {}
/** The account made too many requests (429). */
export class RateLimitError extends HoodError {}
/** The server failed (5xx), or responded with an unexpected status. */
export class ServerError extends HoodError {}
/** The call timed out. */
export class TimeoutError extends HoodError {}
/** The response could not be read. Its `outcome` says whether the request may have taken effect. */
export class UnreadableResponseError extends HoodError {}
/** The request is invalid; `field_errors` lists every invalid field. Nothing was sent. */
export class ValidationError extends HoodError {
  field_errors: FieldError[];
}
