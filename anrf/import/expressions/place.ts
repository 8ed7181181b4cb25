import { named, once } from "#anrf/import/lowering/lets.ts";
import type { Lowering } from "#anrf/import/lowering/lower.ts";
import { isMutable, prune } from "#anrf/import/lowering/types.ts";
import { overlaps, type Val } from "#anrf/import/lowering/value.ts";
import { entryValue } from "#anrf/import/source/names.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Place as At, Source, SourceOf } from "#anrf/import/source/source.ts";

/** Where a value is held: behind a name, inside what another place holds, or nowhere. */
export type Place =
  | { readonly kind: "name"; readonly name: string }
  | {
      readonly kind: "item";
      readonly base: Place;
      readonly container: Val;
      readonly index: Val;
      readonly at: At;
    }
  | { readonly kind: "temp"; readonly val: Val };

/** The place that an expression names; its parts are evaluated once. */
export function evalPlace(low: Lowering, source: Source): Place {
  if (
    source.kind === "name" &&
    low.frame.env.get(source.name)?.val.fn === undefined &&
    low.frame.env.has(source.name)
  ) {
    return { kind: "name", name: source.name };
  }
  if (source.kind === "index") {
    const base = evalPlace(low, source.target);
    const container = once(low, readPlace(low, base, source));
    const kind = prune(container.ty).k;
    if (kind === "list" || kind === "dict") {
      return {
        kind: "item",
        base,
        container,
        index: once(low, low.walk.expression(low, source.index)),
        at: source,
      };
    }
    return {
      kind: "temp",
      val: low.meaning.index(low, container, low.walk.expression(low, source.index), source),
    };
  }
  const key = source.kind === "call" ? source.args[0] : undefined;
  if (
    source.kind === "call" &&
    source.callee.kind === "attr" &&
    source.callee.name === "setdefault" &&
    key !== undefined
  ) {
    return setDefault(low, source, source.callee, key);
  }
  return { kind: "temp", val: low.walk.expression(low, source) };
}

/** `d.setdefault(k, v)` as a place: the entry is made first, then it is there to be changed. */
function setDefault(low: Lowering, source: SourceOf<"call">, callee: SourceOf<"attr">, key: Source): Place {
  const base = evalPlace(low, callee.target);
  const index = once(low, low.walk.expression(low, key));
  const rest = source.args.slice(1).map((one) => low.walk.expression(low, one));
  const container = readPlace(low, base, callee);
  const { changed } = low.meaning.method(low, {
    target: container,
    name: "setdefault",
    args: [index, ...rest],
    named: new Map(),
    at: source,
    site: low.site(source),
  });
  if (changed !== undefined) storeObject(low, base, changed, source);
  return { kind: "item", base, container: once(low, readPlace(low, base, callee)), index, at: source };
}

/** What the place holds now. */
export function readPlace(low: Lowering, place: Place, at: At): Val {
  switch (place.kind) {
    case "name": {
      const entry = low.frame.env.get(place.name);
      return entry === undefined ? refuse("name", at, `${place.name} has no value here`) : entryValue(entry);
    }
    case "item":
      return low.meaning.index(low, place.container, place.index, place.at);
    case "temp":
      return place.val;
    default:
      throw new Error(`unreachable: ${place satisfies never}`);
  }
}

/**
 * Puts what an object has become where the object is held. Values do not change in the language, so whoever else
 * holds the object would not see it: that is refused, unless it is a name that surely holds the same object.
 */
