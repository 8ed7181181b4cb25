import { childrenOf, readsOf } from "#anrf/import/source/live.ts";
import type { Source, Statement } from "#anrf/import/source/source.ts";

/**
 * True for `xs = d[k]` or `xs = d.get(k, [])` where the statements after it change xs alone and then put it back by
 * `d[k] = xs`: until then no one looks at d, so that xs may be taken for an object of its own.
 */
export function isPutBack(statements: readonly Statement[], index: number): boolean {
  const statement = statements[index];
  const [target, more] = statement?.kind === "assign" ? statement.targets : [];
  if (statement?.kind !== "assign" || target?.kind !== "name" || more !== undefined) return false;
  const place = placeRead(statement.value);
  if (place === undefined || place.holder === target.name) return false;
  for (let at = index + 1; at < statements.length; at++) {
    const next = statements[at];
    if (next === undefined) return false;
    if (isPut(next, place, target.name)) return true;
    if (!changesOnly(next, target.name, place)) return false;
  }
  return false;
}

interface Held {
  readonly holder: string;
  readonly key: Source;
}

function placeRead(value: Source): Held | undefined {
  if (value.kind === "index" && value.target.kind === "name" && isStill(value.index)) {
    return { holder: value.target.name, key: value.index };
  }
  if (value.kind !== "call" || value.callee.kind !== "attr" || value.callee.name !== "get") return undefined;
  const [key, fallback] = value.args;
  const { target } = value.callee;
  const isFresh = fallback !== undefined && ["list", "dict", "set"].includes(fallback.kind);
  if (target.kind !== "name" || key === undefined || !isStill(key) || !isFresh) return undefined;
  return { holder: target.name, key };
}

/** Names, literals and items of names: what has the same value again as long as its names have. */
function isStill(source: Source): boolean {
  const isPlain = ["name", "int", "str", "bool", "index", "tuple", "binary"].includes(source.kind);
  return isPlain && childrenOf(source).every(isStill);
}

function isPut(statement: Statement, { holder, key }: Held, name: string): boolean {
  const [target, more] = statement.kind === "assign" ? statement.targets : [];
  if (statement.kind !== "assign" || more !== undefined || target?.kind !== "index") return false;
  if (statement.value.kind !== "name" || statement.value.name !== name) return false;
  return (
    target.target.kind === "name" && target.target.name === holder && textOf(target.index) === textOf(key)
  );
}

/** A method of the name, or an augmented assignment to it, that reads neither the holder nor changes the key. */
function changesOnly(statement: Statement, name: string, { holder, key }: Held): boolean {
  const read = new Set<string>();
  if (statement.kind === "expr") {
    const { value } = statement;
    const callee = value.kind === "call" ? value.callee : undefined;
    if (
      value.kind !== "call" ||
      callee?.kind !== "attr" ||
      callee.target.kind !== "name" ||
      callee.target.name !== name
    )
      return false;
    for (const one of value.args) readsOf(one, read);
  } else if (
    statement.kind === "augment" &&
    statement.target.kind === "name" &&
    statement.target.name === name
  ) {
    readsOf(statement.value, read);
  } else return false;
  const keyNames = new Set<string>();
  readsOf(key, keyNames);
  return !read.has(holder) && !keyNames.has(name) && !read.has(name);
}

function textOf(source: Source): string {
  return JSON.stringify(source, (field, value: unknown) => {
    if (field === "id" || field === "line" || field === "column") return undefined;
    return typeof value === "bigint" ? String(value) : value;
  });
}
