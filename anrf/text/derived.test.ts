import { describe, expect, it } from "vitest";
import { buildProgram } from "#anrf/build/builder.ts";
import type { Expr, Local } from "#anrf/build/expr.ts";
import { runProgram } from "#anrf/interpret/interpret.ts";
import { openProgram } from "#anrf/program/program.ts";
import { showValue } from "#anrf/program/show.ts";
import { trapName } from "#anrf/program/trap.ts";
import {
  BOOL,
  FLOAT,
  INT,
  listOf,
  NO_NOMINALS,
  STRING,
  substitute,
  type Type,
  tupleOf,
} from "#anrf/program/type.ts";
import type { Value } from "#anrf/program/value.ts";
import { CATALOGUE } from "#anrf/std/catalogue.ts";
import { Random } from "#anrf/testing/random.ts";
import { RandomExpr } from "#anrf/testing/random-expr.ts";
import { randomValue } from "#anrf/testing/random-value.ts";
import { DERIVED, derivedFunction } from "./derived.ts";

const RUNS = 60;

describe("derived builtins", () => {
  it("all have a body, but for unwrap, decimals and dates", () => {
    const without = CATALOGUE.filter((one) => one.tier === "derived" && !DERIVED.has(one.number)).map(
      (one) => one.id,
    );
    const special = (id: string): boolean => /decimal|^date|^option.unwrap$/.test(id);
    expect(without.filter((id) => !special(id))).toEqual([]);
  });

  it.each([...DERIVED.values()].map((one) => [one.builtin.id, one] as const))(
    "%s means the same as its body",
    (_, { builtin }) => {
      for (let seed = 1; seed <= RUNS; seed++) {
        const random = new Random(seed * 1000 + builtin.number);
        const { args, native, body } = pairOf(builtin.number, random);
        const [first, second] = [native, body].map((program) => {
          const outcome = runProgram(program, args, { fuel: 2_000_000 });
          if (outcome.trap !== undefined) return `trap ${trapName(outcome.trap.code)}`;
          return showValue(outcome.value, program.entry.result, NO_NOMINALS, 10_000);
        });
        const shown = args.map((arg, index) => showValue(arg, native.entry.params[index] ?? INT));
        if ([first, second].some((one) => one === "trap MEMORY" || one === "trap FUEL")) continue; // limits differ
        expect(second, `seed ${seed}: ${builtin.id}(${shown.join(", ")})`).toBe(first);
      }
    },
  );
});

/** The builtin and its body as programs over the same arguments; functions among them are random lambdas. */
function pairOf(number: number, random: Random) {
  const builtin = CATALOGUE.find((one) => one.number === number);
  if (builtin === undefined) throw new Error(`no builtin ${number}`);
  const bindings = new Map<string, Type>();
  for (const [name, variable] of builtin.signature.vars) {
    const isKey = variable.kind === "var" && variable.class === "key";
    bindings.set(
      name,
      random.pick([INT, INT, STRING, BOOL, ...(isKey ? [] : [FLOAT, listOf(INT), tupleOf([INT, STRING])])]),
    );
  }
  const types = builtin.signature.params.map((param) => substitute(param.type, bindings));
  const result = substitute(builtin.signature.result, bindings);
  const makes = new RandomExpr(
    random,
    { nominals: NO_NOMINALS, types: [] },
    [],
    { allows: (one) => one.tier === "core" },
    (type) => ({ name: "", type }),
  );
  const params: Local[] = [];
  const args: Value[] = [];
  const given = types.map((type): Expr => {
    if (type.kind === "function") return makes.make(type, [], 8, false);
    const local = { name: "", type };
    params.push(local);
    args.push(smallOr(random, type));
    return { kind: "local", local, type };
  });
  const call: Expr = { kind: "builtin", builtin: number as never, args: given, type: result };
  const derived = derivedFunction(number, types, result);
  if (derived === undefined) throw new Error(`${builtin.id} has no body`);
  const body = derived.params.reduceRight<Expr>((inner, local, index) => {
    const value = given[index];
    if (value === undefined) throw new Error(`no argument ${index}`);
    return { kind: "let", local, value, body: inner, type: result };
  }, derived.body);
  const programOf = (expr: Expr) =>
    openProgram(buildProgram({ entry: "f", functions: [{ name: "f", params, result, body: expr }] }).module);
  return { args, native: programOf(call), body: programOf(body) };
}

/** Mostly a small int, so that counts and places are often in range; now and then a corner of the type. */
function smallOr(random: Random, type: Type): Value {
  return type.kind === "int" && random.chance(0.7)
    ? random.below(9) - 2
    : randomValue(random, type, NO_NOMINALS, 4);
}
