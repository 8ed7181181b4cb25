import type { Expr } from "#anrf/build/expr.ts";
import { assign } from "#anrf/import/expressions/assign.ts";
import {
  changedNames,
  emitAs,
  inBlock,
  once,
  packedSlot,
  unpacked,
  wrapped,
} from "#anrf/import/lowering/lets.ts";
import type { Lowering } from "#anrf/import/lowering/lower.ts";
import { BOOLEAN, INTEGER, languageType, NEVER, prune, rootCell } from "#anrf/import/lowering/types.ts";
import {
  b,
  boolVal,
  call,
  intVal,
  lambda,
  noneVal,
  Slot,
  type Val,
  val,
} from "#anrf/import/lowering/value.ts";
import { allReads } from "#anrf/import/source/live.ts";
import type { Source, Statement, StatementOf } from "#anrf/import/source/source.ts";
import type { Exits } from "./exits.ts";
import { breaks, returns } from "./leaving.ts";
import { insideExits, leaveLoop } from "./loop-exits.ts";
import { shapedFor } from "./loop-shape.ts";
import { enterState, type State, slotNames, slotTypes, startState } from "./loop-state.ts";
import { orderFree } from "./order-free.ts";

/** A for loop as a fold, or as a loop where it can be left early. */
export function lowerFor(low: Lowering, statement: StatementOf<"for">, exits: Exits): Val | undefined {
  const shaped = shapedFor(low, statement, exits);
  if (shaped !== undefined) return shaped === "done" ? undefined : shaped;
  const walked = walkedByIndex(low, statement, exits);
  if (walked !== undefined) return walked === "done" ? undefined : walked;
  const source = low.walk.expression(low, statement.iter);
  const { range } = source;
  const isEarly = leaves(statement.body);
  const step = range?.step.literal;
  if (isEarly && range !== undefined && typeof step === "bigint" && step !== 0n) {
    return countedLoop(low, statement, range, exits);
  }
  const items = low.meaning.items(low, source, statement);
  if (!isUnordered(low, statement, items)) low.observe(items, statement);
  const itemTy = low.need(items.ty, statement);
  if (itemTy.k !== "list") throw new Error("items are no list");
  const state = startState(low, statement, exits, []);
  const item = new Slot(
    statement.target.kind === "name" ? statement.target.name : patternName(statement.target),
    itemTy.item,
  );
  const { nonneg, small } = rangeFacts(range);
  const body = inBlock(low, () => {
    enterState(low, state);
    const like = { top: items.inner, inner: items.inner, shared: items.shared === true, nonneg, small };
    if (source.top.size + source.inner.size > 0) low.frame.env.set(`%iter:${state.site}`, { val: source });
    assign(low, statement.target, {
      ...item.val(like),
      ...(items.itemsOf === undefined ? {} : { keyOf: items.itemsOf }),
    });
    return low.walk.statements(low, statement.body, 0, insideExits(low, state, statement, exits));
  });
  const whole = state.slot.ty;
  const step1 = wrapped({ ...body, val: body.val });
  const made = val(whole, () => {
    const init = state.init.emit();
    const list = items.emit();
    const fn = (): Expr => lambda([state.slot, item], () => emitAs(step1, whole));
    if (!isEarly) return call("list.fold", [list, init, fn()]);
    const probe = packedSlot(slotNames(state), slotTypes(state));
    const stop = lambda([probe], () => stopTest(state, unpacked(probe, slotTypes(state))).emit());
    return call("list.fold_until", [list, init, stop, fn()]);
  });
  return leaveLoop(low, statement, state, made, exits, true);
}

/**
 * A loop over a named list that its body changes, or whose items it changes, as the loop over indices that it is in
 * CPython: the length is asked again at each turn.
 */
