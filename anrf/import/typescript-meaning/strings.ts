import type { SyntaxNode } from "@lezer/common";
import type { ScriptText } from "#anrf/import/typescript-syntax/tree.ts";

const SIMPLE: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  b: "\b",
  f: "\f",
  v: "\v",
  "0": "\0",
  "\n": "",
  "\r\n": "",
};

/** The value of a string literal in quotes. */
export function readLiteralText(text: ScriptText, node: SyntaxNode): string {
  return unescaped(text, node, text.of(node).slice(1, -1));
}

/** The value of a stretch of a template. */
export function readTemplateText(text: ScriptText, node: SyntaxNode, from: number, to: number): string {
  return unescaped(text, node, text.text.slice(from, to).replaceAll("\r\n", "\n"));
}

function unescaped(text: ScriptText, node: SyntaxNode, inner: string): string {
  const made = inner.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]+)\}|(\r\n|[\s\S]))/gu,
    (_, x?: string, u?: string, braced?: string, one = "") => {
      const hex = x ?? u ?? braced;
      if (hex === undefined) return SIMPLE[one] ?? one;
      const code = Number.parseInt(hex, 16);
      if (code > 0x10ffff) return text.refuse("expression", node, "a character beyond Unicode");
      return String.fromCodePoint(code);
    },
  );
  if (!made.isWellFormed()) text.refuse("expression", node, "half of a surrogate pair is no text");
  return made;
}
