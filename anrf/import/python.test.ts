import { readFileSync } from "node:fs";
import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { check, isSound } from "#anrf/check/check.ts";
import { runProgram } from "#anrf/interpret/interpret.ts";
import { openProgram } from "#anrf/program/program.ts";
import { INT, listOf, mapOf, STRING, type Type } from "#anrf/program/type.ts";
import { SortedMap, type Value } from "#anrf/program/value.ts";
import { parse } from "#anrf/text/parse.ts";
import { print } from "#anrf/text/print.ts";
import { SpecSchema } from "#gen/anrf/v1/artifact_pb.ts";
import { type ImportOptions, importPython } from "./python.ts";
import { REFUSALS, type RefusalCode } from "./source/refusal.ts";
import { GOLDEN } from "./testdata/golden-sources.ts";
import { REFUSED } from "./testdata/refused-sources.ts";

function imported(source: string, options: ImportOptions = {}) {
  const made = importPython(source, options);
  if (!made.ok) throw new Error(made.refusals.map((one) => `${one.line}: ${one.message}`).join("\n"));
  return made;
}

function textOf(source: string, options: ImportOptions = {}): string {
  const { module, annotations } = imported(source, options).program;
  return print({ module, annotations, spec: create(SpecSchema) });
}

function run(source: string, args: readonly Value[], options: ImportOptions = {}) {
  return runProgram(openProgram(imported(source, options).program.module), args);
}

describe("importPython", () => {
  it.each(Object.entries(GOLDEN))("writes %s as a program that people can read", async (name, source) => {
    await expect(textOf(source)).toMatchFileSnapshot(`testdata/golden/${name}.anrf.txt`);
  });

  it.each(Object.entries(GOLDEN))("makes a sound module of %s that its text makes again", (_name, source) => {
    const { module } = imported(source).program;
    expect(isSound(check(module))).toBe(true);
    const again = parse(textOf(source));
    expect(again.ok && again.program.module).toEqual(module);
  });

  it("takes types from a signature, by position, and gives the entry another name", () => {
    const signature = { params: [{ name: "numbers", type: listOf(INT) }], returns: INT };
    const source = "def total(xs):\n    return sum(xs)\n";
    expect(textOf(source, { signature, name: "sum_all" })).toContain("fn sum_all(xs: list<int>) -> int");
  });

  it("takes types from examples", () => {
    const examples = [{ args: [["a", "b"], 2], result: "abab" }];
    const source = "def f(parts, n):\n    return ''.join(parts) * n\n";
    expect(textOf(source, { examples })).toContain("fn f(parts: list<string>, n: int) -> string");
  });

  it("chooses the function that no other calls, unless one is named", () => {
    const source = "def f(x: int) -> int:\n    return g(x) + 1\n\ndef g(x: int) -> int:\n    return x * 2\n";
    expect(textOf(source)).toContain("fn f(");
    expect(textOf(source, { function: "g" })).not.toContain("fn f(");
  });

  it("leaves out what a file runs beside its functions", () => {
    const source =
      "def f(x: int) -> int:\n    return x\n\nassert f(1) == 1\nprint(f(2))\nif __name__ == '__main__':\n    f(3)\n";
    expect(run(source, [7]).value).toBe(7);
  });

  it("ends the program where a path gives no value of the declared type, if it is asked to", () => {
    const source = "def f(x: int) -> int:\n    if x > 0:\n        return x\n";
    expect(importPython(source).ok).toBe(false);
    const made = run(source, [-1], { draft: true });
    expect(made.trap?.message).toContain("None is returned");
    expect(run(source, [3], { draft: true }).value).toBe(3);
  });

  it("gives the items of what is always empty the declared type", () => {
    const source = "def f(x: int) -> list[str]:\n    return [v for v in [] if x > 0]\n";
    expect(run(source, [1]).value).toEqual([]);
  });

  it("keeps what changes behind a raise in a branch of a branch", () => {
    const source =
      'def f(x: int, s: str) -> int:\n    if s == "a":\n        if x < 0:\n            raise ValueError("no")\n        x = x + 1\n    return x\n';
    expect(run(source, [1, "a"]).value).toBe(2);
    expect(run(source, [1, "b"]).value).toBe(1);
    expect(run(source, [-1, "a"]).trap?.message).toContain("no");
  });

  it("takes a draft without its imports, unless it gives the names itself", () => {
    const source = "def f(x: int) -> int:\n    return math.gcd(x, 4) + len(Counter([x, x]))\n";
    expect(importPython(source).ok).toBe(false);
    expect(run(source, [6], { draft: true }).value).toBe(3);
    const own = "def f(x: int) -> int:\n    return gcd(x)\n\ndef gcd(x: int) -> int:\n    return x + 1\n";
    expect(run(own, [6], { draft: true }).value).toBe(7);
  });

  it("walks a set of a draft in ascending order", () => {
    const source = "def f(xs: list[int]) -> list[int]:\n    return list(set(xs))\n";
    expect(importPython(source).ok).toBe(false);
    expect(run(source, [[3, 1, 3, 2]], { draft: true }).value).toEqual([1, 2, 3]);
  });

  it("keeps the types of a draft that walks a dict from outside, in ascending order", () => {
    const source =
      "def f(d: dict[str, int], n: int) -> list[str]:\n    return [k for k, v in d.items() if v > n]\n";
    const { program } = imported(source, { draft: true });
    expect(openProgram(program.module).entry.params.map(({ text }) => text)).toEqual([
      "map<string, int>",
      "int",
    ]);
    const d = SortedMap.fromEntries([
      ["b", 5],
      ["a", 4],
    ]);
    expect(run(source, [d, 2], { draft: true }).value).toEqual(["a", "b"]);
  });

  it("tells where a program answers less than its source", () => {
    const { notes } = imported("def f(s: str) -> str:\n    return s.upper()\n");
    expect(notes).toEqual([
      "case and class of characters (upper, isalpha, …) are known in ASCII; a text outside it ends the program",
    ]);
  });
});

