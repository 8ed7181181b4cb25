import type { Expr } from "#anrf/build/expr.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Place } from "#anrf/import/source/source.ts";
import { named } from "./lets.ts";
import type { Lowering } from "./lower.ts";
import {
  isMutable,
  isNumeric,
  isReal,
  languageType,
  partsOf,
  prune,
  rootCell,
  sameTy,
  type Ty,
  tyText,
} from "./types.ts";
import {
  boolVal,
  call,
  failExpr,
  floatExpr,
  ifExpr,
  intExpr,
  intVal,
  lambda,
  neverVal,
  noneExpr,
  part,
  Slot,
  someExpr,
  tupleExpr,
  union,
  type Val,
  val,
} from "./value.ts";

/**
 * The value as one of a type that holds it: an int as a float, a value as an option, a tuple as a list. What has no
 * such form is a defect of ours, since `join` has found the type.
 */
export function coerce(low: Lowering, value: Val, ty: Ty, at: Place): Val {
  const made = convert(low, value, ty, false, at);
  if (made === undefined) refuse("types", at, `${tyText(value.ty)} cannot be used as ${tyText(ty)}`);
  return made;
}

/** The value where the source declares that type: what is not of it ends the program, when that is seen. */
export function demand(low: Lowering, value: Val, ty: Ty, at: Place): Val {
  const made = convert(low, value, ty, true, at);
  if (made === undefined)
    refuse("result", at, `${tyText(value.ty)} is returned where ${tyText(ty)} is declared`);
  return made;
}

function convert(low: Lowering, value: Val, ty: Ty, isDemand: boolean, at: Place): Val | undefined {
  const from = prune(value.ty);
  const to = prune(ty);
  if (from.k === "never") {
    const { as } = value;
    if (to.k === "var" || to.k === "never" || as === undefined) return value;
    return { ...value, ty, emit: () => as(languageType(ty)) };
  }
  if (from.k === "var" || to.k === "var") {
    const joined = low.join(from, to, at);
    return prune(joined).k === "var" ? value : convert(low, { ...value, ty: joined }, joined, isDemand, at);
  }
  fill(low, from, to);
  const go = (one: Val, target: Ty): Val | undefined => convert(low, one, target, isDemand, at);
  const like = (emit: () => Expr): Val => {
    const { top, inner, shared, nonneg, small, bag, ordered, empty } = value;
    const made = { ty, emit, top, inner };
    return Object.assign(
      made,
      shared && { shared },
      nonneg && { nonneg },
      small && { small },
      bag && { bag },
      ordered && { ordered },
      empty && { empty },
    );
  };
  if (from.k === "none" && isDemand && low.isDraft && to.k !== "none" && to.k !== "option") {
    low.note("a path that gives None where the result is no option ends the program with trap FAIL");
    return neverVal("None is returned where a value is declared");
  }
  if (from.k === "none" && to.k === "option") {
    return { ...like(() => noneExpr(languageType(to.item))), simple: true };
  }
  if (from.k === "option" && to.k === "option") {
    if (sameTy(from.item, to.item) && !needsWork(from.item, to.item)) return { ...value, ty };
    return mapped(low, value, from.item, to.item, "option.map", ty, isDemand, at);
  }
  if (to.k === "option") {
    const some = go(value, to.item);
    return some === undefined ? undefined : { ...like(() => someExpr(some.emit())) };
  }
  if (from.k === "option" && isDemand) {
    const some = go(
      val(from.item, () => call("option.unwrap", [value.emit()]), { top: value.top, inner: value.inner }),
      to,
    );
    if (some !== undefined)
      low.note("where a value may be None and the result is no option, None ends the program with trap NONE");
    return some;
  }
  if (isNumeric(from) && isNumeric(to)) return number(low, value, from, to, isDemand);
  if (from.k === "list" && to.k === "list") {
    if (to.flavour !== from.flavour && from.flavour !== "seq" && to.flavour !== "seq" && !isDemand)
      return undefined;
    if (value.empty === true) return like(() => ({ kind: "list", items: [], type: languageType(ty) }));
    if (!needsWork(from.item, to.item)) return { ...value, ty };
    return mapped(low, value, from.item, to.item, "list.map", ty, isDemand, at);
  }
  if (from.k === "tuple" && (to.k === "tuple" || to.k === "list")) {
    if (to.k === "tuple" && to.items.length !== from.items.length) return undefined;
    if (from.items.every((item, i) => to.k === "tuple" && !needsWork(item, to.items[i] ?? item))) {
      return { ...value, ty };
    }
    const whole = value.simple === true ? value : named(low, value, "");
    const parts = from.items.map((item, index) => {
      const literal = value.items?.[index];
      const one =
        literal ??
        val(item, () => part(whole.emit, index), { simple: true, top: value.inner, inner: value.inner });
      return go(one, to.k === "tuple" ? (to.items[index] ?? item) : to.item);
    });
    if (!parts.every((one) => one !== undefined)) return undefined;
    if (to.k === "tuple") return { ...like(() => tupleExpr(parts.map((one) => one.emit()))), simple: false };
    const type = () => languageType(ty);
    return {
      ...like(() => ({ kind: "list", items: parts.map((one) => one.emit()), type: type() })),
      simple: false,
    };
  }
  if (from.k === "list" && to.k === "tuple" && isDemand) return spread(low, value, from.item, to.items, go);
  if (from.k === "set" && to.k === "set") return sameTy(from, to) ? { ...value, ty } : undefined;
  if (from.k === "dict" && to.k === "dict") return dictionary(low, value, from, to, isDemand, at);
  return from.k === to.k ? { ...value, ty } : undefined;
}

