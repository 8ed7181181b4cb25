import { condition, expression } from "#anrf/import/expressions/expression.ts";
import { isPutBack } from "#anrf/import/expressions/moved.ts";
import { branch, choice } from "#anrf/import/lowering/block.ts";
import { coerce, demand } from "#anrf/import/lowering/coerce.ts";
import { inBlock, named, pack } from "#anrf/import/lowering/lets.ts";
import type { Lowering } from "#anrf/import/lowering/lower.ts";
import { NEVER, NONE, prune, type Ty } from "#anrf/import/lowering/types.ts";
import { neverVal, noneVal, type Val } from "#anrf/import/lowering/value.ts";
import { escaping } from "#anrf/import/source/escape.ts";
import { allReads, blocksOf, expressionsOf, type Liveness, readsOf } from "#anrf/import/source/live.ts";
import { entryValue } from "#anrf/import/source/names.ts";
import { type Refusal, RefusalError, refuse } from "#anrf/import/source/refusal.ts";
import type { FunctionSource, Source, Statement, StatementOf } from "#anrf/import/source/source.ts";
import { chosen, type Exits } from "./exits.ts";
import { alwaysLeaves, canLeave, returns, sizeOf } from "./leaving.ts";
import { lowerFor, lowerWhile } from "./loop.ts";
import { simple } from "./simple.ts";
import { split } from "./split.ts";
import { lowerTry } from "./try.ts";

/** The result of a function's statements, with the objects that it changes for its caller. */
export function lowerBody(low: Lowering, fn: FunctionSource, live: Liveness): Val {
  const { frame } = low;
  const site = `ret:${frame.key}`;
  let joined: Ty = frame.declared ?? low.memory.type(site) ?? NEVER;
  const gave: { right: boolean; wrong?: Refusal } = { right: false };
  const give = (value: Val, at: Source | Statement): Val => {
    low.observe(value, at);
    if (value.fn !== undefined) refuse("result", at, "a function is returned");
    let result: Val;
    if (frame.declared !== undefined) result = ofDeclared(low, value, frame.declared, at, gave);
    else {
      joined = low.join(joined, value.ty, at);
      low.memory.learn(site, joined);
      result = coerce(low, value, joined, at);
    }
    low.memory.facts(site, {
      nonneg: false,
      small: false,
      shared: value.shared === true,
      sole: false,
      maybe: false,
      top: value.top,
      inner: value.inner,
    });
    const outs = frame.outs.map((name) => outValue(low, name));
    const isNone = prune(result.ty).k === "none" && outs.length > 0;
    return pack(isNone ? outs : [result, ...outs], result);
  };
  const fall = (): Val => {
    const declared = frame.declared === undefined ? undefined : prune(frame.declared);
    const isValue = declared !== undefined && declared.k !== "none" && declared.k !== "option";
    if (isValue && (!low.isDraft || !returns(fn.body))) {
      refuse("none", fn.body.at(-1) ?? fn, "the function can end without a value");
    }
    return give(noneVal, fn.body.at(-1) ?? { ...fn, kind: "pass" });
  };
  const value = lowerStatements(low, fn.body, 0, { fall, give, size: 2, live });
  if (gave.wrong !== undefined && !gave.right) throw new RefusalError(gave.wrong);
  return value;
}

/**
 * A result as one of the declared type. Where no path gives such a value the function is refused; where some do, the
 * others end the program, as a value of another type would end what asked for it.
 */
function ofDeclared(
  low: Lowering,
  value: Val,
  declared: Ty,
  at: Source | Statement,
  gave: { right: boolean; wrong?: Refusal },
): Val {
  try {
    const result = demand(low, value, declared, at);
    if (prune(result.ty).k !== "never") gave.right = true;
    return result;
  } catch (error) {
    if (!(error instanceof RefusalError) || error.refusal.code !== "result") throw error;
    if (!low.isDraft) throw error;
    gave.wrong ??= error.refusal;
    low.note(
      "a path that returns a value of another type than the declared one ends the program with trap FAIL",
    );
    return neverVal(error.refusal.message);
  }
}

function outValue(low: Lowering, name: string): Val {
  const entry = low.frame.env.get(`%obj:${name}`) ?? low.frame.env.get(name);
  if (entry === undefined) throw new Error(`the changed ${name} is not held`);
  const value = entryValue(entry);
  const site = `out:${low.frame.key}:${name}`;
  low.memory.learn(site, value.ty);
  low.memory.facts(site, {
    nonneg: false,
    small: false,
    shared: value.shared === true,
    sole: false,
    maybe: false,
    top: new Set(),
    inner: value.inner,
  });
  return coerce(low, value, low.memory.type(site) ?? value.ty, low.at);
}

