import type { Type } from "#anrf/program/type.ts";
import { type Int, Some, type SortedMap, type Value } from "#anrf/program/value.ts";

/**
 * A value of the other language as it travels: null, truth values and strings as they are, else [kind, content …]; the
 * content of a dict is pairs [key, value] without a kind.
 */
export type PythonValue = null | boolean | string | readonly PythonValue[];

/** The value as the other language takes it; throws on a type that it has no counterpart for. */
export function encodeValue(value: Value, type: Type): PythonValue {
  switch (type.kind) {
    case "unit":
      return null;
    case "bool":
    case "string":
      return value as boolean | string;
    case "int":
      return ["int", String(value)];
    case "float":
      return ["float", floatText(value as number)];
    case "option":
      return value instanceof Some ? encodeValue(value.value, type.item) : null;
    case "list":
      return ["list", ...(value as readonly Value[]).map((item) => encodeValue(item, type.item))];
    case "tuple":
      return ["tuple", ...type.items.map((item, index) => encodeValue(part(value, index), item))];
    case "map": {
      const { keys, values } = value as SortedMap;
      if (type.value.kind === "unit") return ["set", ...keys.map((key) => encodeValue(key, type.key))];
      return [
        "dict",
        ...keys.map(
          (key, index) =>
            [encodeValue(key, type.key), encodeValue(values[index] ?? null, type.value)] as const,
        ),
      ];
    }
    default:
      throw new Error(`cannot send a value of type ${type.text} to another language`);
  }
}

function part(value: Value, index: number): Value {
  return (value as readonly Value[])[index] ?? null;
}

function floatText(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0.0" : String(value);
  return Number.isNaN(value) ? "nan" : value < 0 ? "-inf" : "inf";
}

/** How two values compare: `close` where only floats differ, by one unit in the last place. */
export type Sameness = "equal" | "close" | "different";

/** Compares what the other language gave with a value of that type. */
export function compareAnswer(found: PythonValue, value: Value, type: Type): Sameness {
  switch (type.kind) {
    case "unit":
      return claim(found === null);
    case "bool":
    case "string":
      return claim(found === value);
    case "int":
      return claim(integerOf(found) === BigInt(value as Int));
    case "float":
      // An int 0 has no sign to compare.
      if (integerOf(found) === 0n) return claim(value === 0);
      return compareFloats(floatOf(found), value as number);
    case "option":
      if (value === null || found === null) return claim(value === found);
      return value instanceof Some ? compareAnswer(found, value.value, type.item) : "different";
    case "list":
      // A dict whose order is seen is a list of its pairs.
      if (Array.isArray(found) && found[0] === "dict" && type.item.kind === "tuple") {
        const pairs = found.slice(1).map((pair) => ["tuple", ...(pair as readonly PythonValue[])] as const);
        return compareAnswer(["list", ...pairs], value, type);
      }
      return compareItems(found, value as readonly Value[], () => type.item, ["list", "tuple"]);
    case "tuple":
      return compareItems(found, value as readonly Value[], (index) => type.items[index], ["tuple", "list"]);
    case "map":
      return compareMaps(found, value as SortedMap, type.key, type.value);
    default:
      return "different";
  }
}

const claim = (isEqual: boolean): Sameness => (isEqual ? "equal" : "different");

function worst(parts: Iterable<Sameness>): Sameness {
  let found: Sameness = "equal";
  for (const one of parts) {
    if (one === "different") return one;
    if (one === "close") found = one;
  }
  return found;
}

/** Python's truth values are ints: `True == 1`. */
function integerOf(found: PythonValue): bigint | undefined {
  if (typeof found === "boolean") return BigInt(found);
  if (!Array.isArray(found)) return undefined;
  const text = String(found[1]);
  if (found[0] === "int") return BigInt(text);
  return found[0] === "number" && Number.isInteger(Number(text)) ? BigInt(Number(text)) : undefined;
}

/** An int where a float is declared is that float, as `==` of the language says. */
function floatOf(found: PythonValue): number | undefined {
  const whole = integerOf(found);
  if (whole !== undefined) return BigInt(Number(whole)) === whole ? Number(whole) : undefined;
  if (!Array.isArray(found) || (found[0] !== "float" && found[0] !== "number")) return undefined;
  const text = String(found[1]);
  return text.endsWith("inf") ? Number(text.replace("inf", "Infinity")) : Number(text);
}

function compareFloats(found: number | undefined, value: number): Sameness {
  if (found === undefined) return "different";
  if (Object.is(found, value)) return "equal";
  const gap = orderedBits(found) - orderedBits(value);
  return found !== 0 && (gap === 1n || gap === -1n) ? "close" : "different";
}

const BITS = new DataView(new ArrayBuffer(8));

/** Bits of a double as an integer that rises with the double. */
function orderedBits(value: number): bigint {
  BITS.setFloat64(0, value);
  const bits = BITS.getBigInt64(0);
  return bits < 0n ? -(bits & 0x7fffffffffffffffn) : bits;
}

function compareItems(
  found: PythonValue,
  values: readonly Value[],
  typeAt: (index: number) => Type | undefined,
  kinds: readonly string[],
): Sameness {
  if (!Array.isArray(found) || !kinds.includes(found[0]) || found.length !== values.length + 1)
    return "different";
  return worst(
    values.map((value, index) => {
      const type = typeAt(index);
      return type === undefined ? "different" : compareAnswer(found[index + 1], value, type);
    }),
  );
}

function compareMaps(found: PythonValue, map: SortedMap, key: Type, value: Type): Sameness {
  if (!Array.isArray(found) || found.length !== map.keys.length + 1) return "different";
  const [kind, ...content] = found;
  const isSet = kind === "set" && value.kind === "unit";
  if (!isSet && kind !== "dict") return "different";
  const open = map.keys.map((_, index) => index);
  for (const one of content) {
    const [foundKey, foundValue] = isSet ? [one, null] : (one as readonly PythonValue[]);
    const at = open.findIndex((index) => compareAnswer(foundKey, map.keys[index] ?? null, key) === "equal");
    const index = open[at];
    if (index === undefined) return "different";
    open.splice(at, 1);
    const same = compareAnswer(foundValue, map.values[index] ?? null, value);
    if (same !== "equal") return same;
  }
  return "equal";
}

/** The value as people read it. */
export function showAnswer(value: PythonValue): string {
  if (!Array.isArray(value)) return JSON.stringify(value);
  const [kind, ...content] = value;
  if (kind === "int" || kind === "float" || kind === "number") return String(content[0]);
  const items = content.map((one) =>
    kind === "dict" ? (one as readonly PythonValue[]).map(showAnswer).join(": ") : showAnswer(one),
  );
  return `${kind}(${items.join(", ")})`;
}
