import { decimalOf } from "#anrf/program/scalar-text.ts";
import {
  BOOL,
  DATE,
  DECIMAL,
  FLOAT,
  INT,
  listOf,
  mapOf,
  type NominalTypes,
  optionOf,
  STRING,
  type Type,
  tupleOf,
  UNIT,
} from "#anrf/program/type.ts";
import {
  INT_MAX,
  INT_MIN,
  intFromBigint,
  Some,
  SortedMap,
  type Value,
  Variant,
} from "#anrf/program/value.ts";
import type { Random } from "./random.ts";

const INTS = [
  0n,
  1n,
  -1n,
  2n,
  3n,
  7n,
  10n,
  100n,
  63n,
  64n,
  2n ** 53n,
  -(2n ** 53n),
  INT_MIN,
  INT_MAX,
  INT_MAX - 1n,
];
const FLOATS = [
  0,
  -0,
  1,
  -1.5,
  0.1,
  1e21,
  1e-7,
  5e-324,
  1.7976931348623157e308,
  Number.NaN,
  Infinity,
  -Infinity,
];
const CHARACTERS = [
  "a",
  "b",
  "z",
  "Z",
  "0",
  "9",
  " ",
  ",",
  "=",
  '"',
  "\\",
  "\n",
  "\t",
  "\u0000",
  "é",
  "ß",
  "\u202e",
  "\u200b",
  "😀",
  "\ufeff",
  "{",
  "#",
];

/** How types and values are chosen; decimals and dates only where asked for. */
export interface ValueOptions {
  readonly hasDecimals?: boolean;
}

/** A type that can be sent, of at most so many levels. */
export function randomType(
  random: Random,
  depth: number,
  nominals: readonly Type[] = [],
  options: ValueOptions = {},
): Type {
  const scalars = [
    INT,
    INT,
    INT,
    BOOL,
    STRING,
    STRING,
    FLOAT,
    UNIT,
    ...(options.hasDecimals ? [DECIMAL, DATE] : []),
  ];
  if (depth <= 1 || random.chance(0.45)) return random.pick([...scalars, ...nominals]);
  const part = (): Type => randomType(random, depth - 1, nominals, options);
  switch (random.below(4)) {
    case 0:
      return optionOf(part());
    case 1:
      return mapOf(random.pick([INT, STRING, BOOL, tupleOf([INT, STRING])]), part());
    case 2:
      return tupleOf([part(), part(), ...(random.chance(0.2) ? [part()] : [])]);
    default:
      return listOf(part());
  }
}

/** A value of a type without functions; `size` bounds lengths and levels. */
export function randomValue(random: Random, type: Type, nominals: NominalTypes, size = 3): Value {
  const go = (part: Type): Value => randomValue(random, part, nominals, size - 1);
  const length = Math.max(1, size + 1);
  switch (type.kind) {
    case "list":
      return random.some(length, () => go(type.item));
    case "option":
      return size <= 0 || random.chance(0.3) ? null : new Some(go(type.item));
    case "map":
      return SortedMap.fromEntries(random.some(length, () => [go(type.key), go(type.value)] as const));
    case "tuple":
      return type.items.map(go);
    case "record":
      return (nominals.records.get(type.name) ?? []).map((field) => go(field.type));
    case "variant": {
      const cases = nominals.variants.get(type.name) ?? [];
      const flat = cases.findIndex((one) => one.payload.length === 0);
      const index = size <= 0 && flat >= 0 ? flat : random.below(cases.length);
      return new Variant(index, (cases[index]?.payload ?? []).map(go));
    }
    case "function":
    case "var":
      throw new Error(`there is no random value of type ${type.text}`);
    default:
      return randomScalar(random, type);
  }
}

/** A value of a scalar type; the corners of each type are common. */
export function randomScalar(random: Random, type: Type): Value {
  switch (type.kind) {
    case "bool":
      return random.chance(0.5);
    case "int":
      return random.chance(0.25) ? (intFromBigint(random.pick(INTS)) ?? 0) : random.below(25) - 8;
    case "float":
      return random.chance(0.4)
        ? random.pick(FLOATS)
        : (random.below(4000) - 2000) / random.pick([1, 4, 10, 7]);
    case "string":
      return random
        .some(7, () => (random.chance(0.7) ? random.pick(["a", "b", "c", " "]) : random.pick(CHARACTERS)))
        .join("");
    case "decimal":
      return decimalOf(BigInt(random.below(200_000) - 50_000), random.below(5)) ?? null;
    case "date":
      return random.below(40_000) - 5_000;
    default:
      return null;
  }
}
