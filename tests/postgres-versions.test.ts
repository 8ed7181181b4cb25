import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startForeignPostgres } from "./postgres.ts";

/** The suites whose SQL is to run on every PostgreSQL we name. */
const SUITES = [
  ...["database", "idempotency", "jobs", "migrate", "retention", "usage"].map(
    (name) => `services/platform/data/${name}.test.ts`,
  ),
  "services/registry/service.test.ts",
];

interface Report {
  readonly numTotalTests: number;
  readonly numPassedTests: number;
  readonly testResults: readonly { readonly status: string; readonly message: string }[];
}

describe("PostgreSQL 15 of the system", () => {
  it("runs the data suites and the registry's as the embedded server does", async (test) => {
    const server = await startForeignPostgres("15");
    if (typeof server === "string") return test.skip(server);
    const { version } = server;
    await server[Symbol.asyncDispose]();
    expect(version).toMatch(/^15\./);
    const folder = await mkdtemp(join(tmpdir(), "anrf-report-"));
    const path = join(folder, "report.json");
    const code = await runSuites(path);
    const report = JSON.parse(await readFile(path, "utf8")) as Report;
    await rm(folder, { recursive: true, force: true });
    const failed = report.testResults.filter((file) => file.status !== "passed");
    expect(failed.map((file) => file.message)).toEqual([]);
    expect(report.testResults).toHaveLength(SUITES.length);
    expect([code, report.numPassedTests]).toEqual([0, report.numTotalTests]);
    expect(report.numTotalTests).toBeGreaterThan(40);
  }, 300_000);
});

// A run of its own, because the server is chosen for a whole run; it must not take itself for a worker of this one.
function runSuites(report: string): Promise<number | null> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|NODE_OPTIONS|TEST$)/.test(name),
  );
  const command = [
    "run",
    "--project",
    "system",
    "--maxWorkers=1",
    "--reporter=json",
    `--outputFile=${report}`,
  ];
  return new Promise((resolve) => {
    const child = spawn(join(import.meta.dirname, "../node_modules/.bin/vitest"), [...command, ...SUITES], {
      cwd: join(import.meta.dirname, ".."),
      stdio: "ignore",
      env: { ...Object.fromEntries(inherited), ANRF_TEST_POSTGRES: "15" },
    });
    child.once("error", () => resolve(-1));
    child.once("close", resolve);
  });
}