function walkedByIndex(low: Lowering, statement: StatementOf<"for">, exits: Exits): Val | "done" | undefined {
  const { iter, id, line, column, target } = statement;
  const isNamed = iter.kind === "name" && low.frame.env.has(iter.name);
  const hold = `%iter:${low.site(statement, "loop")}`;
  if (!isNamed || !low.memory.names("walked").includes(hold) || target.kind !== "name") return undefined;
  if (prune(low.frame.env.get(iter.name)?.val.ty ?? NEVER).k !== "list") return undefined;
  const site = (part: number) => ({ id: id + part, line, column });
  const counter: Source = { ...site(0.1), kind: "name", name: `%walk${id}` };
  const length: Source = {
    ...site(0.2),
    kind: "call",
    callee: { ...site(0.3), kind: "name", name: "len" },
    args: [iter],
    named: [],
  };
  const test: Source = { ...site(0.4), kind: "compare", first: counter, rest: [{ op: "<", right: length }] };
  const item: Source = { ...site(0.5), kind: "index", target: iter, index: counter };
  const take: Statement = { ...site(0.6), kind: "assign", targets: [target], value: item };
  const one: Source = { ...site(0.7), kind: "int", value: 1n };
  const step: Statement = { ...site(0.8), kind: "augment", target: counter, op: "+", value: one };
  const body = [take, step, ...statement.body];
  const loop: StatementOf<"while"> = { ...site(0.9), kind: "while", test, body, other: statement.other };
  const after = exits.live.get(statement) ?? new Set<string>();
  const last = statement.body.at(-1);
  const inside = new Set([
    ...after,
    ...(last === undefined ? [] : (exits.live.get(last) ?? [])),
    ...allReads(statement.body),
    iter.name,
    counter.name,
  ]);
  const live = new Map(exits.live);
  for (const made of [take, step]) live.set(made, inside);
  if (last !== undefined) live.set(last, new Set([...(exits.live.get(last) ?? []), iter.name, counter.name]));
  live.set(loop, after);
  low.frame.env.set(counter.name, { val: intVal(0) });
  const made = lowerWhile(low, loop, { ...exits, live });
  return made ?? "done";
}

/** A loop over a set or dict whose order does not matter; the dicts that it fills get their order from it. */
function isUnordered(low: Lowering, statement: StatementOf<"for">, items: Val): boolean {
  if (items.bag !== true && items.ordered === undefined) return false;
  const kindOf = (name: string): string => prune(low.frame.env.get(name)?.val.ty ?? NEVER).k;
  const filled = orderFree(statement, kindOf);
  if (filled === undefined) return false;
  for (const name of filled) {
    const ty = prune(low.frame.env.get(name)?.val.ty ?? NEVER);
    if (ty.k !== "dict") continue;
    const { ordered } = items;
    if (ordered !== undefined) low.linkOrder(ty.cell, ordered);
    else rootCell(ty.cell).foreign = true;
  }
  return true;
}

function patternName(target: Source): string {
  if (target.kind !== "tuple") return "";
  const names = target.items.map((one) => (one.kind === "name" ? one.name : "_"));
  const chosen = names.filter((name) => name !== "_");
  return new Set(chosen).size === chosen.length && target.items.every((one) => one.kind === "name")
    ? `(${names.join(", ")})`
    : "";
}

function rangeFacts(range: Val["range"]): { nonneg: boolean; small: boolean } {
  if (range === undefined) return { nonneg: false, small: false };
  const step = range.step.literal;
  const isUp = typeof step === "bigint" && step > 0n;
  const stop = range.to.literal;
  const nonneg = isUp
    ? range.from.nonneg === true
    : typeof step === "bigint" && typeof stop === "bigint" && stop >= -1n;
  return { nonneg, small: range.from.small === true && range.to.small === true };
}

/** A loop over a range that can be left: no list is made. */
function countedLoop(
  low: Lowering,
  statement: StatementOf<"for">,
  range: NonNullable<Val["range"]>,
  exits: Exits,
): Val | undefined {
  const step = range.step.literal as bigint;
  const to = once(low, range.to);
  const counter = `%count:${statement.id}`;
  const state = startState(low, statement, exits, [
    { name: counter, val: range.from, facts: rangeFacts(range) },
  ]);
  const { test, body } = loopBlocks(
    low,
    state,
    (at) => b(step > 0n ? "lt" : "gt", BOOLEAN, at, to),
    () => {
      const at = low.frame.env.get(counter)?.val ?? noneVal;
      low.frame.env.set(counter, {
        val: { ...b("int.add", INTEGER, at, intVal(step)), ...(at.nonneg === true ? { nonneg: true } : {}) },
      });
      assign(low, statement.target, { ...at, ...rangeFacts(range) });
      return low.walk.statements(low, statement.body, 0, insideExits(low, state, statement, exits));
    },
  );
  return leaveLoop(low, statement, state, loopVal(state, test, body), exits, true);
}

