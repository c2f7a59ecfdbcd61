/**
 * Many integrations of the Ocamba Hood API at once: checked, planned, and applied with a ledger.
 *
 * @packageDocumentation
 */
import type { ClientOptions, HoodErrorFields, NewIntegration, NewIntegrationFields, Outcome } from "ocamba-hood";
import type { ReconcileOptions, Stage, UnknownProviderIntegration } from "ocamba-hood";

/**
 * The desired state of an integration. A secret may be a `Secret`, or a reference that {@link SourceOptions.references}
 * permits, which is resolved when the row is sent.
 */
export type Row = NewIntegration | UnknownProviderIntegration | NamedRow;

/** A row that names its provider, so that its settings have no type and are only checked at run time. */
export interface NamedRow extends NewIntegrationFields {
  /** The provider's id, or its name in upper or lower case. */
  provider: string;
  /** The provider's settings. */
  settings: { [name: string]: unknown };
}

/** Rows in order. Arrays have a type of their own, so that the compiler names the row that is wrong. */
export type Rows = Row[] | Iterable<Row> | AsyncIterable<Row>;

/** The account, and other options of each method of a {@link Fleet}. */
export interface FleetOptions
  extends Pick<ClientOptions, "token" | "baseUrl" | "rateLimit" | "rateLimitTier" | "rateLimitDir" | "timeout"> {
  /**
   * The name of an account in `ocamba auth list`. The environment's `OCAMBA_TOKEN`, `OCAMBA_BASE_URL`,
   * `OCAMBA_RATE_LIMIT` and `OCAMBA_RATE_LIMIT_TIER` are then ignored.
   */
  profile?: string | undefined;
  /** Whether to accept providers that this version does not know, unchecked. Default: false. */
  allowUnknownProvider?: boolean | undefined;
  /** Aborts the run. */
  signal?: AbortSignal | undefined;
}

/** Options of the rows of a {@link Fleet}. */
export interface SourceOptions {
  /**
   * What references to secrets may read: variables of the environment for `env:NAME`, as `env:PREFIX` (never those that
   * begin with `OCAMBA_`); files below a folder for `file:PATH`, as `file:FOLDER`; or entries of the system's keyring for
   * `keyring:NAME`, as `keyring:SERVICE`. `text:` before a text that looks like a reference keeps it a text. Default:
   * nothing, and every text is sent unchanged.
   */
  references?: string | readonly string[] | undefined;
  /** Columns, or fields of each row, to be left out, such as notes. */
  ignoreColumns?: string | readonly string[] | undefined;
  /** The name of a workbook's sheet. Default: the first one that is not hidden. */
  sheet?: string | undefined;
}

/** Options of {@link Fleet.plan}. */
export interface PlanOptions extends FleetOptions {
  /** The ledger's path. Default: the path of the rows' file followed by `.ledger`, if that exists. */
  ledger?: string | undefined;
  /** Path to save the plan to. A `Fleet` of this path applies exactly this plan, or nothing. */
  save?: string | undefined;
}

/** Options of {@link Fleet.apply}. */
export interface ApplyOptions extends FleetOptions, Pick<ReconcileOptions, "reconcileTimeout"> {
  /**
   * The ledger's path. The ledger is created if it does not exist, and resumes an interrupted run if it does. Default: the
   * path of the rows' file followed by `.ledger`. Required if the rows do not come from a file.
   */
  ledger?: string | undefined;
  /** Path of a saved plan. Nothing is sent if the plan no longer matches the account and the rows. */
  plan?: string | undefined;
  /**
   * Called with the progress, at most every 50 ms, and at the end. If it throws, the run stops and fails with that error.
   */
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Maximum number of concurrent requests. Default: 16. */
  inFlight?: number | undefined;
  /** Path of a file for the report: .csv, .json, .jsonl, .md, .xml (JUnit), .html, or .txt for a table. */
  report?: string | undefined;
  /** Path of a file for the unfinished rows, unchanged: including secrets that the input has in clear. */
  failed?: string | undefined;
}

/** Options of {@link Fleet.export}. */
export interface ExportOptions extends FleetOptions {
  /** Path of the ledger, which records the integration of each row. Default: the path of the file followed by `.ledger`. */
  ledger?: string | undefined;
  /** Whether to write the secrets that the API returns, in place of references. Default: false. */
  reveal?: boolean | undefined;
}

/** Options of {@link Fleet.status}. */
export interface StatusOptions extends FleetOptions {
  /** The ledger's path. Default: the path of the rows' file followed by `.ledger`. Required if the rows do not come from a file. */
  ledger?: string | undefined;
}

/**
 * Many integrations that an account is to have.
 *
 * Each method runs the program of the package `ocamba-cli`.
 *
 * @example
 * const fleet = new Fleet("fleet.csv");
 * const report = await fleet.apply({ onProgress: ({ done, total }) => console.log(`${done} of ${total}`) });
 */
