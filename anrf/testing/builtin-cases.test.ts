import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { trapName } from "#anrf/program/trap.ts";
import { CATALOGUE } from "#anrf/std/catalogue.ts";
import { parse } from "#anrf/text/parse.ts";
import type { Case, CaseFile } from "./cases.ts";

const CASES = new URL("../testdata/cases/", import.meta.url);
const FOLDER = new URL("builtins/", CASES);

function readCases(file: URL): CaseFile {
  return JSON.parse(readFileSync(file, "utf8")) as CaseFile;
}

/** The cases of each builtin: a section bears its id. */
const SECTIONS: ReadonlyMap<string, readonly Case[]> = new Map(
  readdirSync(FOLDER).flatMap((file) =>
    readCases(new URL(file, FOLDER)).sections.map((one) => [one.name, one.tests] as const),
  ),
);

function callsOf(text: string): ReadonlySet<number> {
  const read = parse(text);
  if (!read.ok) throw new Error(`${text}: ${read.diagnostics[0]?.message}`);
  return new Set(
    read.program.module.functions.flatMap((fn) =>
      fn.nodes.flatMap(({ kind }) => (kind.case === "builtinCall" ? [kind.value.builtin] : [])),
    ),
  );
}

describe("the cases of builtins", () => {
  it("name builtins of the catalogue, and all of them", () => {
    expect(new Set(SECTIONS.keys())).toEqual(new Set(CATALOGUE.map((one) => one.id)));
  });

  it.each(CATALOGUE.map((one) => [one.id, one] as const))(
    "%s: three values or more, and each trap",
    (id, one) => {
      const tests = SECTIONS.get(id) ?? [];
      const values = tests.filter((test) => test.expect.trap === undefined);
      expect(values.length).toBeGreaterThanOrEqual(3);
      const texts = new Set(tests.map((test) => test.text ?? ""));
      for (const text of texts) expect(callsOf(text), text).toContain(one.number);
      const trapped = new Set(tests.map((test) => test.expect.trap));
      for (const code of one.traps) expect(trapped, `no case of ${trapName(code)}`).toContain(trapName(code));
    },
  );

  it("are 2,500 and more with those of the other suites", () => {
    const all = readdirSync(CASES).flatMap((suite) => {
      const folder = new URL(`${suite}/`, CASES);
      return readdirSync(folder).flatMap((file) => readCases(new URL(file, folder)).sections);
    });
    expect(all.reduce((sum, section) => sum + section.tests.length, 0)).toBeGreaterThanOrEqual(2_500);
  });
});
