import type { Expr } from "#anrf/build/expr.ts";
import { assign } from "#anrf/import/expressions/assign.ts";
import { dictFrom, setFrom } from "#anrf/import/expressions/literals.ts";
import { emitAs, inBlock, sameEntry, wrapped } from "#anrf/import/lowering/lets.ts";
import type { Lowering } from "#anrf/import/lowering/lower.ts";
import { BOOLEAN, list, prune, type Ty } from "#anrf/import/lowering/types.ts";
import { call, lambda, Slot, tupleVal, union, type Val, val } from "#anrf/import/lowering/value.ts";
import { boundBy } from "#anrf/import/source/live.ts";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Clause, Source, SourceOf } from "#anrf/import/source/source.ts";

/** `[f(x) for x in xs if c]` as maps and filters. */
export function comprehension(low: Lowering, source: SourceOf<"comp">): Val {
  const site = low.site(source);
  if (source.shape === "dict") return dictComprehension(low, source, site);
  const made = listOfClauses(low, source, 0, (at) => low.walk.expression(low, at.value));
  const ty = prune(made.ty);
  if (ty.k !== "list") throw new Error("a comprehension is no list");
  if (source.shape === "set") return setFrom(low, { ...made, bag: false }, ty.item, site, source);
  const fresh = { ...made, top: source.shape === "gen" ? new Set<string>() : low.newObject(site) };
  return source.shape === "gen" ? { ...fresh, ty: list(ty.item, "iter") } : fresh;
}

/** What each item of a loop becomes, with what the items keep of the objects in it. */
function listOfClauses(
  low: Lowering,
  source: SourceOf<"comp">,
  index: number,
  value: (at: SourceOf<"comp">) => Val,
): Val {
  const { items, next } = sourceOf(low, source.clauses, index, source);
  const inner = source.clauses[next];
  const clause = source.clauses[index];
  if (clause?.kind !== "for") throw new Error("a comprehension does not begin with for");
  const itemTy = itemOf(low, items, source);
  const isPlain = source.shape !== "dict" && inner === undefined && isItself(source, clause.target);
  if (isPlain) return { ...items, ty: list(itemTy) };
  const slot = new Slot(slotName(clause.target), itemTy);
  const body = insideLambda(low, slot, items, clause.target, source, () =>
    inner === undefined ? value(source) : listOfClauses(low, source, next, value),
  );
  const bodyTy = prune(body.ty);
  const resultItem = inner === undefined ? body.ty : bodyTy.k === "list" ? bodyTy.item : body.ty;
  const kept = inner === undefined ? union(body.top, body.inner) : body.inner;
  const builtin = inner === undefined ? "list.map" : "list.flat_map";
  const { bag, ordered } = inheritedOrder(items, inner === undefined ? undefined : body);
  return val(
    list(resultItem),
    () => call(builtin, [items.emit(), lambda([slot], () => emitAs(body, body.ty))]),
    {
      inner: older(low, kept, items),
      ...(body.shared === true || isOuter(low, kept, items) ? { shared: true } : {}),
      ...(bag && { bag }),
      ...(ordered && { ordered }),
    },
  );
}

function inheritedOrder(a: Val, c: Val | undefined): { bag?: boolean; ordered?: () => void } {
  const bag = a.bag === true || c?.bag === true;
  const both = [a.ordered, c?.ordered].filter((one) => one !== undefined);
  return {
    ...(bag ? { bag } : {}),
    ...(both.length === 0
      ? {}
      : {
          ordered: () => {
            for (const one of both) one();
          },
        }),
  };
}

/** The value of a generator is one item itself: nothing has to be mapped. */
function isItself(source: SourceOf<"comp">, target: Source): boolean {
  return source.value.kind === "name" && target.kind === "name" && source.value.name === target.name;
}

/** Objects made anew for each item are many: none of them is the most recent one. What came in keeps its name. */
export function older(low: Lowering, ids: ReadonlySet<string>, items: Val): ReadonlySet<string> {
  const isNew = (id: string): boolean =>
    id.startsWith("o:") && !id.endsWith("~") && !items.inner.has(id) && !isHeld(low, id);
  return new Set([...ids].map((id) => (isNew(id) ? `${id}~` : id)));
}

function isHeld(low: Lowering, id: string): boolean {
  return [...low.frame.env.values()].some(({ val: held }) => held.top.has(id) || held.inner.has(id));
}

/** Whether each item holds the same object from outside. */
function isOuter(low: Lowering, ids: ReadonlySet<string>, items: Val): boolean {
  for (const { val: held } of low.frame.env.values()) {
    for (const id of ids) if (!items.inner.has(id) && (held.top.has(id) || held.inner.has(id))) return true;
  }
  return false;
}

