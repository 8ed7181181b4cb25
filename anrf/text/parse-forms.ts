import type { Cursor } from "./cursor.ts";
import { type Problem, refuse } from "./problems.ts";
import { base, type Reader } from "./reader.ts";
import { beginsReturn } from "./slips/values.ts";
import type { ArmSyntax, PatternSyntax, Syntax } from "./syntax.ts";

/**
 * Reads `if c { a } else { b }`, with any number of `else if`. At the end of a block `rest` reads what stands there:
 * behind a branch that returned, it is the other branch.
 */
export function parseIf(reader: Reader, rest?: (from: number) => Syntax): Syntax {
  const { cursor } = reader;
  const { start } = cursor.next();
  const condition = reader.expr();
  if (cursor.is("=")) refuse("P18", cursor.peek(), "a condition compares", ["=="], "==");
  const whenTrue = parseBranch(reader, "then");
  const { whenFalse, remark } = parseElse(reader, whenTrue, rest);
  const told = remark === undefined ? whenTrue.returned : [remark];
  const returned =
    told === undefined || whenFalse.returned === undefined
      ? {}
      : { returned: [...told, ...whenFalse.returned] };
  return {
    kind: "if",
    condition,
    whenTrue,
    whenFalse,
    ...returned,
    ...base(reader, start, [condition, whenTrue, whenFalse]),
  };
}

function parseElse(
  reader: Reader,
  whenTrue: Syntax,
  rest?: (from: number) => Syntax,
): { readonly whenFalse: Syntax; readonly remark?: Problem } {
  const { cursor } = reader;
  if (isElseIf(cursor)) {
    cursor.enter();
    return { whenFalse: cursor.leave(parseIf(reader, rest)) };
  }
  if (rest !== undefined && whenTrue.returned !== undefined && !cursor.is("else") && !cursor.is("}")) {
    const from = cursor.lastEnd;
    cursor.enter();
    const whenFalse = cursor.leave(rest(cursor.peek().start));
    // Without its return the branch needs the else: the patches go together.
    const remark = cursor.remark("P50", whenFalse, "what follows a branch that returns is read as its else", [
      ...cursor.absorb(whenTrue.returned),
      { start: from, end: from, text: " else {" },
      { start: cursor.lastEnd, end: cursor.lastEnd, text: " }" },
    ]);
    return { whenFalse, remark };
  }
  cursor.expect("else", "after the first block: an if always has a value");
  cursor.enter();
  return { whenFalse: cursor.leave(cursor.is("if") ? parseIf(reader, rest) : parseBranch(reader, "else")) };
}

function isElseIf(cursor: Cursor): boolean {
  const token = cursor.peek();
  if (!cursor.isKind("name") || !/^(?:elif|elsif|elseif)$/.test(token.text)) return false;
  cursor.remark("P50", token, `"${token.text}" is read as "else if"`, "else if");
  return true;
}

/** A block; `then` before it and an expression without braces are read too. */
function parseBranch(reader: Reader, word: string): Syntax {
  const { cursor } = reader;
  const first = cursor.peek();
  const isWord = cursor.take(word) || cursor.take(":");
  if (cursor.is("{")) {
    if (isWord) cursor.remark("P50", first, `no "${first.text}" stands before a block`, "");
    return reader.block();
  }
  const at = cursor.peek();
  const isReturned = beginsReturn(cursor);
  if (!isReturned && !isWord && word === "then" && at.kind === "op" && !cursor.is("(")) return reader.block();
  if (isReturned) cursor.next();
  const value = reader.expr();
  const mark = cursor.peek();
  const isEnded = isReturned && cursor.take(";");
  const place = { start: first.start, end: value.end };
  const remark = cursor.remark("P50", place, "a branch stands in braces", [
    { start: first.start, end: value.start, text: "{ " },
    { start: value.end, end: isEnded ? mark.end : value.end, text: " }" },
  ]);
  return isReturned ? { ...value, returned: [remark] } : value;
}

/** Reads `match e { pattern => body, … }`. */
export function parseMatch(reader: Reader): Syntax {
  const { cursor } = reader;
  const word = cursor.next();
  const { start } = word;
  if (word.text !== "match") cursor.remark("P50", word, `"${word.text}" is read as "match"`, "match");
  const subject = reader.expr();
  cursor.expect("{", "before the arms");
  const arms: ArmSyntax[] = [];
  while (!cursor.is("}")) {
    arms.push(parseArm(reader));
    endArm(cursor);
  }
  cursor.next();
  if (arms.length === 0) refuse("P06", { start, end: cursor.lastEnd }, "a match has at least one arm");
  return { kind: "match", subject, arms, ...base(reader, start, [subject, ...arms.map((arm) => arm.body)]) };
}

