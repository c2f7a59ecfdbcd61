// Creates an integration from a file, as the clients of other languages do beside it.
import { readFileSync } from "node:fs";
import { Client } from "ocamba-hood";

await new Client().integrations.create(JSON.parse(readFileSync(process.argv[2], "utf8")));