/** The list that a for clause walks, filtered by the ifs after it. */
function sourceOf(
  low: Lowering,
  clauses: readonly Clause[],
  index: number,
  at: Source,
): { items: Val; next: number } {
  const clause = clauses[index];
  if (clause?.kind !== "for") throw new Error("a comprehension does not begin with for");
  let items = low.meaning.items(low, low.walk.expression(low, clause.iter), at);
  const { range } = items;
  let next = index + 1;
  for (let one = clauses[next]; one?.kind === "if"; one = clauses[next]) {
    const { test } = one;
    const slot = new Slot(slotName(clause.target), itemOf(low, items, at));
    const before = items;
    const body = insideLambda(low, slot, before, clause.target, at, () => low.walk.condition(low, test));
    const emit = (): Expr =>
      call("list.filter", [before.emit(), lambda([slot], () => emitAs(body, BOOLEAN))]);
    const { ty, inner, bag, ordered, shared } = before;
    items = {
      ...val(ty, emit, {
        inner,
        ...(shared && { shared }),
        ...(bag && { bag }),
        ...(ordered && { ordered }),
      }),
    };
    if (range !== undefined)
      items = { ...items, ...(range.from.nonneg === true && isUp(range) ? { nonneg: true } : {}) };
    next++;
  }
  return { items, next };
}

const isUp = (range: NonNullable<Val["range"]>): boolean =>
  typeof range.step.literal === "bigint" && range.step.literal > 0n;

function itemOf(low: Lowering, items: Val, at: Source): Ty {
  const ty = prune(items.ty);
  if (ty.k !== "list") throw low.notYet(at);
  return ty.item;
}

/** A name for what a lambda takes: the target's, or its parts'. */
export function slotName(target: Source): string {
  if (target.kind === "name") return target.name;
  if (target.kind !== "tuple") return "";
  const names = target.items.map((one) => (one.kind === "name" ? one.name : "_"));
  const chosen = names.filter((name) => name !== "_");
  return names.length > 1 && new Set(chosen).size === chosen.length ? `(${names.join(", ")})` : "";
}

/** The body of a lambda over one item; it must not change what stands outside. */
export function insideLambda(
  low: Lowering,
  slot: Slot,
  items: Val,
  target: Source | undefined,
  at: Source | { line: number; column: number },
  run: (item: Val) => Val,
): Val {
  const own = new Set(target === undefined ? [] : boundBy(target));
  const before = new Map(low.frame.env);
  const { range } = items;
  const isCounted =
    items.nonneg === true ||
    (range !== undefined &&
      (isUp(range)
        ? range.from.nonneg === true
        : typeof range.to.literal === "bigint" && range.to.literal >= -1n));
  const keyOf = items.itemsOf === undefined ? {} : { keyOf: items.itemsOf };
  const item: Val = {
    ...keyOf,
    ...slot.val({
      top: items.inner,
      inner: items.inner,
      shared: items.shared === true,
      nonneg: isCounted,
      small: range !== undefined && range.from.small === true && range.to.small === true,
    }),
  };
  const block = inBlock(low, () => {
    if (target !== undefined) assign(low, target, item);
    const value = run(item);
    low.observe({ ...value, ...(value.bag === true ? {} : {}) }, at);
    return value;
  });
  for (const [name, entry] of block.env) {
    if (own.has(name) || sameEntry(entry, before.get(name))) continue;
    refuse("effect", at, `${name.replace(/^%/, "")} is changed inside a comprehension or lambda`);
  }
  return wrapped(block);
}

function dictComprehension(low: Lowering, source: SourceOf<"comp">, site: string): Val {
  const pairs = listOfClauses(low, source, 0, (at) => {
    if (at.key === undefined) throw new Error("a dict comprehension has no key");
    return tupleVal([low.walk.expression(low, at.key), low.walk.expression(low, at.value)]);
  });
  return dictFrom(low, pairs, site, source);
}

/** `any(c for x in xs)` and `all(…)`: the rest is not asked once it is known. */
export function quantifier(low: Lowering, source: SourceOf<"comp">, isAll: boolean): Val {
  return quantified(low, source, 0, isAll);
}

function quantified(low: Lowering, source: SourceOf<"comp">, index: number, isAll: boolean): Val {
  const { items, next } = sourceOf(low, source.clauses, index, source);
  const clause = source.clauses[index];
  if (clause?.kind !== "for") throw new Error("a comprehension does not begin with for");
  const slot = new Slot(slotName(clause.target), itemOf(low, items, source));
  const body = insideLambda(low, slot, items, clause.target, source, () =>
    source.clauses[next] === undefined
      ? low.walk.condition(low, source.value)
      : quantified(low, source, next, isAll),
  );
  return val(BOOLEAN, () =>
    call(isAll ? "list.all" : "list.any", [items.emit(), lambda([slot], () => emitAs(body, BOOLEAN))]),
  );
}
