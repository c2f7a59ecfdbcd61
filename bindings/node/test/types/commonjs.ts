// Compiled with `module: commonjs`, never run.
import { Client } from "ocamba-hood";
import { Sandbox } from "ocamba-hood/testing";

export const made: Promise<Client> = Sandbox.start().then((sandbox) => sandbox.client());
