import { demand } from "#anrf/import/lowering/coerce.ts";
import { named, once } from "#anrf/import/lowering/lets.ts";
import type { Lowering } from "#anrf/import/lowering/lower.ts";
import { isMutable, prune, type Ty } from "#anrf/import/lowering/types.ts";
import { call, intExpr, intVal, part, Slot, type Val, val } from "#anrf/import/lowering/value.ts";
import { bounds, setName } from "#anrf/import/source/names.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Source, SourceOf } from "#anrf/import/source/source.ts";
import { evalPlace, readPlace, storeObject } from "./place.ts";

/** Gives a target a value: a name, the parts of a pattern, an item, a slice. */
export function assign(low: Lowering, target: Source, value: Val): void {
  switch (target.kind) {
    case "name":
      if (value.fn !== undefined) {
        low.frame.env.set(target.name, { val: value });
        return;
      }
      setName(low, target.name, value.simple === true ? value : named(low, value, target.name));
      return;
    case "tuple":
    case "list":
      assignParts(low, target, value);
      return;
    case "index": {
      const place = evalPlace(low, target.target);
      const index = once(low, low.walk.expression(low, target.index));
      const container = readPlace(low, place, target);
      low.observe(value, target);
      storeObject(low, place, low.meaning.setItem(low, container, index, value, target), target);
      return;
    }
    case "slice": {
      const place = evalPlace(low, target.target);
      const ends = bounds(low, target);
      const container = once(low, readPlace(low, place, target));
      storeObject(low, place, low.meaning.setSlice(low, container, ends, value, target), target);
      return;
    }
    default:
      refuse("statement", target, "this cannot be assigned to");
  }
}

function assignParts(low: Lowering, target: SourceOf<"tuple" | "list">, value: Val): void {
  const star = target.items.findIndex((one) => one.kind === "star");
  if (star >= 0) {
    assignStar(low, target, value, star);
    return;
  }
  for (const [index, one] of destructured(low, value, target).entries()) {
    const part = target.items[index];
    if (part !== undefined) assign(low, part, one);
  }
}

/** The parts of a value, as many as the pattern has. */
function destructured(low: Lowering, value: Val, target: SourceOf<"tuple" | "list">): Val[] {
  const { length } = target.items;
  if (value.items !== undefined && value.items.length === length) {
    // Later targets must not see what earlier ones have changed: values are kept where they are not final.
    return value.items.map((one, i) =>
      one.simple === true || i === 0 ? one : named(low, one, nameOf(target.items[i])),
    );
  }
  const ty = prune(value.ty);
  const known = ty.k === "option" ? ty.item : ty;
  const source =
    ty.k === "option"
      ? val(known, () => call("option.unwrap", [value.emit()]), { top: value.top, inner: value.inner })
      : value;
  const kind = low.need(known, target);
  if (kind.k === "tuple") {
    if (kind.items.length !== length)
      refuse("types", target, `${kind.items.length} values are unpacked into ${length} names`);
    return parts(low, source, kind.items, target);
  }
  const listed = low.meaning.items(low, source, target);
  low.observe(listed, target);
  const item = low.need(listed.ty, target);
  if (item.k !== "list") throw new Error("items are no list");
  if (length === 1) {
    const whole = once(low, listed);
    return [
      val(item.item, () => call("list.get", [whole.emit(), intExpr(0)]), {
        top: listed.inner,
        inner: listed.inner,
      }),
    ];
  }
  const types = target.items.map(() => item.item);
  return parts(low, demand(low, listed, { k: "tuple", items: types }, target), types, target);
}

const nameOf = (target: Source | undefined): string => (target?.kind === "name" ? target.name : "");

function parts(low: Lowering, value: Val, types: readonly Ty[], target: SourceOf<"tuple" | "list">): Val[] {
  const isFlat = target.items.every((one) => one.kind === "name");
  const names = target.items.map((one) => nameOf(one) || "_");
  let whole = value;
  if (value.simple !== true) {
    const slot = new Slot(
      isFlat && new Set(names).size === names.length ? `(${names.join(", ")})` : "",
      value.ty,
    );
    low.frame.lets.push({ slot, value });
    whole = slot.val(value);
  }
  return types.map((ty, index) =>
    val(ty, () => part(whole.emit, index), {
      simple: true,
      top: isMutable(ty) ? value.inner : new Set(),
      inner: value.inner,
      ...(value.shared === true ? { shared: true } : {}),
      ...(value.items?.[index]?.nonneg === true ? { nonneg: true } : {}),
    }),
  );
}

/** `a, *b, c = xs`. */
function assignStar(low: Lowering, target: SourceOf<"tuple" | "list">, value: Val, star: number): void {
  const listed = once(low, low.meaning.items(low, value, target));
  low.observe(listed, target);
  const after = target.items.length - star - 1;
  target.items.forEach((one, index) => {
    if (one.kind === "star") {
      const to = after === 0 ? {} : { to: intVal(-after) };
      const rest = low.meaning.slice(low, listed, { from: intVal(star), ...to }, one);
      const ty = prune(rest.ty);
      const asList: Ty = ty.k === "list" ? { ...ty, flavour: "list" } : ty;
      assign(low, one.value, { ...rest, ty: asList });
    } else {
      const place = index < star ? index : index - target.items.length;
      assign(low, one, low.meaning.index(low, listed, intVal(place), one));
    }
  });
}
