import { dateText, decimalText } from "#anrf/program/scalar-text.ts";
import type { Type } from "#anrf/program/type.ts";
import { DecimalNumber, type Value } from "#anrf/program/value.ts";
import type { Code, Param, Step } from "#anrf/view/code/code.ts";
import type { ModuleNames } from "#anrf/view/code/names.ts";
import { regexSource } from "#anrf/view/code/regex-source.ts";
import { plainJson } from "#anrf/view/escape.ts";
import { OPERATORS, template } from "./builtins.ts";
import { paramText, typeText } from "./types.ts";

/** What an expression needs to be written. */
export interface Writing {
  readonly names: ModuleNames;
  /** Statements at no indentation, for functions that hold some. */
  readonly steps: (steps: readonly Step[]) => readonly string[];
}

/** An expression and how tightly it binds: 0 a function, 1 `?:`, then as in `Template`. */
interface Written {
  readonly text: string;
  readonly level: number;
}

/** The expression where any may stand; where its type is written beside it, it need not be written in it. */
export function codeText(writing: Writing, code: Code, isTyped = false): string {
  return write(writing, code, isTyped).text;
}

function write(writing: Writing, code: Code, isTyped = false): Written {
  const go = (part: Code): string => write(writing, part).text;
  const atom = (text: string): Written => ({ text, level: 9 });
  switch (code.kind) {
    case "literal":
      return literal(code.value, code.type);
    case "name":
      return atom(code.name);
    case "names":
      return atom(`[${code.names.join(", ")}]`);
    case "field":
      return atom(fieldText(writing, code.target, code.index));
    case "builtin":
      return builtinText(writing, code);
    case "lambda": {
      const body = go(code.body);
      return {
        text: `${paramsText(writing, code.params)} => ${body.startsWith("{") ? `(${body})` : body}`,
        level: 0,
      };
    }
    case "block":
      return {
        text: [`${paramsText(writing, code.params)} => {`, ...indented(writing.steps(code.steps)), "}"].join(
          "\n",
        ),
        level: 0,
      };
    case "call": {
      const callee = typeof code.callee === "string" ? code.callee : at(writing, code.callee, 9);
      return atom(`${callee}(${code.args.map((arg) => codeText(writing, arg, true)).join(", ")})`);
    }
    case "list":
      if (code.items.length === 0) return typed("[]", code.type, writing, isTyped);
      return atom(`[${code.items.map((item) => codeText(writing, item, isTyped)).join(", ")}]`);
    case "tuple":
      return typed(
        `[${code.items.map((item) => codeText(writing, item, true)).join(", ")}]`,
        code.type,
        writing,
        isTyped,
      );
    case "map":
      return code.items.length === 0
        ? typed("[]", code.type, writing, isTyped)
        : atom(`$dict([${pairs(code.items.map(go))}])`);
    case "record":
      return atom(
        recordText(
          writing,
          code.type,
          code.items.map((item) => codeText(writing, item, true)),
        ),
      );
    case "variant":
      return atom(
        variantText(
          writing,
          code.type,
          code.caseIndex,
          code.items.map((item) => codeText(writing, item, true)),
        ),
      );
    case "option":
      return typed(
        code.some === undefined ? "null" : `{ some: ${codeText(writing, code.some, true)} }`,
        code.type,
        writing,
        isTyped,
      );
    case "if": {
      const condition = at(writing, code.condition, 2);
      const [yes, no] = [at(writing, code.whenTrue, 2, isTyped), at(writing, code.whenFalse, 1, isTyped)];
      return { text: `${condition} ? ${yes} : ${no}`, level: 1 };
    }
    case "trap":
      return atom(`$trap(${stringText(code.code)}, ${stringText(code.message)})`);
    default:
      throw new Error(`unreachable: ${code satisfies never}`);
  }
}

/** The expression in brackets unless it binds at least so tightly. */
function at(writing: Writing, code: Code, level: number, isTyped = false): string {
  const written = write(writing, code, isTyped);
  return written.level >= level ? written.text : `(${written.text})`;
}

/** An expression whose type TypeScript would take for a wider or narrower one. */
function typed(text: string, type: Type, { names }: Writing, isTyped: boolean): Written {
  return isTyped ? { text, level: 9 } : { text: `${text} as ${typeText(type, names)}`, level: 6 };
}

function paramsText({ names }: Writing, params: readonly Param[]): string {
  return `(${params.map((param) => paramText(param, names)).join(", ")})`;
}

function pairs(items: readonly string[]): string {
  return items
    .flatMap((key, index) => (index % 2 === 0 ? [`[${key}, ${items[index + 1] ?? ""}]`] : []))
    .join(", ");
}

function fieldText(writing: Writing, target: Code, index: number): string {
  const { type } = target;
  const text = at(writing, target, 9);
  if (type.kind !== "record") return `${text}[${index}]`;
  return `${text}.${writing.names.records.get(type.name)?.fields[index] ?? index}`;
}

function recordText({ names }: Writing, type: Type, items: readonly string[]): string {
  const fields = type.kind === "record" ? names.records.get(type.name)?.fields : undefined;
  return `{ ${items.map((item, index) => `${fields?.[index] ?? index}: ${item}`).join(", ")} }`;
}

