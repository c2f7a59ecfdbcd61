// Another file, for another worker.
import { Client } from "ocamba-hood";
import { expect, test } from "vitest";

test("client is created in each worker", () => {
  expect(JSON.stringify(new Client({ token: "t", rateLimit: "off" }))).toContain("[REDACTED]");
});
