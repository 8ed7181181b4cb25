import type { Expr } from "#anrf/build/expr.ts";
import type { Place } from "#anrf/import/source/source.ts";
import { coerce } from "./coerce.ts";
import type { Entry } from "./frame.ts";
import {
  type Block,
  changedNames,
  emitAs,
  inBlock,
  named,
  pack,
  packedType,
  strip,
  wrapped,
} from "./lets.ts";
import type { Lowering } from "./lower.ts";
import { NEVER, option, prune, type Ty } from "./types.ts";
import { ifExpr, meet, neverVal, noneVal, part, Slot, type Val, val } from "./value.ts";

/** One of two values, each lowered in a block of its own; names that the blocks change are joined after it. */
export function branch(
  low: Lowering,
  condition: Val,
  then: () => Val,
  other: () => Val,
  at: Place,
  keep: (name: string) => boolean = () => true,
): Val {
  const a = inBlock(low, () => settled(low, then()));
  const b = inBlock(low, () => settled(low, other()));
  const names = changedNames(low, a, b, keep);
  const ty = low.join(a.val.ty, b.val.ty, at);
  const value = choice(
    condition,
    wrapped({ lets: a.lets, val: coerce(low, a.val, ty, at) }),
    wrapped({ lets: b.lets, val: coerce(low, b.val, ty, at) }),
    ty,
  );
  if (names.length === 0) return value;
  return joined(low, condition, a, b, names, ty, at);
}

/** What gives nothing may still end the program: it is kept as a let. */
function settled(low: Lowering, value: Val): Val {
  if (value.simple === true || prune(value.ty).k !== "none") return value;
  named(low, value, "_");
  return noneVal;
}

/** `if c { a } else { b }`. */
export function choice(condition: Val, a: Val, b: Val, ty: Ty): Val {
  const isNever = prune(ty).k === "never";
  const make = (type?: Ty) => (): Expr => {
    const test = condition.emit();
    const target = type ?? ty;
    return ifExpr(test, emitAs(a, target), emitAs(b, target));
  };
  return val(ty, make(), {
    ...meet(a, b),
    ...(isNever
      ? {
          as: (type) => {
            const test = condition.emit();
            return ifExpr(test, a.as?.(type) ?? a.emit(), b.as?.(type) ?? b.emit());
          },
        }
      : {}),
  });
}

function joined(
  low: Lowering,
  condition: Val,
  a: Block,
  b: Block,
  names: readonly string[],
  ty: Ty,
  at: Place,
): Val {
  const isNone = prune(ty).k === "none";
  const isNever = prune(ty).k === "never";
  const hasValue = !isNone && !isNever;
  const merges = names.map((name) => merge(low, name, a, b, at));
  const kept = merges.filter((one) => one.ty.k !== "fn");
  const outs = (block: Block, side: "left" | "right"): Val => {
    const parts = kept.map((one) => coerce(low, one[side], one.ty, at));
    const all = hasValue ? [coerce(low, block.val, ty, at), ...parts] : parts;
    return wrapped({ lets: block.lets, val: pack(all, block.val) });
  };
  const whole = packedType([...(hasValue ? [ty] : []), ...kept.map((one) => one.ty)]);
  const value = choice(condition, outs(a, "left"), outs(b, "right"), whole);
  const slotNames = [
    ...(hasValue ? ["_"] : []),
    ...kept.map((one) => (one.name.startsWith("%") ? "_" : one.name)),
  ];
  const slot = new Slot(slotNames.length === 1 ? (slotNames[0] ?? "") : `(${slotNames.join(", ")})`, whole);
  low.frame.lets.push({ slot, value });
  const partVal = (index: number, partTy: Ty, like: Partial<Val>): Val =>
    slotNames.length === 1
      ? slot.val(like)
      : { ...val(partTy, () => part(() => slot.use(), index), { simple: true }), ...strip(like) };
  const offset = hasValue ? 1 : 0;
  for (const one of merges) {
    if (one.ty.k === "fn") {
      low.frame.env.delete(one.name);
      continue;
    }
    const value = partVal(kept.indexOf(one) + offset, one.ty, one.facts);
    low.frame.env.set(one.name, one.maybe ? { val: value, maybe: true } : { val: value });
  }
  if (isNever) return neverVal("both ways end");
  return hasValue ? partVal(0, ty, meet(a.val, b.val)) : noneVal;
}

interface Merge {
  readonly name: string;
  readonly ty: Ty;
  readonly left: Val;
  readonly right: Val;
  readonly maybe: boolean;
  readonly facts: Partial<Val>;
}

/** What a name stands for after two blocks. A name that only one of them has may have no value. */
function merge(low: Lowering, name: string, a: Block, b: Block, at: Place): Merge {
  const isNever = (block: Block): boolean => prune(block.val.ty).k === "never";
  const dead: Entry = { val: neverVal("this path ends") };
  const left = isNever(a) ? dead : a.env.get(name);
  const right = isNever(b) ? dead : b.env.get(name);
  const maybe = left === undefined || right === undefined || left.maybe === true || right.maybe === true;
  if (left?.val.fn !== undefined || right?.val.fn !== undefined) {
    const only = left?.val.fn !== undefined ? left : right;
    return {
      name,
      ty: { k: "fn" },
      left: only?.val ?? noneVal,
      right: only?.val ?? noneVal,
      maybe,
      facts: {},
    };
  }
  for (const one of [left, right]) if (one !== undefined) low.observe(one.val, at);
  const known = [left, right].flatMap((one) =>
    one === undefined ? [] : [one.maybe === true ? inside(one.val) : one.val.ty],
  );
  const [first = NEVER, second = NEVER] = known;
  const item = low.join(first, second, at);
  const ty = maybe ? option(item) : item;
  const facts = meet(left?.val ?? noneVal, right?.val ?? noneVal);
  const lift = (entry: Entry | undefined): Val => {
    if (entry === undefined) return noneVal;
    if (!maybe || entry.maybe === true || prune(entry.val.ty).k === "never") return entry.val;
    return lifted(low, entry.val, item, at);
  };
  return { name, ty, left: lift(left), right: lift(right), maybe, facts };
}

function inside(value: Val): Ty {
  const ty = prune(value.ty);
  return ty.k === "option" ? ty.item : ty;
}

/** some(value), also where the value is an option itself. */
export function lifted(low: Lowering, value: Val, item: Ty, at: Place): Val {
  const made = coerce(low, value, item, at);
  return {
    ...val(option(item), () => {
      const some = made.emit();
      return {
        kind: "option",
        some,
        type: { kind: "option", item: some.type, text: `option<${some.type.text}>` },
      };
    }),
    top: value.top,
    inner: value.inner,
  };
}
