import type { Expr, Local } from "#anrf/build/expr.ts";
import type { Place } from "#anrf/import/expressions/place.ts";
import {
  BOOL,
  FLOAT,
  functionOf,
  INT,
  optionOf,
  STRING,
  type Type,
  tupleOf,
  UNIT,
} from "#anrf/program/type.ts";
import { INT_MAX, INT_MIN, intFromBigint } from "#anrf/program/value.ts";
import { knownBuiltin } from "#anrf/std/catalogue.ts";
import { instantiate, isMisfit } from "#anrf/std/unify.ts";
import type { FunctionValue } from "./frame.ts";
import {
  BOOLEAN,
  type DictCell,
  INTEGER,
  languageType,
  list,
  NEVER,
  NONE,
  prune,
  REAL,
  TEXT,
  type Ty,
  tuple,
} from "./types.ts";

/**
 * A value of the source while it is imported. The expression is made last, when all types are known: `emit` may be
 * called once, or as often as one likes where the value is `simple`.
 */
export interface Val {
  readonly ty: Ty;
  readonly emit: () => Expr;
  /** A local, a part of one, or a literal. */
  readonly simple?: boolean;
  /** An int that is never negative. */
  readonly nonneg?: boolean;
  /** An int of less than 53 bits. */
  readonly small?: boolean;
  /** A literal's value. */
  readonly literal?: bigint | number | string | boolean;
  /** Which objects the value may be, and which may be inside it; none for what cannot be changed. */
  readonly top: ReadonlySet<string>;
  readonly inner: ReadonlySet<string>;
  /** No one else holds the object: it was made for this name, and has not been put anywhere since. */
  readonly sole?: boolean;
  /** Two places inside may hold one object. */
  readonly shared?: boolean;
  readonly range?: { readonly from: Val; readonly to: Val; readonly step: Val };
  readonly fn?: FunctionValue;
  /** A list whose order means nothing in the source: made from a set, or a dict from outside. */
  readonly bag?: boolean;
  /** The cell whose order is seen, if the order of this list is. */
  readonly ordered?: () => void;
  /** A list or dict that is certainly empty. */
  readonly empty?: boolean;
  /** The items of a list literal. */
  readonly items?: readonly Val[];
  /** The items of this list are keys of that dict; or this value is one. */
  readonly itemsOf?: DictCell;
  readonly keyOf?: DictCell;
  /** The place that a name was read from: a change of the object is put there too. */
  readonly view?: { readonly place: Place; readonly root: () => Expr };
  /** A text that is a compiled pattern. */
  readonly pattern?: boolean;
  /** Whether an option holds something, where that is simpler than the option. */
  readonly test?: () => Expr;
  /** Where the type is `never`: the same as a value of any type, which it never gives. */
  readonly as?: (type: Type) => Expr;
}

const NOTHING: ReadonlySet<string> = new Set();

/** A value that cannot be changed. */
export function val(ty: Ty, emit: () => Expr, more: Partial<Val> = {}): Val {
  return { ty, emit, top: NOTHING, inner: NOTHING, ...more };
}

/** True for the argument that `*xs` gives where `xs` is a list: the list itself, marked. */
export const isSpread = (value: Val): boolean => value.literal === "*" && prune(value.ty).k === "list";

/** A local that is made when its type is known. */
export class Slot {
  readonly name: string;
  readonly ty: Ty;
  #local: Local | undefined;

  constructor(name: string, ty: Ty) {
    this.name = name;
    this.ty = ty;
  }

  local(): Local {
    this.#local ??= { name: this.name, type: languageType(this.ty) };
    return this.#local;
  }

  use(): Expr {
    const local = this.local();
    return { kind: "local", local, type: local.type };
  }

  /** The value behind it, with what is known of what it holds. */
  val(like: Partial<Val> = {}): Val {
    const { nonneg, small, top, inner, shared, bag, ordered, empty, sole } = like;
    return {
      ty: this.ty,
      emit: () => this.use(),
      simple: true,
      top: top ?? NOTHING,
      inner: inner ?? NOTHING,
      ...(nonneg === true ? { nonneg } : {}),
      ...(small === true ? { small } : {}),
      ...(shared === true ? { shared } : {}),
      ...(sole === true ? { sole } : {}),
      ...(bag === true ? { bag } : {}),
      ...(ordered === undefined ? {} : { ordered }),
      ...(empty === true ? { empty } : {}),
    };
  }
}

/** A part of a tuple that is emitted by `whole`. */
export function part(whole: () => Expr, index: number): Expr {
  const target = whole();
  const type = target.type.kind === "tuple" ? target.type.items[index] : undefined;
  if (type === undefined) throw new Error(`a value of type ${target.type.text} has no part ${index}`);
  return { kind: "field", target, field: index, type };
}

/** A call of a builtin of the language. */
export function call(id: string, args: readonly Expr[], result?: Type): Expr {
  const { signature, number } = knownBuiltin(id);
  const types = args.map((arg) => arg.type);
  const instance = instantiate(signature, types, result);
  if (isMisfit(instance)) throw new Error(`${id}: expected ${instance.expected}, found ${instance.found}`);
  return { kind: "builtin", builtin: number, args, type: instance.result };
}

