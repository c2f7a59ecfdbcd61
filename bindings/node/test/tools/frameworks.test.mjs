// Errors within web frameworks: the status of the API's response is not that of the application's own.
import assert from "node:assert/strict";
import { test } from "node:test";
import express from "express";
import fastify from "fastify";
import { answering, rejection, sandbox, server } from "../helpers.mjs";

const made = await sandbox();
const { client: limited } = await answering(429, { code: 429, title: "Too many requests." }, { "content-type": "application/json", "x-upstream": "1" });
const failures = {
  "/missing": () => made.client().integrations.get("404404"),
  "/token": () => made.client({ token: "wrong" }).integrations.get("7"),
  "/limited": () => limited().integrations.get("7"),
};

/** Checks that a framework's own handler answers 500 to each failure. */
async function answers500(url) {
  for (const [path, fail] of Object.entries(failures)) {
    assert.ok((await rejection(fail())).http_status >= 400);
    const { status, headers } = await fetch(url + path);
    assert.deepEqual([status, headers.get("x-upstream")], [500, null], path);
  }
}

test("express answers 500", async () => {
  const app = express().set("env", "test");
  for (const [path, fail] of Object.entries(failures)) app.get(path, async (request, response) => response.json(await fail()));
  await answers500((await server(app)).url);
});

test("fastify answers 500", async (t) => {
  const app = fastify();
  for (const [path, fail] of Object.entries(failures)) app.get(path, fail);
  t.after(() => app.close());
  await answers500(await app.listen());
});
