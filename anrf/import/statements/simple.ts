import { assign } from "#anrf/import/expressions/assign.ts";
import { expression } from "#anrf/import/expressions/expression.ts";
import { evalPlace, readPlace, rootName, storeObject } from "#anrf/import/expressions/place.ts";
import { coerce } from "#anrf/import/lowering/coerce.ts";
import { named, once } from "#anrf/import/lowering/lets.ts";
import type { Lowering } from "#anrf/import/lowering/lower.ts";
import { cellsOf, isMutable, isNumeric, languageType, prune, tyText } from "#anrf/import/lowering/types.ts";
import { overlaps, type Val } from "#anrf/import/lowering/value.ts";
import { isFresh } from "#anrf/import/source/escape.ts";
import { rootOf } from "#anrf/import/source/live.ts";
import { isPure, setName } from "#anrf/import/source/names.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Source, Statement, StatementOf } from "#anrf/import/source/source.ts";

/** A statement that goes on to the next one. */
export function simple(low: Lowering, statement: Statement, isPut: boolean): void {
  switch (statement.kind) {
    case "assign": {
      assignAll(low, statement, isPut);
      return;
    }
    case "augment":
      augment(low, statement);
      return;
    case "expr": {
      const value = expression(low, statement.value);
      // What gives nothing may still end the program.
      if (value.simple !== true && value.fn === undefined && value.top.size === 0) named(low, value, "_");
      return;
    }
    case "del":
      for (const target of statement.targets) remove(low, target);
      return;
    case "def":
      low.frame.nested.set(statement.fn.name, statement.fn);
      low.frame.env.delete(statement.fn.name);
      return;
    case "outer":
      for (const name of statement.names) {
        if (!low.frame.env.has(name))
          refuse("statement", statement, `${name} is a global or is not known: pass it as a parameter`);
        low.memory.addName(`outs:${low.frame.key}`, name);
      }
      return;
    default:
      return;
  }
}

function assignAll(low: Lowering, statement: StatementOf<"assign">, isPut: boolean): void {
  const [first] = statement.targets;
  let value = expression(low, statement.value);
  if (statement.annotation !== undefined) value = annotated(low, value, statement.annotation);
  if (statement.targets.length > 1) value = once(low, value, first?.kind === "name" ? first.name : "");
  if (isPut && isMutable(value.ty) && isHeldOnce(low, statement, value)) {
    const { shared: _, ...own } = value;
    assign(low, first ?? statement.value, {
      ...own,
      top: low.newObject(low.site(statement, "moved")),
      sole: true,
    });
    return;
  }
  for (const target of statement.targets) assign(low, target, value);
  if (first?.kind === "name" && statement.targets.length === 1 && isFresh(statement.value)) {
    const entry = low.frame.env.get(first.name);
    if (entry !== undefined && entry.val.top.size > 0)
      low.frame.env.set(first.name, { ...entry, val: { ...entry.val, sole: true } });
  }
  if (
    first?.kind === "name" &&
    statement.value.kind === "index" &&
    isPure(statement.value) &&
    isMutable(value.ty)
  )
    asView(low, first.name, statement.value);
}

/** Whether only the container that the value was read from may hold it, at one place. */
function isHeldOnce(low: Lowering, statement: StatementOf<"assign">, value: Val): boolean {
  const { value: source } = statement;
  const holder = rootOf(source.kind === "call" ? source.callee : source);
  if (value.shared === true) return false;
  for (const [name, { val: held }] of low.frame.env) {
    const isOther = name !== holder && (name.startsWith("%") || low.frame.live.has(name));
    if (isOther && (overlaps(value.top, held.top) || overlaps(value.top, held.inner))) return false;
  }
  return true;
}

/** Remembers that a name was read from a place that is held by another name. */
function asView(low: Lowering, name: string, source: Source): void {
  const place = evalPlace(low, source);
  const entry = low.frame.env.get(name);
  const root = rootName(place);
  const held = root === undefined || root === name ? undefined : low.frame.env.get(root);
  if (entry === undefined || held === undefined || place.kind !== "item" || place.base.kind !== "name")
    return;
  low.frame.env.set(name, { ...entry, val: { ...entry.val, view: { place, root: held.val.emit } } });
}

function annotated(low: Lowering, value: Val, annotation: Source): Val {
  const ty = low.meaning.annotation(low, annotation);
  // What is made here has the order that this function gives it.
  for (const cell of cellsOf(ty)) cell.foreign = false;
  const joined = low.tryJoin(value.ty, ty);
  return joined === undefined ? value : coerce(low, value, joined, annotation);
}

function augment(low: Lowering, { target, op, value: source, isStep, ...at }: StatementOf<"augment">): void {
  const place = evalPlace(low, target);
  const before = readPlace(low, place, at);
  const value = expression(low, source);
  const now = place.kind === "name" ? readPlace(low, place, at) : before;
  const made = low.meaning.binary(low, op, now, op === "+" ? asListLike(low, now, value, target) : value, at);
  const kind = prune(now.ty).k;
  if (isStep === true && !isNumeric(prune(made.ty))) refuse("types", at, `${tyText(now.ty)} ${op}${op}`);
  if (place.kind === "temp") refuse("statement", at, "this cannot be changed");
  const isList = kind === "list" && isMutable(now.ty) && op !== "%";
  if ((isList || kind === "set" || kind === "dict") && now.top.size > 0) {
    // += on a list, set or dict changes the object itself.
    storeObject(low, place, { ...made, top: now.top }, at);
  } else if (place.kind === "name") {
    setName(low, place.name, made.simple === true ? made : named(low, made, place.name));
  } else {
    const container = low.meaning.setItem(low, place.container, place.index, made, at);
    storeObject(low, place.base, container, at);
  }
}

/** `xs += "ab"` takes any iterable. */
function asListLike(low: Lowering, now: Val, value: Val, at: Source): Val {
  const ty = prune(now.ty);
  if (ty.k !== "list" || prune(value.ty).k === "list") return value;
  return ty.flavour === "tuple" ? value : low.meaning.items(low, value, at);
}

function remove(low: Lowering, target: Source): void {
  if (target.kind === "name") {
    low.frame.env.delete(target.name);
    return;
  }
  if (target.kind === "tuple") {
    for (const item of target.items) remove(low, item);
    return;
  }
  if (target.kind === "index") {
    const place = evalPlace(low, target.target);
    const container = once(low, readPlace(low, place, target));
    storeObject(
      low,
      place,
      low.meaning.removeItem(low, container, expression(low, target.index), target),
      target,
    );
    return;
  }
  if (target.kind === "slice" && target.step === undefined) {
    const place = evalPlace(low, target.target);
    const container = once(low, readPlace(low, place, target));
    const read = (one: Source | undefined): Val | undefined =>
      one === undefined ? undefined : expression(low, one);
    const [from, to] = [read(target.from), read(target.to)];
    const ends = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    const empty = low.freshList(
      low.variable(low.site(target)),
      low.site(target),
      () => ({ kind: "list", items: [], type: languageType(container.ty) }),
      { empty: true },
    );
    storeObject(low, place, low.meaning.setSlice(low, container, ends, empty, target), target);
    return;
  }
  refuse("statement", target, "this cannot be deleted");
}
