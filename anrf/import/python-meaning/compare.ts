import { coerce } from "#anrf/import/lowering/coerce.ts";
import { once } from "#anrf/import/lowering/lets.ts";
import type { Lowering } from "#anrf/import/lowering/lower.ts";
import {
  BOOLEAN,
  isNumeric,
  isReal,
  languageType,
  NUMBER,
  prune,
  rootCell,
  type Ty,
  tyText,
} from "#anrf/import/lowering/types.ts";
import { b, boolVal, call, type Val, val } from "#anrf/import/lowering/value.ts";
import { contains, subset } from "#anrf/import/python-collections/sets.ts";
import { negated } from "#anrf/import/source/names.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Place } from "#anrf/import/source/source.ts";
import { asFloat, asNumber, unwrapped } from "./base.ts";

/** `a op b` of Python's comparisons, memberships and identities. */
export function compare(low: Lowering, op: string, a: Val, c: Val, at: Place): Val {
  if (op === "in") return contains(low, a, c, at);
  if (op === "not in") return negated(contains(low, a, c, at));
  if (op === "==" || op === "is") return equal(low, a, c, at, op === "is");
  if (op === "!=" || op === "is not") return negatedEqual(low, a, c, at, op === "is not");
  return ordered(low, op, a, c, at);
}

function negatedEqual(low: Lowering, a: Val, c: Val, at: Place, isIdentity: boolean): Val {
  const made = equal(low, a, c, at, isIdentity);
  if (typeof made.literal === "boolean") return boolVal(!made.literal);
  return val(BOOLEAN, () => {
    const expr = made.emit();
    // not (a == b) reads better as a != b.
    if (expr.kind === "builtin" && expr.args.length === 2 && expr.builtin === EQ)
      return call("ne", expr.args);
    return call("bool.not", [expr]);
  });
}

const EQ = 1;

function equal(low: Lowering, a: Val, c: Val, at: Place, isIdentity: boolean): Val {
  const [l, r] = [prune(a.ty), prune(c.ty)];
  if (l.k === "none" && r.k === "none") return boolVal(true);
  if (l.k === "none" || r.k === "none") {
    const [value, ty] = l.k === "none" ? [c, r] : [a, l];
    if (ty.k === "var" || ty.k === "never") throw low.notYet(at);
    if (ty.k !== "option") return boolVal(false);
    return negated(value.test === undefined ? b("option.is_some", BOOLEAN, value) : val(BOOLEAN, value.test));
  }
  if (isIdentity && !(l.k === "bool" && r.k === "bool")) {
    refuse("expression", at, "is compares identities: use == here");
  }
  if (isNumeric(l) && isNumeric(r)) return numbers(low, "eq", a, c);
  if (l.k === "tuple" && r.k === "tuple" && l.items.length !== r.items.length) return boolVal(false);
  if (
    l.k === "list" &&
    r.k === "list" &&
    l.flavour !== r.flavour &&
    l.flavour !== "seq" &&
    r.flavour !== "seq"
  ) {
    refuse("types", at, `${l.flavour} == ${r.flavour} is never true in Python`);
  }
  for (const one of [a, c]) if (prune(one.ty).k === "list") low.observe(one, at);
  const ty = low.tryJoin(a.ty, c.ty);
  if (ty === undefined) return refuse("types", at, `${tyText(l)} == ${tyText(r)} compares different types`);
  const [left, right] = [coerce(low, a, ty, at), coerce(low, c, ty, at)];
  const known = prune(ty);
  if (hasDict(known)) {
    if (known.k !== "dict") refuse("expression", at, "dicts inside other values are compared");
    return val(BOOLEAN, () =>
      rootCell(known.cell).seen
        ? low.prelude("pairs_same", [left.emit(), right.emit()], {
            K: languageType(known.key).text,
            V: languageType(known.value).text,
          })
        : call("eq", [left.emit(), right.emit()]),
    );
  }
  return b("eq", BOOLEAN, left, right);
}

function hasDict(ty: Ty): boolean {
  const at = prune(ty);
  if (at.k === "dict") return true;
  if (at.k === "list" || at.k === "option") return hasDict(at.item);
  return at.k === "tuple" && at.items.some(hasDict);
}

function numbers(low: Lowering, builtin: string, a: Val, c: Val): Val {
  const [l, r] = [prune(a.ty), prune(c.ty)];
  if (l.k === "bool" && r.k === "bool") return b(builtin, BOOLEAN, a, c);
  if (!isReal(l) && !isReal(r)) return b(builtin, BOOLEAN, asNumber(a), asNumber(c));
  const isExact = (one: Val): boolean =>
    isReal(prune(one.ty)) || one.small === true || prune(one.ty).k === "bool";
  const isSmallLiteral = (one: Val): boolean =>
    typeof one.literal === "number" && Math.abs(one.literal) < 2 ** 53;
  // Rounding an int keeps its order against a float that is small, and Python compares exactly.
  if ((isExact(a) || isSmallLiteral(c)) && (isExact(c) || isSmallLiteral(a))) {
    return b(builtin, BOOLEAN, asFloat(a), asFloat(c));
  }
  const exact = (one: Val): Val => (isReal(prune(one.ty)) ? one : coerce(low, asNumber(one), NUMBER, low.at));
  return b(builtin, BOOLEAN, exact(a), exact(c));
}

const ORDERS: Readonly<Record<string, string>> = { "<": "lt", "<=": "le", ">": "gt", ">=": "ge" };

function ordered(low: Lowering, op: string, a: Val, c: Val, at: Place): Val {
  const builtin = ORDERS[op];
  if (builtin === undefined) return refuse("expression", at, `the comparison ${op} is not supported`);
  const [x, y] = [unwrapped(a), unwrapped(c)];
  const [l, r] = [low.need(x.ty, at), low.need(y.ty, at)];
  if (isNumeric(l) && isNumeric(r)) return numbers(low, builtin, x, y);
  if (l.k === "set" && r.k === "set") {
    if (op === "<=") return subset(low, x, y, at);
    if (op === ">=") return subset(low, y, x, at);
    const [small, large] = op === "<" ? [x, y] : [y, x];
    const [part, whole] = [once(low, small), once(low, large)];
    const isPart = subset(low, part, whole, at);
    return val(BOOLEAN, () => call("bool.and", [isPart.emit(), call("ne", [part.emit(), whole.emit()])]));
  }
  for (const one of [x, y]) low.observe(one, at);
  const ty = low.tryJoin(x.ty, y.ty);
  if (ty === undefined || !isOrdered(ty))
    return refuse("types", at, `${tyText(l)} ${op} ${tyText(r)} has no order`);
  return b(builtin, BOOLEAN, coerce(low, x, ty, at), coerce(low, y, ty, at));
}

/** Types whose order is Python's: no None, dict or set inside. */
export function isOrdered(ty: Ty): boolean {
  const at = prune(ty);
  if (at.k === "list") return isOrdered(at.item);
  if (at.k === "tuple") return at.items.every(isOrdered);
  return isNumeric(at) || at.k === "str" || at.k === "var";
}
