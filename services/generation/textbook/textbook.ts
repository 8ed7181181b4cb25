import { readdirSync, readFileSync } from "node:fs";
import type { FunctionExpr } from "#anrf/build/expr.ts";
import { unbuild } from "#anrf/import/lowering/unbuild.ts";
import type { Type } from "#anrf/program/type.ts";
import { parseType } from "#anrf/program/type-text.ts";
import { parse } from "#anrf/text/parse.ts";

/** One function of the textbook: what people call it, its types, and its text. */
export interface Entry {
  readonly name: string;
  /** Each is another way to ask for it. */
  readonly phrases: readonly string[];
  readonly params: readonly Type[];
  readonly result: Type;
  /** A whole program in the language, examples included. */
  readonly text: string;
}

const FOLDER = new URL(".", import.meta.url);
const ENDING = ".anrf.txt";

let known: readonly Entry[] | undefined;

/** All functions, in the order of the files' names; read on first use. */
export function textbook(): readonly Entry[] {
  known ??= readdirSync(FOLDER)
    .filter((name) => name.endsWith(ENDING))
    .sort()
    .flatMap((name) => entriesOf(readFileSync(new URL(name, FOLDER), "utf8"), name));
  return known;
}

/** The functions of one file: each begins with a comment that holds its phrases. */
function entriesOf(text: string, file: string): readonly Entry[] {
  return text.split(/\n\n(?=# )/u).map((part) => {
    const [comment = "", head = ""] = part.trim().split("\n");
    const { name, params, result } =
      /^fn (?<name>\w+)\((?<params>.*)\) -> (?<result>.+)$/u.exec(head)?.groups ?? {};
    if (name === undefined || params === undefined || result === undefined)
      throw new Error(
        `${file}: a function begins with a comment and its head, not with ${JSON.stringify(head)}`,
      );
    const signature = typeOf(`(${params.replace(/\w+: /gu, "")}) -> ${result}`, name);
    if (signature.kind !== "function") throw new Error(`${file}: the head of ${name} is no function's`);
    const phrases = comment.slice(2).split("; ");
    return { name, phrases, params: signature.params, result: signature.result, text: part };
  });
}

function typeOf(text: string, name: string): Type {
  const type = parseType(text);
  if ("error" in type) throw new Error(`the head of ${name}: ${type.error}`);
  return type;
}

const functions = new Map<Entry, FunctionExpr>();

/** The function itself; its text is read on first use. */
export function functionOf(entry: Entry): FunctionExpr {
  let fn = functions.get(entry);
  if (fn === undefined) {
    const read = parse(entry.text);
    const made = read.ok ? unbuild(read.program) : [];
    fn = made[0];
    if (fn === undefined || made.length !== 1)
      throw new Error(
        `${entry.name} of the textbook is no single function: ${JSON.stringify(read.diagnostics[0])}`,
      );
    functions.set(entry, fn);
  }
  return fn;
}
