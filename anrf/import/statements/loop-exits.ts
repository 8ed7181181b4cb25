import type { Expr } from "#anrf/build/expr.ts";
import { coerce } from "#anrf/import/lowering/coerce.ts";
import type { Entry } from "#anrf/import/lowering/frame.ts";
import { emitAs, inBlock, pack, packedSlot, sameEntry, unpacked } from "#anrf/import/lowering/lets.ts";
import type { Lowering } from "#anrf/import/lowering/lower.ts";
import { languageType, NEVER, option, prune, type Ty } from "#anrf/import/lowering/types.ts";
import {
  boolExpr,
  boolVal,
  call,
  neverVal,
  noneExpr,
  noneVal,
  Slot,
  someExpr,
  type Val,
  val,
} from "#anrf/import/lowering/value.ts";
import { negated } from "#anrf/import/source/names.ts";
import type { Statement } from "#anrf/import/source/source.ts";
import { type Exits, factsOf, inBlockOf } from "./exits.ts";
import {
  enterState,
  held,
  type Loop,
  relevance,
  type State,
  slotNames,
  slotTypes,
  stateValue,
} from "./loop-state.ts";

/** What ends one turn of the loop: the next state. */
export function insideExits(low: Lowering, state: State, statement: Loop, exits: Exits): Exits {
  const relevant = relevance(low, statement, exits);
  const head = new Map(low.frame.env);
  const collect = (done: boolean, result?: Val): Val => {
    for (const [name, entry] of low.frame.env) {
      if (name.startsWith("%iter") || state.names.includes(name) || !relevant(name)) continue;
      if (!sameEntry(entry, head.get(name)) && entry.val.fn === undefined)
        low.memory.addName(`state:${state.site}`, name);
    }
    const values = state.names.map((name, i) => {
      const entry = low.frame.env.get(name);
      const key = `${state.site}:${name}`;
      const maybe = state.facts[i]?.maybe === true;
      const facts =
        entry === undefined
          ? { ...factsOf(noneVal), nonneg: true, small: true, sole: true, maybe: true }
          : { ...factsOf(entry.val), maybe: entry.maybe === true };
      low.memory.facts(key, facts);
      if (entry === undefined) return stateValue(low, undefined, headTy(state, i), maybe, statement);
      low.observe(entry.val, statement);
      const own = held(entry);
      low.memory.learn(key, low.join(headTy(state, i), own.ty, statement));
      return safely(low, entry, state, i, maybe, statement);
    });
    if (state.hasBreak) values.push(boolVal(done));
    if (state.result !== undefined)
      values.push(
        result ??
          val(option(state.result), () => noneExpr(languageType(state.result ?? NEVER)), { simple: true }),
      );
    return { ...pack(values), ty: state.slot.ty };
  };
  return {
    ...exits,
    fall: () => collect(false),
    cont: () => collect(false),
    brk: () => collect(true),
    give: (value) => {
      low.observe(value, statement);
      const key = `${state.site}:result`;
      const before = low.memory.type(key) ?? NEVER;
      const ty = low.join(before, value.ty, statement);
      low.memory.learn(key, ty);
      low.memory.facts(key, { ...factsOf(value), maybe: false });
      const given = prune(value.ty).k === "never" ? value : coerce(low, value, ty, statement);
      if (prune(value.ty).k === "never") return value;
      return collect(
        false,
        val(option(ty), () => someExpr(given.emit())),
      );
    },
    size: state.names.length + 2,
  };
}

function headTy(state: State, index: number): Ty {
  const ty = state.types[index] ?? NEVER;
  const known = prune(ty);
  return state.facts[index]?.maybe === true && known.k === "option" ? known.item : ty;
}

