import type { Expr } from "#anrf/build/expr.ts";
import type { Entry, LetItem } from "./frame.ts";
import { type Lowering, NotYet } from "./lower.ts";
import { languageType, prune, type Ty, tuple } from "./types.ts";
import { neverVal, noneVal, part, Slot, tupleExpr, type Val, val } from "./value.ts";

/** A block that was lowered apart: its value with its lets around it, and what its names stand for at its end. */
export interface Block {
  readonly lets: readonly LetItem[];
  readonly val: Val;
  readonly env: Map<string, Entry>;
}

/** Lowers a block of its own; names that it changes are not changed for what stands around it. */
export function inBlock(low: Lowering, run: () => Val): Block {
  const { frame } = low;
  const { env, lets } = frame;
  frame.env = new Map(env);
  frame.lets = [];
  frame.around.push(env);
  try {
    const value = run();
    return { lets: frame.lets, val: value, env: frame.env };
  } catch (error) {
    if (!(error instanceof NotYet)) throw error;
    return { lets: [], val: neverVal("not known yet"), env: new Map(env) };
  } finally {
    frame.around.pop();
    frame.env = env;
    frame.lets = lets;
  }
}

/** The value of a block with its lets around it. */
export function wrapped({ lets, val: value }: Pick<Block, "lets" | "val">): Val {
  if (lets.length === 0) return value;
  const { as } = value;
  return {
    ...value,
    simple: false,
    emit: () => wrapLets(lets, value.emit),
    ...(as === undefined ? {} : { as: (type) => wrapLets(lets, () => as(type)) }),
  };
}

function wrapLets(lets: readonly LetItem[], body: () => Expr): Expr {
  let made = body();
  for (const { slot, value } of lets.toReversed()) {
    made = { kind: "let", local: slot.local(), value: value.emit(), body: made, type: made.type };
  }
  return made;
}

/** The expression of a value where one of that type is expected: a value that is never there fits all. */
export function emitAs(value: Val, ty: Ty): Expr {
  if (value.as !== undefined && prune(value.ty).k === "never") return value.as(languageType(ty));
  return value.emit();
}

/** The same value, bound to a name where it could not be written twice. */
export function once(low: Lowering, value: Val, name = ""): Val {
  if (value.simple === true || value.fn !== undefined || prune(value.ty).k === "never") return value;
  return named(low, value, name);
}

/** A value that is computed even where nobody asks for it, such as the default of `get`: what it may raise is not lost. */
export function eager(low: Lowering, value: Val): Val {
  const isHarmless =
    value.literal !== undefined || value.empty === true || value.items?.every((one) => one.simple === true);
  return isHarmless === true ? value : once(low, value);
}

/** The value under a name: a `let` of the block that is being made. */
export function named(low: Lowering, value: Val, name: string): Val {
  const slot = new Slot(name, value.ty);
  low.frame.lets.push({ slot, value });
  const { literal, range, items } = value;
  return {
    ...slot.val(value),
    ...(literal === undefined ? {} : { literal }),
    ...(range === undefined ? {} : { range }),
    ...(items === undefined || !items.every((one) => one.simple === true) ? {} : { items }),
  };
}

/** The names whose values differ after the two blocks, in the order in which they came. */
export function changedNames(low: Lowering, a: Block, b: Block, keep: (name: string) => boolean): string[] {
  const before = low.frame.env;
  const names = new Set([...before.keys(), ...a.env.keys(), ...b.env.keys()]);
  return [...names].filter((name) => {
    const entry = before.get(name);
    const isChanged = !sameEntry(a.env.get(name), entry) || !sameEntry(b.env.get(name), entry);
    return isChanged && (name.startsWith("%") || keep(name));
  });
}

/** Entries are renamed as objects grow old; only another value is a change. */
export function sameEntry(a: Entry | undefined, b: Entry | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.val.emit === b.val.emit && a.maybe === b.maybe);
}

/** Facts as fields of a value, without those that are false. */
export function strip(like: Partial<Val>): Partial<Val> {
  return Object.fromEntries(
    Object.entries(like).filter(([, value]) => value !== undefined && value !== false),
  );
}

/** Several values as one: themselves, a tuple, or nothing. */
export function pack(values: readonly Val[], end?: Val): Val {
  if (end?.as !== undefined && prune(end.ty).k === "never") return end;
  const [only] = values;
  if (only === undefined) return noneVal;
  if (values.length === 1) return only;
  return val(tuple(values.map((one) => one.ty)), () => tupleExpr(values.map((one) => one.emit())));
}

/** The type of several values as one. */
export function packedType(types: readonly Ty[]): Ty {
  const [only] = types;
  if (only === undefined) return { k: "none" };
  return types.length === 1 ? only : tuple(types);
}

/** The parts of what `pack` made, by a slot that holds it. */
export function unpacked(slot: Slot, types: readonly Ty[], like: readonly Partial<Val>[] = []): Val[] {
  return types.map((ty, index) =>
    types.length === 1
      ? slot.val(like[index] ?? {})
      : { ...val(ty, () => part(() => slot.use(), index), { simple: true }), ...strip(like[index] ?? {}) },
  );
}

/** A slot for several values, named for its parts. */
export function packedSlot(names: readonly string[], types: readonly Ty[]): Slot {
  const shown = names.map((name) => (name.startsWith("%") || name === "" ? "_" : name));
  return new Slot(
    shown.length === 1 ? (shown[0] ?? "") : shown.length === 0 ? "" : `(${shown.join(", ")})`,
    packedType(types),
  );
}
