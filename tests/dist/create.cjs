// Creates an integration with the installed package, at the server that the environment names.
"use strict";

const { readFileSync } = require("node:fs");
const { Client } = require("ocamba-hood");

const client = new Client();
client.integrations.create(JSON.parse(readFileSync("request.json"))).then(({ id }) => console.log(`created ${id}`));
