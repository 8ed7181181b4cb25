import type { Expr, FunctionExpr, Local } from "#anrf/build/expr.ts";
import { TrapSignal } from "#anrf/program/trap.ts";
import { equalValues, type FunctionValue, Some, SortedMap, type Value } from "#anrf/program/value.ts";
import { builtinByNumber } from "#anrf/std/catalogue.ts";
import { isModest, nativeOf } from "./natives.ts";

/** Most steps of one run: a search proposes small programs on small inputs. */
const STEPS = 200_000;

/** Functions that expressions call, by name. */
export type Functions = ReadonlyMap<string, FunctionExpr>;

const NO_FUNCTIONS: Functions = new Map();

/** The value of a function on arguments, or undefined where it traps or runs too long. */
export function runFunction(
  fn: FunctionExpr,
  args: readonly Value[],
  functions: Functions = NO_FUNCTIONS,
): Value | undefined {
  const env = new Map<Local, Value>();
  fn.params.forEach((param, i) => {
    env.set(param, args[i] ?? null);
  });
  return runExpr(fn.body, env, STEPS, functions);
}

/** The value of an expression, or undefined where it traps or runs too long. */
export function runExpr(
  expr: Expr,
  env: Map<Local, Value>,
  steps: number = STEPS,
  functions: Functions = NO_FUNCTIONS,
): Value | undefined {
  const run = { steps, functions };
  try {
    return evaluate(expr, env, run);
  } catch (error) {
    if (error instanceof TrapSignal || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Most items that one call may make. */
const MOST_ITEMS = 100_000;

interface Run {
  /** Steps left. */
  steps: number;
  readonly functions: Functions;
}

const STOPPED = new TrapSignal(0, "the run takes too many steps");

/** Evaluates what a search builds: no records, variants or extensions, and no function that calls another. */
function evaluate(expr: Expr, env: Map<Local, Value>, run: Run): Value {
  if (--run.steps < 0) throw STOPPED;
  const go = (one: Expr): Value => evaluate(one, env, run);
  switch (expr.kind) {
    case "literal":
      return expr.value;
    case "local":
      return env.get(expr.local) ?? null;
    case "let":
      env.set(expr.local, go(expr.value));
      return go(expr.body);
    case "if":
      return go(expr.condition) === true ? go(expr.whenTrue) : go(expr.whenFalse);
    case "lambda":
      return (...args: Value[]): Value => {
        const inner = new Map(env);
        expr.params.forEach((param, i) => {
          inner.set(param, args[i] ?? null);
        });
        return evaluate(expr.body, inner, run);
      };
    case "builtin":
      return callBuiltin(expr, go, run);
    case "call":
      return callFunction(expr, go, run);
    case "apply":
      return (go(expr.callee) as FunctionValue)(...expr.args.map(go));
    case "list":
    case "tuple":
      return expr.items.map(go);
    case "map": {
      const items = expr.items.map(go);
      const entries = items.flatMap((key, i) => (i % 2 === 0 ? [[key, items[i + 1] ?? null] as const] : []));
      return SortedMap.fromEntries(entries);
    }
    case "option":
      return expr.some === undefined ? null : new Some(go(expr.some));
    case "field":
      return (go(expr.target) as readonly Value[])[expr.field] ?? null;
    case "loop": {
      env.set(expr.state, go(expr.init));
      while (go(expr.condition) === true) env.set(expr.state, go(expr.step));
      return env.get(expr.state) ?? null;
    }
    case "match":
      return evaluateMatch(expr, env, run);
    default:
      throw new TrapSignal(0, `the search does not evaluate ${expr.kind}`);
  }
}

function callFunction(expr: Extract<Expr, { kind: "call" }>, go: (one: Expr) => Value, run: Run): Value {
  const fn = run.functions.get(expr.function);
  if (fn === undefined) throw new TrapSignal(0, `nobody knows the function ${expr.function}`);
  const args = expr.args.map(go);
  return evaluate(fn.body, new Map(fn.params.map((param, i) => [param, args[i] ?? null])), run);
}

function callBuiltin(expr: Extract<Expr, { kind: "builtin" }>, go: (one: Expr) => Value, run: Run): Value {
  const builtin = builtinByNumber(expr.builtin);
  const native = builtin === undefined ? undefined : nativeOf(builtin.id);
  if (builtin === undefined || native === undefined) throw new TrapSignal(0, "the builtin does not run");
  const args = expr.args.map((arg, i): Value => {
    if (builtin.signature.params[i]?.mark === "lazy") return () => go(arg);
    return go(arg);
  });
  if (!isModest(builtin.id, args, MOST_ITEMS)) throw STOPPED;
  if (builtin.id === "list.range") run.steps -= workOf(args);
  if (run.steps < 0) throw STOPPED;
  return native(...args);
}

/** A call on large counts costs steps in proportion, so that a run in the search stays short. */
function workOf(args: readonly Value[]): number {
  const [first, second] = args;
  return typeof first === "number" && typeof second === "number" && second - first > 64
    ? (second - first) >> 3
    : 0;
}

function evaluateMatch(expr: Extract<Expr, { kind: "match" }>, env: Map<Local, Value>, run: Run): Value {
  const subject = evaluate(expr.subject, env, run);
  for (const { pattern, binders, body } of expr.arms) {
    const fits =
      pattern.kind === "wildcard" ||
      (pattern.kind === "some" && subject instanceof Some) ||
      (pattern.kind === "none" && subject === null) ||
      (pattern.kind === "literal" && equalValues(pattern.value, subject));
    if (!fits) continue;
    const binder = binders[0];
    if (binder !== undefined && subject instanceof Some) env.set(binder, subject.value);
    return evaluate(body, env, run);
  }
  throw new TrapSignal(0, "no arm fits");
}
