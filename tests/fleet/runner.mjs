// The runner in Node: `node runner.mjs FILE LEDGER`. README.md describes its output.

import { Fleet, InvalidRowsError } from "ocamba-fleet";

const [file, ledger] = process.argv.slice(2);
const fleet = new Fleet(file);

async function seen() {
  try {
    const { steps, orphans } = await fleet.plan({ ledger });
    const report = await fleet.apply({ ledger, inFlight: 1, reconcileTimeout: 300 });
    const { rows, counts, stopped, isComplete: is_complete } = report;
    return { plan: { steps, orphans }, report: { rows, counts, stopped, is_complete } };
  } catch (error) {
    if (!(error instanceof InvalidRowsError)) throw error;
    return { row_errors: error.row_errors };
  }
}

console.log(JSON.stringify(await seen()));
