import type { Type } from "#anrf/program/type.ts";

/** A type in plain words: "list of whole numbers". */
export function typeWords(type: Type): string {
  return words(type, false);
}

/** The type with its article: "a list of whole numbers". */
export function aType(type: Type): string {
  const text = typeWords(type);
  return text === "nothing" ? text : `${/^[aeiou]/.test(text) ? "an" : "a"} ${text}`;
}

/** "a", "a and b", "a, b and c". */
export function listed(parts: readonly string[]): string {
  const last = parts.at(-1) ?? "";
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(", ")} and ${last}`;
}

function words(type: Type, isPlural: boolean): string {
  const s = isPlural ? "s" : "";
  switch (type.kind) {
    case "unit":
      return "nothing";
    case "bool":
      return `truth value${s}`;
    case "int":
      return `whole number${s}`;
    case "float":
      return `number${s}`;
    case "string":
      return `text${s}`;
    case "decimal":
      return `decimal number${s}`;
    case "date":
      return `date${s}`;
    case "list":
      return `list${s} of ${words(type.item, true)}`;
    case "option":
      return `optional ${words(type.item, isPlural)}`;
    case "map":
      return `map${s} from ${words(type.key, true)} to ${words(type.value, true)}`;
    case "tuple":
      return `${type.items.length === 2 ? "pair" : "group"}${s} of ${tupleWords(type.items)}`;
    case "function":
      return `function${s} from ${type.params.length === 0 ? "nothing" : listed(type.params.map((one) => words(one, false)))} to ${words(type.result, false)}`;
    case "record":
    case "variant":
      return isPlural ? `${type.name} values` : type.name;
    case "var":
      return type.name;
    default:
      throw new Error(`unreachable: ${type satisfies never}`);
  }
}

/** "6 whole numbers", "date and text". */
function tupleWords(items: readonly Type[]): string {
  const [first] = items;
  const isUniform = first !== undefined && items.every((item) => item.text === first.text);
  if (!isUniform) return listed(items.map((item) => words(item, false)));
  return `${items.length === 2 ? "" : `${items.length} `}${words(first, true)}`;
}

/** The line broken at blanks so that no part is wider than 100, where it can be; later parts stand further in. */
export function wrapped(line: string, width = 100): string[] {
  const indent = line.length - line.trimStart().length;
  const lines: string[] = [];
  let current = "";
  for (const word of line.trim().split(" ")) {
    const start = " ".repeat(lines.length === 0 ? indent : indent + 4);
    if (current === "") current = start + word;
    else if (current.length + 1 + word.length <= width) current += ` ${word}`;
    else {
      lines.push(current);
      current = " ".repeat(indent + 4) + word;
    }
  }
  return [...lines, current];
}
