// Statements as other languages write them: read where they mean one value, refused with a patch where they do not.
import { scalarType } from "#anrf/program/type.ts";
import type { Cursor } from "#anrf/text/cursor.ts";
import type { Token } from "#anrf/text/lexer.ts";
import { parseIf } from "#anrf/text/parse-forms.ts";
import { parseType } from "#anrf/text/parse-type.ts";
import { type Edit, type Place, refuse } from "#anrf/text/problems.ts";
import type { Reader } from "#anrf/text/reader.ts";
import type { Binder, LetSyntax, Syntax } from "#anrf/text/syntax.ts";
import { FixSafety } from "#gen/anrf/v1/diagnostic_pb.ts";
import { refuseStatement } from "./loops.ts";
import { scalarAlias } from "./types.ts";
import { bareName, beginsReturn, beginsValue } from "./values.ts";

/** Words that bind a name elsewhere. */
const LET_WORDS: ReadonlySet<string> = new Set("const var val final auto mut".split(" "));
const ASSIGNMENTS: ReadonlySet<string> = new Set(["=", "+=", "-=", "*=", "++"]);

/** Whether a binding begins here; another language's word for `let` is one, and so is `int x = …`. */
export function isLet(cursor: Cursor): boolean {
  const token = cursor.peek();
  if (cursor.is("let")) return true;
  if (token.kind !== "name") return false;
  if (LET_WORDS.has(token.text) && cursor.is("(", 1)) {
    const after = cursor.afterBracket(1);
    return after !== undefined && cursor.is("=", after);
  }
  return cursor.isKind("name", 1) && (LET_WORDS.has(token.text) || isTypedLet(cursor));
}

function isTypedLet(cursor: Cursor): boolean {
  const { kind, text } = cursor.peek();
  const isType =
    (kind === "name" || kind === "tname") && (scalarType(text) ?? scalarAlias(text)) !== undefined;
  return isType && cursor.isKind("name", 1) && cursor.is("=", 2);
}

/** Takes the word of a binding; for `int x` the whole binder, else undefined. */
export function typedBinder(reader: Reader): Binder | undefined {
  const { cursor } = reader;
  const word = cursor.peek();
  if (word.kind === "name" && !LET_WORDS.has(word.text)) {
    const type = parseType(cursor, reader.nominals);
    const name = cursor.next();
    const place = { start: word.start, end: name.end };
    const instead = `let ${name.text}: ${type.text}`;
    cursor.remark("P50", place, `"${word.text} ${name.text}" is read as "${instead}"`, instead);
    return { names: name.text, type, start: name.start, end: name.end };
  }
  cursor.next();
  if (word.text !== "let") cursor.remark("P50", word, `"${word.text}" is read as "let"`, "let");
  const more = cursor.peek();
  if (
    (more.text === "mut" || more.text === "rec") &&
    (cursor.isKind("name", 1) || cursor.isKind("word", 1))
  ) {
    cursor.next();
    cursor.remark("P50", more, `"${more.text}" says nothing here: a name is bound once`, "");
  }
  return undefined;
}

/** The semicolon behind a binding; where the next line begins something new, it may be missing. */
export function endStatement(cursor: Cursor): void {
  if (cursor.is(";") || !cursor.isNewLine() || !beginsValue(cursor.peek())) {
    cursor.expect(";", "after the value");
    return;
  }
  const end = cursor.lastEnd;
  cursor.remark("P50", { start: end, end }, "a binding ends with a semicolon", ";");
}

/** Passes semicolons that end nothing. */
export function passMarks(cursor: Cursor): void {
  while (cursor.is(";")) {
    cursor.remark("P50", cursor.next(), "no semicolon stands here", "");
  }
}

/**
 * The value at the end of a block. `return` says nothing more; `if (c) { return a; } rest` has the rest as its second
 * branch. What has no value, and what assigns, is refused.
 */
export function blockEnd(reader: Reader, lets: readonly LetSyntax[], rest: (from: number) => Syntax): Syntax {
  const { cursor } = reader;
  const first = cursor.peek();
  refuseStatement(reader);
  if (cursor.is("}") && lets.length > 0) refuseNoValue(cursor, lets);
  const isReturn = beginsReturn(cursor);
  if (isReturn) cursor.next();
  const last = cursor.is("if") && !isReturn ? parseIf(reader, rest) : reader.expr();
  refuseAssignment(reader, last);
  const mark = cursor.peek();
  const isEnded = cursor.take(";");
  if (isEnded && !cursor.is("}")) refuseDropped(first, last, mark);
  passMarks(cursor);
  if (isReturn) {
    const word = { start: first.start, end: last.start, text: "" };
    const edits = isEnded ? [word, removed(mark)] : [word];
    return {
      ...last,
      returned: [cursor.remark("P50", first, "return is read as the end of the block", edits)],
    };
  }
  if (isEnded) cursor.remark("P50", mark, "no semicolon stands behind the value of a block", "");
  return last;
}

function removed({ start, end }: Place): Edit {
  return { start, end, text: "" };
}

function refuseNoValue(cursor: Cursor, lets: readonly LetSyntax[]): never {
  const at = cursor.lastEnd;
  const names = lets.at(-1)?.binder.names ?? "";
  const text = typeof names === "string" ? names : `(${names.join(", ")})`;
  const place = cursor.peek();
  const edit = { start: at, end: at, text: ` ${text}` };
  return refuse("P06", place, "expected the value of the block", [text], [edit], FixSafety.NEEDS_REVIEW);
}

function refuseDropped(first: Token, last: Syntax, mark: Token): never {
  const place = { start: first.start, end: last.end };
  return refuse("P26", place, "the value of a statement would be dropped", [], (source) => [
    { ...place, text: `let _ = ${source(place)}` },
    { start: mark.start, end: mark.start, text: "" },
  ]);
}

/** `x = e;` and `x += e;`: a patch binds a new name where the text goes on behind it. */
function refuseAssignment(reader: Reader, target: Syntax): void {
  const { cursor } = reader;
  const at = cursor.peek();
  if (at.kind !== "op" || !ASSIGNMENTS.has(at.text)) return;
  cursor.next();
  const value = at.text === "++" ? undefined : reader.expr();
  const isMore = cursor.take(";") && !cursor.is("}");
  const message = "a value cannot be assigned to";
  if (!isMore) refuse("P18", at, message);
  refuse("P18", at, message, [], (source) => rebinding(target, at, value, source), FixSafety.NEEDS_REVIEW);
}

function rebinding(
  target: Syntax,
  at: Token,
  value: Syntax | undefined,
  source: (place: Place) => string,
): readonly Edit[] {
  const whole = { start: target.start, end: value?.end ?? at.end };
  const given = value === undefined ? "1" : source(value);
  const operator = at.text === "=" ? "" : at.text.slice(0, 1);
  const name = bareName(target);
  if (name !== undefined) {
    const old = operator === "" ? "" : `${name} ${operator} `;
    return [{ ...whole, text: `let ${name} = ${old}${operator === "" ? given : `(${given})`}` }];
  }
  const list = target.kind === "binary" && target.op === "[]" ? bareName(target.left) : undefined;
  if (target.kind === "binary" && list !== undefined && operator === "") {
    return [{ ...whole, text: `let ${list} = ${list}.set(${source(target.right)}, ${given})` }];
  }
  return [];
}