/** A function of the language around slots. */
export function lambda(params: readonly Slot[], body: () => Expr): Expr {
  const locals = params.map((one) => one.local());
  const made = body();
  return {
    kind: "lambda",
    params: locals,
    body: made,
    type: functionOf(
      locals.map((one) => one.type),
      made.type,
    ),
  };
}

/** An int literal. */
export const intExpr = (value: number | bigint): Expr => ({
  kind: "literal",
  value: intFromBigint(BigInt(value)) ?? 0,
  type: INT,
});

/** A float literal. */
export const floatExpr = (value: number): Expr => ({ kind: "literal", value, type: FLOAT });

/** A string literal. */
export const textExpr = (value: string): Expr => ({ kind: "literal", value, type: STRING });

/** A bool literal. */
export const boolExpr = (value: boolean): Expr => ({ kind: "literal", value, type: BOOL });

/** `()`. */
export const unitExpr: Expr = { kind: "literal", value: null, type: UNIT };

/** The end of the program, where a value of that type is expected. */
export const failExpr = (message: string, type: Type): Expr => ({ kind: "fail", message, type });

/** `none`. */
export const noneExpr = (item: Type): Expr => ({ kind: "option", type: optionOf(item) });

/** `some(value)`. */
export const someExpr = (some: Expr): Expr => ({ kind: "option", some, type: optionOf(some.type) });

/** `if condition { whenTrue } else { whenFalse }`. */
export const ifExpr = (condition: Expr, whenTrue: Expr, whenFalse: Expr): Expr => ({
  kind: "if",
  condition,
  whenTrue,
  whenFalse,
  type: whenTrue.type,
});

/** `(a, b)`. */
export const tupleExpr = (items: readonly Expr[]): Expr => ({
  kind: "tuple",
  items,
  type: tupleOf(items.map((item) => item.type)),
});

/** True for what fits 64 bits. */
export const isInt64 = (value: bigint): boolean => value >= INT_MIN && value <= INT_MAX;

/** The value of an int literal. */
export function intVal(value: number | bigint): Val {
  const big = BigInt(value);
  return val(INTEGER, () => intExpr(big), {
    simple: true,
    literal: big,
    nonneg: big >= 0n,
    small: big < 2n ** 53n && big > -(2n ** 53n),
  });
}

/** The value of a float literal. */
export const floatVal = (value: number): Val =>
  val(REAL, () => floatExpr(value), { simple: true, literal: value });

/** The value of a text literal. */
export const textVal = (value: string): Val =>
  val(TEXT, () => textExpr(value), { simple: true, literal: value });

/** The value of a bool literal. */
export const boolVal = (value: boolean): Val =>
  val(BOOLEAN, () => boolExpr(value), { simple: true, literal: value });

/** None. */
export const noneVal: Val = val(NONE, () => unitExpr, { simple: true });

/** A value that is never there: the program ends. */
export function neverVal(message: string): Val {
  return val(NEVER, () => failExpr(message, UNIT), { simple: true, as: (type) => failExpr(message, type) });
}

/** A value of a builtin: `b("int.add", INTEGER, a, c)`. */
export function b(id: string, ty: Ty, ...args: readonly Val[]): Val {
  return val(ty, () =>
    call(
      id,
      args.map((arg) => arg.emit()),
    ),
  );
}

/** A literal tuple. */
export function tupleVal(items: readonly Val[]): Val {
  return val(tuple(items.map((item) => item.ty)), () => tupleExpr(items.map((item) => item.emit())), {
    simple: items.every((item) => item.simple === true),
    inner: union(...items.flatMap((item) => [item.top, item.inner])),
    shared: items.some((item) => item.shared === true),
    items,
  });
}

/** All that is in one of the sets. */
export function union(...sets: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  const [first = NOTHING, ...rest] = sets.filter((one) => one.size > 0);
  if (rest.length === 0) return first;
  const all = new Set(first);
  for (const one of rest) for (const item of one) all.add(item);
  return all;
}

/** True when the two have something in common. */
export function overlaps(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  for (const item of a) if (b.has(item)) return true;
  return false;
}

/** What is known of a value that may be either. */
export function meet(a: Val, b: Val): Partial<Val> {
  return {
    nonneg: isNonneg(a) && isNonneg(b),
    small: isSmall(a) && isSmall(b),
    top: union(a.top, b.top),
    inner: union(a.inner, b.inner),
    shared: a.shared === true || b.shared === true,
    sole: isSole(a) && isSole(b),
    ...(a.bag === true || b.bag === true ? { bag: true } : {}),
    ...(a.ordered === undefined && b.ordered === undefined
      ? {}
      : {
          ordered: () => {
            a.ordered?.();
            b.ordered?.();
          },
        }),
  };
}

const isNonneg = (one: Val): boolean => one.nonneg === true || one.ty.k === "never";

const isSole = (one: Val): boolean => one.sole === true || one.ty.k === "never";

const isSmall = (one: Val): boolean => one.small === true || one.ty.k === "never";

/** A list of ints, texts and the like that the language gives: made here, and no one else has it. */
export function freshList(item: Ty, emit: () => Expr, more: Partial<Val> = {}): Val {
  return val(list(item), emit, more);
}
