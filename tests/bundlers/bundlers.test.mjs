// What each bundler makes of an application serves requests where neither the application nor its packages are.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { nodeFileTrace } from "@vercel/nft";
import commonjs from "@rollup/plugin-commonjs";
import resolve from "@rollup/plugin-node-resolve";
import { rspack } from "@rspack/core";
import ncc from "@vercel/ncc";
import { build as esbuild } from "esbuild";
import { rollup } from "rollup";
import webpack from "webpack";
import { application, copyAddon, created, moved, output } from "./support.mjs";

const ID = /^\d+$/;
const EXPLAINED = /was not loaded: Cannot find .*copy its ocamba-hood\.node beside .*server\.cjs/;

test("esbuild copies the addon with a loader", async () => {
  const app = application("esbuild");
  const input = { entryPoints: [join(app, "server.cjs")], outfile: join(app, "out/server.cjs") };
  await esbuild({ ...input, bundle: true, platform: "node", loader: { ".node": "copy" }, logLevel: "error" });
  assert.match(await moved(app, "out", (folder) => created(folder, "server.cjs")), ID);
});

test("esbuild writes a module of ECMAScript", async () => {
  const app = application("esbuild module");
  const input = { entryPoints: [join(app, "server.cjs")], outfile: join(app, "out/server.mjs"), format: "esm" };
  const banner = { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' };
  await esbuild({ ...input, banner, bundle: true, platform: "node", loader: { ".node": "copy" }, logLevel: "error" });
  assert.match(await moved(app, "out", (folder) => created(folder, "server.mjs")), ID);
});

test("esbuild leaves the package out", async () => {
  const app = application("esbuild external");
  const input = { entryPoints: [join(app, "server.cjs")], outfile: join(app, "out/server.cjs") };
  await esbuild({ ...input, bundle: true, platform: "node", external: ["ocamba-hood"], logLevel: "error" });
  cpSync(join(app, "node_modules"), join(app, "out/node_modules"), { recursive: true });
  assert.match(await moved(app, "out", (folder) => created(folder, "server.cjs")), ID);
});

const rule = (rule) => ({ module: { rules: [{ test: /\.node$/, ...rule }] } });
for (const [name, bundler, config] of [
  ["webpack without options", webpack, {}],
  ["webpack with node-loader", webpack, rule({ loader: "node-loader" })],
  ["webpack with addons as assets", webpack, rule({ type: "asset/resource" })],
  ["webpack with magic comments", webpack, { module: { parser: { javascript: { commonjsMagicComments: true } } } }],
  ["rspack without options", rspack, {}],
]) {
  test(`${name} copies the addon`, async () => {
    const app = application(name);
    const output = { path: join(app, "out"), filename: "server.cjs" };
    const compiler = bundler({ mode: "production", target: "node", context: app, entry: "./server.cjs", output, ...config });
    const stats = await new Promise((resolve, reject) => compiler.run((error, stats) => (error ? reject(error) : resolve(stats))));
    assert.deepEqual(stats.toJson({ all: false, errors: true }).errors, []);
    assert.match(await moved(app, "out", (folder) => created(folder, "server.cjs")), ID);
  });
}

test("ncc copies the addon", async () => {
  const app = application("ncc");
  const { code, assets } = await ncc(join(app, "server.cjs"), { cache: false, quiet: true });
  for (const [name, { source }] of Object.entries({ ...assets, "server.cjs": { source: code } })) {
    mkdirSync(dirname(join(app, "out", name)), { recursive: true });
    writeFileSync(join(app, "out", name), source);
  }
  assert.match(await moved(app, "out", (folder) => created(folder, "server.cjs")), ID);
});

test("rollup copies the addon with a plugin", async () => {
  const app = application("rollup");
  const addons = {
    name: "addons",
    load(id) {
      if (!id.endsWith(".node")) return null;
      const file = this.emitFile({ type: "asset", name: "ocamba-hood.node", source: readFileSync(id) });
      return `import { createRequire } from "node:module"; import { fileURLToPath } from "node:url";
export default createRequire(import.meta.url)(fileURLToPath(import.meta.ROLLUP_FILE_URL_${file}));`;
    },
  };
  const bundle = await rollup({ input: join(app, "server.cjs"), plugins: [addons, resolve({ preferBuiltins: true }), commonjs()] });
  await bundle.write({ dir: join(app, "out"), entryFileNames: "server.cjs", format: "cjs" });
  assert.match(await moved(app, "out", (folder) => created(folder, "server.cjs")), ID);
});

test("rollup leaves the addon out, and the bundle finds it beside itself", async () => {
  const app = application("rollup external");
  const plugins = [resolve({ preferBuiltins: true }), commonjs()];
  const bundle = await rollup({ input: join(app, "server.cjs"), external: [/^@ocamba\//], plugins });
  await bundle.write({ dir: join(app, "out"), entryFileNames: "server.cjs", format: "cjs" });
  assert.match(await moved(app, "out", (folder) => created(folder, "server.cjs")), EXPLAINED);
  copyAddon(app, join(app, "out"));
  assert.match(await moved(app, "out", (folder) => created(folder, "server.cjs")), ID);
});

test("tracer of Vercel finds addon and program", async () => {
  const app = application("nft");
  const { fileList } = await nodeFileTrace(["server.cjs", "fleet.cjs"].map((script) => join(app, script)), { base: app });
  for (const file of fileList) cpSync(join(app, file), join(app, "out", file));
  await moved(app, "out", async (folder) => {
    assert.match(await created(folder, "server.cjs"), ID);
    assert.match(output(folder, "fleet.cjs"), /^0$/m);
  });
});