/** A while loop. */
export function lowerWhile(low: Lowering, statement: StatementOf<"while">, exits: Exits): Val | undefined {
  const probe = inBlock(low, () => low.walk.condition(low, statement.test));
  if (changedNames(low, probe, probe, () => true).length > 0) {
    // The condition changes names: while True: if not condition: break; …
    const { id, line, column } = statement;
    const leave: Statement = { id: id + 0.25, line, column, kind: "break" };
    const test: Source = {
      ...statement.test,
      id: id + 0.5,
      kind: "unary",
      op: "not",
      operand: statement.test,
    };
    const first: Statement = { id: id + 0.75, line, column, kind: "if", test, yes: [leave], other: [] };
    const yes: Source = { ...statement.test, kind: "bool", value: true };
    const live = new Map(exits.live);
    live.set(
      first,
      new Set([
        ...(exits.live.get(statement.body[0] ?? statement) ?? []),
        ...(exits.live.get(statement.body.at(-1) ?? statement) ?? []),
      ]),
    );
    live.set(leave, exits.live.get(statement) ?? new Set());
    const again: StatementOf<"while"> = { ...statement, test: yes, body: [first, ...statement.body] };
    live.set(again, exits.live.get(statement) ?? new Set());
    return lowerWhile(low, again, { ...exits, live });
  }
  const state = startState(low, statement, exits, []);
  const { test, body } = loopBlocks(
    low,
    state,
    () => low.walk.condition(low, statement.test),
    () => low.walk.statements(low, statement.body, 0, insideExits(low, state, statement, exits)),
  );
  const isEndless = test.literal === true;
  return leaveLoop(low, statement, state, loopVal(state, test, body), exits, !isEndless || state.hasBreak);
}

function loopBlocks(
  low: Lowering,
  state: State,
  test: (first: Val) => Val,
  body: () => Val,
): { test: Val; body: Val } {
  const testBlock = inBlock(low, () => {
    enterState(low, state);
    return test(low.frame.env.get(state.names[0] ?? "")?.val ?? noneVal);
  });
  const bodyBlock = inBlock(low, () => {
    enterState(low, state);
    return body();
  });
  return { test: wrapped(testBlock), body: wrapped(bodyBlock) };
}

function loopVal(state: State, test: Val, body: Val): Val {
  const ty = state.slot.ty;
  return val(ty, () => {
    const init = state.init.emit();
    const goes = testOf(state, test);
    const step = emitAs(body, ty);
    return {
      kind: "loop",
      state: state.slot.local(),
      init,
      condition: goes,
      step,
      invariants: [],
      type: languageType(ty),
    };
  });
}

function testOf(state: State, test: Val): Expr {
  if (!state.hasBreak && state.result === undefined) return test.emit();
  const isOpen = call("bool.not", [stopTest(state, unpacked(state.slot, slotTypes(state))).emit()]);
  return test.literal === true ? isOpen : call("bool.and", [isOpen, test.emit()]);
}

/** True once the loop is left. */
function stopTest(state: State, parts: readonly Val[]): Val {
  const count = state.names.length;
  const done = state.hasBreak ? parts[count] : undefined;
  const result = state.result === undefined ? undefined : parts[count + (state.hasBreak ? 1 : 0)];
  const isGiven = result === undefined ? undefined : b("option.is_some", BOOLEAN, result);
  if (done === undefined) return isGiven ?? boolVal(false);
  return isGiven === undefined ? done : b("bool.or", BOOLEAN, done, isGiven);
}

const leaves = (body: readonly Statement[]): boolean => breaks(body) || returns(body);
