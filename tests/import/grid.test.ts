import { crc32 } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findPython, Python } from "./cpython.ts";
import { compareRuns, emptyCounts } from "./differential.ts";
import { CELL, grid } from "./grid.ts";
import { fromPython, fromTypeScript } from "./imports.ts";
import { VERDICTS } from "./judge.ts";
import { runInNode } from "./node.ts";
import { scriptGrid } from "./script-grid.ts";

const INPUTS = 8;
/** Operations that CPython and the importer work on at the same time. */
const BATCH = 50;
/** Where a program stops and CPython goes on, as docs/importer.md says. */
const STOPS: Readonly<Record<string, RegExp>> = {
  "an int of more than 53 bits among floats": /trap OVERFLOW \(float\.trunc leaves/,
  "an int to a negative power": /trap INVALID \(int\.pow: the exponent/,
  "a negative number to a fraction": /trap FAIL \(a negative number to a fraction/,
  "round to a negative number of places": /trap INVALID \(float\.round_to: -/,
  "a key of None where nothing is compared": /^sorted\(a, key=lambda x: b\).*\n.*\n {2}import: trap NONE/,
};

const found = findPython();
if ("missing" in found) process.stderr.write(`skipped: tests/import/grid.test.ts: ${found.missing}\n`);

describe("the importer on every operation with every type", () => {
  it("accepts or refuses, and never throws", { timeout: 120_000 }, () => {
    const thrown: string[] = [];
    for (const { name, source } of grid()) {
      try {
        fromPython(source, CELL);
      } catch (error) {
        thrown.push(`${name}: ${String(error)}`);
      }
    }
    expect(thrown).toEqual([]);
  });
});

describe.skipIf("missing" in found)("every operation with every type that it accepts", () => {
  let python: Python;
  beforeAll(() => {
    python = new Python("command" in found ? found.command : "");
  });
  afterAll(() => python[Symbol.asyncDispose]());

  it("means what CPython says, or stops where it says so", { timeout: 600_000 }, async () => {
    const cells = grid();
    const counts = emptyCounts();
    const stops = new Map<string, number>();
    const differing: string[] = [];
    let accepted = 0;
    for (let from = 0; from < cells.length; from += BATCH) {
      const reports = await Promise.all(
        cells.slice(from, from + BATCH).map(({ name, source }) =>
          compareRuns(
            { name, source, function: CELL, seed: crc32(name) },
            () => fromPython(source, CELL),
            INPUTS,
            (job) => python.ask(job),
          ),
        ),
      );
      for (const report of reports) {
        if (report.refusals === undefined) accepted++;
        for (const verdict of VERDICTS) counts[verdict] += report.counts[verdict];
        for (const one of report.differences) {
          const stop = Object.entries(STOPS).find(([, pattern]) => pattern.test(one))?.[0];
          if (stop === undefined) differing.push(one);
          else stops.set(stop, (stops.get(stop) ?? 0) + 1);
        }
      }
    }
    process.stdout.write(
      `grid of Python: ${accepted} of ${cells.length} operations accepted; runs ${JSON.stringify(counts)}\n`,
    );
    expect(differing).toEqual([]);
    expect([...stops.keys()].sort()).toEqual(Object.keys(STOPS).sort());
    expect(accepted).toBeGreaterThan(3_000);
    // Operations that only raise would prove nothing.
    expect(counts.equal).toBeGreaterThan(3 * accepted);
  });
});

describe("every operation of TypeScript with every type", () => {
  it("is refused, or stops, or means what Node says", { timeout: 600_000 }, async () => {
    const counts = emptyCounts();
    const silent: string[] = [];
    let accepted = 0;
    let stopped = 0;
    for (const { name, source } of scriptGrid()) {
      const report = await compareRuns(
        { name, source, function: CELL, seed: crc32(name), hasBasicText: true },
        () => fromTypeScript(source, CELL),
        INPUTS,
        (job) => Promise.resolve(runInNode(job)),
      );
      if (report.refusals === undefined) accepted++;
      for (const verdict of VERDICTS) counts[verdict] += report.counts[verdict];
      for (const one of report.differences) {
        if (/\n {2}import: trap /.test(one)) stopped++;
        else if (!isOneNone(name)) silent.push(one);
      }
    }
    process.stdout.write(
      `grid of TypeScript: ${accepted} operations accepted, ${stopped} runs stop where Node goes on; runs ${JSON.stringify(counts)}\n`,
    );
    expect(silent).toEqual([]);
    expect(accepted).toBeGreaterThan(2_000);
    expect(counts.equal).toBeGreaterThan(3 * accepted);
  });
});

/** Null and undefined are one value here, as docs/importer.md says: who asks which of the two it is sees that. */
function isOneNone(name: string): boolean {
  const [operation = "", params = ""] = name.split(", a: ");
  const asked = /[!=]== null/.test(operation) ? "undefined" : /=== undefined/.test(operation) ? "null" : "";
  return asked !== "" && params.includes(`| ${asked}`);
}
