import { TrapSignal } from "#anrf/program/trap.ts";
import type { Value } from "#anrf/program/value.ts";
import { BOOLS } from "./bools.ts";
import { CATALOGUE, knownBuiltin } from "./catalogue.ts";
import { DATES } from "./dates.ts";
import { DECIMALS } from "./decimals.ts";
import { DERIVED_LISTS } from "./derived-lists.ts";
import { DERIVED_STRINGS } from "./derived-strings.ts";
import { FLOATS } from "./floats.ts";
import type { BuiltinFunction, BuiltinTable } from "./function.ts";
import { INTS } from "./ints.ts";
import { LISTS } from "./lists.ts";
import { MAPS } from "./maps.ts";
import { OPTIONS } from "./options.ts";
import { REGEXES } from "./regex/regexes.ts";
import { STRINGS } from "./strings.ts";

const THEMES: readonly BuiltinTable[] = [
  BOOLS,
  INTS,
  FLOATS,
  STRINGS,
  DERIVED_STRINGS,
  LISTS,
  DERIVED_LISTS,
  MAPS,
  OPTIONS,
  DECIMALS,
  DATES,
  REGEXES,
];

const BY_NUMBER: ReadonlyMap<number, BuiltinFunction> = readThemes();

/** What the builtin of that number does, or undefined where this build does not run it. */
export function implementation(number: number): BuiltinFunction | undefined {
  return BY_NUMBER.get(number);
}

/** True when this build runs the builtin of that number. */
export function isSupported(number: number): boolean {
  return BY_NUMBER.has(number);
}

/** One call outside a program: its value or its trap; throws where the id names no builtin that this build runs. */
export function runBuiltin(
  id: string,
  args: readonly Value[],
): { readonly value: Value } | { readonly trap: TrapSignal } {
  const run = implementation(knownBuiltin(id).number);
  if (run === undefined) throw new Error(`builtin "${id}" is not run by this build`);
  try {
    return { value: run(...args) };
  } catch (error) {
    if (error instanceof TrapSignal) return { trap: error };
    throw error;
  }
}

function readThemes(): ReadonlyMap<number, BuiltinFunction> {
  const byId = new Map(THEMES.flatMap((theme) => Object.entries(theme)));
  const byNumber = new Map<number, BuiltinFunction>();
  for (const { id, number } of CATALOGUE) {
    const found = byId.get(id);
    if (found === undefined) continue;
    byNumber.set(number, found);
    byId.delete(id);
  }
  for (const id of byId.keys())
    throw new Error(`an implementation stands under "${id}", which is no builtin`);
  return byNumber;
}
