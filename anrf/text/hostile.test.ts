import { describe, expect, it } from "vitest";
import { buildProgram } from "#anrf/build/builder.ts";
import { Random } from "#anrf/testing/random.ts";
import { randomProgram } from "#anrf/testing/random-program.ts";
import { MAX_TEXT_BYTES, parse } from "./parse.ts";
import { print } from "./print.ts";

const MANY = 100_000;
const body = (expr: string): string => `fn f(x: int, b: bool, o: option<int>) -> int { ${expr} }`;

describe("parse", () => {
  it.each([
    ["brackets", body("(".repeat(MANY))],
    ["closed brackets", body(`${"(".repeat(MANY)}x${")".repeat(MANY)}`)],
    ["lists", body("[".repeat(MANY))],
    ["maps", body("{".repeat(MANY))],
    ["negations", body(`${"-".repeat(MANY)}x`)],
    ["nots", body(`${"not ".repeat(MANY)}b`)],
    ["a long sum", body(`x${" + x".repeat(MANY)}`)],
    ["a long power", body(`x${" ** x".repeat(MANY)}`)],
    ["a long default", body(`${"o ?? ".repeat(MANY)}x`)],
    ["calls in calls", body("f(".repeat(MANY))],
    ["methods", body(`x${".abs()".repeat(MANY)}`)],
    ["parts", body(`x${".0".repeat(MANY)}`)],
    ["indices", body("x[".repeat(MANY))],
    ["else ifs", body(`if b { x } ${"else if b { x } ".repeat(MANY / 2)} else { x }`)],
    ["ifs in conditions", body("if ".repeat(MANY))],
    ["lambdas", body("(a) => ".repeat(MANY))],
    ["bare lambdas", body("a => ".repeat(MANY))],
    ["lets", body(`${"let y = x; ".repeat(MANY / 2)} x`)],
    ["blocks", body("do { ".repeat(MANY))],
    ["matches", body("match ".repeat(MANY))],
    ["types", `fn f(x: ${"list<".repeat(MANY)}int) -> int { 1 }`],
    ["functions", "fn f(".repeat(MANY)],
    ["clauses", `fn f(x: int) -> int ${"requires true ".repeat(20_000)} { x }`],
    ["comments", "# c\n".repeat(MANY)],
    ["blanks", " ".repeat(MAX_TEXT_BYTES)],
    ["more than fits", " ".repeat(MAX_TEXT_BYTES + 1)],
    ["many bytes", "é".repeat(MAX_TEXT_BYTES)],
    ["half a pair", body('"\ud800"')],
    ["headers", "fn f(x: int) -> int;\n".repeat(MANY / 10)],
    ["digits", body("9".repeat(MANY))],
    ["nothing", ""],
  ])("answers %s with a result", (_, text) => {
    const result = parse(text);
    if (!result.ok) expect(result.diagnostics.length).toBeGreaterThan(0);
    else expect(print({ ...result.program, spec: result.spec })).toContain("fn f(");
  });

  it("reads what print writes at the deepest level that is allowed", () => {
    const deep = [
      `${"-(".repeat(500)}x${")".repeat(500)}`,
      `x${" + x".repeat(500)}`,
      `${"let y = x; ".repeat(500)} x`,
    ];
    for (const expr of deep) {
      const first = parse(body(expr));
      if (!first.ok) throw new Error(first.diagnostics[0]?.message);
      const text = print(first.program);
      const second = parse(text);
      if (!second.ok) throw new Error(second.diagnostics[0]?.message);
      expect(print(second.program)).toBe(text);
    }
  });

  it("never throws on damaged texts, and reaches a fixed point where it reads them", () => {
    const random = new Random(7);
    const pieces =
      'fn let if else match => -> ( ) { } [ ] < > , ; : . = + - * // ?? == and not x 1 2.5 "a" none some( as # \' ` \\ \n'.split(
        " ",
      );
    for (let seed = 1; seed <= 1500; seed++) {
      const characters = [...print(buildProgram(randomProgram(seed % 50, { size: 25 })))];
      if (seed % 3 === 0) characters.length = random.below(characters.length);
      for (let edit = 0; edit < 1 + random.below(3); edit++) {
        characters.splice(random.below(characters.length + 1), random.below(4), random.pick(pieces));
      }
      const text = characters.join("");
      const result = parse(text);
      if (!result.ok) {
        expect(result.diagnostics.length, text).toBeGreaterThan(0);
        for (const { range } of result.diagnostics)
          expect(range?.end ?? 0).toBeLessThanOrEqual([...text].length);
      } else expect(result.program.module.functions.length).toBeGreaterThan(0);
    }
  });

  it("keeps comments in the places that have them and settles after one round", () => {
    const random = new Random(11);
    for (let seed = 1; seed <= 300; seed++) {
      const lines = print(buildProgram(randomProgram(seed, { size: 30 }))).split("\n");
      const text = lines
        .flatMap((line, index) => (random.chance(0.3) ? [`#  note ${index} \\ \\u{202e}`, line] : [line]))
        .join("\n");
      const first = parse(text);
      if (!first.ok) throw new Error(`${first.diagnostics[0]?.message}\n${text}`);
      const printed = print({ ...first.program, spec: first.spec });
      const second = parse(printed);
      if (!second.ok) throw new Error(`${second.diagnostics[0]?.message}\n${printed}`);
      expect(second.diagnostics, printed).toEqual([]);
      expect(print({ ...second.program, spec: second.spec }), `seed ${seed}`).toBe(printed);
    }
  });
});