function variantText({ names }: Writing, type: Type, index: number, items: readonly string[]): string {
  const variant = type.kind === "variant" ? names.variants.get(type.name) : undefined;
  const name = `${variant?.name ?? ""}.${variant?.cases[index] ?? index}`;
  return items.length === 0 ? name : `${name}(${items.join(", ")})`;
}

function builtinText(writing: Writing, code: Extract<Code, { kind: "builtin" }>): Written {
  const { builtin, args } = code;
  const operator = OPERATORS[builtin.id];
  if (operator !== undefined) return comparison(writing, operator, args);
  if (builtin.family === "regex") return regexCall(writing, code);
  const [list, start, f] = args;
  if (
    builtin.id === "list.fold" &&
    list !== undefined &&
    start !== undefined &&
    f !== undefined &&
    isFree(f)
  ) {
    const type = `<${typeText(start.type, writing.names)}>`;
    return {
      text: `${at(writing, list, 9)}.reduce${type}(${codeText(writing, f)}, ${codeText(writing, start)})`,
      level: 9,
    };
  }
  if (
    builtin.id === "list.contains" &&
    list !== undefined &&
    start !== undefined &&
    isScalar(start.type) &&
    start.type.kind !== "float"
  )
    return { text: `${at(writing, list, 9)}.includes(${codeText(writing, start)})`, level: 9 };
  const found = template(builtin.id, args.length);
  if (found === undefined)
    return { text: `$trap("INVALID", ${stringText(`${builtin.id} is not known`)})`, level: 9 };
  return filled(writing, found, args);
}

function filled(writing: Writing, [level, text]: readonly [number, string], args: readonly Code[]): Written {
  const made = text.replace(
    /\{(\d)(?::(lazy|\d))?\}/g,
    (place, index: string, detail: string | undefined) => {
      const arg = args[Number(index)];
      if (arg === undefined) return place;
      if (detail !== "lazy") return at(writing, arg, Number(detail ?? "0"));
      const value = codeText(writing, arg);
      return `() => ${value.startsWith("{") ? `(${value})` : value}`;
    },
  );
  return { text: made, level };
}

/** Scalars compare by operators, but for the order of texts and truth values. */
function comparison(writing: Writing, operator: string, args: readonly Code[]): Written {
  const [left, right] = args;
  if (left === undefined || right === undefined) throw new Error(`"${operator}" has two operands`);
  const isEquality = operator.length === 3;
  const level = isEquality ? 5 : 6;
  const { kind } = left.type;
  if (isEquality ? isScalar(left.type) : ["int", "float", "decimal", "date"].includes(kind))
    return { text: `${at(writing, left, level)} ${operator} ${at(writing, right, level + 1)}`, level };
  const call = `(${codeText(writing, left)}, ${codeText(writing, right)})`;
  if (!isEquality) return { text: `$compare${call} ${operator} 0`, level };
  return operator === "===" ? { text: `$equal${call}`, level: 9 } : { text: `!$equal${call}`, level: 8 };
}

function isScalar({ kind }: Type): boolean {
  return ["unit", "bool", "int", "float", "string", "decimal", "date"].includes(kind);
}

/** True where nothing is evaluated that could trap. */
function isFree({ kind }: Code): boolean {
  return kind === "lambda" || kind === "block" || kind === "name" || kind === "literal";
}

const REGEX = {
  point: (code: number) =>
    (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)
      ? String.fromCharCode(code)
      : `\\u{${code.toString(16)}}`,
  assertion: {
    start: "(?<![^])",
    end: "(?![^])",
    line_start: "(?<![^\\n])",
    line_end: "(?![^\\n])",
    boundary: "\\b",
    no_boundary: "\\B",
  },
  nothing: "[]",
  anything: "[^]",
};

function regexCall(writing: Writing, { builtin, args }: Extract<Code, { kind: "builtin" }>): Written {
  const [text, pattern, by] = args;
  const source = pattern?.kind === "literal" ? regexSource(String(pattern.value), REGEX) : "";
  const literalSource: Code | undefined =
    pattern === undefined ? undefined : { kind: "literal", value: source, type: pattern.type };
  const found = template(builtin.id, args.length);
  if (found === undefined) throw new Error(`builtin "${builtin.id}" has no template`);
  return filled(
    writing,
    found,
    [text, literalSource, by].flatMap((one) => (one === undefined ? [] : [one])),
  );
}

function literal(value: Value, type: Type): Written {
  switch (type.kind) {
    case "int":
      return { text: `${String(value)}n`, level: Number(value) < 0 ? 8 : 9 };
    case "float":
      return floatLiteral(Number(value));
    case "string":
      return { text: stringText(String(value)), level: 9 };
    case "decimal":
      return { text: `$decimal("${value instanceof DecimalNumber ? decimalText(value) : "0"}")`, level: 9 };
    case "date":
      return { text: `$day("${dateText(Number(value))}")`, level: 9 };
    default:
      return { text: String(value), level: 9 };
  }
}

function floatLiteral(value: number): Written {
  if (Number.isNaN(value)) return { text: "Number.NaN", level: 9 };
  const text = Object.is(value, -0) ? "-0" : String(value);
  return { text, level: text.startsWith("-") ? 8 : 9 };
}

/** A string literal from which nothing escapes. */
export function stringText(text: string): string {
  return plainJson(JSON.stringify(text));
}

/** Lines two blanks further in. */
export function indented(lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => line.split("\n")).map((line) => (line === "" ? "" : `  ${line}`));
}
