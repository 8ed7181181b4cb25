import { describe, expect, it } from "vitest";
import { buildProgram } from "#anrf/build/builder.ts";
import { check, isSound } from "#anrf/check/check.ts";
import { importPython } from "#anrf/import/python.ts";
import { interpret } from "#anrf/interpret/interpret.ts";
import { planProgram } from "#anrf/interpret/plan.ts";
import { openProgram } from "#anrf/program/program.ts";
import { parseType } from "#anrf/program/type-text.ts";
import { equalValues, type Value } from "#anrf/program/value.ts";
import { CATALOGUE } from "#anrf/std/catalogue.ts";
import { editsOf } from "./edits.ts";
import { exchangesOf } from "./exchanges.ts";
import { type NearMiss, type RepairTask, repairs } from "./repair.ts";

const typeOf = (text: string) => {
  const type = parseType(text);
  if ("error" in type) throw new Error(type.error);
  return type;
};

/** A near miss, from Python. */
function missOf(source: string, samples = 1): NearMiss {
  const made = importPython(source);
  if (!made.ok) throw new Error(made.refusals[0]?.message);
  return { functions: made.expr.functions, size: 10, solved: 0, samples };
}

function taskOf(examples: readonly (readonly [args: readonly Value[], value: Value])[]): RepairTask {
  return {
    name: "f",
    constants: [],
    inputs: examples.map(([args]) => args),
    gives: (run, at) => run.trap === undefined && equalValues(run.value, examples[at]?.[1] ?? null),
  };
}

const run = (made: NearMiss["functions"], args: readonly Value[]): Value | undefined => {
  const program = openProgram(buildProgram({ entry: "f", functions: made }).module);
  return interpret(planProgram(program, "off"), [...args], { fuel: 100_000 }).value;
};

describe("repairs", () => {
  it.each<[string, string, RepairTask, readonly Value[], Value]>([
    [
      "a comparison",
      "def f(a: int, b: int) -> int:\n    return a if a < b else b\n",
      taskOf([
        [[3, 5], 5],
        [[9, 2], 9],
      ]),
      [4, 1],
      4,
    ],
    [
      "a constant",
      "def f(r: float) -> float:\n    return 1.23456 * r\n",
      taskOf([[[10], 1.2345 * 10]]),
      [100],
      1.2345 * 100,
    ],
    [
      "a step around a bound",
      "def f(n: int) -> int:\n    return sum(i * i for i in range(2, n + 1, 2))\n",
      taskOf([
        [[2], 20],
        [[3], 56],
      ]),
      [4],
      120,
    ],
    [
      "a variable",
      "def f(a: int, b: int) -> int:\n    return a * a - a\n",
      taskOf([
        [[3, 5], 4],
        [[9, 2], 79],
      ]),
      [2, 1],
      3,
    ],
    [
      "exchanged branches",
      "def f(x: int) -> str:\n    return 'odd' if x % 2 == 0 else 'even'\n",
      taskOf([
        [[1], "odd"],
        [[2], "even"],
        [[7], "odd"],
      ]),
      [4],
      "even",
    ],
    [
      "what is too much",
      "def f(s: str) -> str:\n    return s[::-1].upper()\n",
      taskOf([[["abC"], "Cba"]]),
      ["xY"],
      "Yx",
    ],
  ])("mends %s", (_, source, task, args, expected) => {
    const [best] = [...repairs([missOf(source)], task, { programs: 5_000 })];
    expect(best && run(best.functions, args)).toEqual(expected);
  });

  it("runs no more programs than it may, and says how many it ran", () => {
    const task = taskOf([[[2], 12_345]]);
    const all = repairs([missOf("def f(n: int) -> int:\n    return n * n + n - 1\n")], task, {
      programs: 30,
    });
    expect(all.next()).toEqual({ done: true, value: 30 });
  });

  it("looks first at what most samples mean, in an order that repeats", () => {
    const task = taskOf([
      [[2], 5],
      [[3], 7],
    ]);
    const rare = missOf("def f(n: int) -> int:\n    return n + n\n");
    const often = missOf("def f(n: int) -> int:\n    return 2 * n\n", 5);
    const costs = () => [...repairs([rare, often], task, { programs: 5_000 })].map(({ cost }) => cost);
    expect(costs()).toEqual([...costs()].sort((a, b) => a - b));
    expect(costs()).toEqual(costs());
    const [best] = [...repairs([rare, often], task, { programs: 5_000 })];
    expect(best?.functions).toHaveLength(1);
    expect(best && run(best.functions, [10])).toBe(21);
  });
});

describe("editsOf", () => {
  it("proposes nothing that the checker refuses", () => {
    const sources = [
      "def f(xs: list[int], n: int) -> list[int]:\n    return [x * n for x in sorted(xs) if x > n and x != 3][1:]\n",
      "def f(s: str, t: str) -> bool:\n    return s.lower().startswith(t) or not t.isdigit()\n",
      "def f(xs: list[float]) -> float:\n    total = 0.0\n    for x in xs:\n        if x > 0:\n            total += x / 2\n    return total\n",
      "def f(words: list[str]) -> dict[str, int]:\n    counts = {}\n    for w in words:\n        counts[w] = counts.get(w, 0) + 1\n    return counts\n",
      "def f(n: int) -> int:\n    a, b = 0, 1\n    while n > 0:\n        a, b = b, a + b\n        n -= 1\n    return a\n",
    ];
    let count = 0;
    for (const source of sources) {
      const { functions } = missOf(source);
      for (const [at, fn] of functions.entries()) {
        for (const edit of editsOf(fn, [{ value: 7, type: typeOf("int") }])) {
          const made = functions.map((one, index) => (index === at ? edit.fn : one));
          const { module } = buildProgram({ entry: "f", functions: made });
          const findings = check(module).filter(({ code }) => code !== "V22");
          expect(isSound(findings), `${source}: ${JSON.stringify(findings[0])}`).toBe(true);
          count++;
        }
      }
    }
    expect(count).toBeGreaterThan(500);
  });

  it("exchanges builtins of one type alone", () => {
    for (const one of CATALOGUE)
      for (const other of exchangesOf(one.number, undefined)) {
        if (["eq", "ne"].includes(other.id)) continue;
        expect(other.signature.text, `${one.id} and ${other.id}`).toBe(one.signature.text);
      }
  });
});
