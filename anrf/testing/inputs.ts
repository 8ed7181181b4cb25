import type { Type } from "#anrf/program/type.ts";
import { intFromBigint, Some, SortedMap, type Value } from "#anrf/program/value.ts";
import type { Random } from "./random.ts";

/** What the values of one call have in common. */
type Flavour = "least" | "single" | "plain" | "repeating" | "negative" | "unicode" | "basic" | "large";

const FLAVOURS: readonly Flavour[] = [
  "plain",
  "plain",
  "plain",
  "plain",
  "repeating",
  "negative",
  "unicode",
  "large",
];
const WORDS = [
  "a",
  "b",
  "ab",
  "abc",
  "hello",
  "World",
  "level",
  "42",
  "-7",
  "3.5",
  "x y",
  "a,b,c",
  " pad ",
  "()",
  "A1b2",
  "one two  two",
  "101",
  "-12",
  "key=value",
  "aaaa",
];
const ODD = ["é", "ß", "日本", "😀", "Ünï", "ǅ", "\t", "\n", "٣", "İ", "\u00a0", "e\u0301"];
const LARGE = [
  2n ** 31n,
  -(2n ** 31n),
  10n ** 9n,
  2n ** 53n,
  2n ** 62n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  999_999_937n,
];
const LETTERS = "aabbcdeXYZ012 .,-";

/** What inputs hold. */
export interface InputOptions {
  /** Text without characters beyond the basic plane. */
  readonly hasBasicText?: boolean;
}

/**
 * Arguments for so many calls of a function with these parameters: all empty or zero first, then of one item, then
 * such as people try, among them repeated, negative, large and non-ASCII ones. Types without functions and nominals.
 */
export function callInputs(
  random: Random,
  types: readonly Type[],
  count: number,
  options: InputOptions = {},
): readonly (readonly Value[])[] {
  return Array.from({ length: count }, (_, index) => {
    const flavour = index === 0 ? "least" : index === 1 ? "single" : random.pick(FLAVOURS);
    const isBasic = options.hasBasicText === true && flavour === "unicode";
    return types.map((type) => input(random, type, isBasic ? "basic" : flavour, 0));
  });
}

function input(random: Random, type: Type, flavour: Flavour, level: number): Value {
  const inner = (part: Type): Value => input(random, part, flavour, level + 1);
  switch (type.kind) {
    case "bool":
      return flavour !== "least" && random.chance(0.5);
    case "int":
      return int(random, flavour);
    case "float":
      return float(random, flavour);
    case "string":
      return string(random, flavour);
    case "tuple":
      return type.items.map(inner);
    case "option":
      return flavour === "least" || random.chance(0.2) ? null : new Some(inner(type.item));
    case "list": {
      const items = Array.from({ length: length(random, flavour, level) }, () => inner(type.item));
      return flavour === "plain" && random.chance(0.2) ? items.toSorted(byPlainOrder) : items;
    }
    case "map":
      return SortedMap.fromEntries(
        Array.from(
          { length: length(random, flavour, level) },
          () => [inner(type.key), inner(type.value)] as const,
        ),
      );
    case "unit":
      return null;
    default:
      throw new Error(`there is no input of type ${type.text}`);
  }
}

/** Sorted lists reach what bisection and merging do; only plain scalars are put in order. */
function byPlainOrder(a: Value, b: Value): number {
  if (typeof a !== typeof b || (typeof a !== "number" && typeof a !== "string")) return 0;
  return a < (b as number | string) ? -1 : Number(a > (b as number | string));
}

function length(random: Random, flavour: Flavour, level: number): number {
  if (flavour === "least") return level === 0 ? 0 : 1;
  if (flavour === "single") return 1;
  return random.below(level === 0 ? 9 : 5);
}

function int(random: Random, flavour: Flavour): Value {
  if (flavour === "least") return 0;
  if (flavour === "single") return 1;
  if (flavour === "repeating") return random.below(3);
  if (flavour === "negative") return random.below(14) - 12;
  if (flavour === "large" && random.chance(0.4)) return intFromBigint(random.pick(LARGE)) ?? 0;
  return random.chance(0.1) ? random.below(2_000) - 500 : random.below(16) - 3;
}

function float(random: Random, flavour: Flavour): Value {
  if (flavour === "least") return 0;
  if (flavour === "large" && random.chance(0.5))
    return random.pick([1e16, -1e22, 1e-7, 123456789.125, 1e308]);
  if (flavour === "repeating") return random.pick([0.5, 1, 2.5]);
  if (random.chance(0.15)) return random.pick([-0.5, 0.1, 2.675, 1e-3, 100, -0]);
  return (random.below(400) - 150) / random.pick([1, 2, 4, 10, 8]);
}

function string(random: Random, flavour: Flavour): Value {
  if (flavour === "least") return "";
  if (flavour === "single") return random.pick(["a", "7", " ", "Z"]);
  if ((flavour === "unicode" || flavour === "basic") && random.chance(0.6)) {
    const odd = flavour === "basic" ? ODD.filter((one) => one !== "😀") : ODD;
    return random.some(4, () => (random.chance(0.6) ? random.pick(odd) : random.pick(WORDS))).join("");
  }
  if (flavour === "repeating") return random.some(8, () => random.pick(["a", "b"])).join("");
  if (random.chance(0.5)) return random.pick(WORDS);
  return random.some(9, () => LETTERS[random.below(LETTERS.length)] ?? "a").join("");
}
