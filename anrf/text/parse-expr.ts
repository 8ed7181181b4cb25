import { FixSafety } from "#gen/anrf/v1/diagnostic_pb.ts";
import { type Cursor, MAX_DEPTH } from "./cursor.ts";
import type { Token } from "./lexer.ts";
import { COMPARISON, DEFAULT, NOT, PRECEDENCE } from "./operators.ts";
import { parseAtom } from "./parse-atom.ts";
import { parseIf, parseLoop, parseMatch } from "./parse-forms.ts";
import { type Nominals, parseType } from "./parse-type.ts";
import { type Place, refuse } from "./problems.ts";
import { base, type Reader } from "./reader.ts";
import { cast, conditional, foreignLambda, foreignOperator, isSwitch } from "./slips/exprs.ts";
import { blockEnd, endStatement, isLet, passMarks, typedBinder } from "./slips/statements.ts";
import type { Binder, LetSyntax, Syntax } from "./syntax.ts";

/** A reader of expressions over those tokens. */
export function exprReader(cursor: Cursor, nominals: Nominals): Reader {
  const reader: Reader = {
    cursor,
    nominals,
    expr: () => parseExpr(reader),
    binary: (least) => parseBinary(reader, least),
    block: () => parseBlock(reader),
    body: () => (cursor.is("{") ? parseBlock(reader) : parseExpr(reader)),
    binder: () => parseBinder(reader),
  };
  return reader;
}

function parseExpr(reader: Reader): Syntax {
  const { cursor } = reader;
  cursor.enter();
  const token = cursor.peek();
  if (cursor.is("(")) {
    const after = cursor.afterBracket();
    if (after !== undefined && cursor.is("=>", after)) return cursor.leave(parseLambda(reader));
  } else if (token.kind === "name" && cursor.is("=>", 1)) return cursor.leave(bareLambda(reader));
  const foreign = foreignLambda(reader);
  if (foreign !== undefined) return cursor.leave(foreign);
  if (token.kind === "word") {
    if (cursor.is("if")) return cursor.leave(parseIf(reader));
    if (cursor.is("match")) return cursor.leave(parseMatch(reader));
    if (cursor.is("loop")) return cursor.leave(parseLoop(reader));
    if (cursor.take("do")) return cursor.leave(parseBlock(reader));
  } else if (isSwitch(cursor)) return cursor.leave(parseMatch(reader));
  const left = parseBinary(reader, 0);
  if (cursor.is("as")) return cursor.leave(parseAs(reader, left));
  if (cursor.is("if")) return cursor.leave(conditional(reader, left));
  return cursor.leave(cursor.is("?") ? ternary(reader, left) : left);
}

function parseBlock(reader: Reader): Syntax {
  const { cursor } = reader;
  const { start } = cursor.expect("{", "before the block");
  const value = parseRest(reader, start);
  cursor.expect("}", "after the value of the block");
  return value.kind === "block" && value.start === start ? { ...value, end: cursor.lastEnd } : value;
}

/** What a block holds from here to its end: bindings and the value. */
function parseRest(reader: Reader, start: number): Syntax {
  const { cursor } = reader;
  const lets: LetSyntax[] = [];
  for (passMarks(cursor); isLet(cursor); passMarks(cursor)) lets.push(parseLet(reader));
  const first = cursor.peek();
  const comment = cursor.useComments(first);
  const last = blockEnd(reader, lets, (from) => parseRest(reader, from));
  const value = comment === undefined ? last : { ...last, comment };
  if (lets.length === 0) return value;
  let depth = last.depth;
  for (const one of lets.toReversed()) depth = Math.max(depth, one.value.depth) + 1;
  if (depth > MAX_DEPTH)
    refuse("P07", { start, end: cursor.lastEnd }, `a block may nest ${MAX_DEPTH} levels`);
  const returned = value.returned === undefined ? {} : { returned: value.returned };
  return { kind: "block", start, end: cursor.lastEnd, depth, lets, value, ...returned };
}

function parseBinder(reader: Reader): Binder {
  const { cursor } = reader;
  const start = cursor.peek().start;
  const names = cursor.take("(") ? patternOf(reader, start) : cursor.expectName("a name").text;
  const end = cursor.lastEnd;
  return cursor.take(":")
    ? { names, start, end, type: parseType(cursor, reader.nominals) }
    : { names, start, end };
}

function parseBinary(reader: Reader, least: number): Syntax {
  const { cursor } = reader;
  let left = least <= NOT && isNot(reader) ? parseNot(reader) : parseUnary(reader);
  for (;;) {
    const foreign = foreignOperator(reader, left, least);
    if (foreign !== undefined) {
      left = foreign;
      continue;
    }
    const token = cursor.peek();
    const binds = token.kind === "op" || token.kind === "word" ? PRECEDENCE[token.text] : undefined;
    if (binds === undefined || binds < least) return left;
    cursor.next();
    cursor.enter();
    const right = cursor.leave(parseBinary(reader, binds === DEFAULT ? DEFAULT : binds + 1));
    const from = left;
    left = {
      kind: "binary",
      op: token.text,
      left,
      right,
      at: token,
      ...base(reader, from.start, [from, right]),
    };
    const next = cursor.peek();
    if (binds === COMPARISON && next.kind === "op" && PRECEDENCE[next.text] === COMPARISON) {
      refuseChain(reader, token, right, next);
    }
  }
}

