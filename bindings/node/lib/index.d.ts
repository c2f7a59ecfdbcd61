/**
 * Client for the Ocamba Hood API: connect message providers to an account.
 *
 * @packageDocumentation
 */
import type { Integrations, Providers } from "./integrations.js";
import type { Secret } from "./secret.js";

export * from "./errors.js";
export * from "./integrations.js";
export * from "./list.js";
export * from "./secret.js";
export * from "./types.js";
export * from "./unknown-provider.js";
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
  /**
   * Who shares the account's rate limit with this client. Default: `OCAMBA_RATE_LIMIT` of the environment, or `shared`.
   *
   * - `shared`: all processes of this user on this machine, through a small file.
   * - `memory`: the calls of this client.
   * - `off`: nobody; requests are sent at once, and a 429 is waited out.
   * - a URL like `redis://host:6379`: all machines that use that Redis.
   */
  rateLimit?: "shared" | "memory" | "off" | `redis://${string}` | undefined;
  /**
   * Number of requests that the account may make in any second and in any minute. Default: `OCAMBA_RATE_LIMIT_TIER` of the
   * environment, or `10/150`.
   */
  rateLimitTier?: `${number}/${number}` | undefined;
  /** Folder with the file of a shared rate limit. Default: `OCAMBA_RATE_LIMIT_DIR`, or the user's cache folder. */
  rateLimitDir?: string | undefined;
  /** How many bytes of an answer are read before it is given up. Default: 10 MiB. */
  maxResponseBytes?: number | undefined;
  /** What stands before this package's own name in `User-Agent`, as `my-app/1.2`. */
  userAgent?: string | undefined;
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
  /** The providers, in the server's own words. */
  readonly providers: Providers;
  /** The client without its token. */
  toJSON(): { baseUrl: string; token: string };
}

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
