import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { printStep, runSteps } from "./check.ts";
import { SKIPS_FILE } from "./skip-reasons.ts";
import { setUpTools, wantedTools } from "./tools.ts";

/** How many tests ended how, with the reasons of those that were skipped. */
interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  readonly reasons: string[];
}

interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/**
 * Every test of the project: the static checks, then vitest. Ends with the one line that CI reads. `--full`
 * sets ANRF_FULL for the suites that have a longer run; other arguments go to vitest.
 */
async function main(args: readonly string[]): Promise<number> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0, reasons: [] };
  const full = args.includes("--full");
  const rest = args.filter((one) => one !== "--full");
  // The only part that may reach package registries; what cannot be had is skipped where it is needed, with its reason.
  await setUpTools(wantedTools(full), (line) => process.stdout.write(`${line}\n`));
  if (rest.length === 0) {
    const results = await runSteps(printStep);
    for (const { code } of results) counts[code === 0 ? "passed" : "failed"]++;
  }
  const folder = await mkdtemp(join(tmpdir(), "anrf-test-"));
  const report = join(folder, "report.json");
  const skips = join(folder, "skips.json");
  const code = await vitest({ report, skips }, rest, full);
  await count(report, code, counts);
  counts.reasons.push(...(JSON.parse(await readFile(skips, "utf8").catch(() => "[]")) as string[]));
  await rm(folder, { recursive: true, force: true });
  for (const reason of counts.reasons) process.stdout.write(`skipped: ${reason}\n`);
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  return counts.failed === 0 ? 0 : 1;
}

interface Outputs {
  /** Vitest's own report. */
  readonly report: string;
  /** Why tests were skipped. */
  readonly skips: string;
}

function vitest({ report, skips }: Outputs, args: readonly string[], full: boolean): Promise<number> {
  const reporters = ["default", "json", join(import.meta.dirname, "skip-reasons.ts")];
  const named = reporters.map((one) => `--reporter=${one}`);
  const command = ["run", ...named, `--outputFile.json=${report}`, ...args];
  const env = { ...process.env, [SKIPS_FILE]: skips, ...(full ? { ANRF_FULL: "1" } : {}) };
  return new Promise((resolve) => {
    const child = spawn("vitest", command, { stdio: ["ignore", "inherit", "inherit"], env });
    const stop = (): boolean => child.kill("SIGTERM");
    process.once("SIGINT", stop).once("SIGTERM", stop);
    child.on("error", () => resolve(127));
    child.on("close", (code) => resolve(code ?? 1));
  });
}

/** A run that left no report, or that failed outside any test, counts as one failure: it can never look green. */
async function count(path: string, code: number, counts: Counts): Promise<void> {
  let report: VitestReport;
  try {
    report = JSON.parse(await readFile(path, "utf8")) as VitestReport;
  } catch {
    process.stdout.write(`vitest left no report (exit ${code})\n`);
    counts.failed++;
    return;
  }
  const before = counts.failed;
  for (const file of report.testResults) {
    if (file.assertionResults.length === 0 && file.status === "failed") counts.failed++;
    for (const test of file.assertionResults) {
      if (test.status === "passed") counts.passed++;
      else if (test.status === "failed") counts.failed++;
      else counts.skipped++;
    }
  }
  if (code !== 0 && counts.failed === before) counts.failed++;
}

process.exitCode = await main(process.argv.slice(2));
