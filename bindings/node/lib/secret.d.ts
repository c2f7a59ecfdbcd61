// Without it, everything below would be exported.
export {};

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
