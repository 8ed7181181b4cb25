import { describe, expect, it } from "vitest";
import { FLOAT, INT, listOf } from "#anrf/program/type.ts";
import { print } from "#anrf/text/print.ts";
import { importTypeScript } from "./typescript.ts";

/** The text of the program, without its first line. */
function textOf(source: string): string {
  const made = importTypeScript(source, { function: "f" });
  if (!made.ok) return made.refusals.map((one) => `${one.line}:${one.column} ${one.code}`).join("\n");
  return print(made.program).replace("anrf 1\n\n", "").trimEnd();
}

const GOLDEN: readonly (readonly [what: string, source: string, text: string])[] = [
  [
    "an int division by floor, and the remainder of the language",
    "function f(a: number, b: number): number { return Math.floor(a / b) + a % b; }",
    "fn f(a: int, b: int) -> int {\n  a // b + a.rem(b)\n}",
  ],
  [
    "a sum with a division as floats",
    "function f(values: number[]): number { let sum = 0; for (const v of values) sum += v; return sum / values.length; }",
    `fn f(values: list<float>) -> float {
  let sum = values.fold(0.0, (sum, v) => sum + v);
  sum / values.length().to_float()
}`,
  ],
  [
    "a counted loop that pushes",
    "function f(n: number): number[] { const out: number[] = []; for (let i = 0; i < n; i++) out.push(i * i); return out; }",
    "fn f(n: int) -> list<int> {\n  List.range(0, n).fold([], (out, i) => out.append(i * i))\n}",
  ],
  [
    "callbacks of the item, and of the item with its index",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the source under test holds a template
    "function f(words: string[]): string[] { return words.filter((w) => w.length > 2).map((w, i) => `${i}:${w}`); }",
    `fn f(words: list<string>) -> list<string> {
  words.filter((w) => w.length() > 2).enumerate().map((i, w) => i.to_string() + ":" + w)
}`,
  ],
  [
    "a Map that counts",
    "function f(words: string[]): Map<string, number> { const m = new Map<string, number>(); for (const w of words) m.set(w, (m.get(w) ?? 0) + 1); return m; }",
    `fn f(words: list<string>) -> map<string, int> {
  let m: map<string, int> = {};
  words.fold(m, (m_2, w) => m_2.put(w, (m_2.get(w) ?? 0) + 1))
}`,
  ],
  [
    "bits of 32 places",
    "function f(x: number): number { return (x & 255) | (x << 2); }",
    `fn int32(x: int) -> int {
  (x + 2147483648) % 4294967296 - 2147483648
}

fn f(x: int) -> int {
  x & 255 | int32(int32(x) << 2)
}`,
  ],
  [
    "a comparator as a key",
    "function f(pairs: [string, number][]): [string, number][] { return [...pairs].sort((a, b) => b[1] - a[1]); }",
    "fn f(pairs: list<(string, int)>) -> list<(string, int)> {\n  pairs.sort_by((a) => -a.1)\n}",
  ],
  [
    "a switch whose arms share a body",
    'function f(day: number): string { switch (day) { case 0: case 6: return "free"; default: return "work"; } }',
    'fn f(day: int) -> string {\n  if day == 0 or day == 6 { "free" } else { "work" }\n}',
  ],
  [
    "a default by ||, and a number in a text",
    'function f(name: string, n: number): string { const shown = name || "nobody"; return shown + n; }',
    `fn f(name: string, n: int) -> string {
  let shown = if name != "" { name } else { "nobody" };
  shown + n.to_string()
}`,
  ],
  [
    "items without repeats",
    "function f(values: number[]): number[] { return [...new Set(values)]; }",
    "fn f(values: list<int>) -> list<int> {\n  values.distinct()\n}",
  ],
  [
    "an arrow function with its doc",
    "/** Twice and a half as much. */\nexport const f = (x: number): number => x * 2.5;",
    "# Twice and a half as much.\nfn f(x: float) -> float {\n  x * 2.5\n}",
  ],
  [
    "null as none",
    "function f(values: number[]): number | null { return values.length > 0 ? values[values.length - 1] : null; }",
    `fn f(values: list<int>) -> option<int> {
  if values.length() > 0 { some(values[values.length() - 1]) } else { none }
}`,
  ],
  [
    "a swap",
    "function f(a: number[], i: number, j: number): number[] { const out = [...a]; [out[i], out[j]] = [out[j], out[i]]; return out; }",
    `fn f(a: list<int>, i: int, j: int) -> list<int> {
  let out = a.set(i, a[j]);
  out.set(j, a[i])
}`,
  ],
];

const REFUSED: readonly (readonly [what: string, source: string, where: string])[] = [
  ["a loose comparison", "function f(a: number): boolean {\n  return a == 1;\n}", "2:12 expression"],
  ["arrays compared", "function f(a: number[]): boolean {\n  return a === [1];\n}", "2:10 alias"],
  ["numbers sorted as texts", "function f(a: number[]): number[] {\n  return a.sort();\n}", "2:10 call"],
  [
    "the keys of an object",
    "function f(a: number): number {\n  for (const k in {}) {}\n  return a;\n}",
    "2:3 order",
  ],
  ["a class", "class A {}\nfunction f(a: number): number {\n  return a;\n}", "1:1 statement"],
  ["any", "function f(a: any): number {\n  return 1;\n}", "1:15 untyped"],
  [
    "an arm that falls into the next",
    "function f(a: number): number {\n  switch (a) { case 1: a = 2; case 2: a = 3; }\n  return a;\n}",
    "2:16 statement",
  ],
  ["++ as a value", "function f(a: number): number {\n  return a++;\n}", "2:10 expression"],
  ["an async function", "async function f(a: number): Promise<number> { return a; }", "1:1 statement"],
  ["a syntax error", "function f(a: number): number { return a +; }", "1:43 syntax"],
];

describe("importTypeScript", () => {
  it.each(GOLDEN)("writes %s", (_, source, text) => {
    expect(textOf(source)).toBe(text);
  });

  it.each(REFUSED)("refuses %s where it stands", (_, source, where) => {
    expect(textOf(source)).toBe(where);
  });

  it("says what to do instead of what it refuses", () => {
    for (const [, source] of REFUSED) {
      const made = importTypeScript(source, { function: "f" });
      if (made.ok) expect.fail(`accepted ${source}`);
      for (const { advice, message, construct } of made.refusals) {
        expect([advice, message, construct].every((one) => one.length > 0)).toBe(true);
      }
    }
  });

  it("reads number as the signature says", () => {
    const source = "function f(values, limit) { return values.filter((v) => v < limit); }";
    const kinds = [INT, FLOAT].map((item) => {
      const params = [{ type: listOf(item) }, { type: item }];
      const made = importTypeScript(source, { signature: { params, returns: listOf(item) } });
      return made.ok ? print(made.program).split("\n")[2] : made.refusals[0]?.message;
    });
    expect(kinds).toEqual([
      "fn f(values: list<int>, limit: int) -> list<int> {",
      "fn f(values: list<float>, limit: float) -> list<float> {",
    ]);
  });

  it("notes where a number is read as int", () => {
    const made = importTypeScript("function f(a: number): number { return a + 1; }");
    expect(made.ok && made.notes.some((note) => note.includes("2^53"))).toBe(true);
  });
});