/** What CPython 3.11 gives, where other languages give something else. */
const MEANINGS: readonly (readonly [source: string, args: readonly Value[], expected: Value | "trap"])[] = [
  ["def f(a: int, b: int) -> int:\n    return a // b\n", [-7, 2], -4],
  ["def f(a: int, b: int) -> int:\n    return a % b\n", [-7, 3], 2],
  ["def f(a: float, b: float) -> float:\n    return a % b\n", [-7.5, 2], 0.5],
  ["def f(a: float, b: float) -> float:\n    return a // b\n", [7.5, -2], -4],
  ["def f(a: int, b: int) -> float:\n    return a / b\n", [9007199254740993n, 3], 3002399751580331],
  ["def f(a: int, b: int) -> float:\n    return a / b\n", [1, 0], "trap"],
  ["def f(x: float) -> int:\n    return round(x)\n", [2.5], 2],
  ["def f(x: float) -> str:\n    return str(x)\n", [1e16], "1e+16"],
  ["def f(x: float) -> str:\n    return str(x)\n", [3], "3.0"],
  ["def f(x: float) -> str:\n    return str(x)\n", [0.00001], "1e-05"],
  ["def f(x: float) -> str:\n    return f'{x:.2f}'\n", [2.675], "2.67"],
  ["def f(xs: list[int]) -> int:\n    return xs[-1]\n", [[1, 2, 3]], 3],
  ["def f(xs: list[int]) -> int:\n    return xs[-4]\n", [[1, 2, 3]], "trap"],
  ["def f(xs: list[int]) -> list[int]:\n    return xs[5:1:-2]\n", [[0, 1, 2, 3, 4, 5]], [5, 3]],
  ["def f(s: str) -> list[str]:\n    return s.split()\n", [" a  b "], ["a", "b"]],
  ["def f(s: str) -> list[str]:\n    return s.split(',')\n", ["a,,b"], ["a", "", "b"]],
  ["def f(s: str) -> bool:\n    return s.isupper()\n", ["A1"], true],
  ["def f(s: str) -> bool:\n    return not s or s[0] == 'a'\n", [""], true],
  ["def f(n: int) -> int:\n    return n * n\n", [4000000000], "trap"],
  [
    "def f(xs: list[int]) -> list[int]:\n    for x in xs:\n        if x < 0:\n            xs.remove(x)\n    return xs\n",
    [[-1, -2, 3]],
    [-2, 3],
  ],
  [
    "def f(xs: list[str]) -> list[str]:\n    return sorted(xs, key=len, reverse=True)\n",
    [["a", "bb", "c", "dd"]],
    ["bb", "dd", "a", "c"],
  ],
  ["def f(n: int) -> int:\n    for i in range(n):\n        pass\n    return i\n", [0], "trap"],
  [
    "def f(n: int) -> str:\n    d = {}\n    for c in 'banana':\n        d[c] = d.get(c, 0) + n\n    return ''.join(d)\n",
    [1],
    "ban",
  ],
];

describe("an imported function", () => {
  it.each(MEANINGS)("%s means what CPython says", (source, args, expected) => {
    const { value, trap } = run(source, args);
    if (expected === "trap") expect(trap).toBeDefined();
    else expect(value).toEqual(expected);
  });
});

describe("a refusal", () => {
  it.each(REFUSED)("$code stands at line $line: $why", ({ source, code, line }) => {
    const made = importPython(source);
    expect(made.ok).toBe(false);
    if (made.ok) return;
    const [refusal] = made.refusals;
    expect({ code: refusal?.code, line: refusal?.line }).toEqual({ code, line });
    expect(refusal?.advice).toBe(REFUSALS[code as RefusalCode].advice);
    expect(refusal?.message).not.toBe("");
  });

  it("of each reason has an example", () => {
    const shown = new Set(REFUSED.map((one) => one.code));
    const missing = Object.keys(REFUSALS).filter((code) => !shown.has(code as RefusalCode));
    expect(missing).toEqual(["size"]);
  });

  it("never throws, whatever the text is", () => {
    for (const source of [
      "",
      "def",
      "def f(",
      "def f(x): return",
      "x = (",
      "\u0000",
      "def f(x: int) -> int:\n\treturn x\n  return",
    ]) {
      expect(() => importPython(source)).not.toThrow();
    }
  });

  it("of types that the importer does not have names them", () => {
    const date: Type = { kind: "date", text: "date" };
    const signature = { params: [{ type: mapOf(STRING, date) }], returns: INT };
    const made = importPython("def f(d):\n    return len(d)\n", { signature });
    expect(made.ok ? "" : made.refusals[0]?.message).toContain("map<string, date>");
  });
});

describe("docs/importer.md", () => {
  it("shows the table of refusals as it is", () => {
    const page = readFileSync(new URL("../../docs/importer.md", import.meta.url), "utf8");
    for (const [code, { construct, advice }] of Object.entries(REFUSALS)) {
      expect(page).toContain(
        `| \`${code}\` | ${construct.replaceAll("|", "\\|")} | ${advice.replaceAll("|", "\\|")} |`,
      );
    }
  });
});
