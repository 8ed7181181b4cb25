import { describe, expect, it } from "vitest";
import { readCorpus } from "./corpus.ts";
import { compareRuns, emptyCounts, type Report } from "./differential.ts";
import { fromTypeScript } from "./imports.ts";
import { VERDICTS } from "./judge.ts";
import { runInNode } from "./node.ts";

const INPUTS = 24;
const FIRST_SEED = 6_400_000;
const CORPUS = readCorpus("typescript");
const WANTED = CORPUS.filter((one) => one.refused === undefined);

describe("the TypeScript corpus", () => {
  it("names each function once, sixty at least", () => {
    const names = CORPUS.map((one) => one.name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(WANTED.length).toBeGreaterThanOrEqual(60);
  });

  it.each(CORPUS.filter((one) => one.refused !== undefined))("refuses $name: $refused", (one) => {
    const imported = fromTypeScript(one.source, one.name);
    expect(imported).toHaveProperty("refusals");
    if ("refusals" in imported) expect(imported.refusals.length).toBeGreaterThan(0);
  });
});

describe("an imported TypeScript function", () => {
  it("means what Node says, and four of five are accepted", async () => {
    const reports: Report[] = [];
    for (const [index, one] of WANTED.entries()) {
      const seed = FIRST_SEED + index;
      const compared = { name: one.name, source: one.source, function: one.name, seed, hasBasicText: true };
      const imported = () => fromTypeScript(one.source, one.name);
      reports.push(await compareRuns(compared, imported, INPUTS, (job) => Promise.resolve(runInNode(job))));
    }
    const accepted = reports.filter((one) => one.refusals === undefined);
    const counts = emptyCounts();
    for (const verdict of VERDICTS) for (const one of accepted) counts[verdict] += one.counts[verdict];
    process.stdout.write(
      `typescript corpus: ${accepted.length} of ${WANTED.length} accepted; runs ${JSON.stringify(counts)}\n`,
    );
    for (const { name, refusals } of reports)
      if (refusals !== undefined) process.stdout.write(`  refused ${name}: ${refusals[0]}\n`);
    expect(reports.flatMap((one) => one.differences).join("\n\n")).toBe("");
    expect(accepted.length / WANTED.length).toBeGreaterThanOrEqual(0.8);
    expect(counts.equal).toBeGreaterThan(INPUTS * WANTED.length * 0.5);
  }, 120_000);
});
