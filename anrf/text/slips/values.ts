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

const CONTINUES: ReadonlySet<string> = new Set("and or as else while".split(" "));
