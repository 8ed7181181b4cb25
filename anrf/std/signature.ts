import { type Type, type TypeClass, typeParts, typeVar } from "#anrf/program/type.ts";
import { readType } from "#anrf/program/type-text.ts";

/** One parameter of a builtin. */
export interface Parameter {
  /** Its type; may hold variables of the signature. */
  readonly type: Type;
  /** `lazy`: evaluated at most once, when needed; an engine passes a function without parameters. `const`: a literal. */
  readonly mark: "none" | "lazy" | "const";
}

/** The type of a builtin. */
export interface Signature {
  /** As the catalogue writes it. */
  readonly text: string;
  /** Its variables by name, in the order in which they are declared. */
  readonly vars: ReadonlyMap<string, Type>;
  /** In order. */
  readonly params: readonly Parameter[];
  /** May hold variables. */
  readonly result: Type;
}

const CLASSES: readonly TypeClass[] = ["eq", "ord", "key"];

/**
 * Reads `<a, k: ord>(list<a>, lazy a, const string) -> k`. The text comes from the catalogue, so one that cannot be
 * read is a defect of ours: it throws, with the place.
 */
export function parseSignature(text: string): Signature {
  const open = text.startsWith("<") ? text.indexOf(">") + 1 : 0;
  const vars = readVariables(text, open);
  if (text[open] !== "(") throw broken(text, open, 'expected "("');
  const params: Parameter[] = [];
  let at = open + 1;
  while (text[at] !== ")") {
    if (params.length > 0) at = expect(text, at, ", ");
    const mark = text.startsWith("lazy ", at) ? "lazy" : text.startsWith("const ", at) ? "const" : "none";
    const reading = readAt(text, mark === "none" ? at : at + mark.length + 1, vars);
    params.push({ type: reading.type, mark });
    at = reading.end;
  }
  const { type: result, end } = readAt(text, expect(text, at, ") -> "), vars);
  if (end !== text.length) throw broken(text, end, "expected the end");
  return { text, vars, params, result };
}

/** The names of the variables that occur in a type, in order of first occurrence. */
export function variablesOf(type: Type, into: string[] = []): string[] {
  if (type.kind === "var") {
    if (!into.includes(type.name)) into.push(type.name);
  } else for (const part of typeParts(type)) variablesOf(part, into);
  return into;
}

function readVariables(text: string, end: number): ReadonlyMap<string, Type> {
  const vars = new Map<string, Type>();
  if (end === 0) return vars;
  for (const declared of text.slice(1, end - 1).split(", ")) {
    const [name = "", written = "any"] = declared.split(": ");
    const cls = CLASSES.find((known) => known === written) ?? "any";
    if (!/^[a-z]+$/.test(name) || (cls === "any" && written !== "any")) {
      throw broken(text, 1, `expected a variable such as "a" or "k: key", not "${declared}"`);
    }
    vars.set(name, typeVar(name, cls));
  }
  return vars;
}

function readAt(text: string, at: number, vars: ReadonlyMap<string, Type>): { type: Type; end: number } {
  const reading = readType(text, at, { vars });
  if ("error" in reading) throw broken(text, reading.at, reading.error);
  return reading;
}

function expect(text: string, at: number, word: string): number {
  if (!text.startsWith(word, at)) throw broken(text, at, `expected "${word}"`);
  return at + word.length;
}

function broken(text: string, at: number, why: string): Error {
  return new Error(`signature "${text}" cannot be read at ${at}: ${why}`);
}
