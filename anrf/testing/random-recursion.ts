import type { Expr, FunctionExpr, Local } from "#anrf/build/expr.ts";
import { INT, type Type } from "#anrf/program/type.ts";
import * as e from "./exprs.ts";
import type { Random } from "./random.ts";
import { RandomExpr, type RecursiveCall } from "./random-expr.ts";
import type { ProgramOptions, RandomNominals } from "./random-program.ts";
import { randomType } from "./random-value.ts";

/** The function with a call of the other before its body; its value bears that name. */
export function calling(
  random: Random,
  fn: FunctionExpr,
  called: FunctionExpr,
  made: RandomNominals,
  options: ProgramOptions,
  name: string,
): FunctionExpr {
  const makes = new RandomExpr(random, made, [], options, (type) => e.slot("", type));
  const [, ...others] = called.params;
  const count = e.int(random.below(6) - 1);
  const args = [count, ...others.map((one) => makes.make(one.type, fn.params, 3, false))];
  const value = e.invoke(called.name, called.result, args);
  return { ...fn, body: e.bind(e.slot(name, called.result), value, fn.body) };
}

/**
 * One function that calls itself, or two that call each other. The first parameter falls by one at each call and bounds
 * the depth: outside 1 to 4 the answer is at hand.
 */
export function recursiveFunctions(
  random: Random,
  made: RandomNominals,
  options: ProgramOptions,
  names: readonly string[],
): readonly FunctionExpr[] {
  const local = (type: Type): Local => e.slot(random.pick(names), type);
  const heads = (random.chance(0.5) ? ["again"] : ["even", "odd"]).map((name) => ({
    name,
    bound: e.slot("n", INT),
    others: random.some(3, () => local(randomType(random, 2, made.types, options))),
    result: randomType(random, 2, made.types, options),
  }));
  return heads.map(({ name, bound, others, result }, index) => {
    const calls = heads.map((one): RecursiveCall => {
      const types = one.others.map((other) => other.type);
      return { function: one.name, others: types, result: one.result, bound };
    });
    const params = [bound, ...others];
    const makes = new RandomExpr(random, made, [], options, local, calls);
    const inside = makes.make(result, params, options.size ?? 40, false);
    const isOutside = e.call("bool.or", [
      e.call("le", [e.use(bound), e.int(0)]),
      e.call("gt", [e.use(bound), e.int(4)]),
    ]);
    const atHand = makes.make(result, params, 4, false);
    const next = after(makes, calls[(index + 1) % calls.length], inside, params, local);
    const decreases = e.call("max", [e.use(bound), e.int(0)]);
    const body = e.branch(isOutside, atHand, next);
    return { name, params, result, body, ...(random.chance(0.7) ? { decreases } : {}) };
  });
}

/** The expression after a call of the other function, so that the two surely stand in a cycle. */
function after(
  makes: RandomExpr,
  called: RecursiveCall | undefined,
  body: Expr,
  scope: readonly Local[],
  local: (type: Type) => Local,
): Expr {
  if (called === undefined) throw new Error("a recursive function calls one");
  const args = called.others.map((one) => makes.make(one, scope, 3, false));
  const value = e.invoke(called.function, called.result, [lessOne(called.bound), ...args]);
  return e.bind(local(called.result), value, body);
}

function lessOne(local: Local): Expr {
  return e.call("int.sub", [e.use(local), e.int(1)]);
}