/** A value that does not fit the head yet fits it in the next pass. */
function safely(
  low: Lowering,
  entry: Entry,
  state: State,
  index: number,
  maybe: boolean,
  at: Statement,
): Val {
  const ty = headTy(state, index);
  if (low.tryJoin(ty, held(entry).ty) === undefined) return noneVal;
  const wide = low.join(ty, held(entry).ty, at);
  return stateValue(low, entry, wide, maybe || entry.maybe === true, at);
}

/** What stands after the loop: its else part, and the statements after it; undefined where these go on here. */
export function leaveLoop(
  low: Lowering,
  statement: Loop,
  state: State,
  made: Val,
  exits: Exits,
  canEnd: boolean,
): Val | undefined {
  const types = slotTypes(state);
  const slot = packedSlot(slotNames(state), types);
  low.frame.lets.push({ slot, value: made });
  const parts = unpacked(slot, types);
  enterState(low, state, parts);
  for (const name of state.names) if (name.startsWith("%count")) low.frame.env.delete(name);
  const count = state.names.length;
  const done = state.hasBreak ? parts[count] : undefined;
  const result = state.result === undefined ? undefined : parts[count + (state.hasBreak ? 1 : 0)];
  const next = (): Val => afterElse(low, statement, done, exits);
  if (result === undefined || state.result === undefined) {
    if (!canEnd)
      return {
        ...val(NEVER, () => boolExpr(false)),
        as: (type) => ({ kind: "fail", message: "the loop never ends", type }),
      };
    return statement.other.length === 0 ? undefined : next();
  }
  const facts = low.memory.facts(`${state.site}:result`, {
    ...factsOf(noneVal),
    nonneg: true,
    small: true,
    maybe: false,
  });
  const resultTy = state.result;
  const giveFrom = (emit: () => Expr): Val =>
    exits.give(
      val(resultTy, emit, {
        simple: true,
        top: facts.top,
        inner: facts.inner,
        ...(facts.shared ? { shared: true } : {}),
      }),
      statement,
    );
  if (prune(resultTy).k === "never") {
    // No return in the loop is ever reached, unless a later pass finds its type.
    if (low.isSettling) return canEnd ? next() : neverVal("the loop never ends");
    const unknown = low.notYet(statement);
    if (!canEnd) throw unknown;
    return next();
  }
  if (!canEnd) return giveFrom(() => call("option.unwrap", [result.emit()]));
  const value = new Slot("value", resultTy);
  const given = inBlock(low, () => giveFrom(() => value.use()));
  const rest = inBlock(low, next);
  const ty = low.join(given.val.ty, rest.val.ty, statement);
  const some = inBlockOf(low, given, ty, statement);
  const none = inBlockOf(low, rest, ty, statement);
  const make = (as: (one: Val) => Expr) => (): Expr => {
    const subject = result.emit();
    const local = value.local();
    const body = as(some);
    const arms = [
      { pattern: { kind: "some" as const }, binders: [local], body },
      { pattern: { kind: "none" as const }, binders: [], body: as(none) },
    ];
    return { kind: "match", subject, arms, type: body.type };
  };
  return val(
    ty,
    make((one) => emitAs(one, ty)),
    { top: facts.top, inner: facts.inner },
  );
}

/** The else part runs where the loop was not left by break. */
function afterElse(low: Lowering, statement: Loop, done: Val | undefined, exits: Exits): Val {
  if (statement.other.length === 0) return exits.fall();
  if (done === undefined) return low.walk.statements(low, statement.other, 0, exits);
  const other = inBlock(low, () => low.walk.statements(low, statement.other, 0, exits));
  const rest = inBlock(low, exits.fall);
  const ty = low.join(other.val.ty, rest.val.ty, statement);
  const test = negated(done);
  const a = inBlockOf(low, other, ty, statement);
  const c = inBlockOf(low, rest, ty, statement);
  return val(ty, () => {
    const condition = test.emit();
    const whenTrue = emitAs(a, ty);
    return { kind: "if", condition, whenTrue, whenFalse: emitAs(c, ty), type: whenTrue.type };
  });
}
