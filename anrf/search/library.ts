import type { Expr, FunctionExpr } from "#anrf/build/expr.ts";
import { BOOL, hasClass, type Type } from "#anrf/program/type.ts";
import { type Builtin, CATALOGUE } from "#anrf/std/catalogue.ts";
import type { Signature } from "#anrf/std/signature.ts";
import { instanceOf } from "#anrf/std/unify.ts";
import type { Bank } from "./bank.ts";
import { branch, call, callOf } from "./express.ts";
import type { Weights } from "./guide.ts";
import { IDIOMS } from "./idioms.ts";
import { ERR, FALSE, NONE, type Store, TRUE } from "./intern.ts";
import { higherOf, kernelOf, LAZY } from "./kernels.ts";
import type { HigherKernel, Kernel, Production } from "./production.ts";
import type { Scope } from "./scope.ts";
import { expressionKernel, SKETCHES, sketchKernel } from "./sketch.ts";
import type { Universe } from "./universe.ts";

/** A builtin at chosen types, before it belongs to a scope. */
export interface Instance {
  readonly name: string;
  readonly cost: number;
  readonly params: readonly Type[];
  readonly result: Type;
  readonly kernel: Kernel | undefined;
  readonly higher: HigherKernel | undefined;
  readonly lazy: boolean;
  readonly commutative: boolean;
  readonly build: (args: readonly Expr[]) => Expr;
}

/** Another spelling of these exists at the same cost, or they have no use in a search. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  "gt",
  "ge",
  "compare",
  "list.at",
  "string.at",
  "string.index_of_from",
  "list.fold_until",
  "option.flat_map",
  "option.to_list",
  "option.or_else",
  "float.is_finite",
  "list.splice",
  "list.slice",
  "string.is_empty",
  "list.is_empty",
  "int.pow_mod",
  "int.parse_base",
]);

/** `a > b` is searched as `b < a`. */
const ALWAYS_OUT: ReadonlySet<string> = new Set(["gt", "ge", "compare"]);

const COMMUTATIVE: ReadonlySet<string> = new Set([
  "eq",
  "ne",
  "min",
  "max",
  "bool.and",
  "bool.or",
  "bool.xor",
  "int.add",
  "int.mul",
  "int.bit_and",
  "int.bit_or",
  "int.bit_xor",
  "int.gcd",
  "float.add",
  "float.mul",
]);

/** All builtins at all types of the universe, cheapest first. */
export function instancesOf(store: Store, universe: Universe, weights: Weights): readonly Instance[] {
  const found: Instance[] = [];
  for (const builtin of CATALOGUE) {
    const isLeftOut =
      LEFT_OUT.has(builtin.id) && (weights.hint(builtin.id) < 0.3 || ALWAYS_OUT.has(builtin.id));
    if (isLeftOut || builtin.tier === "host" || builtin.signature.params.length > 3) continue;
    if (["decimal", "date", "regex"].includes(builtin.family)) continue;
    for (const { params, result } of assignments(builtin.signature, universe)) {
      addInstance(store, universe, weights, builtin, params, result, found);
    }
  }
  return found.sort((a, b) => a.cost - b.cost);
}

function addInstance(
  store: Store,
  universe: Universe,
  weights: Weights,
  builtin: Builtin,
  params: readonly Type[],
  result: Type,
  found: Instance[],
): void {
  const isHigher = params.some((type) => type.kind === "function");
  const kernel = isHigher ? undefined : kernelOf(store, builtin.id, params, result);
  const higher = isHigher ? higherOf(store, builtin.id, params, result) : undefined;
  if (kernel === undefined && higher === undefined) return;
  const shape = { lazy: LAZY.has(builtin.id), commutative: COMMUTATIVE.has(builtin.id), params };
  const cost = weights.cost(builtin.id) + unusual(builtin.id, params);
  const extra = universe.get(result.text)?.extra;
  const build = (args: readonly Expr[]): Expr => pretty(builtin.id, args, result);
  if (extra !== undefined) {
    found.push({ ...shape, name: builtin.id, cost: cost + extra, result, kernel, higher, build });
  }
  const item = result.kind === "option" ? result.item : undefined;
  const extraItem = item === undefined ? undefined : universe.get(item.text)?.extra;
  if (item === undefined || extraItem === undefined) return;
  const unwrap = (id: number): number => (id === ERR || id === NONE ? ERR : (store.items(id)[0] as number));
  found.push({
    ...shape,
    name: `${builtin.id}.unwrap`,
    cost: cost + extraItem,
    result: item,
    kernel: kernel === undefined ? undefined : (a, b, c) => unwrap(kernel(a, b, c)),
    higher: higher === undefined ? undefined : (f, a, b, c) => unwrap(higher(f, a, b, c)),
    build: (args) => call("option.unwrap", [build(args)], item),
  });
  if (params.length > 2) return;
  found.push(orElse(store, shape, builtin.id, cost + extraItem + 1, item, kernel, higher, build));
}

