import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { missingConstructs } from "./constructs.ts";
import { readCorpus } from "./corpus.ts";
import { findPython, Python } from "./cpython.ts";
import { compareRuns, emptyCounts, type Report } from "./differential.ts";
import { fromPython } from "./imports.ts";
import { VERDICTS } from "./judge.ts";

const INPUTS = 24;
const FIRST_SEED = 4_200_000;
const CORPUS = readCorpus("python");
const WANTED = CORPUS.filter((one) => one.refused === undefined);

const found = findPython();
if ("missing" in found) process.stderr.write(`skipped: tests/import/python.test.ts: ${found.missing}\n`);

describe("the Python corpus", () => {
  it("holds each construct of the subset", () => {
    expect(WANTED.length).toBeGreaterThanOrEqual(150);
    expect(missingConstructs(WANTED.map((one) => one.source))).toEqual([]);
  });

  it("names each function once", () => {
    const names = CORPUS.map((one) => one.name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it.each(CORPUS.filter((one) => one.refused !== undefined))("refuses $name: $refused", (one) => {
    const imported = fromPython(one.source, one.name);
    expect(imported).toHaveProperty("refusals");
    if ("refusals" in imported) expect(imported.refusals.length).toBeGreaterThan(0);
  });
});

describe.skipIf("missing" in found)("an imported Python function", () => {
  let python: Python;
  beforeAll(() => {
    python = new Python("command" in found ? found.command : "");
  });
  afterAll(() => python[Symbol.asyncDispose]());

  it("means what CPython says, and four of five are accepted", async () => {
    const reports: Report[] = [];
    for (const [index, one] of WANTED.entries()) {
      const compared = { name: one.name, source: one.source, function: one.name, seed: FIRST_SEED + index };
      const imported = () => fromPython(one.source, one.name);
      reports.push(await compareRuns(compared, imported, INPUTS, (job) => python.ask(job)));
    }
    const accepted = reports.filter((one) => one.refusals === undefined);
    const counts = emptyCounts();
    for (const verdict of VERDICTS) for (const one of accepted) counts[verdict] += one.counts[verdict];
    process.stdout.write(
      `python corpus: ${accepted.length} of ${WANTED.length} accepted; runs ${JSON.stringify(counts)}\n`,
    );
    for (const { name, refusals } of reports)
      if (refusals !== undefined) process.stdout.write(`  refused ${name}: ${refusals[0]}\n`);
    expect(reports.flatMap((one) => one.differences).join("\n\n")).toBe("");
    expect(accepted.length / WANTED.length).toBeGreaterThanOrEqual(0.8);
    // A corpus whose runs all fail or all run out of fuel would prove nothing.
    expect(counts.equal).toBeGreaterThan(INPUTS * WANTED.length * 0.5);
  }, 120_000);
});
