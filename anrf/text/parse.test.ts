import { describe, expect, it } from "vitest";
import { applyFixes, mend } from "#anrf/diagnose/apply.ts";
import { moduleBytes } from "#anrf/program/canonical.ts";
import liberal from "#anrf/testdata/cases/text/liberal.json" with { type: "json" };
import refused from "#anrf/testdata/cases/text/refused.json" with { type: "json" };
import { casesOf } from "#anrf/testing/cases.ts";
import { parse } from "./parse.ts";
import { print } from "./print.ts";
import { PROBLEMS } from "./problems.ts";

function read(text: string) {
  const result = parse(text);
  if (!result.ok) throw new Error(result.diagnostics[0]?.message);
  return result;
}

/** The text with all fixes of its diagnostics that do not meet; one round. */
function fixed(text: string): string {
  return applyFixes(
    text,
    parse(text).diagnostics.flatMap((one) => one.fixes),
  );
}

describe("parse", () => {
  it("makes names unique in scope, and leaves those alone that never meet", () => {
    const { program } = read(
      "fn f(x: int) -> int { let y = do { let x = 1; x }; let x = y; let x = x + 1; x }",
    );
    expect(program.annotations.functions[0]?.localNames).toEqual(["x", "x_2", "y", "x_2", "x_3"]);
    expect(print(program)).toContain("let x_3 = x_2 + 1;");
  });

  it("renames what would hide a function", () => {
    const { program } = read("fn g(x: int) -> int { x } fn f(g: int) -> int { let y = g; y }");
    expect(program.annotations.functions[0]?.localNames).toEqual(["g_2", "y"]);
    expect(print(program)).toContain("fn f(g_2: int) -> int");
  });

  it("numbers by the entry, wherever functions stand", () => {
    const first = read("fn a(x: int) -> int { b(x) } fn b(x: int) -> int { x } fn f(x: int) -> int { a(x) }");
    const second = read(
      "fn b(x: int) -> int { x } fn a(x: int) -> int { b(x) } fn f(y: int) -> int { a(y) }",
    );
    expect(moduleBytes(first.program.module)).toEqual(moduleBytes(second.program.module));
    expect(first.program.module.functions.map((fn) => fn.name)).toEqual(["f", "a", "b"]);
  });

  it("says where, in code points, and what could stand there", () => {
    const result = parse('fn f(total: int) -> string { "😀😀" + totl }');
    expect(result.diagnostics).toHaveLength(1);
    const [diagnostic] = result.diagnostics;
    expect(diagnostic?.code).toBe("P10");
    expect(diagnostic?.range).toMatchObject({ start: 36, end: 40 });
    expect(diagnostic?.candidates).toEqual(["total"]);
  });

  it("names the problems of several functions at once", () => {
    const result = parse("fn a() -> int { x } fn b() -> int { y } fn c() -> int { 1 }");
    expect(result.diagnostics.map((one) => one.message.slice(0, 12))).toEqual([
      'the name "x"',
      'the name "y"',
    ]);
    expect(parse("fn a() -> int { ( } fn b() -> int { ) } fn c() -> int { 1 }").diagnostics).toHaveLength(2);
  });

  it("keeps result_local exactly where an ensures uses it", () => {
    const withUse = read("fn f(x: int) -> int ensures result > x { x + 1 }").program.module.functions[0];
    const without = read("fn f(x: int) -> int ensures x > 0 { x + 1 }").program.module.functions[0];
    expect([withUse?.resultLocal, without?.resultLocal]).toEqual([1, undefined]);
  });

  it("remarks on functions that nothing calls and comments that stand nowhere", () => {
    const { diagnostics } = read("fn g() -> int { 1 }\nfn f() -> int { 1 + # lost\n 2 }");
    expect(diagnostics.map((one) => one.code).sort()).toEqual(["P51", "P52"]);
  });

  it.each(casesOf(liberal))("offers fixes that keep the meaning: %s", (_, { text = "" }) => {
    const after = read(mend(text));
    expect(moduleBytes(after.program.module)).toEqual(moduleBytes(read(text).program.module));
    expect(after.diagnostics.filter((one) => one.fixes.length > 0)).toEqual([]);
  });

  it("offers the conversion where int and float are mixed", () => {
    const text = "fn f(x: float, n: int) -> float { x * n + x * (n + 1) }";
    expect(fixed(fixed(text))).toBe(
      "fn f(x: float, n: int) -> float { x * n.to_float() + x * (n.to_float() + 1) }",
    );
    expect(parse(fixed(fixed(text))).ok).toBe(true);
  });

  it("has a case for every code that refuses a text", () => {
    const covered = new Set(casesOf(refused).map(([, one]) => one.expect.rule_id));
    // P07 and P08 need longer texts than a case; P28 and P29 are no problems of a text: all have examples in the table.
    const apart = ["P07", "P08", "P28", "P29"];
    const codes = Object.keys(PROBLEMS).filter((code) => code < "P50" && !apart.includes(code));
    expect(codes.filter((code) => !covered.has(code))).toEqual([]);
  });
});