/** The items of what is always empty are of whatever type is wanted, wherever they stand in a value. */
function fill(low: Lowering, from: Ty, to: Ty): void {
  const [a, b] = [prune(from), prune(to)];
  if (a.k === "var" || b.k === "var") low.tryJoin(a, b);
  else if (a.k !== "option" && b.k === "option") fill(low, a, b.item);
  else if (a.k === b.k) {
    const parts = partsOf(b);
    for (const [i, one] of partsOf(a).entries()) fill(low, one, parts[i] ?? one);
  }
}

/** Whether values of the one type are held in another way than those of the other. */
function needsWork(from: Ty, to: Ty): boolean {
  const [a, b] = [prune(from), prune(to)];
  if (a.k === "var" || b.k === "var") return false;
  if (a.k !== b.k) return !(isReal(a) && isReal(b));
  switch (a.k) {
    case "list":
    case "set":
    case "option":
      return needsWork(a.item, (b as typeof a).item);
    case "tuple": {
      const other = (b as typeof a).items;
      return other.length !== a.items.length || a.items.some((item, i) => needsWork(item, other[i] ?? item));
    }
    case "dict": {
      const other = b as typeof a;
      const isOne = rootCell(a.cell) === rootCell(other.cell);
      return !isOne || needsWork(a.key, other.key) || needsWork(a.value, other.value);
    }
    default:
      return false;
  }
}

function mapped(
  low: Lowering,
  value: Val,
  from: Ty,
  to: Ty,
  builtin: string,
  ty: Ty,
  isDemand: boolean,
  at: Place,
): Val | undefined {
  const slot = new Slot("item", from);
  // Lets of the conversion of one item would belong inside the lambda: items are simple, so there are none.
  const item = convert(low, { ...slot.val(), top: value.inner, inner: value.inner }, to, isDemand, at);
  if (item === undefined) return undefined;
  const { top, inner, bag, ordered } = value;
  const emit = (): Expr => {
    if (sameLanguage(from, to)) return value.emit();
    return call(builtin, [value.emit(), lambda([slot], item.emit)]);
  };
  return val(ty, emit, { top, inner, ...(bag && { bag }), ...(ordered && { ordered }) });
}

const sameLanguage = (a: Ty, b: Ty): boolean => languageType(a).text === languageType(b).text;

