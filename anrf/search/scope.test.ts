import { describe, expect, it } from "vitest";
import { buildProgram } from "#anrf/build/builder.ts";
import type { FunctionExpr } from "#anrf/build/expr.ts";
import { runProgram } from "#anrf/interpret/interpret.ts";
import { openProgram } from "#anrf/program/program.ts";
import { INT, listOf, STRING, type Type } from "#anrf/program/type.ts";
import { equalValues, type Value } from "#anrf/program/value.ts";
import { constantsOf } from "./constants.ts";
import { advance, fillScope } from "./enumerate.ts";
import { express } from "./express.ts";
import { weightsOf } from "./guide.ts";
import { ERR, Store } from "./intern.ts";
import { instancesOf, shapeInstances, sketchInstances } from "./library.ts";
import { freshLocals } from "./rewrite.ts";
import { Scope } from "./scope.ts";
import { universeOf } from "./universe.ts";

/** A scope over these inputs, run so many levels. */
function enumerated(
  params: readonly Type[],
  result: Type,
  inputs: readonly (readonly Value[])[],
  levels: number,
): Scope {
  const store = new Store({ items: 200, units: 400 });
  const meter = { evaluated: 0, kept: 0, halted: false, pulse: () => undefined, charge: () => undefined };
  const weights = weightsOf([]);
  const universe = universeOf(params, result, weights);
  const bindings = inputs.flatMap((args) => args.map((arg, i) => store.of(arg, params[i] ?? INT)));
  const locals = params.map((type, i) => ({ name: `p${i}`, type }));
  const scope = new Scope({
    store,
    meter,
    locals,
    bindings: Int32Array.from(bindings),
    width: inputs.length,
    goalWidth: inputs.length,
  });
  fillScope(scope, {
    instances: [
      ...instancesOf(store, universe, weights),
      ...shapeInstances(store, universe),
      ...sketchInstances(store, universe, weights),
    ],
    constants: constantsOf(params, result, [], []).filter((one) => universe.has(one.type.text)),
    depth: 2,
  });
  for (let level = 0; level < levels; level++)
    for (const _ of advance(scope)) expect(scope.meter.halted).toBe(false);
  return scope;
}

const SETTINGS: readonly (readonly [
  name: string,
  params: readonly Type[],
  result: Type,
  inputs: readonly (readonly Value[])[],
  levels: number,
  every: number,
])[] = [
  [
    "int lists",
    [listOf(INT), INT],
    listOf(INT),
    [
      [[3, 1, 2], 2],
      [[], 0],
      [[5, -7, 5, 40], 3],
      [[9], 1],
    ],
    13,
    97,
  ],
  ["strings", [STRING], STRING, [["Ann Lee-Poe"], [""], ["x1 y22"], ["été 😀!"]], 14, 23],
  [
    "ints",
    [INT, INT],
    INT,
    [
      [7, 2],
      [-9, 4],
      [0, 0],
      [2 ** 40, 3],
    ],
    13,
    41,
  ],
];

describe("the vector of a kept term", () => {
  it.each(SETTINGS)("is what the interpreter gives: %s", (_, params, result, inputs, levels, every) => {
    const scope = enumerated(params, result, inputs, levels);
    let compared = 0;
    let seen = 0;
    for (const bank of scope.banks.values()) {
      for (let row = 0; row < bank.size; row++) {
        if (++seen % every !== 0) continue;
        const body = freshLocals(express(scope, bank, row, new Map([[scope, scope.locals]])));
        const fn: FunctionExpr = { name: "f", params: scope.locals, result: bank.type, body };
        const program = openProgram(buildProgram({ entry: "f", functions: [fn] }).module);
        inputs.forEach((args, column) => {
          const id = bank.vectors[row * bank.width + column] as number;
          const outcome = runProgram(program, args);
          if (id === ERR) return;
          const wanted = scope.store.value(id);
          expect(outcome.trap).toBeUndefined();
          expect(
            outcome.value !== undefined && (equalValues(outcome.value, wanted) || Number.isNaN(wanted)),
          ).toBe(true);
          compared++;
        });
      }
    }
    expect(compared).toBeGreaterThan(30);
  });
});
