import { dateText, decimalText } from "#anrf/program/scalar-text.ts";
import { hasClass, type NominalTypes, type Type, typeParts } from "#anrf/program/type.ts";
import { DecimalNumber, type Value } from "#anrf/program/value.ts";
import type { Code, Param } from "#anrf/view/code/code.ts";
import type { ModuleNames } from "#anrf/view/code/names.ts";
import { regexSource } from "#anrf/view/code/regex-source.ts";
import { OPERATORS, ORDERED, template } from "./builtins.ts";

/** What an expression needs to be written. */
export interface Writing {
  readonly names: ModuleNames;
  readonly nominals: NominalTypes;
}

/** An expression and how tightly it binds: 0 a lambda, 1 `if else`, then as in `Template`. */
interface Written {
  readonly text: string;
  readonly level: number;
}

/** The expression where any may stand. */
export function codeText(writing: Writing, code: Code): string {
  return write(writing, code).text;
}

function write(writing: Writing, code: Code): Written {
  const all = (parts: readonly Code[]): string => parts.map((part) => codeText(writing, part)).join(", ");
  const atom = (text: string): Written => ({ text, level: 11 });
  switch (code.kind) {
    case "literal":
      return literal(code.value, code.type);
    case "name":
      return atom(code.name);
    case "names":
      return atom(`(${code.names.join(", ")})`);
    case "field":
      return atom(fieldText(writing, code.target, code.index));
    case "builtin":
      return builtinText(writing, code);
    case "lambda": {
      const params = code.params.map(({ name }) => String(name)).join(", ");
      return {
        text: `lambda${params === "" ? "" : ` ${params}`}: ${codeText(writing, code.body)}`,
        level: 0,
      };
    }
    case "block":
      throw new Error("a lambda of Python holds no statements");
    case "call": {
      const callee = typeof code.callee === "string" ? code.callee : at(writing, code.callee, 11);
      return atom(`${callee}(${all(code.args)})`);
    }
    case "list":
      return atom(`[${all(code.items)}]`);
    case "tuple":
      return atom(`(${all(code.items)})`);
    case "map": {
      const items = code.items.map((item) => codeText(writing, item));
      const pairs = items.flatMap((key, index) =>
        index % 2 === 0 ? [`(${key}, ${items[index + 1] ?? ""})`] : [],
      );
      return atom(pairs.length === 0 ? "{}" : `_dict([${pairs.join(", ")}])`);
    }
    case "record":
      return atom(
        `${code.type.kind === "record" ? (writing.names.records.get(code.type.name)?.name ?? "") : ""}(${all(code.items)})`,
      );
    case "variant": {
      const variant = code.type.kind === "variant" ? writing.names.variants.get(code.type.name) : undefined;
      return atom(`${variant?.cases[code.caseIndex] ?? ""}(${all(code.items)})`);
    }
    case "option":
      return atom(code.some === undefined ? "None" : `Some(${codeText(writing, code.some)})`);
    case "if": {
      const [condition, yes, no] = [
        at(writing, code.condition, 2),
        at(writing, code.whenTrue, 2),
        at(writing, code.whenFalse, 1),
      ];
      return { text: `${yes} if ${condition} else ${no}`, level: 1 };
    }
    case "trap":
      return atom(`_trap(${stringText(code.code)}, ${stringText(code.message)})`);
    default:
      throw new Error(`unreachable: ${code satisfies never}`);
  }
}

/** The expression in brackets unless it binds at least so tightly. */
function at(writing: Writing, code: Code, level: number): string {
  const written = write(writing, code);
  return written.level >= level ? written.text : `(${written.text})`;
}

function fieldText(writing: Writing, target: Code, index: number): string {
  const { type } = target;
  const text = at(writing, target, 11);
  if (type.kind !== "record") return `${text}[${index}]`;
  return `${text}.${writing.names.records.get(type.name)?.fields[index] ?? index}`;
}

function builtinText(writing: Writing, code: Extract<Code, { kind: "builtin" }>): Written {
  const { builtin, args } = code;
  const operator = OPERATORS[builtin.id];
  if (operator !== undefined) return comparison(writing, operator, args);
  if (builtin.family === "regex") return regexCall(writing, code);
  const ordered = ORDERED[builtin.id];
  if (ordered !== undefined)
    return filled(writing, [11, ordered[isOrdered(orderedType(code)) ? 0 : 1]], args);
  const [items, item] = args;
  if (builtin.id === "list.contains" && items !== undefined && item !== undefined) {
    const isPlain = hasClass(item.type, "key", writing.nominals);
    return filled(writing, isPlain ? [11, "_holds({0}, {1})"] : [11, "_contains({0}, {1})"], args);
  }
  const found = withFunction(builtin.id, args) ?? template(builtin.id, args.length);
  if (found === undefined)
    return { text: `_trap("INVALID", ${stringText(`${builtin.id} is not known`)})`, level: 11 };
  return filled(writing, found, args);
}

/** A comprehension works out its function for every item: one that has to be worked out first is handed to a helper. */
function withFunction(id: string, args: readonly Code[]): readonly [number, string] | undefined {
  const f = args[1];
  if (f === undefined || f.kind === "lambda" || f.kind === "name") return undefined;
  const helper: Readonly<Record<string, string>> = {
    "list.map": "_map({0}, {1})",
    "list.filter": "_filter({0}, {1})",
    "list.any": "_any({0}, {1})",
    "list.all": "_all({0}, {1})",
    "list.count": "len(_filter({0}, {1}))",
    "string.filter_chars": '"".join(_filter(list({0}), {1}))',
    "string.map_chars": '"".join(_map(list({0}), {1}))',
  };
  const found = helper[id];
  return found === undefined ? undefined : [11, found];
}

