import { choice } from "#anrf/import/lowering/block.ts";
import { coerce } from "#anrf/import/lowering/coerce.ts";
import {
  type Block,
  emitAs,
  inBlock,
  pack,
  packedSlot,
  packedType,
  unpacked,
} from "#anrf/import/lowering/lets.ts";
import type { Lowering } from "#anrf/import/lowering/lower.ts";
import { INTEGER, languageType, NEVER, option, prune, type Ty } from "#anrf/import/lowering/types.ts";
import { failExpr, noneExpr, noneVal, someExpr, type Val, val } from "#anrf/import/lowering/value.ts";
import { assignedIn, blocksOf, expressionsOf, readsOf } from "#anrf/import/source/live.ts";
import type { Source, Statement, StatementOf } from "#anrf/import/source/source.ts";
import { chosen, type Exits, factsOf, heldValue, inBlockOf, stateTy } from "./exits.ts";

/**
 * Both ways may leave or go on, and what follows is too large to stand in both: the blocks give what they leave with,
 * or none and the values of the names that they change; what follows is written once.
 */
export function split(
  low: Lowering,
  statement: StatementOf<"if">,
  test: Val,
  live: (name: string) => boolean,
  exits: Exits,
): Val {
  const site = low.site(statement, "split");
  const changed = [...assignedIn([statement]), ...changedNamesOf(statement)].filter(
    (name, i, all) => all.indexOf(name) === i && live(name) && low.frame.env.has(name),
  );
  const extra = [...assignedIn([statement])].filter((name) => live(name) && !low.frame.env.has(name));
  if (extra.length > 0) {
    // A name that only one way defines: written out twice, since it has no value to give.
    const a = inBlock(low, () => low.walk.statements(low, statement.yes, 0, exits));
    const b = inBlock(low, () => low.walk.statements(low, statement.other, 0, exits));
    return chosen(low, test, a, b, statement);
  }
  const hidden = [...low.frame.env.keys()].filter((name) => name.startsWith("%obj"));
  const names = [...changed, ...hidden];
  // One type for all that leaves here; a variable, since the way that falls through may come first.
  const leaveTy: Ty = { k: "var", cell: { sites: new Set() } };
  const leaving = (value: Val): Val => {
    if (prune(value.ty).k !== "never") low.join(leaveTy, value.ty, statement);
    return value;
  };
  const results: { leave?: Val; values: Val[]; block: Block }[] = [];
  const run = (side: readonly Statement[]): Block => {
    const block = inBlock(low, () => {
      const mark = (make: () => Val) => (): Val => wrapLeave(leaving(make()));
      const fallen = (): Val => wrapFall(low, names);
      return low.walk.statements(low, side, 0, {
        ...exits,
        fall: fallen,
        give: (value, at) => wrapLeave(leaving(exits.give(value, at))),
        ...(exits.brk === undefined ? {} : { brk: mark(exits.brk) }),
        ...(exits.cont === undefined ? {} : { cont: mark(exits.cont) }),
        size: 2,
      });
    });
    results.push({ values: [], block });
    return block;
  };
  const wrapLeave = (value: Val): Val => {
    const made = value;
    const values = names.map((name) => heldValue(low, name));
    const types = values.map((one, i) => stateTy(low, site, names[i] ?? "", one));
    const kept = values.map((one, i) => coerce(low, one, types[i] ?? one.ty, statement));
    // The type is that of all that leaves here: it is known when the program is written.
    return packOutcome(
      val(option(leaveTy), () => someExpr(emitAs(coerceLater(low, made, leaveTy, statement), leaveTy))),
      kept,
      made,
    );
  };
  const wrapFall = (_low: Lowering, all: readonly string[]): Val => {
    const values = all.map((name) => heldValue(low, name));
    const kept = values.map((one, i) => coerce(low, one, stateTy(low, site, all[i] ?? "", one), statement));
    return packOutcome(
      val(option(leaveTy), () => noneExpr(languageType(leaveTy))),
      kept,
    );
  };
  const a = run(statement.yes);
  const b = run(statement.other);
  const types = names.map((name) => low.memory.type(`${site}:${name}`) ?? heldValue(low, name).ty);
  const outcomeTy = option(leaveTy);
  const whole = packedType([outcomeTy, ...types]);
  const made = choice(
    test,
    inBlockOf(low, { ...a, val: retyped(a.val, whole) }, whole, statement),
    inBlockOf(low, { ...b, val: retyped(b.val, whole) }, whole, statement),
    whole,
  );
  const slot = packedSlot(["left", ...names], [outcomeTy, ...types]);
  low.frame.lets.push({ slot, value: made });
  const parts = unpacked(slot, [outcomeTy, ...types]);
  names.forEach((name, i) => {
    const part = parts[i + 1];
    if (part === undefined) return;
    const facts = low.memory.facts(`${site}:${name}`, factsOf(heldValue(low, name)));
    low.frame.env.set(name, {
      val: {
        ...part,
        top: facts.top,
        inner: facts.inner,
        ...(facts.shared ? { shared: true } : {}),
        ...(facts.nonneg ? { nonneg: true } : {}),
      },
    });
  });
  const rest = inBlock(low, exits.fall);
  const left = prune(leaveTy).k === "var" ? NEVER : leaveTy;
  const ty = low.join(left, rest.val.ty, statement);
  const going = inBlockOf(low, rest, ty, statement);
  return matchOutcome(low, parts[0] ?? noneVal, left, going, ty, statement);
}

function retyped(value: Val, whole: Ty): Val {
  return prune(value.ty).k === "never" ? value : { ...value, ty: whole };
}

function coerceLater(low: Lowering, value: Val, ty: Ty, at: Statement): Val {
  return prune(value.ty).k === "never" ? value : coerce(low, value, ty, at);
}

function packOutcome(outcome: Val, values: readonly Val[], end?: Val): Val {
  if (end?.as !== undefined && prune(end.ty).k === "never") return end;
  return pack([outcome, ...values]);
}

/** `match left { some(value) => value, none => rest }`. */
function matchOutcome(low: Lowering, outcome: Val, item: Ty, rest: Val, ty: Ty, at: Statement): Val {
  return val(ty, () => {
    const type = languageType(prune(item).k === "never" ? INTEGER : item);
    const local = { name: "value", type };
    const subject = outcome.emit();
    const isNever = prune(item).k === "never";
    const held = val(item, () => ({ kind: "local", local, type }), { simple: true });
    const body = isNever
      ? failExpr("this is never reached", languageType(ty))
      : coerce(low, held, ty, at).emit();
    return {
      kind: "match",
      subject,
      arms: [
        { pattern: { kind: "some" }, binders: [local], body },
        { pattern: { kind: "none" }, binders: [], body: emitAs(rest, ty) },
      ],
      type: languageType(ty),
    };
  });
}

/** Names whose objects a statement may change in place: roots of its calls, items and augmented targets. */
export function changedNamesOf(statement: Statement): Set<string> {
  const found = new Set<string>();
  const names = (source: Source): void => readsOf(source, found);
  const walk = (one: Statement): void => {
    for (const source of expressionsOf(one)) names(source);
    for (const block of blocksOf(one)) block.forEach(walk);
  };
  walk(statement);
  return found;
}
