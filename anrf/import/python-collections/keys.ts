import type { Expr } from "#anrf/build/expr.ts";
import { once } from "#anrf/import/lowering/lets.ts";
import type { Lowering } from "#anrf/import/lowering/lower.ts";
import { languageType, rootCell, type Ty, tyText } from "#anrf/import/lowering/types.ts";
import { boolExpr, call, failExpr, ifExpr, noneExpr, Slot, type Val } from "#anrf/import/lowering/value.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Place } from "#anrf/import/source/source.ts";

type Dict = Ty & { k: "dict" };
type Keyed = Dict | (Ty & { k: "set" });

/** The types of a dict for the prelude. */
export const kv = (ty: Dict): { K: string; V: string } => ({
  K: languageType(ty.key).text,
  V: languageType(ty.value).text,
});

/** The value under a key, as an option. */
export function lookUp(low: Lowering, source: Val, ty: Dict, key: Val, at: Place): Expr {
  const absent = (): Expr => noneExpr(languageType(ty.value));
  return sought(ty, source, key, at, absent, (held, one) =>
    rootCell(ty.cell).seen ? low.prelude("pairs_get", [held, one], kv(ty)) : call("map.get", [held, one]),
  );
}

/** Whether a dict or set has the key. */
export function hasKey(low: Lowering, source: Val, ty: Keyed, key: Val, at: Place): Expr {
  if (ty.k === "dict" && rootCell(ty.cell).seen) {
    return call("option.is_some", [lookUp(low, source, ty, key, at)]);
  }
  return sought(
    ty,
    source,
    key,
    at,
    () => boolExpr(false),
    (held, one) => call("map.contains_key", [held, one]),
  );
}

/** The dict or set without the key, whether it has it or not. */
export function withoutKey(low: Lowering, source: Val, ty: Keyed, key: Val, at: Place): Expr {
  return sought(
    ty,
    source,
    key,
    at,
    (held) => held,
    (held, one) =>
      ty.k === "dict" && rootCell(ty.cell).seen
        ? low.prelude("pairs_remove", [held, one], kv(ty))
        : call("map.remove", [held, one]),
  );
}

/** The dict or set without the key, which it has, or the program ends. */
export function removeKey(low: Lowering, target: Val, ty: Keyed, place: Val, at: Place): () => Expr {
  const [whole, key] = [once(low, target), once(low, place)];
  const message = ty.k === "dict" ? "the key is not in the dict" : "the item is not in the set";
  return () => {
    const rest = withoutKey(low, whole, ty, key, at);
    return ifExpr(hasKey(low, whole, ty, key, at), rest, failExpr(message, rest.type));
  };
}

/** What is looked for among keys. None is no key where keys have another type; a key of any other type is refused. */
function sought(
  ty: Keyed,
  source: Val,
  key: Val,
  at: Place,
  absent: (held: Expr) => Expr,
  found: (held: Expr, key: Expr) => Expr,
): Expr {
  const own = ty.k === "dict" ? ty.key : ty.item;
  const wanted = languageType(own).text;
  const given = key.emit();
  if (given.type.text === wanted) return found(source.emit(), given);
  if (given.type.kind !== "option" || given.type.item.text !== wanted) {
    return refuse("key", at, `${tyText(key.ty)} is looked up among keys of type ${tyText(own)}`);
  }
  const [held, one] = [new Slot("keys", source.ty), new Slot("key", own)];
  const some = found(held.use(), one.use());
  const body: Expr = {
    kind: "match",
    subject: given,
    arms: [
      { pattern: { kind: "some" }, binders: [one.local()], body: some },
      { pattern: { kind: "none" }, binders: [], body: absent(held.use()) },
    ],
    type: some.type,
  };
  return { kind: "let", local: held.local(), value: source.emit(), body, type: body.type };
}
