import type { Client, ClientOptions } from "./index.js";

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
  /** The sandbox's URL. */
  readonly url: string;
  /** Certificate of the authority, as PEM, for the `rootCertificates` of a client; undefined without TLS. */
  readonly caCertificate: string | undefined;
  /** Creates a client of the sandbox, with its own rate limit, or none if the sandbox has no limits. */
  client(options?: ClientOptions): Client;
  /** Stops the sandbox. Without it, the sandbox ends with the process. */
  stop(): Promise<void>;
  /** Same as {@link stop}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
