import { type Expr, exprParts, type FunctionExpr, type Local } from "#anrf/build/expr.ts";
import { BOOL, FLOAT, INT, type Type } from "#anrf/program/type.ts";
import type { Value } from "#anrf/program/value.ts";
import { freshLocals, mapParts } from "#anrf/search/rewrite.ts";
import { knownBuiltin } from "#anrf/std/catalogue.ts";
import { exchangesOf } from "./exchanges.ts";

/** A function with one place changed. */
export interface Edit {
  readonly fn: FunctionExpr;
  /** Bits that tell the change. */
  readonly cost: number;
}

/** A scalar that the words or the examples speak of. */
export interface KnownConstant {
  readonly value: Value;
  readonly type: Type;
}

/** Bits of a change: what is told by the words or is nearest to what stands there is the cheapest. */
const COST = {
  exchange: 3,
  told: 2,
  near: 3,
  common: 5,
  variable: 4,
  swap: 3,
  drop: 4,
  wrap: 5,
  wrapVariable: 6,
} as const;

/**
 * The function with each of its places changed in each simple way, cheapest first: another builtin of the same type,
 * another constant, another variable, operands or branches exchanged, a part in place of the whole, or a small step
 * around what stands there. Types stay as they are, so that a sound function gives sound ones.
 */
export function editsOf(fn: FunctionExpr, constants: readonly KnownConstant[]): readonly Edit[] {
  const edits: Edit[] = [];
  const walk = (expr: Expr, scope: readonly Local[], put: (changed: Expr) => Expr): void => {
    for (const { expr: changed, cost } of changesOf(expr, scope, constants))
      edits.push({ fn: { ...fn, body: put(changed) }, cost });
    exprParts(expr).forEach((part, at) => {
      walk(part, [...scope, ...boundIn(expr, at)], (changed) => put(withPart(expr, at, changed)));
    });
  };
  walk(fn.body, fn.params, (changed) => changed);
  return edits.sort((a, b) => a.cost - b.cost);
}

/** The locals that an expression binds for one of its parts. */
function boundIn(expr: Expr, at: number): readonly Local[] {
  switch (expr.kind) {
    case "let":
      return at === 1 ? [expr.local] : [];
    case "lambda":
      return expr.params;
    case "loop":
      return at === 0 ? [] : [expr.state];
    case "match":
      return at === 0 ? [] : (expr.arms[at - 1]?.binders ?? []);
    default:
      return [];
  }
}

function withPart(expr: Expr, at: number, changed: Expr): Expr {
  let place = 0;
  return mapParts(expr, (part) => (place++ === at ? changed : part));
}

interface Change {
  readonly expr: Expr;
  readonly cost: number;
}

function* changesOf(
  expr: Expr,
  scope: readonly Local[],
  constants: readonly KnownConstant[],
): Generator<Change> {
  const { type } = expr;
  switch (expr.kind) {
    case "literal":
      yield* literalsFor(expr, constants);
      break;
    case "builtin": {
      for (const other of exchangesOf(expr.builtin, expr.args[0]?.type))
        yield { expr: { ...expr, builtin: other.number }, cost: COST.exchange };
      const [a, b, ...more] = expr.args;
      if (a !== undefined && b !== undefined && a.type.text === b.type.text)
        yield { expr: { ...expr, args: [b, a, ...more] }, cost: COST.swap };
      break;
    }
    case "if":
      yield { expr: { ...expr, whenTrue: expr.whenFalse, whenFalse: expr.whenTrue }, cost: COST.swap };
      break;
    default:
  }
  if (expr.kind !== "lambda") {
    for (const local of scope)
      if (local.type.text === type.text && !(expr.kind === "local" && expr.local === local))
        yield { expr: localOf(local), cost: COST.variable };
    for (const [at, part] of exprParts(expr).entries())
      if (part.type.text === type.text && boundIn(expr, at).length === 0)
        yield { expr: part, cost: COST.drop };
    if (expr.kind !== "literal") yield* wrapsOf(expr, scope);
  }
}

