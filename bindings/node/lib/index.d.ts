/**
 * Client for the Ocamba Hood API: connect message providers to an account.
 *
 * @packageDocumentation
 */
import type { Integration, NewIntegration, ProviderId, Status } from "./types.js";

export * from "./types.js";
// Without it, everything below would be exported.
export {};

/** How a {@link Client} is set up. What is left out comes from the environment, or has a default. */
export interface ClientOptions {
  /** The account's token. Default: `OCAMBA_TOKEN` of the environment. */
  token?: string | Secret | undefined;
  /**
   * Where the API is: https, or http to this machine.
   * Default: `OCAMBA_BASE_URL` of the environment, or `https://api.ocamba.com`.
   */
  baseUrl?: string | undefined;
  /**
   * How long a call may take, from its start to the last byte of its answer, in milliseconds: retries and waits for the
   * rate limit included. Default: 120,000.
   */
  timeout?: number | undefined;
  /** How long making a connection may take, within the call's timeout, in milliseconds. Default: 10,000. */
  connectTimeout?: number | undefined;
  /**
   * How often a call may be sent again, where it cannot have been carried out: it never reached the server, or was
   * refused with 429. Default: 3.
   */
  maxRetries?: number | undefined;
  /** Who shares the account's rate limit with this client. Default: `OCAMBA_LANE` of the environment, or `shared`. */
  lane?: Lane["place"] | Lane | undefined;
  /** How many bytes of an answer are read before it is given up. Default: 10 MiB. */
  maxResponseBytes?: number | undefined;
  /** What stands before this package's own name in `User-Agent`, as `my-app/1.2`. */
  userAgent?: string | undefined;
}

/** Who shares the account's rate limit with a client, and what it is. */
export interface Lane {
  /**
   * - `shared`: all processes of this user on this machine, through a small file.
   * - `memory`: the calls of this client alone.
   * - `off`: nobody; requests go as they come, and a 429 is waited out.
   * - a URL like `redis://host:6379`: all machines that use that Redis.
   */
  place?: "shared" | "memory" | "off" | `redis://${string}` | undefined;
  /** Where the file of a shared lane is. Default: the user's cache folder. */
  folder?: string | undefined;
  /** How many requests the account may make in any second. Default: 10. */
  burst?: number | undefined;
  /** How many requests the account may make in any minute. Default: 150. */
  steady?: number | undefined;
}

/** What can be said of one call. */
export interface CallOptions {
  /** Stops the call, and with it the request on the wire: it then fails with an {@link AbortError}. */
  signal?: AbortSignal | undefined;
  /** How long this call may take, retries and waits included, in milliseconds, in place of the client's timeout. */
  timeout?: number | undefined;
  /** How long making a connection may take for this call, in milliseconds, in place of the client's. */
  connectTimeout?: number | undefined;
  /** How often this call may be sent again, in place of the client's number. */
  maxRetries?: number | undefined;
}

/**
 * A client of the Hood API. Make one and keep it: its connections are used again, by any number of calls at once.
 *
 * It does not keep the process alive by itself, and need not be closed.
 *
 * @example
 * const client = new Client(); // OCAMBA_TOKEN
 */
export class Client {
  /**
   * @throws {@link ConfigurationError} There is no token, or an option cannot be used.
   */
  constructor(options?: ClientOptions);
  /** Where the API is. */
  readonly baseUrl: string;
  /** The integrations of the account. */
  readonly integrations: Integrations;
  /** The client without its token. */
  toJSON(): { baseUrl: string; token: string };
}

