import { describe, expect, test } from "vitest";
import {
  BOOL,
  DATE,
  DECIMAL,
  FLOAT,
  functionOf,
  hasClass,
  INT,
  listOf,
  mapOf,
  optionOf,
  STRING,
  substitute,
  type Type,
  tupleOf,
  typeVar,
  UNIT,
} from "#anrf/program/type.ts";
import {
  compareValues,
  DecimalNumber,
  INT_MAX,
  INT_MIN,
  intFromBigint,
  Some,
  SortedMap,
  type Value,
} from "#anrf/program/value.ts";
import { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";
import { type Builtin, CATALOGUE } from "./catalogue.ts";
import { costFunction } from "./cost.ts";
import { DATE_MAX, DATE_MIN } from "./dates.ts";
import { ROUNDINGS } from "./decimals.ts";
import { isSupported, runBuiltin } from "./supported.ts";

const ROUNDS = 150;
const SUPPORTED = CATALOGUE.filter((one) => isSupported(one.number));

describe("every builtin, on random arguments of random instances", () => {
  test.each(SUPPORTED.map((one) => [one.id, one] as const))(
    "%s gives a value of its type or a declared trap",
    (id, one) => {
      const random = randomFrom(one.number);
      for (let round = 0; round < ROUNDS; round++) {
        const bindings = randomBindings(one, random);
        const args = one.signature.params.map(({ type, mark }) => {
          if (mark === "const") return ROUNDINGS[random(ROUNDINGS.length)] as Value;
          const made = randomValue(substitute(type, bindings), random);
          return mark === "lazy" ? () => made : made;
        });
        const shown = `${id}(${args.map(show).join(", ")}), round ${round}`;
        const before = args.map(show).join();
        const cost = costFunction(one)(...args);
        expect(Number.isInteger(cost) && cost >= one.cost.base, `${shown} costs ${cost}`).toBe(true);
        if (cost > 100_000) continue;
        const outcome = runBuiltin(id, args);
        expect(args.map(show).join(), `${shown} changed its arguments`).toBe(before);
        if ("trap" in outcome) {
          expect([...one.traps, TrapCode.MEMORY], `${shown} trapped: ${outcome.trap.message}`).toContain(
            outcome.trap.code,
          );
          continue;
        }
        const result = substitute(one.signature.result, bindings);
        expect(fault(result, outcome.value), `${shown} gave ${show(outcome.value)}`).toBeUndefined();
      }
    },
  );
});

/** Numbers below a bound, from a seed. */
type Random = (bound: number) => number;

function randomFrom(seed: number): Random {
  let state = seed * 2654435761 + 1;
  return (bound) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 3266489917) | 0;
    return ((state ^ (state >>> 13)) >>> 0) % bound;
  };
}

const SIMPLE: readonly Type[] = [INT, INT, STRING, FLOAT, BOOL, UNIT, DECIMAL, DATE];

function randomBindings(one: Builtin, random: Random): Map<string, Type> {
  const bindings = new Map<string, Type>();
  for (const [name, variable] of one.signature.vars) {
    const inner = SIMPLE[random(SIMPLE.length)] ?? INT;
    const made =
      [inner, inner, inner, listOf(inner), optionOf(inner), tupleOf([INT, inner])][random(6)] ?? inner;
    const cls = variable.kind === "var" ? variable.class : "any";
    bindings.set(name, hasClass(made, cls) ? made : INT);
  }
  return bindings;
}

const INTS = [
  0,
  1,
  -1,
  2,
  3,
  5,
  10,
  -7,
  36,
  63,
  64,
  2 ** 31,
  2 ** 53 - 1,
  2n ** 53n,
  INT_MAX,
  INT_MIN,
  -(2 ** 53) + 1,
];
const FLOATS = [
  0,
  -0,
  1,
  -1,
  0.5,
  2.5,
  1e-7,
  1e21,
  2 ** 63,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1e308,
  12.345,
];
const PIECES = ["a", "B", "1", " ", "-", "ß", "😀", "\n", "\r", ".", "é", "\u3000", "ab"];