/** The comma behind an arm; `;`, a block's brace and a line end are read as one. */
function endArm(cursor: Cursor): void {
  const isBlock = cursor.lastToken.text === "}";
  const mark = cursor.peek();
  if (cursor.take(",") || cursor.is("}")) return;
  if (cursor.take(";")) {
    cursor.remark("P50", mark, '";" is read as ","', ",");
    return;
  }
  const end = cursor.lastEnd;
  const comma = [{ start: end, end, text: "," }];
  if (!isBlock && !cursor.isNewLine()) cursor.refuse('expected "," or "}" after the arm', [",", "}"], comma);
  cursor.remark("P50", cursor.lastToken, "an arm ends with a comma", comma);
}

/** Reads `loop state = init while condition { step }` with its clauses. */
export function parseLoop(reader: Reader): Syntax {
  const { cursor } = reader;
  const { start } = cursor.next();
  const binder = reader.binder();
  cursor.expect("=", "after the state");
  const init = reader.expr();
  cursor.expect("while", "after the first state");
  const condition = reader.expr();
  const invariants: Syntax[] = [];
  while (cursor.take("invariant")) invariants.push(reader.expr());
  const decreases = cursor.take("decreases") ? reader.expr() : undefined;
  const step = reader.block();
  const measure = decreases === undefined ? {} : { decreases };
  const parts = [init, condition, step, ...invariants, ...(decreases === undefined ? [] : [decreases])];
  return {
    kind: "loop",
    binder,
    init,
    condition,
    invariants,
    ...measure,
    step,
    ...base(reader, start, parts),
  };
}

function parseArm(reader: Reader): ArmSyntax {
  const { cursor } = reader;
  const comment = cursor.useComments(cursor.peek());
  passCase(cursor);
  const pattern = parsePattern(reader);
  const arrow = cursor.peek();
  if (cursor.take("->") || cursor.take(":"))
    cursor.remark("P50", arrow, `"${arrow.text}" is read as "=>"`, " =>");
  else cursor.expect("=>", "after the pattern");
  const body = armBody(reader);
  return comment === undefined ? { pattern, body } : { pattern, body, comment };
}

/** `return e` behind an arrow is the value. */
function armBody(reader: Reader): Syntax {
  const { cursor } = reader;
  const word = cursor.peek();
  if (!beginsReturn(cursor)) return reader.body();
  cursor.next();
  const body = reader.expr();
  cursor.remark("P50", word, "return is read as the value of the arm", [
    { start: word.start, end: body.start, text: "" },
  ]);
  return body;
}

/** `case` and `|` before a pattern say nothing. */
function passCase(cursor: Cursor): void {
  const token = cursor.peek();
  const isCase = token.kind === "name" && cursor.is("case") && !/^(?:=>|->|:)$/.test(cursor.peek(1).text);
  if (!isCase && !cursor.is("|")) return;
  cursor.next();
  cursor.remark("P50", token, `no "${token.text}" stands before a pattern`, "");
}

function parsePattern(reader: Reader): PatternSyntax {
  const { cursor } = reader;
  const token = cursor.peek();
  const place = { start: token.start, end: token.end };
  if (cursor.take("_")) return { kind: "wildcard", ...place };
  if (cursor.is("else") || (token.kind === "name" && (cursor.is("default") || cursor.is("otherwise")))) {
    cursor.next();
    cursor.remark("P50", token, `"${token.text}" is read as "_"`, "_");
    return { kind: "wildcard", ...place };
  }
  if (cursor.take("none")) return { kind: "none", ...place };
  if (cursor.take("some")) {
    cursor.expect("(", "after some");
    const binders = cursor.list(")", () => reader.binder());
    return { kind: "some", binders, start: token.start, end: cursor.lastEnd };
  }
  const isLiteral =
    token.kind === "tname" && (token.text === "Float" || token.text === "Date") && !cursor.is("=>", 1);
  if (token.kind !== "tname" || isLiteral) {
    const value = reader.binary(12);
    return { kind: "literal", value, start: value.start, end: value.end };
  }
  cursor.next();
  const name = cursor.is(".") && cursor.isKind("tname", 1) ? qualified(reader) : token.text;
  const binders = cursor.take("(") ? cursor.list(")", () => reader.binder()) : [];
  return { kind: "case", name, binders, start: token.start, end: cursor.lastEnd };
}

function qualified(reader: Reader): string {
  const type = reader.cursor.lastToken;
  const dot = reader.cursor.next();
  const token = reader.cursor.next();
  reader.cursor.remark("P50", token, `a pattern names the case alone: "${token.text}"`, [
    { start: type.start, end: dot.end, text: "" },
  ]);
  return token.text;
}
