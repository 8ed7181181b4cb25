// Marks of other languages, of typography and of chat that are read in a program's text.
import type { Token } from "#anrf/text/lexer.ts";

/** Operators of other languages, and what they mean here. */
export const FOREIGN_OPERATORS: Readonly<Record<string, string>> = {
  "===": "==",
  "!==": "!=",
  "<>": "!=",
  "&&": "and",
  "||": "or",
  "!": "not",
  "::": ".",
  ":=": "=",
};

/** Characters of typography, and the operator that each stands for. */
export const CHARACTERS: Readonly<Record<string, string>> = {
  "≤": "<=",
  "≥": ">=",
  "≠": "!=",
  "→": "->",
  "⇒": "=>",
  "−": "-",
  "×": "*",
  "÷": "/",
  "…": "...",
};

/** The inside of the first code fence of a text, in UTF-16 units; undefined where there is none. */
export function fenced(text: string): { readonly start: number; readonly end: number } | undefined {
  const open = /^[ \t]*(?:```|~~~)[^\n`]*(?:\n|$)/m.exec(text);
  if (open === null) return undefined;
  const start = open.index + open[0].length;
  const close = /^[ \t]*(?:```|~~~)/m.exec(text.slice(start));
  return { start, end: close === null ? text.length : start + close.index };
}

/**
 * Whether `//` begins a comment there: a division needs something before it that ends a value. After `}` it begins one
 * only at the start of a line.
 */
export function isCommentPlace(text: string, at: number, tokens: readonly Token[]): boolean {
  if (!text.startsWith("//", at)) return false;
  const last = tokens.at(-1);
  if (last === undefined) return true;
  if (last.kind !== "op") return last.kind === "word" && !VALUES.has(last.text);
  if (last.text === ")" || last.text === "]") return false;
  return last.text !== "}" || text.slice(last.end, at).includes("\n");
}

const VALUES: ReadonlySet<string> = new Set(["true", "false", "none", "result"]);