/** `call ?? other`: the same call with one operand more. */
function orElse(
  store: Store,
  shape: { readonly lazy: boolean; readonly commutative: boolean; readonly params: readonly Type[] },
  id: string,
  cost: number,
  item: Type,
  kernel: Kernel | undefined,
  higher: HigherKernel | undefined,
  build: (args: readonly Expr[]) => Expr,
): Instance {
  const arity = shape.params.length;
  const or = (found: number, other: number): number =>
    found === ERR ? ERR : found === NONE ? other : (store.items(found)[0] as number);
  return {
    ...shape,
    commutative: false,
    params: [...shape.params, item],
    name: `${id}.or`,
    cost,
    result: item,
    kernel: kernel === undefined ? undefined : (a, b, c) => or(kernel(a, b, -1), arity === 1 ? b : c),
    higher: higher === undefined ? undefined : (f, a, b, c) => or(higher(f, a, b, -1), arity === 1 ? b : c),
    build: (args) => {
      const other = args[arity];
      if (other === undefined) throw new Error(`${id}.or without its default`);
      return call("option.get_or", [build(args.slice(0, arity)), other], item);
    },
  };
}

/** More bits for a common builtin at types where it is rarely meant. */
function unusual(id: string, params: readonly Type[]): number {
  const first = params[0]?.kind;
  if (id === "eq" || id === "ne")
    return first === "list" || first === "tuple" || first === "map" ? 2 : first === "bool" ? 3 : 0;
  // The least pair is rarely meant where the least of a column may be.
  if (id === "list.min" || id === "list.max") {
    const list = params[0];
    return list?.kind === "list" && list.item.kind !== "int" && list.item.kind !== "float" ? 4 : 0;
  }
  if (id === "lt" || id === "le" || id === "min" || id === "max")
    return first === "int" || first === "float" ? 0 : 3;
  return 0;
}

/** The call, a constant left of a comparison moved to its right. */
function pretty(id: string, args: readonly Expr[], type: Type): Expr {
  const [left, right] = args;
  const turned = id === "lt" ? "gt" : id === "le" ? "ge" : id === "eq" ? "eq" : undefined;
  if (turned !== undefined && left?.kind === "literal" && right !== undefined && right.kind !== "literal") {
    return call(turned, [right, left], type);
  }
  return call(id, args, type);
}

/** The sketches at all types of the universe. */
export function sketchInstances(store: Store, universe: Universe, weights: Weights): readonly Instance[] {
  const found: Instance[] = [];
  for (const sketch of [...SKETCHES, ...IDIOMS]) {
    const base = sketch.cost(weights);
    if (base === undefined) continue;
    for (const { params, result } of assignments(sketch.signature, universe)) {
      const extra = universe.get(result.text)?.extra;
      if (extra === undefined) continue;
      found.push({
        name: sketch.name,
        cost: base + extra,
        params,
        result,
        kernel: sketch.higher === undefined ? sketchKernel(store, sketch, params, result) : undefined,
        higher: sketch.higher?.(store),
        lazy: false,
        commutative: false,
        build: (args) => sketch.build(args, result),
      });
    }
  }
  return found;
}

/** A function that programs may call; it calls none itself. */
export interface Callable {
  readonly fn: FunctionExpr;
  /** How far it is from the words: less is nearer; undefined: it is called by fragments alone. */
  readonly bits: number | undefined;
  /** The words that it stands for, each with its part of all that is said: programs without it leave them unsaid. */
  readonly says: ReadonlyMap<string, number>;
}

/** Bits of a call of a function that the words name and nothing else; what else they say may be other calls. */
const CALL_BITS = 2;
const FAR_FACTOR = 0.5;

/** The functions of up to three parameters whose types the universe has. */
export function callInstances(
  store: Store,
  universe: Universe,
  callables: readonly Callable[],
): readonly Instance[] {
  const functions = new Map(callables.map(({ fn }) => [fn.name, fn]));
  return callables.flatMap(({ fn, bits }) => {
    if (bits === undefined) return [];
    const params = fn.params.map((param) => param.type);
    const isFitting = params.length <= 3 && params.every((type) => universe.has(type.text));
    if (!isFitting || !isResult(fn.result, universe)) return [];
    const build = (args: readonly Expr[]): Expr => callOf(fn, args);
    const kernel = expressionKernel(store, build, params, fn.result, functions);
    const shape = { name: fn.name, higher: undefined, lazy: false, commutative: false };
    return [
      { ...shape, cost: Math.round(CALL_BITS + FAR_FACTOR * bits), params, result: fn.result, kernel, build },
    ];
  });
}

