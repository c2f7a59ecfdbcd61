// Creates an integration from a file, like the clients of the other languages.
import { readFileSync } from "node:fs";
import { Client } from "ocamba-hood";

await new Client().integrations.create(JSON.parse(readFileSync(process.argv[2], "utf8")));
