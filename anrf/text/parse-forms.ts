import { refuse } from "./problems.ts";
import { base, type Reader } from "./reader.ts";
import type { ArmSyntax, PatternSyntax, Syntax } from "./syntax.ts";

/** Reads `if c { a } else { b }`, with any number of `else if`. */
export function parseIf(reader: Reader): Syntax {
  const { cursor } = reader;
  const { start } = cursor.next();
  const condition = reader.expr();
  const whenTrue = reader.block();
  cursor.expect("else", "after the first block: an if always has a value");
  cursor.enter();
  const whenFalse = cursor.leave(cursor.is("if") ? parseIf(reader) : reader.block());
  return {
    kind: "if",
    condition,
    whenTrue,
    whenFalse,
    ...base(reader, start, [condition, whenTrue, whenFalse]),
  };
}

/** Reads `match e { pattern => body, … }`. */
export function parseMatch(reader: Reader): Syntax {
  const { cursor } = reader;
  const { start } = cursor.next();
  const subject = reader.expr();
  cursor.expect("{", "before the arms");
  const arms: ArmSyntax[] = [];
  while (!cursor.is("}")) {
    arms.push(parseArm(reader));
    const isBlock = cursor.lastToken.text === "}";
    if (cursor.take(",") || cursor.is("}")) continue;
    if (!isBlock) cursor.refuse('expected "," or "}" after the arm', [",", "}"]);
    cursor.remark("P50", cursor.lastToken, "an arm ends with a comma", "},");
  }
  cursor.next();
  if (arms.length === 0) refuse("P06", { start, end: cursor.lastEnd }, "a match has at least one arm");
  return { kind: "match", subject, arms, ...base(reader, start, [subject, ...arms.map((arm) => arm.body)]) };
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
  const pattern = parsePattern(reader);
  cursor.expect("=>", "after the pattern");
  const body = reader.body();
  return comment === undefined ? { pattern, body } : { pattern, body, comment };
}

function parsePattern(reader: Reader): PatternSyntax {
  const { cursor } = reader;
  const token = cursor.peek();
  const place = { start: token.start, end: token.end };
  if (cursor.take("_")) return { kind: "wildcard", ...place };
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
  reader.cursor.next();
  const token = reader.cursor.next();
  reader.cursor.remark("P50", token, `a pattern names the case alone: "${token.text}"`);
  return token.text;
}
