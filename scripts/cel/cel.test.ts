import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Gap } from "#anrf/testing/cases.ts";
import { celMappings } from "./suite.ts";
import { type CelTable, celTable } from "./table.ts";

const TESTDATA = new URL("../../anrf/testdata/", import.meta.url);
const read = <T>(path: string): T => JSON.parse(readFileSync(new URL(path, TESTDATA), "utf8")) as T;

/** How many tests of CEL pass at the least; only ever made larger. */
const LEAST = 750;

const mappings = celMappings();
const { table, failures } = celTable(mappings);

describe("CEL's conformance tests as programs", () => {
  it(`pass: ${table.passed} of ${mappings.length}`, () => {
    expect(mappings.length).toBe(2344);
    expect(table.passed).toBeGreaterThanOrEqual(LEAST);
  });

  it("fail only where gaps.json says so, and everywhere it says so", () => {
    const gaps = read<readonly Gap[]>("gaps.json").filter((gap) => gap.suite === "cel");
    expect(failures.map((one) => one.id).sort()).toEqual(gaps.map((gap) => gap.id).sort());
  });

  it("are accounted for one by one: cel.json is the table of this run", () => {
    const { tests, passed, gaps, unmapped } = table;
    expect(passed + gaps + Object.values(unmapped).reduce((sum, count) => sum + count, 0)).toBe(tests);
    expect(read<CelTable>("cel.json"), "node scripts/make-cel-cases.ts --write keeps it").toEqual(table);
  });

  it("bear names of their own", () => {
    expect(new Set(mappings.map((one) => one.id)).size).toBe(mappings.length);
  });
});
