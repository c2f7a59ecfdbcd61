// Uses everything that the package of fleets offers. Compiled, never run.
import {
  AbortError,
  Fleet,
  FleetError,
  InvalidRowsError,
  Plan,
  Report,
  Status,
  type Action,
  type ApplyOptions,
  type Export,
  type FieldChange,
  type FleetOptions,
  type LedgerRow,
  type Orphan,
  type RowError,
  type NamedRow,
  type PlanOptions,
  type Progress,
  type Row,
  type RowOutcome,
  type RowReport,
  type Rows,
  type SourceOptions,
  type Step,
} from "ocamba-fleet";
import { Secret, unknownProvider, type NewIntegration } from "ocamba-hood";
import fleets = require("ocamba-fleet");

const required: typeof Fleet = fleets.Fleet;
const typed: NewIntegration = { name: "a", provider_id: "1004", settings: { api_key: "env:KEY", sender_name: "b" } };
const named: NamedRow = { name: "b", provider: "mitto", settings: { api_key: new Secret("k") }, status: "active" };
const unknown: Row = unknownProvider({ name: "Bot", provider_id: "2000", settings: { a: 1 } });
const rows: Rows = [typed, named, unknown];

async function* generated(): AsyncGenerator<Row> {
  yield* rows as Iterable<Row>;
}

const sources: Fleet[] = [
  new Fleet("fleet.csv"),
  new Fleet(new URL("file:///fleet.csv")),
  new Fleet(rows),
  new Fleet([typed]),
  new Fleet(new Set([named]), { references: "env:MITTO_" }),
  new Fleet("fleet.csv", { references: ["env:MITTO_", "file:secrets"], ignoreColumns: "NOTES", sheet: "Shops" } satisfies SourceOptions),
  new Fleet(generated()),
  new Fleet(generated),
  new Fleet([{ name: "a", provider_id: "1004", settings: { api_key: "k", sender_name: "b" } }]),
];
const account: FleetOptions = {
  token: new Secret("t"),
  baseUrl: "https://api.ocamba.com",
  rateLimit: "shared",
  rateLimitTier: "75/700",
  timeout: 5_000,
  profile: "work",
  allowUnknownProvider: true,
  signal: AbortSignal.timeout(1_000),
};
const planning: PlanOptions = { ...account, ledger: "x.ledger", save: "plan.json" };
const applying: ApplyOptions = {
  ...account,
  ledger: "x.ledger",
  plan: "plan.json",
  inFlight: 4,
  reconcileTimeout: 1_000,
  report: "report.csv",
  failed: "failed.csv",
  onProgress: tell,
};

function tell({ total, done, failed, in_flight, in_doubt, elapsed, rate, waited, remaining }: Progress): void {
  const left: number | null = remaining;
  console.log(total - done - failed, in_flight, in_doubt, elapsed, rate, waited, left);
}

async function apply(fleet: Fleet): Promise<Report> {
  const count: number = await fleet.check(account);
  const plan: Plan = await fleet.plan(planning);
  const creates: number | undefined = plan.counts.create;
  const orphans: Orphan[] = plan.orphans;
  const status: Status = await fleet.status({ ...account, ledger: "x.ledger" });
  const known: [LedgerRow[], boolean, number | undefined] = [status.rows, status.isRunning, status.counts.done];
  const { rows: count_, variables, references, leftOut }: Export = await fleet.export({ ...account, reveal: true });
  console.log(orphans, known, count_, variables, references, leftOut, [...status]);
  for (const { line, name, provider_id, action, id, changes, in_doubt, conflict } of plan) {
    const next: Action = action;
    const all: FieldChange[] = changes ?? [];
    console.log(line, name, provider_id, next, id, all.map(({ field, secret, from, to }) => [field, secret, from, to]));
    console.log(in_doubt, conflict);
  }
  const report = await fleet.apply(applying);
  for (const { outcome, id, code, message, trace_id } of report) console.log(outcome, id, code, message, trace_id);
  const failed: RowReport[] = report.failed;
  const stopped: string | null = report.stopped;
  const complete: boolean = report.isComplete;
  const outcome: RowOutcome | undefined = report.rows[0]?.outcome;
  const data: [RowReport[], Step[], { rows: string }] = [report.toJSON(), plan.toJSON(), fleet.toJSON()];
  console.log(count, creates, failed, stopped, complete, outcome, report.counts.created, data, plan.steps.length);
  return report;
}

function explain(error: unknown): string | undefined {
  if (error instanceof InvalidRowsError) {
    const row_errors: RowError[] = error.row_errors;
    row_errors.forEach(({ file, line, field, cell, message }) => console.log(file, line, field, cell, message, error.count));
  }
  if (error instanceof AbortError) console.log(error.cause);
  if (!(error instanceof FleetError)) return undefined;
  const { code, exit, hint, outcome, trace_id, stage, message }: FleetError = error;
  console.log(exit, hint, stage, outcome satisfies "not_sent" | "rejected" | "unknown" | "applied", trace_id, message, error.toJSON().name);
  return code;
}

export { apply, explain, required, sources };

// What must not compile.
// @ts-expect-error: no rows
new Fleet();
// @ts-expect-error: no row has a number
new Fleet([7]);
// @ts-expect-error: a setting is missing
new Fleet([{ name: "n", provider_id: "1004", settings: { api_key: "a" } }]);
// @ts-expect-error: another provider's settings
new Fleet([{ name: "n", provider_id: "1004", settings: { account_sid: "a" } }]);
// @ts-expect-error: nobody says which provider
new Fleet([{ name: "n", settings: {} }]);
// @ts-expect-error: an option that there is not
new Fleet("x.csv").apply({ legder: "x" });
// @ts-expect-error: a check has no ledger
new Fleet("x.csv").check({ ledger: "x" });
// @ts-expect-error: milliseconds are a number
new Fleet("x.csv").apply({ reconcileTimeout: "1s" });
// @ts-expect-error: a report is made by a run
new Report();
