import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RULES } from "#anrf/program/diagnostic.ts";
import { PROBLEMS } from "#anrf/text/problems.ts";
import { FixSafety } from "#gen/anrf/v1/diagnostic_pb.ts";
import { applyFixes } from "./apply.ts";
import { CODES, type CodeRow, codeRow, optionsOf, raisedBy } from "./codes.ts";
import { diagnose } from "./diagnose.ts";
import { codeIndex, codePage } from "./page.ts";

const FOLDER = join(import.meta.dirname, "../../docs/diagnostics");
const named = CODES.map((row) => [row.code, row] as const);

const textOf = ({ example }: CodeRow): string =>
  "text" in example ? example.text : "python" in example ? example.python : "";

describe("the table of diagnostics", () => {
  it("has every rule of a program and every problem of a text, once", () => {
    expect(CODES.map((row) => row.code)).toEqual([...Object.keys(RULES), ...Object.keys(PROBLEMS)]);
    expect(codeRow("p10")?.code).toBe("P10");
    expect(codeRow("X1")).toBeUndefined();
  });

  it.each(named)("%s has an example that raises it once, and nothing else", (code, row) => {
    expect(raisedBy(row.example).map((one) => one.code)).toEqual([code]);
  });

  it.each(named)("%s points at a place of its text", (_, row) => {
    const text = textOf(row);
    if (text === "") return;
    for (const { range } of raisedBy(row.example)) {
      if (row.code === "P08" || row.code === "P23") continue; // the whole text is meant
      expect(range?.line).toBeGreaterThan(0);
      const before = [...text].slice(0, range?.start ?? 0).join("");
      expect(range?.line).toBe(before.split("\n").length);
      expect(range?.column).toBe([...(before.split("\n").at(-1) ?? "")].length + 1);
    }
  });

  it.each(named)("%s: each fix removes it and adds nothing", (code, row) => {
    const text = textOf(row);
    const before = raisedBy(row.example);
    for (const fix of before.flatMap((one) => one.fixes)) {
      expect(fix.safety).not.toBe(FixSafety.UNSPECIFIED);
      const mended = applyFixes(text, [fix]);
      expect(mended).not.toBe(text);
      expect(
        diagnose(mended, optionsOf({})).diagnostics.map((one) => `${code} gives ${one.code}: ${one.message}`),
      ).toEqual([]);
    }
  });

  it("offers a fix for what can be put right", () => {
    const fixed = CODES.filter((row) => raisedBy(row.example).some((one) => one.fixes.length > 0));
    expect(fixed.length).toBeGreaterThanOrEqual(19);
  });
});

describe("docs/diagnostics", () => {
  const page = (name: string): string => readFileSync(join(FOLDER, name), "utf8");

  it("has a page a code, the list, and nothing else", () => {
    const files = CODES.map((row) => `${row.code}.md`);
    expect(readdirSync(FOLDER).sort()).toEqual([...files, "README.md"].sort());
    expect(page("README.md")).toBe(codeIndex());
  });

  it.each(named)("%s is what the table says, source and message together", (code, row) => {
    expect(page(`${code}.md`)).toBe(codePage(row));
  });
});