export class Fleet {
  /**
   * Creates a fleet.
   *
   * @param rows - The path of a .csv, .xlsx, .ods, .jsonl, .json or .yaml file, or of a saved plan of such a file; or any iterable of
   * rows, or a function that returns one. An iterable that can be read only once, as a generator or a stream, serves one
   * call of a method; each call calls the function again.
   * @param options - What rows may refer to.
   */
  constructor(rows: string | URL | Rows | (() => Rows), options?: SourceOptions);
  /**
   * Checks all rows. Nothing is sent.
   *
   * @returns The number of rows.
   * @throws {@link InvalidRowsError}
   */
  check(options?: FleetOptions): Promise<number>;
  /**
   * Compares the rows with the account and returns what {@link apply} would do. Nothing is changed.
   *
   * @throws {@link InvalidRowsError}, {@link FleetError}, or {@link AbortError}
   */
  plan(options?: PlanOptions): Promise<Plan>;
  /**
   * Creates, updates and adopts integrations until they match the rows. Rows that fail are in the report, and do not stop
   * the others.
   *
   * After an abort, requests on their way finish, and `stopped` of the report says so.
   *
   * @throws {@link InvalidRowsError}, {@link FleetError}, or {@link AbortError} if nothing was sent
   */
  apply(options?: ApplyOptions): Promise<Report>;
  /**
   * Writes the account to the file of this fleet (.csv, .jsonl, .json or .yaml), and replaces what it had. Applying the file,
   * with the same secrets, changes nothing. Its ledger knows the integration of each row, so that a row can be renamed. Only
   * their owner can read them.
   *
   * @throws {@link FleetError}
   */
  export(options?: ExportOptions): Promise<Export>;
  /**
   * Returns what the ledger of earlier runs knows of each row, also while a run uses it. Nothing is sent.
   *
   * @throws {@link FleetError}
   */
  status(options?: StatusOptions): Promise<Status>;
  /** Returns the source of the rows, but no row. */
  toJSON(): { rows: string };
}

/** The progress of a run. */
export interface Progress {
  /** Number of rows. */
  total: number;
  /** Rows that succeeded. */
  done: number;
  /** Rows that failed. */
  failed: number;
  /** Requests that are on their way or wait for the rate limit. */
  in_flight: number;
  /** Rows with an unknown outcome, which the run will search for. */
  in_doubt: number;
  /** Time since the run began, in milliseconds. */
  elapsed: number;
  /** Responses per minute. */
  rate: number;
  /** Total time that requests waited for the rate limit, in milliseconds. */
  waited: number;
  /** Estimated time to the end, in milliseconds, if known. */
  remaining: number | null;
}

/** What {@link Fleet.apply} would do. It contains no secret. */
export class Plan implements Iterable<Step> {
  private constructor();
  /** The step of each row, in the order of the input. */
  readonly steps: Step[];
  /** The integrations that the ledger has, and that no row names any more. Nothing is done with them. */
  readonly orphans: Orphan[];
  /** Number of rows with each action. */
  readonly counts: { [A in Action]?: number };
  [Symbol.iterator](): IterableIterator<Step>;
  /** Returns the steps. */
  toJSON(): Step[];
}

/**
 * The action for a row. `unchanged`: the ledger knows the integration, and it matches; `adopt`: an integration exists that
 * matches; `conflict`: nothing can be done, for a reason that a person must resolve.
 */
export type Action = "create" | "update" | "adopt" | "unchanged" | "conflict";

/** The planned step of a row. */
export interface Step {
  /** The line in the file, or the number of the row. */
  line: number;
  name: string;
  provider_id: string;
  action: Action;
  /** The id of the existing integration. */
  id?: string;
  /** The changes of an update. */
  changes?: FieldChange[];
  /** The references to secrets, such as `api_key=env:MITTO_KEY`. */
  references?: string;
  /** Whether an earlier run may have sent the row: it is searched for before it is sent again. */
  in_doubt?: boolean;
  /** The reason of a conflict. */
  conflict?: string;
}

/** An integration that the ledger has, and that no row names any more. */
export interface Orphan {
  id: string;
  name: string;
  provider_id: string;
}

/** What {@link Fleet.export} has written. */
export interface Export {
  /** Number of rows. */
  rows: number;
  /** The variables of the environment to which the rows refer in place of secrets. */
  variables: string[];
  /** The {@link SourceOptions.references} of a fleet that applies the rows. */
  references: string[];
  /** The integrations that a sheet cannot have, and why. */
  leftOut: string[];
}

/** What a ledger knows. It contains no secret. */
export class Status implements Iterable<LedgerRow> {
  private constructor();
  /** What it knows of each row, in the order of their names. */
  readonly rows: LedgerRow[];
  /** Whether a run uses the ledger. */
  readonly isRunning: boolean;
  /** Number of rows in each state. */
  readonly counts: { [S in LedgerRow["state"]]?: number };
  [Symbol.iterator](): IterableIterator<LedgerRow>;
  /** Returns the rows. */
  toJSON(): LedgerRow[];
}

