import type { Client, ClientOptions } from "./index.js";

/** How a {@link Sandbox} behaves. */
export interface SandboxOptions {
  /** The only token that it accepts. Default: `sandbox-token`. */
  token?: string | undefined;
  /** How many requests it allows in a second. Default: as documented, 10. */
  burst?: number | undefined;
  /** How many requests it allows in a minute. Default: as documented, 150. */
  steady?: number | undefined;
  /** Whether it limits requests at all. Default: true. */
  limits?: boolean | undefined;
}

/**
 * A server on this machine that behaves as the API does, for tests of your own. It needs the package `ocamba-cli`.
 *
 * @example
 * const sandbox = await Sandbox.start({ limits: false });
 * const client = sandbox.client();
 * // ...
 * await sandbox.stop();
 */
export class Sandbox {
  private constructor();
  /** Starts one, on a free port. */
  static start(options?: SandboxOptions): Promise<Sandbox>;
  /** Where it listens. */
  readonly url: string;
  /** A client of it, with a rate limit of its own, or none where the sandbox has no limits. */
  client(options?: ClientOptions): Client;
  /** Stops it. One that is not stopped ends with the process. */
  stop(): Promise<void>;
  /** As {@link stop}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