/** `a < b < c`: two comparisons joined by and; of `a == b == c`, the second is what the first compares with. */
function refuseChain(reader: Reader, first: Token, middle: Syntax, second: Token): never {
  const message = `the result of "${first.text}" cannot be compared again`;
  if (first.text === "==" && second.text === "==") {
    reader.cursor.next();
    const { end } = parseBinary(reader, COMPARISON + 1);
    const edits = [
      { start: middle.start, end: middle.start, text: "(" },
      { start: end, end, text: ")" },
    ];
    return refuse("P16", second, message, [], edits, FixSafety.NEEDS_REVIEW);
  }
  return refuse("P16", second, message, [], (source) => ` and ${source(middle)} ${source(second)} `);
}

function isNot(reader: Reader): boolean {
  const token = reader.cursor.peek();
  return token.kind === "word" && token.text === "not" && token.end - token.start === 3;
}

function parseNot(reader: Reader): Syntax {
  const at = reader.cursor.next();
  reader.cursor.enter();
  const operand = reader.cursor.leave(parseBinary(reader, NOT));
  return { kind: "unary", op: "not", operand, at, ...base(reader, at.start, [operand]) };
}

function parseUnary(reader: Reader): Syntax {
  const { cursor } = reader;
  const at = cursor.peek();
  const isTightNot = cursor.is("not") && at.end - at.start === 1;
  if (!cursor.is("-") && !cursor.is("~") && !isTightNot) return parsePower(reader);
  cursor.next();
  cursor.enter();
  const operand = cursor.leave(parseUnary(reader));
  const negated = at.text === "-" ? negative(operand, at) : undefined;
  return negated ?? { kind: "unary", op: at.text, operand, at, ...base(reader, at.start, [operand]) };
}

/** `-` before a number literal is part of it. */
function negative(operand: Syntax, at: Place): Syntax | undefined {
  if (operand.isGrouped === true || operand.start < at.end) return undefined;
  const place = { start: at.start };
  if (operand.kind === "int" && operand.value > 0n) return { ...operand, ...place, value: -operand.value };
  if (operand.kind === "int" && operand.value === 0n) return { ...operand, ...place };
  if (operand.kind === "float" && !isNegative(operand.value))
    return { ...operand, ...place, value: -operand.value };
  if (operand.kind === "decimal" && !operand.text.startsWith("-"))
    return { ...operand, ...place, text: `-${operand.text}` };
  return undefined;
}

function isNegative(value: number): boolean {
  return value < 0 || Object.is(value, -0);
}

function parsePower(reader: Reader): Syntax {
  const left = parseAtom(reader);
  const at = reader.cursor.peek();
  if (!reader.cursor.take("**")) return left;
  reader.cursor.enter();
  const right = reader.cursor.leave(parseUnary(reader));
  return { kind: "binary", op: "**", left, right, at, ...base(reader, left.start, [left, right]) };
}

function parseAs(reader: Reader, open: Syntax): Syntax {
  const at = reader.cursor.next();
  const isOpen = open.kind === "none" || open.kind === "fail" || open.kind === "hole";
  const isEmpty = (open.kind === "list" || open.kind === "map") && open.items.length === 0;
  if (!isOpen && !isEmpty) return cast(reader, open, at);
  const type = parseType(reader.cursor, reader.nominals);
  return { kind: "as", open, type, ...base(reader, open.start, [open], 0) };
}

function ternary(reader: Reader, condition: Syntax): Syntax {
  reader.cursor.next();
  const whenTrue = parseExpr(reader);
  reader.cursor.expect(":", "between the two results");
  const whenFalse = parseExpr(reader);
  const parts = { start: condition.start, end: reader.cursor.lastEnd };
  reader.cursor.remark("P50", parts, '"c ? a : b" is read as "if c { a } else { b }"', (source) => {
    const [c, a, b] = [condition, whenTrue, whenFalse].map(source);
    return `if ${c} { ${a} } else { ${b} }`;
  });
  return {
    kind: "if",
    condition,
    whenTrue,
    whenFalse,
    ...base(reader, condition.start, [condition, whenTrue, whenFalse]),
  };
}

function parseLambda(reader: Reader): Syntax {
  const { start } = reader.cursor.next();
  const params = reader.cursor.list(")", () => parseBinder(reader));
  reader.cursor.expect("=>", "after the parameters");
  const body = reader.body();
  return { kind: "lambda", params, body, ...base(reader, start, [body]) };
}

function bareLambda(reader: Reader): Syntax {
  const name = reader.cursor.next();
  reader.cursor.remark("P50", name, `"${name.text} =>" is read as "(${name.text}) =>"`, `(${name.text})`);
  reader.cursor.next();
  const body = reader.body();
  const params = [{ names: name.text, start: name.start, end: name.end }];
  return { kind: "lambda", params, body, ...base(reader, name.start, [body]) };
}

function parseLet(reader: Reader): LetSyntax {
  const { cursor } = reader;
  const comment = cursor.useComments(cursor.peek());
  const binder = typedBinder(reader) ?? parseBinder(reader);
  cursor.expect("=", "after the name");
  const value = parseExpr(reader);
  endStatement(cursor);
  return comment === undefined ? { binder, value } : { binder, value, comment };
}

function patternOf(reader: Reader, start: number): string[] {
  const names = reader.cursor.list(")", () => reader.cursor.expectName("a name").text);
  const place = { start, end: reader.cursor.lastEnd };
  if (names.length < 2 || names.length > 16) refuse("P13", place, "a pattern has 2 to 16 names");
  const chosen = names.filter((name) => !/^_\d*$/.test(name));
  if (new Set(chosen).size !== chosen.length) refuse("P21", place, "a pattern names two parts alike");
  return names;
}
