import { Client } from "ocamba-hood";

// The build runs this module, without the token.
let client;

export async function POST() {
  client ??= new Client();
  const { id } = await client.integrations.create(JSON.parse(process.env.REQUEST));
  return new Response(id);
}
