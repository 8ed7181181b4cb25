import { bytesToHex } from "@noble/hashes/utils.js";
import { nodeHash } from "#anrf/program/digest.ts";
import type { Program } from "#anrf/program/program.ts";
import type { Module } from "#gen/anrf/v1/ir_pb.ts";
import { shapeOf } from "./text.ts";

/** Functions that stand for each other, and those that have no counterpart; by index. */
export interface Matched {
  readonly pairs: readonly (readonly [older: number, newer: number])[];
  readonly added: readonly number[];
  readonly removed: readonly number[];
}

/** Pairs the entries, then functions of one name, then those of one body, then the only ones left of one shape. */
export function matchFunctions(older: Program, newer: Program): Matched {
  const pairs: (readonly [number, number])[] = [];
  const [left, right] = [
    new Set(older.functions.map((fn) => fn.index)),
    new Set(newer.functions.map((fn) => fn.index)),
  ];
  const pair = (x: number, y: number): void => {
    pairs.push([x, y]);
    left.delete(x);
    right.delete(y);
  };
  const byName = new Map(newer.functions.map((fn) => [fn.def.name, fn.index]));
  // The entry of one may be a helper of the other: then names say more than places do.
  const entryIn = byName.get(older.entry.def.name);
  if (entryIn === undefined && !older.functions.some((fn) => fn.def.name === newer.entry.def.name))
    pair(older.entry.index, newer.entry.index);
  for (const index of [...left]) {
    const other = byName.get(older.functions[index]?.def.name ?? "");
    if (other !== undefined && right.has(other)) pair(index, other);
  }
  pairByKey(older, newer, left, right, pair, bodyKey);
  pairByKey(older, newer, left, right, pair, (program, index) => shapeOf(functionAt(program, index)));
  return { pairs, added: [...right], removed: [...left] };
}

function pairByKey(
  older: Program,
  newer: Program,
  left: ReadonlySet<number>,
  right: ReadonlySet<number>,
  pair: (x: number, y: number) => void,
  keyOf: (program: Program, index: number) => string,
): void {
  const groups = new Map<string, number[]>();
  for (const index of right) {
    const key = keyOf(newer, index);
    groups.set(key, [...(groups.get(key) ?? []), index]);
  }
  const counts = new Map<string, number>();
  const keyed = [...left].map((index) => [index, keyOf(older, index)] as const);
  for (const [, key] of keyed) counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const [index, key] of keyed) {
    const [only, ...others] = groups.get(key) ?? [];
    if (only !== undefined && others.length === 0 && counts.get(key) === 1) pair(index, only);
  }
}

function bodyKey(program: Program, index: number): string {
  const fn = functionAt(program, index);
  return `${shapeOf(fn)} ${bytesToHex(nodeHash(program.module, index, fn.def.body))}`;
}

function functionAt(program: Program, index: number): Program["entry"] {
  const fn = program.functions[index];
  if (fn === undefined) throw new Error(`function ${index} is out of range`);
  return fn;
}

/** The older module with its functions called as their counterparts are, so that a new name alone changes no call. */
export function renamedTo({ module }: Program, newer: Program, pairs: Matched["pairs"]): Module {
  const names = new Map(pairs.map(([x, y]) => [x, functionAt(newer, y).def.name]));
  const taken = new Set(names.values());
  const functions = module.functions.map((fn, index) => {
    const name = names.get(index) ?? (taken.has(fn.name) ? `${fn.name}_removed` : fn.name);
    return { ...fn, name };
  });
  return { ...module, functions };
}