function number(low: Lowering, value: Val, from: Ty, to: Ty, isDemand: boolean): Val | undefined {
  if (from.k === to.k || (isReal(from) && isReal(to))) return { ...value, ty: to };
  if (from.k === "bool" && to.k === "int")
    return isDemand || to.mixed === true ? { ...boolAsInt(value), ty: to } : undefined;
  if (from.k === "bool" && isReal(to)) return isDemand ? exactFloat(low, boolAsInt(value), to) : undefined;
  if (from.k === "int" && isReal(to)) return exactFloat(low, value, to);
  if (!isDemand) return undefined;
  if (to.k === "int") return val(to, () => low.prelude("whole", [value.emit()]));
  if (to.k === "bool" && typeof value.literal === "bigint" && value.literal >= 0n && value.literal <= 1n) {
    return boolVal(value.literal === 1n);
  }
  if (to.k === "bool" && from.k === "int") return val(to, () => low.prelude("truth_of_int", [value.emit()]));
  return undefined;
}

/** True counts as 1. */
export function boolAsInt(value: Val): Val {
  if (typeof value.literal === "boolean") return intVal(value.literal ? 1 : 0);
  return val({ k: "int" }, () => ifExpr(value.emit(), intExpr(1), intExpr(0)), { nonneg: true, small: true });
}

/** An int among floats; one of more than 53 bits would be changed, and traps instead. */
export function exactFloat(low: Lowering, value: Val, ty: Ty): Val {
  const { literal } = value;
  if (typeof literal === "bigint" && value.small === true) {
    return val(ty, () => floatExpr(Number(literal)), { simple: true, literal: Number(literal) });
  }
  if (value.small === true) return val(ty, () => call("int.to_float", [value.emit()]));
  return val(ty, () => low.prelude("exact_float", [value.emit()]));
}

/** The items of a list as a tuple; a list of another length is no such tuple. */
function spread(
  low: Lowering,
  value: Val,
  item: Ty,
  items: readonly Ty[],
  go: (one: Val, target: Ty) => Val | undefined,
): Val | undefined {
  const whole = value.simple === true ? value : named(low, value, "");
  const parts = items.map((target, index) =>
    go(
      val(item, () => call("list.get", [whole.emit(), intExpr(index)]), {
        top: value.inner,
        inner: value.inner,
      }),
      target,
    ),
  );
  if (!parts.every((one) => one !== undefined)) return undefined;
  return val(
    { k: "tuple", items },
    () => {
      const made = tupleExpr(parts.map((one) => one.emit()));
      const length = call("list.length", [whole.emit()]);
      const isRight = call("eq", [length, intExpr(items.length)]);
      return ifExpr(isRight, made, failExpr(`the result has not ${items.length} parts`, made.type));
    },
    { inner: union(value.inner) },
  );
}

function dictionary(
  low: Lowering,
  value: Val,
  from: Ty & { k: "dict" },
  to: Ty & { k: "dict" },
  isDemand: boolean,
  at: Place,
): Val | undefined {
  if (rootCell(from.cell) === rootCell(to.cell) && sameTy(from, to)) return { ...value, ty: to };
  const slot = new Slot("entry", { k: "tuple", items: [from.key, from.value] });
  const side = (index: number, own: Ty, target: Ty): Val | undefined =>
    convert(
      low,
      val(own, () => part(() => slot.use(), index), { simple: true }),
      target,
      isDemand,
      at,
    );
  const key = side(0, from.key, to.key);
  const entry = side(1, from.value, to.value);
  if (key === undefined || entry === undefined) return undefined;
  const emit = (): Expr => {
    const isList = rootCell(from.cell).seen;
    const wantsList = rootCell(to.cell).seen;
    const source = value.emit();
    const isSame = sameLanguage(from.key, to.key) && sameLanguage(from.value, to.value);
    if (isSame && isList === wantsList) return source;
    const pairs = isList ? source : call("map.entries", [source]);
    const made = isSame
      ? pairs
      : call("list.map", [pairs, lambda([slot], () => tupleExpr([key.emit(), entry.emit()]))]);
    return wantsList ? made : call("map.from_entries", [made]);
  };
  const { top, inner, shared } = value;
  return val(to, emit, { top, inner, ...(shared && { shared }) });
}

/** True for values whose objects matter. */
export const hasObjects = (ty: Ty): boolean => isMutable(ty);
