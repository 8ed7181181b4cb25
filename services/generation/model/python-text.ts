import type { Type } from "#anrf/program/type.ts";
import { Some, type SortedMap, type Value } from "#anrf/program/value.ts";

/** Words that Python keeps for itself, and names that a model would take for builtins. */
const RESERVED = new Set(
  `False None True and as assert async await break class continue def del elif else except finally for from global if
  import in is lambda nonlocal not or pass raise return try while with yield`.split(/\s+/),
);

/** A name that Python takes as it is, else the same with `_` after it. */
export function pythonName(name: string): string {
  return RESERVED.has(name) ? `${name}_` : name;
}

/** A type as a hint of Python: `map<string, list<int>>` is `dict[str, list[int]]`. */
export function pythonType(type: Type): string {
  switch (type.kind) {
    case "int":
    case "float":
    case "bool":
      return type.kind;
    case "string":
      return "str";
    case "list":
      return `list[${pythonType(type.item)}]`;
    case "option":
      return `Optional[${pythonType(type.item)}]`;
    case "map":
      return `dict[${pythonType(type.key)}, ${pythonType(type.value)}]`;
    case "tuple":
      return `tuple[${type.items.map(pythonType).join(", ")}]`;
    default:
      throw new Error(`no program is sought for the type ${type.text}`);
  }
}

/** A value as Python writes it: `{"a": [1, 2.0]}`. */
export function pythonValue(value: Value, type: Type): string {
  switch (type.kind) {
    case "int":
      return String(value);
    case "float":
      return floatText(value as number);
    case "bool":
      return value === true ? "True" : "False";
    case "string":
      return stringText(value as string);
    case "list":
      return `[${(value as readonly Value[]).map((item) => pythonValue(item, type.item)).join(", ")}]`;
    case "option":
      return value instanceof Some ? pythonValue(value.value, type.item) : "None";
    case "tuple":
      return `(${type.items.map((item, at) => pythonValue((value as readonly Value[])[at] ?? null, item)).join(", ")})`;
    case "map": {
      const { keys, values } = value as SortedMap;
      const members = keys.map(
        (key, at) => `${pythonValue(key, type.key)}: ${pythonValue(values[at] ?? null, type.value)}`,
      );
      return `{${members.join(", ")}}`;
    }
    default:
      throw new Error(`no program is sought for the type ${type.text}`);
  }
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return 'float("nan")';
  if (!Number.isFinite(value)) return value > 0 ? 'float("inf")' : 'float("-inf")';
  return Number.isInteger(value) && Math.abs(value) < 1e16 ? value.toFixed(1) : String(value);
}

/** In double quotes; JSON's escapes are Python's, but for astral characters, which stand as they are in both. */
function stringText(value: string): string {
  return JSON.stringify(value);
}
