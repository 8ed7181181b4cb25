import {
  functionOf,
  hasClass,
  listOf,
  mapOf,
  NO_NOMINALS,
  type NominalTypes,
  optionOf,
  sameType,
  substitute,
  type Type,
  type TypeClass,
  tupleOf,
  typeParts,
  typeVar,
} from "#anrf/program/type.ts";
import { type Signature, variablesOf } from "./signature.ts";

/** What the variables of a signature stand for, by name. */
export type Bindings = Map<string, Type>;

/** An instance of a signature: parameter and result types with the known variables replaced. */
export interface Instance {
  /** One for each parameter. */
  readonly params: readonly Type[];
  /** The type of the call. */
  readonly result: Type;
  /** What the variables stand for. */
  readonly bindings: ReadonlyMap<string, Type>;
  /** Variables that nothing has bound yet; empty for a finished call. */
  readonly free: readonly string[];
}

/** Why a signature does not fit. */
export interface Misfit {
  /** Which part: an argument, the result, the number of arguments, or the class of a variable. */
  readonly part: "argument" | "result" | "arity" | "class";
  /** Index of the argument; −1 where the part is none. */
  readonly index: number;
  /** What was expected, lower case, for a diagnostic. */
  readonly expected: string;
  /** What stands there. */
  readonly found: string;
}

/** True when the answer of `instantiate` says that it does not fit. */
export function isMisfit(answer: Instance | Misfit): answer is Misfit {
  return "part" in answer;
}

/**
 * The instance of a signature for a call. Arguments whose type is not known yet are undefined; the result type, where
 * it is known, binds what the arguments leave free. Types given are taken as they are: a variable in them (as in the
 * bodies of derived builtins) is rigid and equals itself only.
 */
export function instantiate(
  signature: Signature,
  args: readonly (Type | undefined)[],
  result?: Type,
  nominals: NominalTypes = NO_NOMINALS,
): Instance | Misfit {
  const { params } = signature;
  if (args.length !== params.length) {
    return { part: "arity", index: -1, expected: countOf(params.length), found: countOf(args.length) };
  }
  const bindings: Bindings = new Map();
  for (let index = 0; index < params.length; index++) {
    const pattern = params[index]?.type;
    const found = args[index];
    if (pattern === undefined || found === undefined || matchType(pattern, found, bindings)) continue;
    return { part: "argument", index, expected: substitute(pattern, bindings).text, found: found.text };
  }
  if (result !== undefined && !matchType(signature.result, result, bindings)) {
    const expected = substitute(signature.result, bindings).text;
    return { part: "result", index: -1, expected, found: result.text };
  }
  return classMisfit(signature, bindings, nominals) ?? instanceOf(signature, bindings);
}

/** The instance that bindings found elsewhere give; classes are not asked again. */
export function instanceOf(signature: Signature, bindings: ReadonlyMap<string, Type>): Instance {
  return {
    params: signature.params.map((param) => substitute(param.type, bindings)),
    result: substitute(signature.result, bindings),
    bindings,
    free: [...signature.vars.keys()].filter((name) => !bindings.has(name)),
  };
}

/** The first bound variable whose type is not of its class, as a misfit. */
export function classMisfit(
  signature: Signature,
  bindings: ReadonlyMap<string, Type>,
  nominals: NominalTypes = NO_NOMINALS,
): Misfit | undefined {
  for (const [name, variable] of signature.vars) {
    const bound = bindings.get(name);
    if (bound === undefined || variable.kind !== "var" || hasClass(bound, variable.class, nominals)) continue;
    const index = signature.params.findIndex((param) => variablesOf(param.type).includes(name));
    return { part: "class", index, expected: CLASS_TEXT[variable.class], found: bound.text };
  }
  return undefined;
}

const CLASS_TEXT: Readonly<Record<TypeClass, string>> = {
  any: "any type",
  eq: "a type that can be compared for equality: one without functions inside",
  ord: "a type that can be ordered: one without functions inside",
  key: "a type that can be a map key: one without functions and floats inside",
};

/**
 * One-way matching: binds the variables of the pattern so that it spells the type; false where it cannot. The type's
 * own variables are rigid. After false the bindings may hold what was bound before the difference.
 */
export function matchType(pattern: Type, type: Type, bindings: Bindings): boolean {
  if (pattern.kind === "var") {
    const bound = bindings.get(pattern.name);
    if (bound === undefined) bindings.set(pattern.name, type);
    return bound === undefined || sameType(bound, type);
  }
  if (pattern.kind !== type.kind) return false;
  const parts = typeParts(pattern);
  if (parts.length === 0) return sameType(pattern, type);
  const others = typeParts(type);
  if (parts.length !== others.length) return false;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    const other = others[i];
    if (part === undefined || other === undefined || !matchType(part, other, bindings)) return false;
  }
  return true;
}

/**
 * First-order unification of two types whose variables may both be bound: true and the bindings extended, or false.
 * Bindings may chain; `resolve` follows them. The two sides must not share variables by accident: `renameVariables`.
 */
export function unify(left: Type, right: Type, bindings: Bindings): boolean {
  const a = follow(left, bindings);
  const b = follow(right, bindings);
  if (sameType(a, b)) return true;
  if (a.kind === "var") return bind(a.name, b, bindings);
  if (b.kind === "var") return bind(b.name, a, bindings);
  if (a.kind !== b.kind) return false;
  const parts = typeParts(a);
  const others = typeParts(b);
  if (parts.length === 0 || parts.length !== others.length) return false;
  return parts.every((part, i) => {
    const other = others[i];
    return other !== undefined && unify(part, other, bindings);
  });
}

/** The type with all bindings followed to their end. */
export function resolve(type: Type, bindings: ReadonlyMap<string, Type>): Type {
  switch (type.kind) {
    case "var": {
      const next = follow(type, bindings);
      return next.kind === "var" ? next : resolve(next, bindings);
    }
    case "list":
      return listOf(resolve(type.item, bindings));
    case "option":
      return optionOf(resolve(type.item, bindings));
    case "map":
      return mapOf(resolve(type.key, bindings), resolve(type.value, bindings));
    case "tuple":
      return tupleOf(type.items.map((item) => resolve(item, bindings)));
    case "function":
      return functionOf(
        type.params.map((param) => resolve(param, bindings)),
        resolve(type.result, bindings),
      );
    default:
      return type;
  }
}

/** The same signature with a suffix on each variable, so that two uses share none. */
export function renameVariables(signature: Signature, suffix: string): Signature {
  const renamed = new Map<string, Type>();
  const vars = new Map<string, Type>();
  for (const [name, variable] of signature.vars) {
    const fresh = typeVar(`${name}${suffix}`, variable.kind === "var" ? variable.class : "any");
    renamed.set(name, fresh);
    vars.set(`${name}${suffix}`, fresh);
  }
  const params = signature.params.map(({ type, mark }) => ({ type: substitute(type, renamed), mark }));
  return { text: signature.text, vars, params, result: substitute(signature.result, renamed) };
}

function follow(type: Type, bindings: ReadonlyMap<string, Type>): Type {
  let next = type;
  while (next.kind === "var") {
    const bound = bindings.get(next.name);
    if (bound === undefined) return next;
    next = bound;
  }
  return next;
}

function bind(name: string, type: Type, bindings: Bindings): boolean {
  if (variablesOf(resolve(type, bindings)).includes(name)) return false;
  bindings.set(name, type);
  return true;
}

function countOf(count: number): string {
  return count === 1 ? "1 argument" : `${count} arguments`;
}
