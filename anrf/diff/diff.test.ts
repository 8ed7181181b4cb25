import { describe, expect, it } from "vitest";
import { buildProgram } from "#anrf/build/builder.ts";
import { randomProgram } from "#anrf/testing/random-program.ts";
import { parse } from "#anrf/text/parse.ts";
import { type Compared, diffPrograms, type ProgramDiff } from "./diff.ts";
import { showDiff } from "./show.ts";

function compared(text: string): Compared {
  const read = parse(text);
  if (!read.ok) throw new Error(`${read.diagnostics[0]?.message}: ${text}`);
  return { ...read.program, spec: read.spec };
}

const diff = (older: string, newer: string): ProgramDiff => diffPrograms(compared(older), compared(newer));
const only = (found: ProgramDiff) => {
  expect(found.functions.length).toBe(1);
  const [change] = found.functions;
  if (change === undefined) throw new Error("no function changed");
  return change;
};

const SUM = "fn f(xs: list<int>) -> int { xs.filter((x) => x % 2 == 0).sum() }";

describe("diffPrograms", () => {
  it("finds nothing between a program and itself", () => {
    const found = diff(SUM, SUM);
    expect(found).toMatchObject({
      isSame: true,
      isSameModule: true,
      isBreaking: false,
      functions: [],
      unchanged: 1,
    });
    expect(showDiff(found)).toBe("no difference\n");
  });

  it("finds nothing between any program and itself, and something where a node differs", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const built = buildProgram(randomProgram(seed, { hasDecimals: seed % 2 === 0 }));
      expect(diffPrograms(built, built).isSame, `seed ${seed}`).toBe(true);
      const other = buildProgram(randomProgram(seed + 1000));
      expect(diffPrograms(built, other).isSame, `seed ${seed} and another`).toBe(false);
      expect(showDiff(diffPrograms(built, other)).length).toBeGreaterThan(10);
    }
  });

  it("tells a renamed local as no more than that", () => {
    const found = diff(SUM, SUM.replace("(x) => x %", "(item) => item %"));
    expect(found).toMatchObject({ isSame: false, isSameModule: true, isBreaking: false });
    expect(only(found)).toMatchObject({ locals: [{ from: "x", to: "item" }], terms: [], clauses: [] });
  });

  it("tells a renamed function, and no change in those that call it", () => {
    const older = "fn twice(x: int) -> int { x * 2 } fn f(a: int) -> int { twice(a) + twice(1) }";
    const found = diff(older, older.replaceAll("twice", "double"));
    expect(only(found)).toMatchObject({
      name: "double",
      renamed: { from: "twice", to: "double" },
      terms: [],
    });
    expect(found).toMatchObject({ added: [], removed: [], isBreaking: false, isSameModule: false });
  });

  it("tells a renamed function that calls itself", () => {
    const older =
      "fn down(n: int) -> int decreases n { if n < 1 { 0 } else { down(n - 1) } } fn f(a: int) -> int { down(a) }";
    expect(only(diff(older, older.replaceAll("down", "fall")))).toMatchObject({
      renamed: { from: "down", to: "fall" },
      terms: [],
    });
  });

  it("shows one changed constant, and nothing around it", () => {
    const change = only(diff(SUM, SUM.replace("== 0", "== 1")));
    expect(change.terms).toEqual([{ kind: "changed", from: "0", to: "1" }]);
  });

  it("shows another operator with its operands", () => {
    const older = "fn f(a: int, b: int) -> bool { a < b and a > 0 }";
    expect(only(diff(older, older.replace("<", "<="))).terms).toEqual([
      { kind: "changed", from: "a < b", to: "a <= b" },
    ]);
  });

  it("tells lets that changed places as a move", () => {
    const lets = ["let total = xs.sum();", "let top = xs.max() ?? 0;"];
    const program = (order: readonly string[]): string =>
      `fn f(xs: list<int>) -> int { ${order.join(" ")} total - top }`;
    const change = only(diff(program(lets), program(lets.toReversed())));
    expect(change.terms.map((one) => one.kind)).toEqual(["moved"]);
    expect(change.locals).toEqual([]);
  });

  it("tells an added let, and no change in what uses the others", () => {
    const older = "fn f(x: int) -> int { let a = x + 1; let b = a * 2; b }";
    const change = only(diff(older, older.replace("let b", "let c = a ** 2; let b")));
    expect(change.terms).toEqual([{ kind: "added", to: "a ** 2" }]);
  });

  it("tells a branch that was put around a term, and one that was taken off", () => {
    const older = "fn f(x: int) -> int { x * 2 + 1 }";
    const newer = "fn f(x: int) -> int { if x < 0 { 0 } else { x * 2 + 1 } }";
    expect(only(diff(older, newer)).terms).toEqual([
      { kind: "wrapped", from: "x * 2 + 1", to: "if x < 0 { 0 } else { x * 2 + 1 }" },
    ]);
    expect(only(diff(newer, older)).terms.map((one) => one.kind)).toEqual(["unwrapped"]);
  });

  it("aligns the items of a list", () => {
    const change = only(
      diff(
        "fn f(x: int) -> list<int> { [1, x + 2, 3] }",
        "fn f(x: int) -> list<int> { [1, x * 9, x + 2, 3] }",
      ),
    );
    expect(change.terms).toEqual([{ kind: "added", to: "x * 9" }]);
  });

  it("does not take one variable for another", () => {
    const change = only(
      diff("fn f(a: int, b: int) -> int { a + 1 }", "fn f(a: int, b: int) -> int { b + 1 }"),
    );
    expect(change.terms).toEqual([{ kind: "changed", from: "a", to: "b" }]);
  });

  it("tells added and removed functions", () => {
    const one = "fn f(a: int) -> int { a + 1 }";
    const two = 'fn help(s: string) -> int { s.length() } fn f(a: int) -> int { a + help("x") }';
    expect(diff(one, two)).toMatchObject({ added: ["fn help(s: string) -> int"], removed: [] });
    expect(diff(two, one)).toMatchObject({ added: [], removed: ["fn help(s: string) -> int"] });
  });

  it("tells a changed signature as breaking", () => {
    const found = diff("fn f(a: int) -> int { a }", "fn f(a: int, b: int) -> int { a }");
    expect(found.isBreaking).toBe(true);
    expect(only(found).signature).toEqual({ from: "fn f(a: int) -> int", to: "fn f(a: int, b: int) -> int" });
  });

  const plain = "fn f(a: int) -> int requires a > 0 ensures result > 0 { a }";
  it.each([
    ["a new demand", plain, plain.replace("requires", "requires a < 9 requires"), true, ["requires added"]],
    ["a demand dropped", plain, plain.replace("requires a > 0 ", ""), false, ["requires removed"]],
    ["a promise dropped", plain, plain.replace("ensures result > 0 ", ""), true, ["ensures removed"]],
    [
      "a promise more",
      plain,
      plain.replace("ensures", "ensures result < 9 ensures"),
      false,
      ["ensures added"],
    ],
    ["a demand changed", plain, plain.replace("a > 0", "a > 1"), true, ["requires changed"]],
    [
      "other words for a demand",
      plain,
      plain.replace("a > 0", 'a > 0, "positive"'),
      false,
      ["requires relabelled"],
    ],
  ])("tells %s", (_, older, newer, isBreaking, clauses) => {
    const found = diff(older, newer);
    expect(found.isBreaking).toBe(isBreaking);
    expect(only(found).clauses.map((one) => `${one.clause} ${one.kind}`)).toEqual(clauses);
    expect(only(found).terms).toEqual([]);
  });

  it("tells examples that came, went, or expect something else", () => {
    const program = (examples: string): string => `fn f(a: int) -> int ${examples} { a }`;
    const found = diff(
      program("example (1) -> 1 example (2) -> 2 example (3) -> 3"),
      program("example (3) -> 3 example (2) -> trap FAIL example (4) -> 4"),
    );
    expect(found).toMatchObject({ isSame: false, isSameModule: true, functions: [] });
    expect(found.examples).toEqual([
      { kind: "removed", args: "(1)", from: "1" },
      { kind: "changed", args: "(2)", from: "2", to: "trap FAIL" },
      { kind: "added", args: "(4)", to: "4" },
    ]);
  });

  it("tells changed types and intent", () => {
    const program = (field: string, intent: string): string =>
      `intent "${intent}" record Line { qty: ${field} } fn f(line: Line) -> bool { line == line }`;
    const found = diff(program("int", "a"), program("float", "b"));
    expect(found.types).toEqual([
      { name: "Line", from: "record Line { qty: int }", to: "record Line { qty: float }" },
    ]);
    expect(found).toMatchObject({ intent: { from: "a", to: "b" }, isBreaking: true });
  });
});

describe("showDiff", () => {
  it("shows what went and what came", () => {
    expect(showDiff(diff(SUM, SUM.replace("== 0", "== 1").replace("fn f(", "fn g(")))).toBe(
      "fn g (entry)\n  renamed: f -> g\n  changed\n    - 0\n    + 1\nfunctions: 1 changed; breaks what callers rely on\n",
    );
  });

  it("lets no hidden character and no line of a stranger through", () => {
    const program = (text: string): string =>
      `fn f(a: string) -> string requires a != "", "${text}" { a + "${text}" }`;
    const shown = showDiff(diff(program("plain"), program("\\u{202e}x\\n+ fn evil()")));
    expect(shown).not.toMatch(/[\u202e]/);
    expect(shown).not.toMatch(/^\+ fn evil/m);
  });
});
