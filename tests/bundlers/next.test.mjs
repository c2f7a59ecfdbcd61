// A standalone server of Next.js creates where neither its project nor its packages are.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { application, build, created, moved } from "./support.mjs";

for (const [name, flag, env] of [
  ["Turbopack", "--turbopack", {}],
  ["Turbopack and an external package", "--turbopack", { EXTERNAL: "1" }],
  ["webpack and an external package", "--webpack", { EXTERNAL: "1" }],
]) {
  test(`standalone server by ${name}`, async () => {
    const app = application("next", "next");
    build(app, "next/dist/bin/next", ["build", flag], { NEXT_TELEMETRY_DISABLED: "1", ...env });
    const id = await moved(app, ".next/standalone", (folder) => {
      const server = { PORT: "0", HOSTNAME: "127.0.0.1" };
      return created(join(folder, "work/next"), "server.js", { path: "create", ready: /Local:\s+http:\/\/127\.0\.0\.1:(\d+)/, env: server });
    });
    assert.match(id, /^\d+$/);
  });
}
