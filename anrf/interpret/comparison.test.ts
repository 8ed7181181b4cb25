import { describe, expect, it } from "vitest";
import { openProgram } from "#anrf/program/program.ts";
import { trapName } from "#anrf/program/trap.ts";
import { parse } from "#anrf/text/parse.ts";
import { interpret } from "./interpret.ts";
import { type Plan, planProgram } from "./plan.ts";

const TOWER =
  "variant Tower { Ground, On(int, Tower) }\n\nfn tower(n: int) -> Tower {\n  (loop (k, t) = (0, Tower.Ground) while k < n { (k + 1, Tower.On(7, t)) }).1\n}\n\n";

function planOf(text: string): Plan {
  const read = parse(TOWER + text);
  if (!read.ok) throw new Error(read.diagnostics[0]?.message);
  return planProgram(openProgram(read.program.module));
}

function ending(plan: Plan, n: number, limits: { fuel?: number; depth?: number }): string {
  const { trap } = interpret(plan, [n], { depth: 3_000, ...limits });
  return trap === undefined ? "a value" : trapName(trap.code);
}

const BODIES = {
  "an equality": "tower(n) == tower(n)",
  "an order": "[tower(n)] < [tower(n)]",
  "a search in a list": "[tower(n), tower(n)].contains(tower(n))",
  "a sort": "[tower(n), tower(n)].sort().length() > 0",
  "a sort by a key": "[1, 2].sort_by((x) => tower(n)).length() > 0",
  "the least by a key": "[1, 2].min_by((x) => tower(n)).is_some()",
  "a map by keys": "{tower(n): 1, tower(n): 2}.size() == 1",
  "a look-up": "({tower(1): 1}).get(tower(n)).is_some()",
  "distinct items": "List.range(0, 20).map((i) => tower(n)).distinct().length() == 1",
  "two lists in common": "[tower(n)].intersect([tower(n)]).length() == 1",
} as const;

describe("what compares structures", () => {
  it.each(Object.entries(BODIES))("pays for it and traps lawfully: %s", (_, body) => {
    const plan = planOf(`fn f(n: int) -> bool { ${body} }`);
    for (const [n, expected] of [
      [3, "a value"],
      [1_000, "DEPTH"],
    ] as const) {
      const { fuelUsed } = interpret(plan, [n], { depth: 3_000 });
      expect(ending(plan, n, {})).toBe(expected);
      expect(ending(plan, n, { fuel: fuelUsed })).toBe(expected);
      expect(ending(plan, n, { fuel: fuelUsed - 1 })).toBe("FUEL");
    }
  });

  it("costs a unit for each leaf", () => {
    const once = planOf("fn f(n: int) -> bool { let t = tower(n); t == t }");
    const twice = planOf("fn f(n: int) -> bool { let t = tower(n); t == t and t == t }");
    const used = (plan: Plan, n: number): number => interpret(plan, [n]).fuelUsed;
    const second = (n: number): number => used(twice, n) - used(once, n);
    // Ten more storeys are ten more leaves.
    expect(second(60) - second(50)).toBe(10);
  });
});