/** The statements from `start` on, and then what `exits` says. */
export function lowerStatements(
  low: Lowering,
  statements: readonly Statement[],
  start: number,
  exits: Exits,
): Val {
  for (let index = start; index < statements.length; index++) {
    const statement = statements[index];
    if (statement === undefined) break;
    enter(low, statement, exits);
    const rest = (): Val => lowerStatements(low, statements, index + 1, exits);
    const after: Exits = { ...exits, fall: rest, size: exits.size + sizeOf(statements.slice(index + 1)) };
    switch (statement.kind) {
      case "return":
        return exits.give(
          statement.value === undefined ? noneVal : expression(low, statement.value),
          statement,
        );
      case "raise":
        return neverVal(statement.message);
      case "break":
        if (exits.brk === undefined) return refuse("syntax", statement, "break outside of a loop");
        return exits.brk();
      case "continue":
        if (exits.cont === undefined) return refuse("syntax", statement, "continue outside of a loop");
        return exits.cont();
      case "if": {
        const ended = lowerIf(low, statement, after);
        if (ended !== undefined) return ended;
        break;
      }
      case "while": {
        const ended = lowerWhile(low, statement, after);
        if (ended !== undefined) return ended;
        break;
      }
      case "for": {
        const ended = lowerFor(low, statement, after);
        if (ended !== undefined) return ended;
        break;
      }
      case "assert": {
        const test = condition(low, statement.test);
        named(low, choice(test, noneVal, neverVal("an assertion does not hold"), NONE), "_");
        break;
      }
      case "try": {
        const ended = lowerTry(low, statement, after);
        if (ended !== undefined) return ended;
        break;
      }
      default:
        simple(low, statement, isPutBack(statements, index));
    }
  }
  return exits.fall();
}

/** The names that are read after the statement or in it: what must not be changed unseen. */
function enter(low: Lowering, statement: Statement, exits: Exits): void {
  low.at = statement;
  const live = new Set(exits.live.get(statement) ?? []);
  for (const source of expressionsOf(statement)) readsOf(source, live);
  for (const block of blocksOf(statement)) for (const name of allReads(block)) live.add(name);
  low.frame.live = live;
  // Who is put into something, or passed on, is not held by its name alone any more.
  for (const source of expressionsOf(statement)) loseSole(low, source);
}

function loseSole(low: Lowering, source: Source): void {
  for (const name of escaping(source)) {
    const entry = low.frame.env.get(name);
    if (entry?.val.sole !== true) continue;
    const { sole: _, ...held } = entry.val;
    low.frame.env.set(name, { ...entry, val: held });
  }
}

const SMALL = 14;

/** Undefined where the statements after it go on in the same block. */
function lowerIf(low: Lowering, statement: StatementOf<"if">, exits: Exits): Val | undefined {
  const test = condition(low, statement.test);
  if (typeof test.literal === "boolean") {
    return lowerStatements(low, test.literal ? statement.yes : statement.other, 0, exits);
  }
  const { yes, other } = statement;
  const live = keepsOf(low, statement, exits);
  const isEnding = alwaysLeaves(yes) || alwaysLeaves(other);
  if ((!isEnding || exits.isJoined === true) && !canLeave(yes) && !canLeave(other)) {
    const inner = { ...exits, fall: (): Val => noneVal, isJoined: true };
    const made = branch(
      low,
      test,
      () => lowerStatements(low, yes, 0, inner),
      () => lowerStatements(low, other, 0, inner),
      statement,
      live,
    );
    // What changes nothing may still end the program.
    if (made.simple !== true) named(low, made, "_");
    return undefined;
  }
  if (isEnding || exits.size <= SMALL) {
    const a = inBlock(low, () => lowerStatements(low, yes, 0, exits));
    const b = inBlock(low, () => lowerStatements(low, other, 0, exits));
    return chosen(low, test, a, b, statement);
  }
  return split(low, statement, test, live, exits);
}

/** The names whose values matter after the statement, whatever follows the block that it stands in. */
function keepsOf(low: Lowering, statement: Statement, exits: Exits): (name: string) => boolean {
  const after = exits.live.get(statement) ?? new Set<string>();
  return (name) => after.has(name) || low.frame.outs.includes(name);
}