/** Every way to bind the variables of a signature to types of the universe so that all operands can exist. */
function assignments(signature: Signature, universe: Universe): { params: readonly Type[]; result: Type }[] {
  const names = [...signature.vars];
  const found: { params: readonly Type[]; result: Type }[] = [];
  const bindings = new Map<string, Type>();
  const visit = (at: number): void => {
    const variable = names[at];
    if (variable === undefined) {
      const { params, result } = instanceOf(signature, bindings);
      if (params.every((type) => isPossible(type, universe)) && isResult(result, universe))
        found.push({ params, result });
      return;
    }
    const [name, declared] = variable;
    for (const { type } of universe.values()) {
      if (declared.kind === "var" && !hasClass(type, declared.class)) continue;
      if (type.kind === "function" || type.kind === "unit") continue;
      bindings.set(name, type);
      visit(at + 1);
    }
    bindings.delete(name);
  };
  visit(0);
  return found;
}

function isPossible(type: Type, universe: Universe): boolean {
  if (type.kind !== "function") return universe.has(type.text);
  return universe.has(type.result.text) || (type.result.kind === "option" && universe.has(type.result.text));
}

function isResult(type: Type, universe: Universe): boolean {
  return universe.has(type.text) || (type.kind === "option" && universe.has(type.item.text));
}

/** Adds the instances without lambdas that a scope can use; a tuple's fields and constructors too. */
export function addPlain(scope: Scope, instances: readonly Instance[], surcharge: number): void {
  for (const one of instances) {
    const { kernel } = one;
    if (kernel === undefined) continue;
    scope.productions.push({
      name: one.name,
      cost: one.cost + surcharge,
      result: scope.bank(one.result),
      args: one.params.map((type) => scope.bank(type)),
      lambda: -1,
      inner: undefined,
      lazy: one.lazy,
      commutative: one.commutative,
      kernel,
      higher: undefined,
      leaf: undefined,
      build: one.build,
    });
  }
}

/** Fields of tuples, tuples of fields, and some(x): what is no builtin. */
export function shapeInstances(store: Store, universe: Universe): readonly Instance[] {
  const found: Instance[] = [];
  const shape = { higher: undefined, lazy: false, commutative: false };
  for (const { type, extra } of universe.values()) {
    if (type.kind === "tuple" && type.items.length <= 3) {
      const arity = type.items.length;
      found.push({
        ...shape,
        name: "tuple",
        cost: 3 + extra,
        params: type.items,
        result: type,
        kernel: (a, b, c) => store.list(arity === 2 ? [a, b] : [a, b, c]),
        build: (items) => ({ kind: "tuple", items, type }),
      });
    }
    if (type.kind === "tuple") {
      type.items.forEach((item, field) => {
        found.push({
          ...shape,
          name: `field.${field}`,
          cost: 2,
          params: [type],
          result: item,
          kernel: (a) => store.items(a)[field] ?? ERR,
          build: (args) => {
            const target = args[0];
            if (target === undefined) throw new Error("a field without its tuple");
            return { kind: "field", target, field, type: item };
          },
        });
      });
    }
    if (type.kind === "option") {
      found.push({
        ...shape,
        name: "some",
        cost: 2 + extra,
        params: [type.item],
        result: type,
        kernel: (a) => store.some(a),
        build: ([some]) => (some === undefined ? { kind: "option", type } : { kind: "option", some, type }),
      });
    }
    if (type.kind === "list" && extra < 2) {
      found.push({
        ...shape,
        name: "list.of",
        cost: 3 + extra,
        params: [type.item],
        result: type,
        kernel: (a) => store.list([a]),
        build: (items) => ({ kind: "list", items, type }),
      });
    }
  }
  return found;
}

/** `if` at the types where a choice is asked for. */
export function choiceInstances(
  types: readonly Type[],
  universe: Universe,
  cost: number,
): readonly Instance[] {
  const chosen = types.filter(
    (type, i) =>
      universe.has(type.text) &&
      type.kind !== "bool" &&
      types.findIndex((one) => one.text === type.text) === i,
  );
  return chosen.map((type) => ({
    name: "if",
    cost,
    params: [BOOL, type, type],
    result: type,
    kernel: (a, b, c) => (a === TRUE ? b : a === FALSE ? c : ERR),
    higher: undefined,
    lazy: true,
    commutative: false,
    build: ([condition, whenTrue, whenFalse]) => {
      if (condition === undefined || whenTrue === undefined || whenFalse === undefined)
        throw new Error("an if without its parts");
      return branch(condition, whenTrue, whenFalse);
    },
  }));
}

/** The production of a leaf. */
export function leafOf(
  result: Bank,
  cost: number,
  leaf: NonNullable<Production["leaf"]>,
  name: string,
  expr: Expr | undefined,
): Production {
  return {
    name,
    cost,
    result,
    args: [],
    lambda: -1,
    inner: undefined,
    lazy: false,
    commutative: false,
    kernel: () => ERR,
    higher: undefined,
    leaf,
    build: () => {
      if (expr === undefined) throw new Error(`leaf ${name} is built by its scope`);
      return expr;
    },
  };
}
