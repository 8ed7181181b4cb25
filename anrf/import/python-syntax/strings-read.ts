import type { SyntaxNode } from "@lezer/common";
import type { FormatPart, Source } from "#anrf/import/source/source.ts";
import type { PythonText } from "./tree.ts";

const SIMPLE: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
  "\n": "",
};

/** The value of a plain string literal. */
export function readString(text: PythonText, node: SyntaxNode): string {
  const raw = text.of(node);
  const { prefix, inner } = unquoted(raw);
  if (prefix.includes("b")) text.refuse("expression", node, "bytes are not supported");
  return prefix.includes("r") ? inner : unescaped(text, node, inner);
}

/** The parts of an f-string; `read` reads the expressions in it. */
export function readFormat(
  text: PythonText,
  node: SyntaxNode,
  read: (node: SyntaxNode) => Source,
): FormatPart[] {
  const raw = text.of(node);
  const { prefix, start, end } = unquoted(raw);
  return formatParts(text, node, node.from + start, node.from + end, prefix.includes("r"), read);
}

function formatParts(
  text: PythonText,
  node: SyntaxNode,
  from: number,
  to: number,
  isRaw: boolean,
  read: (node: SyntaxNode) => Source,
): FormatPart[] {
  const parts: FormatPart[] = [];
  let at = from;
  const literal = (end: number): void => {
    const piece = text.text.slice(at, end).replaceAll("{{", "{").replaceAll("}}", "}");
    if (piece !== "") parts.push(isRaw ? piece : unescaped(text, node, piece));
  };
  for (const child of text.children(node)) {
    if (child.name !== "FormatReplacement") continue;
    literal(child.from);
    parts.push(replacement(text, child, read));
    at = child.to;
  }
  literal(to);
  return parts;
}

function replacement(text: PythonText, node: SyntaxNode, read: (node: SyntaxNode) => Source): FormatPart {
  let value: Source | undefined;
  let conversion = "";
  let spec: FormatPart[] = [];
  const items = text.children(node).slice(1, -1);
  for (const child of items) {
    if (child.name === "FormatConversion") conversion = text.of(child).slice(1);
    else if (child.name === "FormatSpec")
      spec = formatParts(text, child, child.from + 1, child.to, false, read);
    else if (child.name === "FormatSelfDoc") text.refuse("format", child, "{x=} is not supported");
    else if (value === undefined) value = read(child);
    else text.refuse("format", child, "a tuple inside {} is not supported");
  }
  if (value === undefined) return text.broken(node);
  return { value, conversion, spec };
}

function unquoted(raw: string): { prefix: string; inner: string; start: number; end: number } {
  const prefix = /^[a-zA-Z]*/.exec(raw)?.[0] ?? "";
  const rest = raw.slice(prefix.length);
  const width = rest.startsWith('"""') || rest.startsWith("'''") ? 3 : 1;
  const start = prefix.length + width;
  const end = raw.length - width;
  return { prefix: prefix.toLowerCase(), inner: raw.slice(start, end), start, end };
}

function unescaped(text: PythonText, node: SyntaxNode, inner: string): string {
  return inner.replace(
    /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|N\{[^}]*\}|(\r?\n|[\s\S]))/gu,
    (whole, octal?: string, x?: string, u?: string, long?: string, one?: string) => {
      if (octal !== undefined) return point(text, node, Number.parseInt(octal, 8));
      const hex = x ?? u ?? long;
      if (hex !== undefined) return point(text, node, Number.parseInt(hex, 16));
      if (one === undefined) return text.refuse("expression", node, "named characters are not supported");
      return SIMPLE[one.replace("\r", "")] ?? whole;
    },
  );
}

function point(text: PythonText, node: SyntaxNode, code: number): string {
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    text.refuse("expression", node, "half of a surrogate pair is no text");
  }
  return String.fromCodePoint(code);
}
