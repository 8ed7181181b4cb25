import { blocksOf, readsOf, rootOf } from "#anrf/import/source/live.ts";
import type { Source, Statement, StatementOf } from "#anrf/import/source/source.ts";

/** What the turns of a loop do, as far as its text tells. */
interface Turns {
  /** The name that stands for the key of each turn, where no two turns have the same. */
  readonly key: string | undefined;
  readonly kindOf: (name: string) => string;
  readonly changed: string[];
  readonly reads: Set<string>;
  readonly filled: string[];
}

/**
 * The dicts that a loop fills under its keys, where it does not matter in which order it walks them: each turn only adds
 * ints to sums, takes greatest and least values, puts items into sets, and changes entries under its own key. Undefined
 * where the order may matter. `kindOf` tells the type of a name before the loop.
 */
export function orderFree(
  statement: StatementOf<"for">,
  kindOf: (name: string) => string,
): readonly string[] | undefined {
  const turns: Turns = { key: keyOf(statement), kindOf, changed: [], reads: new Set(), filled: [] };
  const isFree = statement.other.length === 0 && statement.body.every((one) => isTurnFree(one, turns));
  // What a turn changes must not be seen by another one.
  return isFree && !turns.changed.some((name) => turns.reads.has(name)) ? turns.filled : undefined;
}

/** The key of a loop over a dict, its keys, its items, or a set: no two turns have the same. */
function keyOf({ iter, target }: StatementOf<"for">): string | undefined {
  const isItems = iter.kind === "call" && iter.callee.kind === "attr" && iter.callee.name === "items";
  const isKeys = iter.kind === "call" && iter.callee.kind === "attr" && iter.callee.name === "keys";
  if (isItems) {
    const first = target.kind === "tuple" ? target.items[0] : undefined;
    return first?.kind === "name" ? first.name : undefined;
  }
  return (iter.kind === "name" || isKeys) && target.kind === "name" ? target.name : undefined;
}

function isTurnFree(statement: Statement, turns: Turns): boolean {
  const { key, kindOf, changed, reads } = turns;
  const go = (one: Statement): boolean => isTurnFree(one, turns);
  switch (statement.kind) {
    case "if":
      readOutside(statement.test, key, reads);
      return blocksOf(statement).every((block) => block.every(go));
    case "pass":
    case "continue":
      return true;
    case "augment": {
      readOutside(statement.value, key, reads);
      const { target, op } = statement;
      if (target.kind === "name") {
        changed.push(target.name);
        return (op === "+" || op === "-") && kindOf(target.name) === "int";
      }
      return isOwnEntry(target, turns);
    }
    case "assign": {
      const [target, second] = statement.targets;
      if (target === undefined || second !== undefined) return false;
      if (target.kind === "name") return isExtreme(statement, target.name, turns);
      readOutside(statement.value, key, reads);
      return isOwnEntry(target, turns);
    }
    case "expr": {
      const { value } = statement;
      if (value.kind !== "call" || value.callee.kind !== "attr" || value.callee.name !== "add") return false;
      const name = rootOf(value.callee.target);
      if (value.callee.target.kind !== "name" || name === undefined || kindOf(name) !== "set") return false;
      changed.push(name);
      for (const arg of value.args) readOutside(arg, key, reads);
      return true;
    }
    default:
      return false;
  }
}

/** d[key] of the key that is walked: each turn has an entry of its own. */
function isOwnEntry(target: Source, { key, changed, filled, kindOf }: Turns): boolean {
  if (target.kind !== "index" || target.target.kind !== "name" || target.index.kind !== "name") return false;
  const { name } = target.target;
  changed.push(name);
  filled.push(name);
  return key !== undefined && target.index.name === key && kindOf(name) === "dict";
}

/** best = max(best, x). */
function isExtreme(statement: StatementOf<"assign">, name: string, turns: Turns): boolean {
  const { key, changed, reads, kindOf } = turns;
  const { value } = statement;
  if (value.kind !== "call" || value.callee.kind !== "name" || value.named.length > 0) return false;
  if (value.callee.name !== "max" && value.callee.name !== "min") return false;
  const others = value.args.filter((one) => one.kind !== "name" || one.name !== name);
  if (others.length !== value.args.length - 1) return false;
  for (const one of others) readOutside(one, key, reads);
  changed.push(name);
  return kindOf(name) === "int" || kindOf(name) === "str";
}

/** Names that an expression reads, but for the entry of its own key: d[key], key in d, d.get(key). */
function readOutside(source: Source, key: string | undefined, reads: Set<string>): void {
  const isKey = (one: Source | undefined): boolean => one?.kind === "name" && one.name === key;
  if (source.kind === "index" && source.target.kind === "name" && isKey(source.index)) return;
  if (source.kind === "compare" && isKey(source.first) && source.rest.length === 1) {
    const [only] = source.rest;
    if (only !== undefined && (only.op === "in" || only.op === "not in") && only.right.kind === "name")
      return;
  }
  const isGet = source.kind === "call" && source.callee.kind === "attr" && source.callee.name === "get";
  if (
    isGet &&
    source.kind === "call" &&
    source.callee.kind === "attr" &&
    source.callee.target.kind === "name" &&
    isKey(source.args[0])
  ) {
    for (const one of source.args.slice(1)) readOutside(one, key, reads);
    return;
  }
  if (source.kind === "binary") {
    readOutside(source.left, key, reads);
    readOutside(source.right, key, reads);
    return;
  }
  readsOf(source, reads);
}
