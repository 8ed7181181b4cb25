import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type CaseFile, casesOf, type Gap } from "#anrf/testing/cases.ts";
import { conformanceProblem } from "#anrf/testing/conform.ts";

const ROOT = new URL("./testdata/", import.meta.url);
const read = <T>(path: string): T => JSON.parse(readFileSync(new URL(path, ROOT), "utf8")) as T;

const SUITES = readdirSync(new URL("cases/", ROOT)).sort();
/** Suites whose tests are made from another project's when they run; each holds its own gaps to its tests. */
const ELSEWHERE = ["cel"];
const every = read<readonly Gap[]>("gaps.json");
const gaps = every.filter((gap) => !ELSEWHERE.includes(gap.suite));
const gapOf = (suite: string, id: string): Gap | undefined =>
  gaps.find((gap) => gap.suite === suite && gap.id === id);

function casesIn(suite: string): ReturnType<typeof casesOf> {
  const files = readdirSync(new URL(`cases/${suite}/`, ROOT)).sort();
  return files.flatMap((file) => casesOf(read<CaseFile>(`cases/${suite}/${file}`)));
}

describe.each(SUITES)("%s", (suite) => {
  const cases = casesIn(suite);

  it("names each case once", () => {
    const names = cases.map(([name]) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it.each(cases)("%s", (name, one) => {
    const problem = conformanceProblem(one);
    const gap = gapOf(suite, name);
    if (gap === undefined) expect(problem).toBeUndefined();
    else expect(problem, "this case passes: take it off gaps.json").toBeDefined();
  });
});

/** Only ever made smaller: a new gap is a defect to mend, not a line to add. All are of other projects' suites. */
const MOST_GAPS = 4;

describe("gaps.json", () => {
  it("only shrinks", () => {
    expect(every.length).toBeLessThanOrEqual(MOST_GAPS);
  });

  const known = new Set(SUITES.flatMap((suite) => casesIn(suite).map(([name]) => `${suite}/${name}`)));

  it.each(every)("$suite/$id names a case and says why", ({ suite, id, reason, note }) => {
    expect(known.has(`${suite}/${id}`) || ELSEWHERE.includes(suite)).toBe(true);
    expect(["UNMAPPED", "DIFFERS", "NOT_YET"]).toContain(reason);
    expect(note.length).toBeGreaterThan(10);
    if (reason === "DIFFERS") expect(note).toMatch(/docs\/decisions\/\d{4}/);
  });
});
