import type { Cursor } from "#anrf/text/cursor.ts";
import type { Token } from "#anrf/text/lexer.ts";
import type { Syntax } from "#anrf/text/syntax.ts";
import { nameText } from "#anrf/text/words.ts";

/** A name that stands alone, as a text writes it; undefined for any other expression. */
export function bareName(syntax: Syntax): string | undefined {
  if (syntax.kind === "result") return nameText("result");
  return syntax.kind === "name" ? nameText(syntax.name) : undefined;
}

/** True for a token that can begin a value and can not go on one. */
export function beginsValue({ kind, text }: Token): boolean {
  if (kind === "word") return !CONTINUES.has(text);
  return kind !== "op" && kind !== "end" && kind !== "bad";
}

/** A name `return` that is followed by a value is the word of other languages; by an operator, it is a name. */
export function beginsReturn(cursor: Cursor): boolean {
  if (cursor.peek().kind !== "name" || !cursor.is("return")) return false;
  const next = cursor.peek(1);
  if (next.kind !== "op") return beginsValue(next);
  if (next.text === "-") return cursor.isSpaced(1) && !cursor.isSpaced(2);
  return /^[([{~]$/.test(next.text) && cursor.isSpaced(1);
}

const CONTINUES: ReadonlySet<string> = new Set("and or as else while".split(" "));
