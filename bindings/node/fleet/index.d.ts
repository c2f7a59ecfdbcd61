/**
 * Many integrations of the Ocamba Hood API at once: checked, planned, and applied with a ledger.
 *
 * @packageDocumentation
 */
import type { ClientOptions, NewIntegration, Status, UnknownProviderIntegration } from "ocamba-hood";

// Without it, everything below would be exported.
export {};

/**
 * What an integration is to be. A secret may be a `Secret`, or a reference, as `env:NAME`, `file:PATH` or
 * `keyring:NAME`, which is followed when the row is sent.
 */
export type Row = NewIntegration | UnknownProviderIntegration | NamedRow;

/** A row whose provider is called by its name, so that nothing of its settings is known before it is checked. */
export interface NamedRow {
  /** How the integration is called, 1 to 100 characters. */
  name: string;
  /** The provider's id, or its name in any case. */
  provider: string;
  /** Its settings. */
  settings: { [name: string]: unknown };
  /** Whether it is in use; left to the server where it is left out. */
  status?: Status | undefined;
}

/** Rows, one after the other. */
export type Rows = Iterable<Row> | AsyncIterable<Row>;

/** The account, and what else each method of a {@link Fleet} takes. */
export interface FleetOptions extends Pick<
  ClientOptions,
  "token" | "baseUrl" | "rateLimit" | "rateLimitTier" | "rateLimitDir" | "timeout"
> {
  /**
   * An account by its name in `ocamba auth list`. The environment's `OCAMBA_TOKEN`, `OCAMBA_BASE_URL`, `OCAMBA_RATE_LIMIT` and
   * `OCAMBA_RATE_LIMIT_TIER` are not asked then.
   */
  profile?: string | undefined;
  /** Whether providers that this version does not know are taken as they are. Default: false. */
  allowUnknownProvider?: boolean | undefined;
  /** Stops the run. */
  signal?: AbortSignal | undefined;
}

/** How to plan. */
export interface PlanOptions extends FleetOptions {
  /** The ledger's path. Default: that of the rows' file with `.ledger` behind it, if there is one. */
  ledger?: string | undefined;
  /** Saves the plan to this path: a `Fleet` of it is applied as it was planned, or not at all. */
  save?: string | undefined;
}

/** How to apply. */
export interface ApplyOptions extends FleetOptions {
  /**
   * The ledger's path. It is made if it is not there; with it a run that ended early is gone on with. Default: that of
   * the rows' file with `.ledger` behind it. Rows that are of no file need one.
   */
  ledger?: string | undefined;
  /** A plan that was saved: nothing is sent unless what would be done is still what it says. */
  plan?: string | undefined;
  /**
   * Told how far it has come, at most every 50 ms, and at the end. If it throws, the run is stopped and fails with what
   * was thrown.
   */
  onProgress?: ((progress: Progress) => void) | undefined;
  /** How many requests may be under way at once. Default: 16. */
  inFlight?: number | undefined;
  /** How long the server may be at a create of which nothing was heard, in milliseconds. Default: 10,000. */
  reconcileTimeout?: number | undefined;
  /** Writes the report to a file that ends in .csv or .jsonl, or else as a table. */
  report?: string | undefined;
  /** Writes the rows that are not done to a file, as they stood: secrets that stood there in clear, too. */
  failed?: string | undefined;
}

/**
 * Many integrations: what an account is to have.
 *
 * The work is done by the program of the package `ocamba-cli`, which is started for it.
 *
 * @example
 * const fleet = new Fleet("fleet.csv");
 * const report = await fleet.apply({ onProgress: ({ done, total }) => console.log(`${done} of ${total}`) });
 */
export class Fleet {
  /**
   * @param rows - The path of a file that ends in .csv, .jsonl, .json or .yaml, or of a plan of such a file. Or the rows
   * themselves: any iterable, or a function that returns one. What can be read only once, as a generator or a stream, is
   * good for one method; a function is asked by each.
   */
  constructor(rows: string | URL | Rows | (() => Rows));
  /**
   * Finds all row_errors. Nothing is sent.
   *
   * @returns How many rows there are.
   * @throws {@link InvalidRowsError}
   */
  check(options?: FleetOptions): Promise<number>;
  /**
   * Tells what applying would do: it looks at the account, and changes nothing.
   *
   * @throws {@link InvalidRowsError}, {@link FleetError}, or {@link AbortError}
   */
  plan(options?: PlanOptions): Promise<Plan>;
  /**
   * Creates, updates and adopts what the rows say. What fails is in the report, and does not stop the rest.
   *
   * An abort lets what is on its way end: then `stopped` of the report says so.
   *
   * @throws {@link InvalidRowsError}, {@link FleetError}, or {@link AbortError} where nothing was sent
   */
  apply(options?: ApplyOptions): Promise<Report>;
  /** Where the rows come from, and none of them. */
  toJSON(): { rows: string };
}

/** How far a run has come. */
export interface Progress {
  /** All rows. */
  total: number;
  /** Rows that are as they should be. */
  done: number;
  /** Rows that failed. */
  failed: number;
  /** Requests that are on their way, or wait for their turn. */
  in_flight: number;
  /** Rows of which it is not known what became of them: they will be looked for. */
  in_doubt: number;
  /** Since the run began, in milliseconds. */
  elapsed: number;
  /** Requests that were answered, in a minute. */
  rate: number;
  /** How long requests have waited for the account's rate limit, together, in milliseconds. */
  waited: number;
  /** How long the rest will take, in milliseconds, as far as can be told. */
  remaining: number | null;
}

