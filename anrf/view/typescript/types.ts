import type { Type } from "#anrf/program/type.ts";
import type { Bound, Param } from "#anrf/view/code/code.ts";
import type { ModuleNames } from "#anrf/view/code/names.ts";

/** A type of the language as one of TypeScript. */
export function typeText(type: Type, names: ModuleNames): string {
  const go = (part: Type): string => typeText(part, names);
  switch (type.kind) {
    case "unit":
      return "null";
    case "bool":
      return "boolean";
    case "int":
      return "bigint";
    case "float":
      return "number";
    case "string":
      return "string";
    case "decimal":
      return "Decimal";
    case "date":
      return "Day";
    case "list": {
      const item = go(type.item);
      return `readonly ${/[ (]/.test(item) && !/^\w+<.*>$/.test(item) ? `(${item})` : item}[]`;
    }
    case "option":
      return `Option<${go(type.item)}>`;
    case "map":
      return `Dict<${go(type.key)}, ${go(type.value)}>`;
    case "tuple":
      return `readonly [${type.items.map(go).join(", ")}]`;
    case "function":
      return `((${type.params.map((param, index) => `${"abcdefghijklmnop"[index]}: ${go(param)}`).join(", ")}) => ${go(type.result)})`;
    case "record":
      return names.records.get(type.name)?.name ?? "never";
    case "variant":
      return names.variants.get(type.name)?.name ?? "never";
    case "var":
      throw new Error(`type variable ${type.name} is left in a program`);
    default:
      throw new Error(`unreachable: ${type satisfies never}`);
  }
}

/** A parameter with its type. */
export function paramText({ name, type }: Param, names: ModuleNames): string {
  return `${boundText(name)}: ${typeText(type, names)}`;
}

/** A name, or a pattern that leaves out what has none. */
export function boundText(name: Bound): string {
  if (typeof name === "string") return name;
  const parts = name.map((part) => (part === "_" ? "" : part));
  while (parts.at(-1) === "") parts.pop();
  return `[${parts.join(", ")}]`;
}
