import { lifted } from "#anrf/import/lowering/block.ts";
import { coerce } from "#anrf/import/lowering/coerce.ts";
import type { Entry } from "#anrf/import/lowering/frame.ts";
import { pack, packedSlot, unpacked } from "#anrf/import/lowering/lets.ts";
import type { Lowering } from "#anrf/import/lowering/lower.ts";
import type { Facts } from "#anrf/import/lowering/memory.ts";
import { BOOLEAN, languageType, NEVER, option, prune, type Ty } from "#anrf/import/lowering/types.ts";
import { boolVal, noneExpr, noneVal, type Slot, type Val, val } from "#anrf/import/lowering/value.ts";
import { assignedIn } from "#anrf/import/source/live.ts";
import type { Statement, StatementOf } from "#anrf/import/source/source.ts";
import { type Exits, factsOf } from "./exits.ts";
import { breaks, returns } from "./leaving.ts";

/** Either loop. */
export type Loop = StatementOf<"for"> | StatementOf<"while">;

/** What goes round in a loop: names, and whether and with what the loop was left. */
export interface State {
  readonly site: string;
  readonly names: readonly string[];
  readonly facts: readonly Facts[];
  readonly types: readonly Ty[];
  /** The type of the value that a return inside gives. */
  readonly result: Ty | undefined;
  readonly hasBreak: boolean;
  readonly slot: Slot;
  readonly parts: readonly Val[];
  readonly init: Val;
}

interface Extra {
  readonly name: string;
  readonly val: Val;
  readonly facts: { readonly nonneg: boolean; readonly small: boolean };
}

/** What goes round in the loop, with what it begins with. */
export function startState(low: Lowering, statement: Loop, exits: Exits, extra: readonly Extra[]): State {
  const site = low.site(statement, "loop");
  for (const one of extra) low.frame.env.set(one.name, { val: { ...one.val, ...one.facts } });
  const relevant = relevance(low, statement, exits);
  for (const name of assignedIn([statement])) {
    const isFunction = low.frame.nested.has(name) || low.frame.env.get(name)?.val.fn !== undefined;
    if (relevant(name) && !isFunction) low.memory.addName(`state:${site}`, name);
  }
  const names = [...extra.map((one) => one.name), ...low.memory.names(`state:${site}`)];
  const facts: Facts[] = [];
  const types: Ty[] = [];
  const init: Val[] = [];
  for (const name of names) {
    const entry = low.frame.env.get(name);
    const key = `${site}:${name}`;
    const known = low.memory.type(key);
    const own = entry === undefined ? undefined : held(entry);
    const ty =
      own === undefined
        ? (known ?? NEVER)
        : known === undefined
          ? own.ty
          : low.join(known, own.ty, statement);
    if (own !== undefined) low.memory.learn(key, ty);
    const fact = low.memory.facts(key, {
      ...factsOf(entry?.val ?? noneVal),
      ...(entry === undefined ? { nonneg: true, small: true, sole: true } : {}),
      maybe: entry === undefined || entry.maybe === true,
    });
    facts.push(fact);
    types.push(fact.maybe ? option(ty) : ty);
    if (entry !== undefined) low.observe(entry.val, statement);
    init.push(stateValue(low, entry, ty, fact.maybe, statement));
  }
  const hasBreak = breaks(statement.body);
  const hasReturn = returns(statement.body);
  const result = hasReturn ? (low.memory.type(`${site}:result`) ?? NEVER) : undefined;
  const all: Pick<State, "names" | "types" | "hasBreak" | "result"> = { names, types, hasBreak, result };
  const slot = packedSlot(slotNames(all), slotTypes(all));
  if (hasBreak) init.push(boolVal(false));
  if (result !== undefined) init.push(val(option(result), () => noneExpr(languageType(result))));
  return {
    site,
    names,
    facts,
    types,
    result,
    hasBreak,
    slot,
    parts: unpacked(slot, slotTypes(all)),
    init: pack(init),
  };
}

/** The value of a name whatever it is held in: an option where it may have none. */
export function held(entry: Entry): Val {
  if (entry.maybe !== true) return entry.val;
  const ty = prune(entry.val.ty);
  return { ...entry.val, ty: ty.k === "option" ? ty.item : ty };
}

/** What a name holds as a part of the state: an option where it may hold nothing. */
export function stateValue(
  low: Lowering,
  entry: Entry | undefined,
  ty: Ty,
  maybe: boolean,
  at: Statement,
): Val {
  if (!maybe) return entry === undefined ? noneVal : coerce(low, entry.val, ty, at);
  if (entry === undefined) return val(option(ty), () => noneExpr(languageType(ty)), { simple: true });
  if (entry.maybe === true) return coerce(low, entry.val, option(ty), at);
  return lifted(low, entry.val, ty, at);
}

/** The names of the parts, for people. */
export const slotNames = (state: Pick<State, "names" | "hasBreak" | "result">): string[] => [
  ...state.names.map((name) => (name.startsWith("%count") || name.startsWith("%walk") ? "i" : name)),
  ...(state.hasBreak ? ["done"] : []),
  ...(state.result === undefined ? [] : ["found"]),
];

/** The types of the parts. */
export const slotTypes = (state: Pick<State, "types" | "hasBreak" | "result">): Ty[] => [
  ...state.types,
  ...(state.hasBreak ? [BOOLEAN] : []),
  ...(state.result === undefined ? [] : [option(state.result)]),
];

/** Binds the names of the state to its parts. */
export function enterState(low: Lowering, state: State, parts = state.parts): void {
  state.names.forEach((name, i) => {
    const part = parts[i];
    const facts = state.facts[i];
    if (part === undefined || facts === undefined) return;
    const { nonneg, small, shared, sole, maybe, top, inner } = facts;
    const known = {
      ...part,
      top,
      inner,
      ...(sole ? { sole } : {}),
      ...(nonneg ? { nonneg } : {}),
      ...(small ? { small } : {}),
      ...(shared ? { shared } : {}),
    };
    low.frame.env.set(name, maybe ? { val: known, maybe } : { val: known });
  });
}

/** Names whose values matter at the head of the loop or after it. */
export function relevance(low: Lowering, statement: Loop, exits: Exits): (name: string) => boolean {
  const after = exits.live.get(statement) ?? new Set<string>();
  const last = statement.body.at(-1);
  const head = last === undefined ? new Set<string>() : (exits.live.get(last) ?? new Set<string>());
  return (name) =>
    after.has(name) ||
    head.has(name) ||
    name.startsWith("%obj") ||
    name.startsWith("%count") ||
    name.startsWith("%walk") ||
    low.frame.outs.includes(name);
}