/** What a ledger knows of a row. */
export interface LedgerRow {
  name: string;
  provider_id: string;
  /**
   * `applied`: done, but its id is unknown. `pending`: not sent. `intent`: it may have been sent; unless a run is under way,
   * the next one searches for it.
   */
  state: "done" | "failed" | "applied" | "pending" | "intent";
  /** The last action. */
  action: "create" | "update" | "adopt";
  /** The id of the integration, if known. */
  id: string | null;
  /** The stable name of the kind of failure. */
  code: string | null;
  /** The error's message. It quotes no secret. */
  message: string | null;
  /** The request ID to quote to the vendor's support. */
  trace_id: string | null;
}

/** A change of one field. The values of possible secrets are left out. */
export interface FieldChange {
  /** The field, such as `settings.sender_name`. */
  field: string;
  /** Whether the values are hidden. */
  secret?: boolean;
  from?: unknown;
  to?: unknown;
}

/** The outcome of each row. It contains no secret. */
export class Report implements Iterable<RowReport> {
  private constructor();
  /** The report of each row, in the order of the input. */
  readonly rows: RowReport[];
  /** Whether every row succeeded. */
  readonly isComplete: boolean;
  /** Number of rows with each outcome. */
  readonly counts: { [O in RowOutcome]?: number };
  /** Why the run stopped early, if it did. Apply again with the same ledger to resume. */
  readonly stopped: string | null;
  /** The rows that did not succeed. */
  readonly failed: RowReport[];
  [Symbol.iterator](): IterableIterator<RowReport>;
  /** Returns the rows. */
  toJSON(): RowReport[];
}

/**
 * The outcome of a row: `created`, `updated`, `adopted` or `unchanged` if it succeeded, or else:
 *
 * - `failed`: the server rejected it, or it could not be sent.
 * - `conflict`: nothing could be done, for a reason that a person must resolve.
 * - `unknown`: it was sent, and its outcome is unknown; the next run searches for it.
 * - `applied`: it was created, but its id is unknown.
 * - `pending`: the run stopped before it.
 */
export type RowOutcome =
  | "created" | "updated" | "adopted" | "unchanged"
  | "failed" | "conflict" | "unknown" | "applied" | "pending";

/** The report of a row. */
export interface RowReport {
  /** The line in the file, or the number of the row. */
  line: number;
  name: string;
  provider_id: string;
  outcome: RowOutcome;
  /** The integration's id, if known. */
  id: string | null;
  /** The error's code, such as `bad_request`. */
  code: string | null;
  /** The error's message. */
  message: string | null;
  /** Request ID to quote to the vendor's support. */
  trace_id: string | null;
  /** The references to secrets, such as `api_key=env:MITTO_KEY`. */
  references: string | null;
}

/**
 * The state of the requests. With `unknown` or `applied`, some may have been sent: the ledger knows which, and applying
 * again resumes the run.
 */
export type FleetErrorOutcome = Outcome;

/** The fields of an error, for tests that make one. */
export interface FleetErrorFields extends Pick<HoodErrorFields, "message" | "code" | "outcome" | "trace_id" | "stage" | "cause"> {
  exit?: number | undefined;
  hint?: string | undefined;
  row_errors?: RowError[] | undefined;
  count?: number | undefined;
  made?: MadeRow[] | undefined;
}

/** A row whose integration was created or updated. */
export type MadeRow = Pick<RowReport, "line" | "name" | "provider_id" | "id">;

/** The failure of a whole run. Rows that fail are in the {@link Report} instead. */
export class FleetError extends Error {
  constructor(fields?: FleetErrorFields);
  /** A stable name for the kind of failure, such as `ledger_in_use`. */
  code: string;
  /** The state of the requests. */
  outcome: FleetErrorOutcome;
  /** The exit code of the program, if it reported the error. */
  exit?: number;
  /** The next step. */
  hint?: string;
  /** The rows that an apply created or updated, where it could not write so to its ledger, or to a file. */
  made?: MadeRow[];
  /** Request ID to quote to the vendor's support. */
  trace_id?: string;
  /** The stage that failed, if no connection could be made. */
  stage?: Stage;
  /** Returns the error as data, with its message. */
  toJSON(): { name: string } & FleetErrorFields;
}

/** The signal was aborted before anything was sent. Its reason is the `cause`, and `name` is `"AbortError"`. */
export class AbortError extends FleetError {}

/** Some rows are invalid. Nothing was sent. */
export class InvalidRowsError extends FleetError {
  /** The errors in the order of the rows, at most 10,000. */
  row_errors: RowError[];
  /** Total number of errors. */
  count: number;
}

/** An error in a row. It quotes no value. */
export interface RowError {
  /** The file, or `rows`. */
  file: string;
  /** The first line of the row, from 1; without a file, the number of the row. */
  line: number;
  /** The field or column, such as `settings.api_key`; empty if the whole row is invalid. */
  field: string;
  /** The cell of a workbook, such as `Sheet1!C7`. */
  cell?: string;
  /** What is wrong and what was expected. */
  message: string;
}
