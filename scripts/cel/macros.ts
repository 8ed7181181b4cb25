import type {
  Expr as CelExpr,
  Expr_Call,
  Expr_Comprehension,
} from "@bufbuild/cel-spec/cel/expr/syntax_pb.js";
import type { Expr } from "#anrf/build/expr.ts";
import { INT, type Type } from "#anrf/program/type.ts";
import * as e from "#anrf/testing/exprs.ts";
import { binder, boundName, inner, type Scope, slotName, translate } from "./scope.ts";
import { unmapped } from "./values.ts";

/** A macro that the parser has unfolded: a fold whose state is asked before each item, as CEL's condition is. */
export function translateComprehension(one: Expr_Comprehension, scope: Scope, want?: Type): Expr {
  const range = translate(one.iterRange, scope);
  const items = range.type.kind === "map" ? e.call("map.keys", [range]) : range;
  if (items.type.kind !== "list") return unmapped("a type error there");
  const item = binder(one.iterVar, items.type.item);
  const init = translate(
    one.accuInit,
    scope,
    stateType(one, inner(scope, { [one.iterVar]: e.use(item) })) ?? want,
  );
  const state = binder("", init.type);
  const withState = inner(scope, { [one.accuVar]: e.use(state) });
  const step = translate(one.loopStep, inner(withState, { [one.iterVar]: e.use(item) }), init.type);
  const next = e.lambda([state, item], step);
  const folded = isTrue(one.loopCondition)
    ? e.call("list.fold", [items, init, next])
    : e.call("list.fold_until", [items, init, stop(one, init.type, scope), next]);
  const result = binder("", folded.type);
  return e.bind(result, folded, translate(one.result, inner(scope, { [one.accuVar]: e.use(result) })));
}

function stop({ loopCondition, accuVar }: Expr_Comprehension, type: Type, scope: Scope): Expr {
  const state = binder("", type);
  const going = translate(loopCondition, inner(scope, { [accuVar]: e.use(state) }));
  return e.lambda([state], e.call("bool.not", [going]));
}

function isTrue(expr: CelExpr | undefined): boolean {
  const kind = expr?.exprKind;
  return kind?.case === "constExpr" && kind.value.constantKind.value === true;
}

/** The type of an empty list that the step appends to: that of the list of what is appended. */
function stateType({ accuInit, loopStep }: Expr_Comprehension, scope: Scope): Type | undefined {
  if (accuInit?.exprKind.case !== "listExpr") return undefined;
  const found = appended(loopStep);
  return found === undefined ? undefined : translate(found, scope).type;
}

function appended(step: CelExpr | undefined): CelExpr | undefined {
  const kind = step?.exprKind;
  if (kind?.case !== "callExpr") return undefined;
  if (kind.value.function === "_+_") return kind.value.args[1];
  return kind.value.args.map(appended).find((one) => one !== undefined);
}

/** Items of a list or map with the names that the macro gives them, for the macros that the parser leaves alone. */
interface Walk {
  readonly items: Expr;
  readonly makes: (body: (scope: Scope) => Expr) => Expr;
}

function walk(target: CelExpr, names: readonly string[], scope: Scope): Walk {
  const range = translate(target, scope);
  const [first = "", second] = names;
  if (second === undefined) {
    const items = range.type.kind === "map" ? e.call("map.keys", [range]) : range;
    if (items.type.kind !== "list") return unmapped("a type error there");
    const item = binder(first, items.type.item);
    return { items, makes: (body) => e.lambda([item], body(inner(scope, { [first]: e.use(item) }))) };
  }
  const items =
    range.type.kind === "map" ? e.call("map.entries", [range]) : e.call("list.enumerate", [range]);
  const item = binder("", items.type.kind === "list" ? items.type.item : INT);
  const parts = { [first]: e.part(e.use(item), 0), [second]: e.part(e.use(item), 1) };
  return { items, makes: (body) => e.lambda([item], body(inner(scope, parts))) };
}

const MACROS = /^(exists|all|existsOne|exists_one|map|filter|transformList|transformMap)$/;

/** A macro of one or two variables as the builtin that does it; undefined where the call is none. */
export function translateMacro({ function: name, target, args }: Expr_Call, scope: Scope): Expr | undefined {
  if (target === undefined || !MACROS.test(name)) return undefined;
  const isPair = args.length > 2 && !(name === "map" && args.length === 3);
  const names = args.slice(0, isPair || name.startsWith("transform") ? 2 : 1).map(boundName);
  const bodies = args.slice(names.length);
  const { items, makes } = walk(target, names, scope);
  const [last] = bodies.slice(-1);
  const predicate = (expr: CelExpr | undefined): Expr => makes((within) => translate(expr, within));
  const kept = bodies.length > 1 ? e.call("list.filter", [items, predicate(bodies[0])]) : items;
  switch (name) {
    case "exists":
      return e.call("list.any", [items, predicate(last)]);
    case "all":
      return e.call("list.all", [items, predicate(last)]);
    case "existsOne":
    case "exists_one":
      return e.call("eq", [e.call("list.count", [items, predicate(last)]), e.int(1)]);
    case "filter":
      return e.call("list.filter", [items, predicate(last)]);
    case "map":
    case "transformList":
      return e.call("list.map", [kept, predicate(last)]);
    default:
      return e.call("map.from_entries", [
        e.call("list.map", [
          kept,
          makes((within) => e.tuple([translate(args[0], within), translate(last, within)])),
        ]),
      ]);
  }
}

/** `cel.bind`, `cel.block` and the slots of a block; undefined where the call is none of them. */
export function translateBlock({ function: name, target, args }: Expr_Call, scope: Scope): Expr | undefined {
  if (target?.exprKind.case !== "identExpr" || target.exprKind.value.name !== "cel") return undefined;
  if (name === "bind") {
    const value = translate(args[1], scope);
    const local = binder(boundName(args[0]), value.type);
    return e.bind(local, value, translate(args[2], inner(scope, { [boundName(args[0])]: e.use(local) })));
  }
  if (name === "block") return block(args, scope);
  if (/^(index|iterVar|accuVar)$/.test(name)) {
    return scope.names.get(slotName(name, args)) ?? unmapped("unknown names");
  }
  return undefined;
}

function block([slots, body]: readonly CelExpr[], scope: Scope): Expr {
  if (slots?.exprKind.case !== "listExpr") return unmapped("block slots that are computed");
  const values: { readonly local: ReturnType<typeof binder>; readonly value: Expr }[] = [];
  let within = scope;
  for (const [index, slot] of slots.exprKind.value.elements.entries()) {
    const value = translate(slot, within);
    const local = binder("", value.type);
    values.push({ local, value });
    within = inner(within, { [`@index ${index}`]: e.use(local) });
  }
  return values.reduceRight((rest, { local, value }) => e.bind(local, value, rest), translate(body, within));
}
