// Without this line, everything below would be exported.
export {};

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
