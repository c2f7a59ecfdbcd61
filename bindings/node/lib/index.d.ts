/**
 * Client for the Ocamba Hood API: connect message providers to an account.
 *
 * @packageDocumentation
 */
import type { HoodError } from "./errors.js";
import type { CallOptions, Integrations, Providers } from "./integrations.js";

export * from "./errors.js";
export * from "./integrations.js";
export * from "./types.js";
export * from "./unknown-provider.js";

/** Options of a {@link Client}. Omitted options come from the environment or have a default. */
export interface ClientOptions extends Omit<CallOptions, "signal"> {
  /** The account's token. Default: the environment's `OCAMBA_TOKEN`. */
  token?: string | Secret | undefined;
  /**
   * The API's URL: https, or http to this machine.
   * Default: the environment's `OCAMBA_BASE_URL`, or `https://api.ocamba.com`.
   */
  baseUrl?: string | undefined;
  /**
   * Who shares the account's rate limit with this client. Default: the environment's `OCAMBA_RATE_LIMIT`, or `shared`.
   *
   * - `shared`: all processes of this user on this machine, through a small file.
   * - `memory`: the calls of this client.
   * - `off`: nobody; requests are sent at once, and a 429 is waited out.
   * - a URL like `redis://host:6379`, `rediss://…` (over TLS) or `unix:///path`: all machines that use that Redis.
   */
  rateLimit?: "shared" | "memory" | "off" | `redis://${string}` | `rediss://${string}` | `unix://${string}` | undefined;
  /**
   * Maximum number of the account's requests in any second and in any minute. Default: the environment's
   * `OCAMBA_RATE_LIMIT_TIER`, or `10/150`.
   */
  rateLimitTier?: `${number}/${number}` | undefined;
  /**
   * Folder with the file of a shared rate limit. Default: the environment's `OCAMBA_RATE_LIMIT_DIR`, or the user's cache
   * folder. While it cannot be used, this process keeps the state in its memory, and emits a `HoodWarning`.
   */
  rateLimitDir?: string | undefined;
  /** Maximum size of a response body, in bytes. Default: 10 MiB. */
  maxResponseBytes?: number | undefined;
  /** The application's name in `User-Agent`, before that of this package, such as `my-app/1.2`. */
  userAgent?: string | undefined;
  /**
   * The proxy: `system` (that of `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, or of macOS or Windows), `off`, or a URL like
   * `http://user:password@proxy.example.com:3128` or `socks5://…`. Default: the environment's `OCAMBA_PROXY`, or `system`.
   */
  proxy?: "system" | "off" | (string & {}) | Secret | undefined;
  /**
   * Certificates to trust in addition to the system's, such as that of a company's own authority: text in PEM, or the path of a file
   * or folder. Default: the environment's `OCAMBA_ROOT_CERTIFICATES`. Those of `NODE_EXTRA_CA_CERTS` are trusted too;
   * `SSL_CERT_FILE` and `SSL_CERT_DIR` replace the system's.
   */
  rootCertificates?: string | undefined;
  /**
   * Certificate and private key of the client, for gateways that ask for one: text in PEM, or the path of a file.
   * Default: the environment's `OCAMBA_CLIENT_CERTIFICATE`.
   */
  clientCertificate?: string | Secret | undefined;
  /**
   * Host of a private network that may be used with plain http, such as `sandbox`. The token crosses that network in clear.
   * Default: the environment's `OCAMBA_HTTP_HOST`.
   */
  httpHost?: string | undefined;
}

/**
 * Client of the Hood API. Create one and reuse it: it reuses its connections, and serves any number of calls at once.
 *
 * An idle client does not keep the process alive, and there is nothing to close.
 *
 * @example
 * const client = new Client(); // OCAMBA_TOKEN
 */
export class Client {
  /**
   * Creates a client.
   *
   * @throws {@link ConfigurationError} if there is no token, or an option is invalid.
   */
  constructor(options?: ClientOptions);
  /** The API's URL. */
  readonly baseUrl: string;
  /** The account's integrations. */
  readonly integrations: Integrations;
  /** The providers, as the server describes them. */
  readonly providers: Providers;
  /**
   * Returns the state of the account's rate limit.
   *
   * @throws {@link ConfigurationError} if another process keeps the file of the state locked.
   * @throws {@link ConnectionError} if the Redis that keeps the state cannot be reached.
   */
  rateLimitStatus(): Promise<RateLimitStatus>;
  /** Returns the client without its token. */
  toJSON(): { baseUrl: string; token: string };
}

/** The state of the account's rate limit. */
export interface RateLimitStatus {
  /** Where the state is kept. */
  storage: "off" | "memory" | "file" | "redis";
  /** Why the state is kept in the memory of this process for now; `null` unless it is. */
  fallback_reason: string | null;
  /** The number of requests that the account may send per second and per minute, such as `10/150`. */
  tier: string;
  /** The number of requests of the last second, by all who share the limit. */
  used_in_second: number;
  /** The number of requests of the last minute, by all who share the limit. */
  used_in_minute: number;
  /** The number of requests without a response yet, by all who share the limit. */
  in_flight: number;
  /** The maximum number of requests in flight, if the server has complained. */
  in_flight_limit: number | null;
  /** The time for which no request is sent, because the server demanded a wait, in milliseconds. */
  blocked_for: number;
  /** The number of this client's calls that wait for their turn. */
  waiting: number;
}

/** The message about each HTTP request in the `diagnostics_channel` `ocamba-hood:request`. */
export interface RequestMessage {
  /** The operation of the API, such as `create_integration`. */
  operation: string;
  method: string;
  /** The URL without its query. */
  url: string;
  path: string;
  /** The path with the names of its parameters, the same for all requests of the operation. */
  path_template: string;
  host: string;
  port: number;
  /** When the request began, in milliseconds since 1970. */
  started: number;
  /** The status of the response, if there was one. */
  status: number | null;
  /** Time until the last byte of the response, in milliseconds. */
  duration: number;
  /** The number of the attempt, from 1. */
  attempt: number;
  trace_id: string | null;
  /** The code of the request's failure, or of the call's if its last response could not be used. */
  error: string | null;
}

/** The message of each call in the `tracingChannel` of `diagnostics_channel` named `ocamba-hood:call`. */
export interface CallMessage {
  /** The call, such as `create`. */
  operation: string;
  /** Headers to add to its requests: those of the caller replace them. */
  headers: { [name: string]: string };
  /** The error, with the event `error`. */
  error?: HoodError | undefined;
}

/**
 * A value that hides itself: from `console.log`, in JSON and in strings.
 *
 * The server receives it in clear, and {@link Secret.expose} and {@link reveal} give access to it.
 */
export class Secret<Value = string> {
  constructor(value: Value);
  /** Returns the value. */
  expose(): Value;
  /** Returns `[REDACTED]`. */
  toString(): string;
  /** Returns `[REDACTED]`, or the value within {@link reveal}. */
  toJSON(): Value | string;
  /** A text that is the same for equal values, in this process only: assertions compare it. */
  readonly fingerprint: string;
  // Without it, any object with these methods would be accepted.
  readonly #value;
}

/**
 * Runs `work`, during which secrets are written to JSON in clear. It does not wait for promises.
 *
 * @example
 * const text = reveal(() => JSON.stringify(integration));
 */
export function reveal<Result>(work: () => Result): Result;
