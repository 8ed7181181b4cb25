import { describe, expect, it } from "vitest";
import { buildProgram } from "#anrf/build/builder.ts";
import { Random } from "#anrf/testing/random.ts";
import { randomProgram } from "#anrf/testing/random-program.ts";
import { DiagnosticSeverity } from "#gen/anrf/v1/diagnostic_pb.ts";
import { tokenize } from "./lexer.ts";
import { parse } from "./parse.ts";
import { parseFile } from "./parse-file.ts";
import { print } from "./print.ts";

/** Codes with their lines, in the order of the text. */
function told(text: string): readonly string[] {
  return parse(text)
    .diagnostics.filter((one) => one.severity === DiagnosticSeverity.ERROR)
    .map((one) => `${one.code} ${one.range?.line}:${one.range?.column}`);
}

describe("parse", () => {
  it("tells what is wrong in each declaration at once, in the order of the text", () => {
    const text = [
      "record P { x: int, y: }",
      "fn a(x: int) -> int { (x + 1 }",
      'fn b(x: int) -> string { "a\\q" + x }',
      "fn c(x: int) -> int { x @ 2 }",
      "fn d(x: int) -> int { totl }",
      "fn e(x: int -> int { x }",
      "fn g(x: int) -> int",
      "  requires x",
      "  ensures result > y",
      "{ if x > 0 { true } else { z } }",
    ].join("\n");
    expect(told(text)).toEqual([
      "P06 1:23",
      "P06 2:30",
      "P03 3:28",
      "P12 3:34",
      "P01 4:25",
      "P10 5:23",
      "P06 6:13",
      "P12 8:12",
      "P10 9:20",
      "P12 10:14",
      "P10 10:28",
    ]);
  });

  it("tells what is wrong in each part of a body, and nothing of what stands on it", () => {
    const text = `fn f(xs: list<int>, n: int) -> int {
  let a = xs.frobnicate();
  let b = a + 1;
  let c: int = "text";
  let d = min(n, true);
  match n { 0 => nope, 1 => c + b, _ => "text" }
}`;
    expect(told(text)).toEqual(["P11 2:14", "P12 4:16", "P12 5:18", "P10 6:18", "P12 6:41"]);
  });

  it("knows the header of a function whose body is broken", () => {
    expect(told("fn g(x: int) -> int { ( }\nfn f() -> int { g(1) + g(true) }")).toEqual([
      "P06 1:25",
      "P12 2:26",
    ]);
  });

  it("is silent on what uses a broken declaration", () => {
    expect(
      told(
        "record P { x int }\nfn g(p: P) -> P { p }\nfn h() -> int { g(1).x + nope }\nfn f() -> int { nope }",
      ),
    ).toEqual(["P06 1:14", "P10 4:17"]);
    expect(told("fn g(x) -> int { 1 }\nfn f() -> int { g(1) + nope }")).toEqual(["P06 1:7"]);
  });

  it("goes on behind a function that is not closed", () => {
    expect(
      told("fn a() -> int { if true { 1 } else { 2 }\nfn b() -> int { nope }\nfn c() -> int { ) }"),
    ).toEqual(["P06 2:1", "P10 2:17", "P06 3:17"]);
  });

  it("tells the problems of a file that has no entry yet", () => {
    expect(told("fn a() -> int { nope }\nfn b(")).toEqual(["P10 1:17", "P06 2:6"]);
  });

  it("finds every one of many damaged functions", () => {
    const text = Array.from({ length: 40 }, (_, index) => `fn f${index}() -> int { nope${index} + ) }`).join(
      "\n",
    );
    expect(told(text)).toEqual(
      Array.from({ length: 40 }, (_, index) => `P06 ${index + 1}:${index < 10 ? 26 : 28}`),
    );
  });
});

describe("how much is told", () => {
  it("is at most a hundred errors and a hundred remarks, however many there are", () => {
    const many = (fn: (index: number) => string): string =>
      Array.from({ length: 300 }, (_, at) => fn(at)).join("\n");
    expect(parse(many((at) => `fn f${at}() -> int { nope${at} }`)).diagnostics).toHaveLength(100);
    expect(parse(many((at) => `fn f${at}() -> int { ${at} }`)).diagnostics).toHaveLength(100);
    expect(parse(many((at) => `fn f${at}(a: bool, b: bool) -> bool { a && b }`)).diagnostics).toHaveLength(
      100,
    );
    expect(parse(many(() => "fn f() -> int { @ }")).diagnostics).toHaveLength(50);
  });
});

describe("the work of parsing", () => {
  const STEPS_A_TOKEN = 64;

  it("is at most linear in the tokens, on whole and on damaged texts", () => {
    const random = new Random(23);
    const pieces =
      'fn let if else match => -> ( ) { } [ ] < > , ; : . = + - for in | return case not as " 1 x'.split(" ");
    for (let seed = 1; seed <= 600; seed++) {
      const characters = [...print(buildProgram(randomProgram(seed % 60, { size: 30 })))];
      if (seed % 3 === 0) characters.length = random.below(characters.length);
      for (let edit = 0; edit < random.below(5); edit++)
        characters.splice(random.below(characters.length + 1), random.below(4), ` ${random.pick(pieces)} `);
      const text = characters.join("");
      const tokens = tokenize(text);
      expect(tokens.tokens.length).toBeLessThanOrEqual(text.length + 1);
      const { steps } = parseFile(tokens);
      expect(steps, text).toBeLessThanOrEqual(STEPS_A_TOKEN * (tokens.tokens.length + 1));
    }
  });

  it("does not grow faster than the text where the same piece is repeated", () => {
    const body = (expr: string): string => `fn f(x: int, b: bool) -> int { ${expr} }`;
    const made: Readonly<Record<string, (count: number) => string>> = {
      sums: (count) => body(`x${" + x".repeat(count)}`),
      brackets: (count) => body("(".repeat(count)),
      lambdas: (count) => body("(a) => ".repeat(count)),
      bars: (count) => body("|a| ".repeat(count)),
      branches: (count) => body("if b { return x; } ".repeat(count)),
      functions: (count) => "fn f(x: int) -> int { ( }\n".repeat(count),
      types: (count) => `fn f(x: ${"list[".repeat(count)}int) -> int { 1 }`,
      conditions: (count) => body("x if b else ".repeat(count)),
      slices: (count) => body(`x${"[1:]".repeat(count)}`),
      members: (count) => body(`x${" in x".repeat(count)}`),
    };
    for (const [name, text] of Object.entries(made)) {
      for (const count of [20, 100, 300]) {
        const tokens = tokenize(text(count));
        const { steps } = parseFile(tokens);
        expect(steps, `${name} ${count}`).toBeLessThanOrEqual(STEPS_A_TOKEN * (tokens.tokens.length + 1));
      }
    }
  });
});
