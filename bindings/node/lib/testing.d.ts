import type { Client, ClientOptions, NewIntegration, UnknownProviderIntegration } from "./index.js";

/**
 * Forbids connections to other machines, until the process ends: calls of all clients, also of its other workers and of
 * fleets, then fail with a `ConnectionError` and the outcome `not_sent`. Mocks of Node's own HTTP do not see these calls.
 * The environment's `OCAMBA_DISABLE_NET_CONNECT=1` does the same for whole test runs.
 *
 * @example
 * disableNetConnect();
 */
export function disableNetConnect(): void;

/** Options of a {@link Sandbox}. */
export interface SandboxOptions {
  /** The only valid token. Default: `sandbox-token`. */
  token?: string | undefined;
  /** Maximum number of requests in a second. Default: 10, as documented. */
  burst?: number | undefined;
  /** Maximum number of requests in a minute. Default: 150, as documented. */
  steady?: number | undefined;
  /** Whether to limit requests. Default: true. */
  limits?: boolean | undefined;
  /** Whether to speak TLS, with the certificate authority in {@link Sandbox.caCertificate}. Default: false. */
  tls?: boolean | undefined;
  /**
   * A sheet of integrations that the sandbox starts with, and returns to when it is reset: CSV, JSON Lines, JSON or YAML, as
   * for a fleet.
   */
  seed?: string | undefined;
  /** A file in which the integrations survive a restart. It has secrets, and only its owner can read it. */
  state?: string | undefined;
}

/** The hooks of a test runner: the module `node:test`, `vitest` or `@jest/globals`, or the runner's own globals. */
export interface Hooks {
  before?(work: () => Promise<void>): unknown;
  beforeAll?(work: () => Promise<void>): unknown;
  beforeEach(work: () => Promise<void>): unknown;
  after?(work: () => Promise<void>): unknown;
  afterAll?(work: () => Promise<void>): unknown;
}

/** A fault: which requests fail, and how. `ocamba sandbox --help` lists all. */
export interface Fault {
  /** The operation of the API, such as `createIntegration`. Default: any. */
  operation?: string;
  /** The `name` in the request. Default: any. */
  name?: string;
  /** The number of requests before the fault. Default: 0. */
  skip?: number;
  /** The number of requests that fail. Default: all. */
  times?: number;
  /** The probability with which each fails, from 0 to 1. Default: 1. */
  probability?: number;
  /** For example, `{ answer: { status: 503 } }`, `{ delay: { ms: 100 } }` or `{ close: { at: "commit" } }`. */
  fault: Record<string, unknown>;
}

/** A request that the sandbox received, and its effect. It has no secrets. */
export interface JournalEntry {
  /** Number of the request, from 1, in the order of arrival. */
  id: number;
  /** Time of arrival, in milliseconds since the sandbox started. */
  at_ms: number;
  method: string;
  /** Path, without the query. */
  path: string;
  /** The `company_id` that the token belongs to, if the sandbox accepts it. */
  account: string | null;
  /** Query, in which values of undocumented parameters are masked. */
  query: string | null;
  /** The operation of the API, such as `createIntegration`. */
  operation: string | null;
  /** The `name` in the body. */
  name: string | null;
  /** The provider in the body, or that of the integration in the path. */
  provider_id: string | null;
  /** Status of the response; `null` if nothing of a response was sent. */
  status: number | null;
  /** Whether the request took effect. */
  committed: boolean;
  /** The integration that was created or changed. */
  integration_id: string | null;
  /** The kind of the fault that the sandbox injected. */
  fault: string | null;
  /** Duration in milliseconds; `null` as long as the request is in flight. */
  duration_ms: number | null;
  user_agent: string | null;
}

/**
 * A local server that behaves like the API, for your own tests. It needs the package `ocamba-cli`.
 *
 * @example
 * const sandbox = await Sandbox.start({ limits: false });
 * const client = sandbox.client();
 * // ...
 * await sandbox.stop();
 */
export class Sandbox {
  private constructor();
  /** Starts a sandbox on a free port. */
  static start(options?: SandboxOptions): Promise<Sandbox>;
  /**
   * Returns a sandbox that starts before the tests of a file, is empty before each, and stops after them. Meanwhile, clients
   * that are created without options use it.
   *
   * @example
   * import * as hooks from "node:test"; // or "vitest", or "@jest/globals"
   * const sandbox = Sandbox.forTests(hooks, { limits: false });
   */
  static forTests(hooks: Hooks, options?: SandboxOptions): Sandbox;
  /** The sandbox's URL. */
  readonly url: string;
  /** Variables by which clients that are created without options use this sandbox, also in other processes. */
  readonly env: Record<string, string>;
  /** Certificate of the authority, as PEM, for the `rootCertificates` of a client; undefined without TLS. */
  readonly caCertificate: string | undefined;
  /** Creates a client of the sandbox, with its own rate limit, or none if the sandbox has no limits. */
  client(options?: ClientOptions): Client;
  /**
   * Makes requests fail, in place of earlier faults.
   *
   * @throws Error if a fault is invalid; the message names its field.
   */
  setFaults(...faults: Fault[]): Promise<void>;
  /** Makes requests fail, in addition to earlier faults. */
  addFaults(...faults: Fault[]): Promise<void>;
  /** Removes all faults. */
  clearFaults(): Promise<void>;
  /** Returns the faults that are left. */
  faults(): Promise<Fault[]>;
  /** Returns the requests that the sandbox received, the oldest first. */
  journal(): Promise<JournalEntry[]>;
  /** Forgets the requests so far. */
  clearJournal(): Promise<void>;
  /** Adds an integration without a request to the API, and returns its id. */
  addIntegration(request: NewIntegration | UnknownProviderIntegration): Promise<string>;
  /** Removes all integrations, faults and requests, and restarts the rate limit. */
  reset(): Promise<void>;
  /** Stops the sandbox. Without it, the sandbox ends with the process. */
  stop(): Promise<void>;
  /** Same as {@link stop}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