export function storeObject(low: Lowering, place: Place, changed: Val, at: At): void {
  const before = readPlace(low, place, at);
  const root = rootName(place);
  if (root === undefined) {
    const holders = liveHolders(low, before.top, "");
    if (holders.length > 0)
      refuse("alias", at, `what is changed here is also held by ${shown(holders[0] ?? "")}`);
    return;
  }
  const entry = low.frame.env.get(root);
  if (entry === undefined) refuse("name", at, `${root} has no value here`);
  const { view, top } = entry.val;
  if (view !== undefined && low.frame.env.get(rootName(view.place) ?? "")?.val.emit === view.root) {
    storeThrough(low, { place, root, view: view.place }, changed, at);
    return;
  }
  if (place.kind === "item" && entry.val.shared === true && isMutable(before.ty)) {
    refuse("alias", at, `places inside ${root} may hold one object, and it is changed in one of them`);
  }
  noteOuts(low, before.top);
  const same = namesOfSameObject(low, root, top);
  const touched = place.kind === "name" ? top : before.top;
  // What only this name holds is seen by no one else, wherever earlier objects of its place have gone.
  const isSole = place.kind === "name" && entry.val.sole === true;
  const holders = liveHolders(low, touched, root).filter(
    (holder) => !same.includes(holder) && (!isSole || holder.startsWith("%")),
  );
  for (const holder of holders.toSorted()) {
    if (holder.startsWith("%iter")) {
      if (low.memory.names("walked").includes(holder))
        refuse("iterating", at, `${root} is changed while a loop walks it`);
      // The next pass walks the list by its index, as Python does, where it is held by a name.
      low.memory.addName("walked", holder);
      throw low.notYet(at);
    }
    refuse("alias", at, `${root} is changed while ${shown(holder)} still holds the same object`);
  }
  const value = rebuilt(low, place, changed, at);
  const kept = named(low, value, root);
  const held = entry.val.sole === true ? { ...kept, sole: true } : kept;
  for (const name of [root, ...same]) low.frame.env.set(name, { val: held });
}

/** A name that was read from a place, as in row = grid[i]: what changes the object changes it at both. */
function storeThrough(
  low: Lowering,
  { place, root, view }: { readonly place: Place; readonly root: string; readonly view: Place },
  changed: Val,
  at: At,
): void {
  const whole = named(low, rebuilt(low, place, changed, at), root);
  const holder = rootName(view) ?? "";
  low.frame.env.delete(root);
  storeObject(low, view, whole, at);
  const now = low.frame.env.get(holder)?.val.emit;
  const base =
    view.kind === "item" ? { ...view, container: low.frame.env.get(holder)?.val ?? view.container } : view;
  const isFlat = view.kind === "item" && view.base.kind === "name";
  low.frame.env.set(root, {
    val: { ...whole, ...(now !== undefined && isFlat ? { view: { place: base, root: now } } : {}) },
  });
}

const shown = (name: string): string => (name.startsWith("%") ? "the caller or a loop" : name);

/** The root's value with the change put in at the end of the path. */
function rebuilt(low: Lowering, place: Place, changed: Val, at: At): Val {
  if (place.kind !== "item") return changed;
  const { shared: _, ...made } = low.meaning.setItem(low, place.container, place.index, changed, at);
  // The object goes back to where it was: that makes no second place for it.
  const isShared = place.container.shared === true || changed.shared === true;
  const container: Val = { ...made, ...(isShared ? { shared: true } : {}) };
  return rebuilt(low, place.base, container, at);
}

/** The variable at the root of a place; undefined where the value is held by none. */
export function rootName(place: Place): string | undefined {
  if (place.kind === "name") return place.name;
  return place.kind === "item" ? rootName(place.base) : undefined;
}

/** A function tells its caller that it changes an object of the caller's. */
function noteOuts(low: Lowering, ids: ReadonlySet<string>): void {
  const prefix = `p:${low.frame.key}:`;
  for (const id of ids) {
    if (id.startsWith(prefix))
      low.memory.addName(`outs:${low.frame.key}`, id.slice(prefix.length).replace(/\/in$/, ""));
  }
}

function liveHolders(low: Lowering, ids: ReadonlySet<string>, root: string): string[] {
  if (ids.size === 0) return [];
  const found: string[] = [];
  for (const [name, { val: held }] of low.frame.env) {
    if (name === root || held.fn !== undefined) continue;
    if (!name.startsWith("%") && !low.frame.live.has(name)) continue;
    if (overlaps(ids, held.top) || overlaps(ids, held.inner)) found.push(name);
  }
  return found;
}

/** Other names that surely hold the very object: its set of possible objects is the same one object. */
function namesOfSameObject(low: Lowering, root: string, top: ReadonlySet<string>): string[] {
  const [only, second] = top;
  if (only === undefined || second !== undefined || only.endsWith("~") || only.endsWith("/in")) return [];
  const found: string[] = [];
  for (const [name, entry] of low.frame.env) {
    if (name === root || name.startsWith("%iter") || entry.maybe === true) continue;
    if (entry.val.top.size === 1 && entry.val.top.has(only)) found.push(name);
  }
  return found;
}