/** The integrations of an account: {@link Client.integrations}. */
export interface Integrations {
  /**
   * Creates an integration.
   *
   * **Not idempotent**: it is sent again only if it cannot have been carried out, and an error's
   * {@link HoodError.outcome} says what became of it.
   *
   * @example
   * const integration = await client.integrations.create({
   *   name: "Example",
   *   provider_id: "1004",
   *   settings: { api_key: "AScs8XXX", sender_name: "Example" },
   *   status: "active",
   * });
   *
   * @throws {@link HoodError}, or rather one of the classes below it.
   */
  create(request: NewIntegration | UnknownProviderIntegration, options?: CallOptions): Promise<Integration>;
  /** As {@link create}, with the status, headers and trace id of the answer. */
  createWithResponse(
    request: NewIntegration | UnknownProviderIntegration,
    options?: CallOptions,
  ): Promise<HoodResponse<Integration>>;
}

/** A result with what came beside it. */
export interface HoodResponse<Value> {
  /** The result. */
  value: Value;
  /** The HTTP status. */
  status: number;
  /** The headers, with names in lower case. */
  headers: { [name: string]: string };
  /** Names the answer to the vendor's support, where the server sent one. None is documented for a success. */
  trace_id: string | null;
}

declare const unknown: unique symbol;

/** A create with a provider that this version does not know: from {@link unknownProvider}. */
export interface UnknownProviderIntegration {
  readonly [unknown]: true;
}

/** What {@link unknownProvider} takes. */
export interface UnknownProviderFields<Id extends string> {
  /** How the integration is called, 1 to 100 characters. */
  name: string;
  /** The provider's id: none that this version knows, for those have types of their own. */
  provider_id: Id extends ProviderId ? never : Id;
  /** Its settings, unchecked. */
  settings: { [name: string]: unknown } | null;
  /** Whether it is in use; left to the server where it is left out. */
  status?: Status | undefined;
}

/**
 * A create with a provider that this version does not know. It must be said, so that a slip of the pen is found.
 *
 * @example
 * await client.integrations.create(
 *   unknownProvider({ name: "Bot", provider_id: "2000", settings: { bot_token: "123:abc" } }),
 * );
 */
export function unknownProvider<const Id extends string>(request: UnknownProviderFields<Id>): UnknownProviderIntegration;

/**
 * A value that does not show itself: not in `console.log`, not as JSON, not in a string.
 *
 * It goes to the server in clear, and to you through {@link Secret.expose} or within {@link reveal}.
 */
export class Secret<Value = string> {
  constructor(value: Value);
  /** The value itself. */
  expose(): Value;
  /** `[REDACTED]` */
  toString(): string;
  /** `[REDACTED]`, but for within {@link reveal}. */
  toJSON(): Value | string;
  // Without it, any object with the methods above would do.
  readonly #value;
}

/**
 * Runs `work` with secrets written to JSON in clear, until it returns. It does not wait for a promise.
 *
 * @example
 * const text = reveal(() => JSON.stringify(integration));
 */
export function reveal<Result>(work: () => Result): Result;

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
export interface Problem {
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
  problems?: Problem[];
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
  problems?: Problem[];
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
/** There is no such thing (404). */
export class NotFoundError extends HoodError {}
/** The request was sent, and the connection broke before its answer came. */
export class OutcomeUnknownError extends HoodError {}
/** The token may not do this (403). */
export class PermissionError extends HoodError {}
/** Too many requests (429). */
export class RateLimitError extends HoodError {}
/** The server failed (5xx), or answered with a status that nobody expects. */
export class ServerError extends HoodError {}
/** The call's time was over. */
export class TimeoutError extends HoodError {}
/** The server carried the request out, and its answer cannot be read. */
export class UnreadableResponseError extends HoodError {}
/** The request is not valid; `problems` says what is wrong with it. Nothing was sent. */
export class ValidationError extends HoodError {}

/** What subscribers of the `diagnostics_channel` `ocamba-hood:request` are told of each request on the wire. */
export interface RequestMessage {
  /** Which operation of the API, as `create_integration`. */
  operation: string;
  method: string;
  path: string;
  /** The status of the answer, if one came. */
  status: number | null;
  /** From its start to the last byte of its answer, in milliseconds. */
  duration: number;
  /** Counted from 1. */
  attempt: number;
  trace_id: string | null;
  /** The code of the error that the call failed with, at its last attempt. */
  error: string | null;
}
