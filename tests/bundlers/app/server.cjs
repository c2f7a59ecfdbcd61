// An application that creates an integration for each request, and prints its port.
const { createServer } = require("node:http");
const { Client } = require("ocamba-hood");

const client = new Client();
const server = createServer(async (_, response) => {
  try {
    const { id } = await client.integrations.create(JSON.parse(process.env.REQUEST));
    response.end(id);
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