/** The type whose order a call takes. */
function orderedType({ builtin, args, type }: Extract<Code, { kind: "builtin" }>): Type {
  if (builtin.id === "list.sort_by") {
    const f = args[1]?.type;
    return f?.kind === "function" ? f.result : type;
  }
  return type.kind === "list" && builtin.family === "list" ? type.item : type;
}

function filled(writing: Writing, [level, text]: readonly [number, string], args: readonly Code[]): Written {
  const made = text.replace(
    /\{(\d)(?::(lazy|p|b|\d+))?(?::(\d+))?\}/g,
    (place, index: string, detail?: string, within?: string) => {
      const arg = args[Number(index)];
      if (arg === undefined) return place;
      if (detail === "lazy") return `lambda: ${codeText(writing, arg)}`;
      if (detail === "p") return itemName(arg);
      if (detail === "b") return bodyText(writing, arg, Number(within ?? "0"));
      return at(writing, arg, Number(detail ?? "0"));
    },
  );
  return { text: made, level };
}

function itemName(f: Code): string {
  return f.kind === "lambda" ? String((f.params[0] as Param).name) : "item";
}

function bodyText(writing: Writing, f: Code, level: number): string {
  return f.kind === "lambda" ? at(writing, f.body, level) : `${codeText(writing, f)}(item)`;
}

/** True where Python's own order of the values is that of the language. */
function isOrdered(type: Type): boolean {
  if (type.kind === "list" || type.kind === "tuple") return typeParts(type).every(isOrdered);
  return ["unit", "bool", "int", "string", "decimal", "date"].includes(type.kind);
}

function comparison(writing: Writing, operator: string, args: readonly Code[]): Written {
  const [left, right] = args;
  if (left === undefined || right === undefined) throw new Error(`"${operator}" has two operands`);
  const isEquality = operator === "==" || operator === "!=";
  const isPlain =
    left.type.kind === "float" ||
    (isEquality ? hasClass(left.type, "key", writing.nominals) : isOrdered(left.type));
  if (isPlain) return { text: `${at(writing, left, 6)} ${operator} ${at(writing, right, 6)}`, level: 5 };
  const call = `(${codeText(writing, left)}, ${codeText(writing, right)})`;
  if (!isEquality) return { text: `_compare${call} ${operator} 0`, level: 5 };
  return operator === "==" ? { text: `_equal${call}`, level: 11 } : { text: `not _equal${call}`, level: 4 };
}

const REGEX = {
  point: (code: number) =>
    (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)
      ? String.fromCharCode(code)
      : `\\U${code.toString(16).padStart(8, "0")}`,
  assertion: {
    start: "\\A",
    end: "\\Z",
    line_start: "(?<![^\\n])",
    line_end: "(?![^\\n])",
    boundary: "\\b",
    no_boundary: "\\B",
  },
  nothing: "(?!)",
  anything: "[\\s\\S]",
};

function regexCall(writing: Writing, { builtin, args }: Extract<Code, { kind: "builtin" }>): Written {
  const pattern = args[1];
  const source = pattern?.kind === "literal" ? regexSource(String(pattern.value), REGEX) : "";
  const found = template(builtin.id, args.length);
  if (found === undefined) throw new Error(`builtin "${builtin.id}" has no template`);
  const raw = args.map(
    (arg, index): Code => (index === 1 ? { kind: "name", name: `r"${source}"`, type: arg.type } : arg),
  );
  return filled(writing, found, raw);
}

function literal(value: Value, type: Type): Written {
  switch (type.kind) {
    case "unit":
      return { text: "()", level: 11 };
    case "bool":
      return { text: value === true ? "True" : "False", level: 11 };
    case "float":
      return floatLiteral(Number(value));
    case "string":
      return { text: stringText(String(value)), level: 11 };
    case "decimal":
      return { text: `Decimal("${value instanceof DecimalNumber ? decimalText(value) : "0"}")`, level: 11 };
    case "date": {
      const [year = "", month = "", day = ""] = dateText(Number(value)).split("-");
      return { text: `date(${Number(year)}, ${Number(month)}, ${Number(day)})`, level: 11 };
    }
    default: {
      // A number in front of a dot is read as a fraction: it counts as no tighter than a power.
      const text = String(value);
      return { text, level: text.startsWith("-") ? 9 : 11 };
    }
  }
}

function floatLiteral(value: number): Written {
  if (Number.isNaN(value)) return { text: "math.nan", level: 11 };
  if (!Number.isFinite(value))
    return value > 0 ? { text: "math.inf", level: 11 } : { text: "-math.inf", level: 9 };
  const text = Object.is(value, -0) ? "-0.0" : /[.e]/.test(String(value)) ? String(value) : `${value}.0`;
  return { text, level: text.startsWith("-") ? 9 : 11 };
}

/** A string literal from which nothing escapes. */
export function stringText(text: string): string {
  const body = text.replace(
    /["\\\p{Cc}\u00a0\u00ad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu,
    (char) => SHORT[char] ?? codeEscape(char.codePointAt(0) ?? 0),
  );
  return `"${body}"`;
}

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\t": "\\t",
  "\r": "\\r",
};

function codeEscape(code: number): string {
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code < 0x10000
    ? `\\u${code.toString(16).padStart(4, "0")}`
    : `\\U${code.toString(16).padStart(8, "0")}`;
}
