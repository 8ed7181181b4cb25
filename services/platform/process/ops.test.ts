import { afterEach, describe, expect, it } from "vitest";
import { createMetrics } from "./metrics.ts";
import { type Ops, startOps } from "./ops.ts";
import type { Readiness } from "./target.ts";

let ops: Ops | undefined;
afterEach(() => ops?.[Symbol.asyncDispose]());

async function open(needs: () => readonly Readiness[], accepting = () => true): Promise<string> {
  ops = await startOps({
    port: 0,
    address: "127.0.0.1",
    metrics: createMetrics(),
    accepting,
    ready: async () => needs(),
    cacheMs: 0,
  });
  return `http://127.0.0.1:${ops.port}`;
}

const need = (ok: boolean): Readiness => ({ name: "database", ok, details: ok ? "" : "refused" });

describe("startOps", () => {
  it("is ready when all that is needed answers, and not before", async () => {
    let ok = false;
    const url = await open(() => [need(ok)]);
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    ok = true;
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  it("stays ready, degraded, when something that it had reached is lost", async () => {
    let ok = true;
    const url = await open(() => [need(ok)]);
    await fetch(`${url}/readyz`);
    ok = false;
    const response = await fetch(`${url}/readyz?verbose=1`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      ready: true,
      degraded: ["database"],
      needs: [{ details: "refused" }],
    });
  });

  it("is not ready as soon as the process stops, and still alive", async () => {
    const url = await open(
      () => [need(true)],
      () => false,
    );
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it("shows metrics, and refuses other pages and verbs", async () => {
    const url = await open(() => []);
    expect((await fetch(`${url}/metrics`)).headers.get("content-type")).toContain("text/plain");
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
    expect((await fetch(`${url}/metrics`, { method: "POST" })).status).toBe(405);
  });
});
