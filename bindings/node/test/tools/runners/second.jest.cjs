// Another file, for another worker.
const { Client } = require("ocamba-hood");

test("client is created in each worker", () => {
  expect(JSON.stringify(new Client({ token: "t", rateLimit: "off" }))).toContain("[REDACTED]");
});