/** What applying would do. It has no secret. */
export class Plan implements Iterable<Step> {
  private constructor();
  /** What is to be done with each row, in the order of the input. */
  readonly steps: Step[];
  /** How many rows have each action. */
  readonly counts: { [A in Action]?: number };
  [Symbol.iterator](): IterableIterator<Step>;
  /** The steps. */
  toJSON(): Step[];
}

/**
 * What is to be done with a row: with `unchanged` nothing, for it is there, and known; `adopt` takes one that is there
 * just as asked for; with a `conflict` nothing can be done, for a reason that a person must look at.
 */
export type Action = "create" | "update" | "adopt" | "unchanged" | "conflict";

/** What is to be done with one row. */
export interface Step {
  /** Its line in the file, or its number. */
  line: number;
  name: string;
  provider_id: string;
  action: Action;
  /** The integration that is there. */
  id?: string;
  /** What an update changes. */
  changes?: FieldChange[];
  /** An earlier run may have sent it: it is looked for once more before it is sent again. */
  in_doubt?: boolean;
  /** Why nothing can be done, with a conflict. */
  conflict?: string;
}

/** What an update does to one field. Of what may be secret it tells only that it changes. */
export interface FieldChange {
  /** Which field, as `settings.sender_name`. */
  field: string;
  /** Whether its values are hidden. */
  secret?: boolean;
  from?: unknown;
  to?: unknown;
}

/** What became of each row. It has no secret. */
export class Report implements Iterable<RowReport> {
  private constructor();
  /** A row for each of the input's, in its order. */
  readonly rows: RowReport[];
  /** Whether every row is as it should be. */
  readonly isComplete: boolean;
  /** How many rows have each outcome. */
  readonly counts: { [O in RowOutcome]?: number };
  /** Why the run stopped before its end, if it did. Applied again with the same ledger, it goes on. */
  readonly stopped: string | null;
  /** The rows that are not as they should be. */
  readonly failed: RowReport[];
  [Symbol.iterator](): IterableIterator<RowReport>;
  /** The rows. */
  toJSON(): RowReport[];
}

/**
 * What became of a row. As it should be: `created`, `updated`, `adopted`, `unchanged`. Not so:
 *
 * - `failed`: it was refused, or could not be sent.
 * - `conflict`: nothing could be done, for a reason that a person must look at.
 * - `unknown`: it was sent, and nobody knows what became of it; the next run will look.
 * - `applied`: it was created, and its id is not known.
 * - `pending`: the run stopped before it.
 */
export type RowOutcome =
  | "created"
  | "updated"
  | "adopted"
  | "unchanged"
  | "failed"
  | "conflict"
  | "unknown"
  | "applied"
  | "pending";

/** What became of one row. */
export interface RowReport {
  /** Its line in the file, or its number. */
  line: number;
  name: string;
  provider_id: string;
  outcome: RowOutcome;
  /** The integration's id, where it is known. */
  id: string | null;
  /** What kind of error it was, as `bad_request`. */
  code: string | null;
  /** The error in words. */
  message: string | null;
  /** Names the error to the vendor's support. */
  trace_id: string | null;
}

/**
 * What became of the requests: nothing was sent, the server refused them, or some may have been sent: then the ledger
 * knows which, and applying again goes on.
 */
export type FleetErrorOutcome = "not_sent" | "rejected" | "unknown" | "applied";

/** What an error is made from, where a test makes one. */
export interface FleetErrorFields {
  message?: string;
  code?: string;
  outcome?: FleetErrorOutcome;
  exit?: number;
  hint?: string;
  trace_id?: string;
  row_errors?: RowError[];
  count?: number;
  cause?: unknown;
}

/** A run that came to no result. What became of single rows is in a {@link Report}, and is no error. */
export class FleetError extends Error {
  constructor(fields?: FleetErrorFields);
  /** A name for the kind of failure that does not change, as `ledger_in_use`. */
  code: string;
  /** What became of the requests. */
  outcome: FleetErrorOutcome;
  /** The exit code of the program, where it told the error. */
  exit?: number;
  /** What to do next. */
  hint?: string;
  /** Names the error to the vendor's support. */
  trace_id?: string;
  /** The error as data, with its message. */
  toJSON(): { name: string } & FleetErrorFields;
}

/** The signal was aborted before anything was sent; its reason is the `cause`, and `name` is `"AbortError"`. */
export class AbortError extends FleetError {}

/** The rows have row_errors; nothing was sent. */
export class InvalidRowsError extends FleetError {
  /** All of them, in the order of the rows; of more than 10,000 the first. */
  row_errors: RowError[];
  /** How many there are. */
  count: number;
}

/** One thing that is wrong with the input. It quotes no value. */
export interface RowError {
  /** The file, or `rows`. */
  file: string;
  /** The line where the row begins, from 1 on; the row's number where there is no file. */
  line: number;
  /** The field or column, as `settings.api_key`; empty where it is the row as a whole. */
  field: string;
  /** What is wrong, and what was expected. */
  message: string;
}
