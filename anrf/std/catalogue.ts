import { getOption } from "@bufbuild/protobuf";
import {
  type Builtin as BuiltinNumber,
  BuiltinSchema,
  BuiltinSmt,
  type BuiltinSpec,
  BuiltinStability,
  BuiltinTier,
  builtin as specOption,
} from "#gen/anrf/v1/builtins_pb.ts";
import type { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";
import { parseSignature, type Signature } from "./signature.ts";

/** What a call costs: base + perItem × size. */
export interface Cost {
  /** Charged for every call. */
  readonly base: number;
  /** Charged for each unit of size; 0 where the size does not matter. */
  readonly perItem: number;
  /** Index of the argument whose size counts. */
  readonly sizedArg: number;
  /** The size n counts as n × ⌈log2 n⌉. */
  readonly linearithmic: boolean;
  /** The size is that of the result, or of all collections together. */
  readonly sizedResult: boolean;
}

/** One builtin of the catalogue. */
export interface Builtin {
  /** Its number in a program, for ever. */
  readonly number: BuiltinNumber;
  /** `list.sum_int`. */
  readonly id: string;
  /** `list`; empty for the builtins without a family. */
  readonly family: string;
  /** `sum_int`. */
  readonly name: string;
  /** Its type, parsed. */
  readonly signature: Signature;
  /** Its one spelling: `+`, `[]`, `.sum`, `List.range` or `min`. */
  readonly text: string;
  /** Other spellings that are read. */
  readonly aliases: readonly string[];
  /** How it can end without a value. */
  readonly traps: readonly TrapCode[];
  /** Where its meaning is implemented. */
  readonly tier: "core" | "derived" | "host";
  /** What a proof may know. */
  readonly smt: "exact" | "bounded" | "uninterpreted";
  /** What a call costs. */
  readonly cost: Cost;
  /** The first minor version that has it. */
  readonly sinceMinor: number;
  /** The first minor version that advises against it. */
  readonly deprecatedMinor: number | undefined;
  /** False: programs need an opt-in. */
  readonly isStable: boolean;
  /** One sentence. */
  readonly doc: string;
}

/** All builtins in the order of their numbers. */
export const CATALOGUE: readonly Builtin[] = readCatalogue();

const BY_NUMBER: ReadonlyMap<number, Builtin> = new Map(CATALOGUE.map((one) => [one.number, one] as const));
const BY_ID: ReadonlyMap<string, Builtin> = new Map(CATALOGUE.map((one) => [one.id, one]));
const BY_TEXT = groupBy((one) => [one.text]);
const BY_ALIAS = groupBy((one) => one.aliases);
const BY_FAMILY = groupBy((one) => [one.family]);
const NONE: readonly Builtin[] = [];

/** The builtin of that number, or undefined. */
export function builtinByNumber(number: number): Builtin | undefined {
  return BY_NUMBER.get(number);
}

/** The builtin of that id (`list.map`), or undefined. */
export function builtinById(id: string): Builtin | undefined {
  return BY_ID.get(id);
}

/** The builtin of that id; throws where the catalogue has none: for ids that stand in our own source. */
export function knownBuiltin(id: string): Builtin {
  const found = BY_ID.get(id);
  if (found === undefined) throw new Error(`builtin "${id}" is not in the catalogue`);
  return found;
}

/** All that are written so (`+` has several, `.map` two), in order of number. */
export function builtinsByText(text: string): readonly Builtin[] {
  return BY_TEXT.get(text) ?? NONE;
}

/** All that can also be read so (`len`, `toUpperCase`, `Math.max`, `&&`), in order of number. */
export function builtinsByAlias(alias: string): readonly Builtin[] {
  return BY_ALIAS.get(alias) ?? NONE;
}

/** All of a family (`list`), in order of number; the empty name gives those without one. */
export function builtinsOfFamily(family: string): readonly Builtin[] {
  return BY_FAMILY.get(family) ?? NONE;
}

function readCatalogue(): readonly Builtin[] {
  const found: Builtin[] = [];
  for (const value of BuiltinSchema.values) {
    if (value.number !== 0)
      found.push(builtinOf(value.number as BuiltinNumber, getOption(value, specOption)));
  }
  return found;
}

function builtinOf(number: BuiltinNumber, spec: BuiltinSpec): Builtin {
  const dot = spec.id.indexOf(".");
  return {
    number,
    id: spec.id,
    family: dot < 0 ? "" : spec.id.slice(0, dot),
    name: spec.id.slice(dot + 1),
    signature: parseSignature(spec.signature),
    text: spec.text,
    aliases: spec.aliases,
    traps: spec.traps,
    tier: tierOf(spec),
    smt: smtOf(spec),
    cost: costOf(spec),
    sinceMinor: spec.sinceMinor,
    deprecatedMinor: spec.deprecatedMinor,
    isStable: spec.stability === BuiltinStability.STABLE,
    doc: spec.doc,
  };
}

function costOf({ id, fuel }: BuiltinSpec): Cost {
  if (fuel === undefined) throw new Error(`builtin "${id}" has no fuel`);
  const { base, perItem, sizedArg, linearithmic, sizedResult } = fuel;
  return { base, perItem, sizedArg, linearithmic, sizedResult };
}

function tierOf({ id, tier }: BuiltinSpec): Builtin["tier"] {
  switch (tier) {
    case BuiltinTier.CORE:
      return "core";
    case BuiltinTier.DERIVED:
      return "derived";
    case BuiltinTier.HOST:
      return "host";
    default:
      throw new Error(`builtin "${id}" has no tier`);
  }
}

function smtOf({ id, smt }: BuiltinSpec): Builtin["smt"] {
  switch (smt) {
    case BuiltinSmt.EXACT:
      return "exact";
    case BuiltinSmt.BOUNDED:
      return "bounded";
    case BuiltinSmt.UNINTERPRETED:
      return "uninterpreted";
    default:
      throw new Error(`builtin "${id}" does not say what a proof may know`);
  }
}

function groupBy(keysOf: (one: Builtin) => readonly string[]): ReadonlyMap<string, readonly Builtin[]> {
  const groups = new Map<string, Builtin[]>();
  for (const one of CATALOGUE) {
    for (const key of keysOf(one)) {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [one]);
      else group.push(one);
    }
  }
  return groups;
}
