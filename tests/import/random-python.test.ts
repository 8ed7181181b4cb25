import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cuts, type Statement } from "#anrf/testing/python-source.ts";
import { ENTRY, pythonSource, randomPython } from "#anrf/testing/random-python.ts";
import { CORPUS_ONLY, missingConstructs } from "./constructs.ts";
import { findPython, Python } from "./cpython.ts";
import { compareRuns, emptyCounts, type Report } from "./differential.ts";
import { fromPython } from "./imports.ts";
import { VERDICTS } from "./judge.ts";

const IS_FULL = process.env["ANRF_FULL"] === "1";
const PROGRAMS = IS_FULL ? 100_000 : 10_000;
/** Statements of an entry outside of blocks; with all blocks a program has about three times as many. */
const SIZE = IS_FULL ? 5 : 3;
const INPUTS = 3;
const FIRST_SEED = 5_300_000;
/** Programs that CPython and the importer work on at the same time. */
const BATCH = 50;
/** Differences that are made small and shown; the rest are counted. */
const SHOWN = 6;
const CUTS = 400;

const found = findPython();
if ("missing" in found)
  process.stderr.write(`skipped: tests/import/random-python.test.ts: ${found.missing}\n`);

describe("random Python programs", () => {
  it("hold each construct that the generator is for", () => {
    const sources = Array.from({ length: 1_000 }, (_, index) =>
      pythonSource(randomPython(FIRST_SEED + index, SIZE)),
    );
    expect(missingConstructs(sources).filter((name) => !CORPUS_ONLY.has(name))).toEqual([]);
  });
});

describe.skipIf("missing" in found)("a random Python program", () => {
  let python: Python;
  beforeAll(() => {
    python = new Python("command" in found ? found.command : "");
  });
  afterAll(() => python[Symbol.asyncDispose]());

  const compare = (program: readonly Statement[], seed: number): Promise<Report> => {
    const source = pythonSource(program);
    const compared = { name: ENTRY, source, function: ENTRY, seed };
    return compareRuns(
      compared,
      () => fromPython(source, ENTRY),
      INPUTS,
      (job) => python.ask(job),
    );
  };

  /** The smallest program found that still differs: cuts are tried until none does. */
  async function shrink(program: readonly Statement[], seed: number): Promise<string> {
    let least = program;
    let left = CUTS;
    for (let isSmaller = true; isSmaller && left > 0; ) {
      isSmaller = false;
      for (const cut of cuts(least)) {
        if (left-- <= 0) break;
        const report = await compare(cut, seed).catch(() => undefined);
        if (report === undefined || report.differences.length === 0) continue;
        least = cut;
        isSmaller = true;
        break;
      }
    }
    const { differences } = await compare(least, seed);
    return `${pythonSource(least)}\n${differences[0] ?? ""}`;
  }

  it(`means what CPython says, and seven of ten are accepted (${PROGRAMS} programs from seed ${FIRST_SEED})`, async () => {
    const counts = emptyCounts();
    const differing: number[] = [];
    let accepted = 0;
    for (let from = FIRST_SEED; from < FIRST_SEED + PROGRAMS; from += BATCH) {
      const seeds = Array.from({ length: BATCH }, (_, index) => from + index);
      const reports = await Promise.all(seeds.map((seed) => compare(randomPython(seed, SIZE), seed)));
      for (const [index, report] of reports.entries()) {
        if (report.refusals === undefined) accepted++;
        for (const verdict of VERDICTS) counts[verdict] += report.counts[verdict];
        if (report.differences.length > 0) differing.push(from + index);
      }
    }
    process.stdout.write(
      `random python: ${accepted} of ${PROGRAMS} accepted, ${differing.length} differ; runs ${JSON.stringify(counts)}\n`,
    );
    const shown: string[] = [];
    for (const seed of differing.slice(0, SHOWN)) shown.push(await shrink(randomPython(seed, SIZE), seed));
    expect(`${differing.length} differ: ${differing.slice(0, 50).join(", ")}\n${shown.join("\n\n")}`).toBe(
      "0 differ: \n",
    );
    expect(accepted / PROGRAMS).toBeGreaterThanOrEqual(0.7);
    // Programs that only raise would prove nothing.
    expect(counts.equal).toBeGreaterThan(accepted);
  }, 1_800_000);
});