function* literalsFor(
  expr: Extract<Expr, { readonly kind: "literal" }>,
  constants: readonly KnownConstant[],
): Generator<Change> {
  const { value, type } = expr;
  const seen = new Set([String(value)]);
  function* put(values: readonly Value[], cost: number): Generator<Change> {
    for (const one of values) {
      if (seen.has(String(one))) continue;
      seen.add(String(one));
      yield { expr: { ...expr, value: one }, cost };
    }
  }
  yield* put(
    constants.filter((one) => one.type.text === type.text).map((one) => one.value),
    COST.told,
  );
  if (type.kind === "int") {
    const int = value as number | bigint;
    if (typeof int === "bigint") return;
    yield* put([int + 1, int - 1], COST.near);
    yield* put([0, 1, 2, -1, 2 * int, -int, 3, 10], COST.common);
  } else if (type.kind === "float") {
    const float = value as number;
    if (!Number.isFinite(float)) return;
    yield* put(
      [1, 2, 3, 4, 5].map((digits) => Number(float.toFixed(digits))),
      COST.near,
    );
    yield* put(
      [2, 3, 4].map((digits) => Math.trunc(float * 10 ** digits) / 10 ** digits),
      COST.near,
    );
    yield* put([float + 1, float - 1, 2 * float, float / 2, -float, 0, 1, 2, 0.5, 10, 100], COST.common);
    if (Math.abs(float - Math.PI) < 0.01)
      yield* put([Math.PI, Math.trunc(Math.PI * 1e4) / 1e4, 3.14, 22 / 7], COST.near);
  } else if (type.kind === "string") {
    yield* put(["", " ", ",", ", ", "-", "_"], COST.common);
  } else if (type.kind === "bool") {
    yield* put([value !== true], COST.near);
  }
}

const localOf = (local: Local): Expr => ({ kind: "local", local, type: local.type });
const intOf = (value: number): Expr => ({ kind: "literal", value, type: INT });
const floatOf = (value: number): Expr => ({ kind: "literal", value, type: FLOAT });
const called = (id: string, args: readonly Expr[], type: Type): Expr => ({
  kind: "builtin",
  builtin: knownBuiltin(id).number,
  args,
  type,
});

const INT_STEPS = [
  ["int.add", 1],
  ["int.sub", 1],
  ["int.mul", 2],
  ["int.div_floor", 2],
  ["int.mul", 3],
  ["int.mod_floor", 10],
  ["int.div_floor", 10],
] as const;
const FLOAT_STEPS = [
  ["float.add", 1],
  ["float.sub", 1],
  ["float.mul", 2],
  ["float.div", 2],
  ["float.mul", 100],
  ["float.div", 100],
] as const;
const INT_PAIRS = ["int.add", "int.sub", "int.mul", "int.mod_floor", "int.div_floor"];
const FLOAT_PAIRS = ["float.add", "float.sub", "float.mul", "float.div"];
const TEXT_WRAPS = [
  "string.trim",
  "string.to_lower",
  "string.to_upper",
  "string.reverse",
  "string.capitalize",
];
const LIST_WRAPS = ["list.reverse", "list.distinct"];
const ORDERED_WRAPS = ["list.sort", "list.sort_desc"];

/** A small step around what stands there. */
function* wrapsOf(expr: Expr, scope: readonly Local[]): Generator<Change> {
  const { type } = expr;
  const same = scope.filter(
    (local) => local.type.text === type.text && !(expr.kind === "local" && expr.local === local),
  );
  function* pairs(ids: readonly string[]): Generator<Change> {
    for (const local of same) {
      for (const id of ids) {
        yield { expr: called(id, [expr, localOf(local)], type), cost: COST.wrapVariable };
        if (id === "int.sub" || id === "float.sub" || id === "float.div" || id === "string.concat")
          yield { expr: called(id, [localOf(local), expr], type), cost: COST.wrapVariable };
      }
    }
  }
  function* wraps(ids: readonly string[]): Generator<Change> {
    for (const id of ids) yield { expr: called(id, [expr], type), cost: COST.wrap };
  }
  switch (type.kind) {
    case "int":
      for (const [id, value] of INT_STEPS)
        yield { expr: called(id, [expr, intOf(value)], INT), cost: COST.wrap };
      yield* wraps(["int.neg", "int.abs"]);
      yield { expr: called("int.mul", [expr, freshLocals(expr)], INT), cost: COST.wrap };
      yield* pairs(INT_PAIRS);
      break;
    case "float":
      for (const [id, value] of FLOAT_STEPS)
        yield { expr: called(id, [expr, floatOf(value)], FLOAT), cost: COST.wrap };
      yield* wraps(["float.neg", "float.abs", "float.sqrt"]);
      yield* pairs(FLOAT_PAIRS);
      break;
    case "string":
      yield* wraps(TEXT_WRAPS);
      yield* pairs(["string.concat"]);
      break;
    case "bool":
      yield { expr: called("bool.not", [expr], BOOL), cost: COST.wrap };
      yield* pairs(["bool.and", "bool.or"]);
      break;
    case "list":
      yield* wraps(LIST_WRAPS);
      if (["int", "float", "string"].includes(type.item.kind)) yield* wraps(ORDERED_WRAPS);
      yield { expr: called("list.drop", [expr, intOf(1)], type), cost: COST.wrap };
      yield* pairs(["list.concat"]);
      break;
    default:
  }
}
