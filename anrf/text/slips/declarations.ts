// Declarations, clauses and examples as other languages write them: read with a remark, never written.
import type { Cursor } from "#anrf/text/cursor.ts";
import type { Reader } from "#anrf/text/reader.ts";
import type { Syntax } from "#anrf/text/syntax.ts";

type Declaration = "fn" | "record" | "variant" | "extension";
type Clause = "requires" | "ensures" | "decreases" | "example";

/** Words that begin a declaration, and the one that each stands for. */
export const DECLARATION_WORDS: ReadonlyMap<string, Declaration> = new Map([
  ...["fn", "def", "func", "fun", "function"].map((word) => [word, "fn"] as const),
  ...["record", "struct", "class"].map((word) => [word, "record"] as const),
  ...["variant", "enum", "union"].map((word) => [word, "variant"] as const),
  ["extension", "extension"] as const,
]);

const MODIFIERS: ReadonlySet<string> = new Set(
  "pub public private export default static async inline pure total".split(" "),
);

const CLAUSE_WORDS: ReadonlyMap<string, Clause> = new Map([
  ...["requires", "require", "pre", "precondition"].map((word) => [word, "requires"] as const),
  ...["ensures", "ensure", "post", "postcondition"].map((word) => [word, "ensures"] as const),
  ...["decreases", "decrease"].map((word) => [word, "decreases"] as const),
  ...["example", "examples"].map((word) => [word, "example"] as const),
]);

/** Whether a declaration begins here: reading starts anew at one, whatever stood before. */
export function isDeclaration(cursor: Cursor): boolean {
  if (cursor.isKind("word")) return cursor.is("fn") && !cursor.is("(", 1);
  if (!cursor.isKind("name")) return false;
  const word = DECLARATION_WORDS.get(cursor.peek().text);
  if (word === "fn") return cursor.isKind("name", 1) && cursor.is("(", 2);
  if (word === "extension") return cursor.isKind("name", 1) && cursor.is(":", 2);
  return word !== undefined && cursor.isKind("tname", 1);
}

/** The kind of the declaration that begins here; another language's word for it gets a remark. */
export function declarationWord(cursor: Cursor): Declaration | undefined {
  const token = cursor.peek();
  if (token.kind !== "name" && token.kind !== "word") return undefined;
  const word = DECLARATION_WORDS.get(token.text);
  if (word !== undefined && word !== token.text)
    cursor.remark("P50", token, `"${token.text}" is read as "${word}"`, word);
  return word;
}

/** Passes words such as `pub` and `export` before a declaration. */
export function skipModifiers(cursor: Cursor): void {
  while (cursor.isKind("name") && MODIFIERS.has(cursor.peek().text)) {
    const token = cursor.next();
    cursor.remark("P50", token, `"${token.text}" says nothing here`, "");
  }
}

/** Passes a mark that other languages write there. */
export function takeStray(cursor: Cursor, mark: string): boolean {
  const token = cursor.peek();
  if (!cursor.take(mark)) return false;
  cursor.remark("P50", token, `no "${mark}" stands here`, "");
  return true;
}

/** `->` before a result type; `:` is read as one. */
export function expectArrow(cursor: Cursor): void {
  const token = cursor.peek();
  if (cursor.is(":") || cursor.is("=>")) {
    cursor.next();
    cursor.remark("P50", token, `"${token.text}" is read as "->"`, " -> ");
  } else cursor.expect("->", "before the result type");
}

/** Whether a clause begins here. */
export function isClause(cursor: Cursor): boolean {
  return cursor.isKind("name") && CLAUSE_WORDS.has(cursor.peek().text);
}

/** The clause that begins here, or undefined before the body. */
export function clauseWord(cursor: Cursor): Clause | undefined {
  const token = cursor.peek();
  if (token.kind !== "name") return undefined;
  const word = CLAUSE_WORDS.get(token.text);
  if (word !== undefined && word !== token.text)
    cursor.remark("P50", token, `"${token.text}" is read as "${word}"`, word);
  return word;
}

/** Fields of a record or cases of a variant up to the brace; `;` and line ends are read as commas. */
export function listOfParts<T>(cursor: Cursor, part: () => T): T[] {
  const parts: T[] = [];
  while (!cursor.is("}")) {
    parts.push(part());
    const mark = cursor.peek();
    if (cursor.take(",")) continue;
    if (cursor.take(";")) cursor.remark("P50", mark, '";" is read as ","', ",");
    else if (cursor.is("}")) break;
    else if (!cursor.isNewLine()) cursor.expect("}", "or a comma");
    else {
      const end = cursor.lastEnd;
      cursor.remark("P50", { start: end, end }, 'a line end is read as ","', ",");
    }
  }
  cursor.expect("}", "or a comma");
  return parts;
}

/** The body of a function: a block, or what stands behind `=` or `=>`. */
export function parseBody(reader: Reader): Syntax {
  const { cursor } = reader;
  const mark = cursor.peek();
  if (!cursor.is("=") && !cursor.is("=>")) return reader.block();
  cursor.next();
  if (cursor.is("{")) {
    cursor.remark("P50", mark, `no "${mark.text}" stands before a body`, "");
    return reader.block();
  }
  const body = reader.expr();
  cursor.remark("P50", mark, "a body stands in braces", [
    { start: mark.start, end: mark.end, text: "{" },
    { start: body.end, end: body.end, text: " }" },
  ]);
  return body;
}

/** The arguments of an example and the arrow; the function's name before them and other arrows get a remark. */
export function exampleArgs(reader: Reader, name: string): Syntax[] {
  const { cursor } = reader;
  const called = cursor.peek();
  takeStray(cursor, ":");
  if (called.kind === "name" && called.text === name && cursor.is("(", 1)) {
    cursor.next();
    cursor.remark("P50", called, "an example has the arguments alone", "");
  }
  const { start } = cursor.peek();
  const isBare = !cursor.take("(");
  const args = isBare ? bareArgs(reader) : cursor.list(")", reader.expr);
  const end = cursor.lastEnd;
  if (isBare) {
    cursor.remark("P50", { start, end }, "the arguments of an example stand in parentheses", [
      { start, end: start, text: "(" },
      { start: end, end, text: ")" },
    ]);
  }
  const mark = cursor.peek();
  const isOther = ["=", "==", "=>", ":"].some((one) => cursor.is(one));
  if (!isOther) cursor.expect("->", "before the expected result");
  else {
    cursor.next();
    cursor.remark("P50", mark, `"${mark.text}" is read as "->"`, "->");
  }
  return args;
}

function bareArgs(reader: Reader): Syntax[] {
  const args = [reader.binary(6)];
  while (reader.cursor.take(",")) args.push(reader.binary(6));
  return args;
}