function randomValue(type: Type, random: Random): Value {
  switch (type.kind) {
    case "unit":
      return null;
    case "bool":
      return random(2) === 0;
    case "int":
      return random(3) === 0 ? (INTS[random(INTS.length)] ?? 0) : random(12) - 3;
    case "float":
      return random(2) === 0 ? (FLOATS[random(FLOATS.length)] ?? 0) : (random(4000) - 2000) / 8;
    case "string":
      return Array.from({ length: random(8) }, () => PIECES[random(PIECES.length)]).join("");
    case "decimal":
      return (
        [new DecimalNumber(BigInt(random(9)), 0), new DecimalNumber(-15n, 1), new DecimalNumber(INT_MAX, 18)][
          random(3)
        ] ?? null
      );
    case "date":
      return [0, DATE_MIN, DATE_MAX, random(40_000)][random(4)] ?? 0;
    case "list":
      return Array.from({ length: random(7) }, () => randomValue(type.item, random));
    case "option":
      return random(3) === 0 ? null : new Some(randomValue(type.item, random));
    case "tuple":
      return type.items.map((item) => randomValue(item, random));
    case "map": {
      const entries = Array.from({ length: random(5) }, () => tupleOf([type.key, type.value]));
      return SortedMap.fromEntries(entries.map((pair) => randomValue(pair, random) as [Value, Value]));
    }
    case "function": {
      const seed = random(1000);
      return (...args) => randomValue(type.result, randomFrom(hash(args.map(show).join(), seed)));
    }
    default:
      throw new Error(`no random value of ${type.text}`);
  }
}

function hash(text: string, seed: number): number {
  let state = seed;
  for (let i = 0; i < text.length; i++) state = (Math.imul(state, 31) + text.charCodeAt(i)) | 0;
  return state;
}

/** What is wrong with the value as one of the type, or undefined. */
function fault(type: Type, value: Value): string | undefined {
  switch (type.kind) {
    case "unit":
      return value === null ? undefined : "not ()";
    case "bool":
    case "string":
      if (typeof value === "string" && !value.isWellFormed()) return "a lone surrogate";
      return typeof value === (type.kind === "bool" ? "boolean" : "string")
        ? undefined
        : `not a ${type.kind}`;
    case "int":
      if (typeof value === "bigint")
        return intFromBigint(value) === value ? undefined : "an int in the wrong form";
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? undefined : "not an int";
    case "float":
      return typeof value === "number" ? undefined : "not a float";
    case "date":
      return Number.isInteger(value) && Number(value) >= DATE_MIN && Number(value) <= DATE_MAX
        ? undefined
        : "not a date";
    case "decimal": {
      if (!(value instanceof DecimalNumber)) return "not a decimal";
      const { coefficient, scale } = value;
      if (scale > 0 && coefficient % 10n === 0n) return "a decimal with trailing zeros";
      return scale <= 18 && coefficient >= INT_MIN && coefficient <= INT_MAX
        ? undefined
        : "a decimal out of range";
    }
    case "list":
      return Array.isArray(value) ? firstFault(value, () => type.item) : "not a list";
    case "tuple":
      if (!Array.isArray(value) || value.length !== type.items.length) return "not a tuple";
      return firstFault(value, (i) => type.items[i] ?? UNIT);
    case "option":
      if (value === null) return undefined;
      return value instanceof Some ? fault(type.item, value.value) : "not an option";
    case "map": {
      if (!(value instanceof SortedMap) || value.keys.length !== value.values.length) return "not a map";
      const isUnsorted = value.keys.some(
        (key, i) => i > 0 && compareValues(value.keys[i - 1] as Value, key) >= 0,
      );
      if (isUnsorted) return "a map out of order";
      return firstFault(value.keys, () => type.key) ?? firstFault(value.values, () => type.value);
    }
    default:
      return `no value of ${type.text} is returned`;
  }
}

function firstFault(values: readonly Value[], typeAt: (index: number) => Type): string | undefined {
  for (let i = 0; i < values.length; i++) {
    const found = i in values ? fault(typeAt(i), values[i] as Value) : "an empty slot";
    if (found !== undefined) return `${found} at ${i}`;
  }
  return undefined;
}

function show(value: Value): string {
  if (typeof value === "function") return "f";
  if (typeof value === "number" && Object.is(value, -0)) return "-0";
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (value instanceof Some) return `some(${show(value.value)})`;
  if (value instanceof SortedMap)
    return `{${value.keys.map((key, i) => `${show(key)}: ${show(value.values[i] as Value)}`).join(", ")}}`;
  return value instanceof DecimalNumber ? `${value.coefficient}e-${value.scale}` : String(value);
}

test("the checks of this file see what is wrong", () => {
  expect(fault(INT, -0)).toBe("not an int");
  expect(fault(INT, 5n)).toBe("an int in the wrong form");
  expect(fault(INT, 0.5)).toBe("not an int");
  expect(fault(STRING, "\ud800")).toBe("a lone surrogate");
  expect(fault(listOf(INT), [1, "a"])).toBe("not an int at 1");
  expect(fault(mapOf(INT, INT), new SortedMap([2, 1], [0, 0]))).toBe("a map out of order");
  expect(fault(functionOf([], typeVar("a")), () => 1)).toContain("no value of");
});
