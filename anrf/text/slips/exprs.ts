// Expressions as other languages write them: read with a remark, never written.
import type { Type } from "#anrf/program/type.ts";
import type { Cursor } from "#anrf/text/cursor.ts";
import type { Token } from "#anrf/text/lexer.ts";
import { COMPARISON, PRECEDENCE } from "#anrf/text/operators.ts";
import { parseType } from "#anrf/text/parse-type.ts";
import { type Place, refuse } from "#anrf/text/problems.ts";
import { base, type Reader } from "#anrf/text/reader.ts";
import type { Binder, Syntax } from "#anrf/text/syntax.ts";
import { beginsValue } from "./values.ts";

/** `lambda x: e`, `|x| e`, `fn(x) => e`, `function (x) { … }`, `(x) -> e` and `x -> e`; undefined for anything else. */
export function foreignLambda(reader: Reader): Syntax | undefined {
  const { cursor } = reader;
  const token = cursor.peek();
  if (cursor.is("|")) return lambdaBetween(reader, "|", "|");
  if (cursor.is("lambda") && token.kind === "name" && (cursor.isKind("name", 1) || cursor.is(":", 1)))
    return lambdaBetween(reader, "lambda", ":");
  if (cursor.is("(")) {
    const after = cursor.afterBracket();
    return after !== undefined && cursor.is("->", after) ? bracketed(reader, token) : undefined;
  }
  if (token.kind === "name" && cursor.is("->", 1)) {
    cursor.next();
    cursor.next();
    return lambda(reader, token, [{ names: token.text, start: token.start, end: token.end }]);
  }
  const isFunction = (cursor.is("fn") || cursor.is("function")) && cursor.is("(", 1);
  const after = isFunction ? cursor.afterBracket(1) : undefined;
  if (after === undefined || !["=>", "->", "{", ":"].some((mark) => cursor.is(mark, after))) return undefined;
  cursor.next();
  return bracketed(reader, token);
}

/** `(x: T, y) -> T => body`, from its bracket on. */
function bracketed(reader: Reader, first: Token): Syntax {
  const { cursor } = reader;
  cursor.expect("(", "before the parameters");
  const params = cursor.list(")", reader.binder);
  const isTyped = first.text !== "(" && (cursor.is("->") || cursor.is(":"));
  if (isTyped) {
    cursor.next();
    parseType(cursor, reader.nominals);
  }
  if (!cursor.take("=>") && !isTyped) cursor.take("->");
  return lambda(reader, first, params);
}

function lambdaBetween(reader: Reader, open: string, close: string): Syntax {
  const { cursor } = reader;
  const first = cursor.expect(open, "before the parameters");
  // After `lambda` the colon ends the names, so none of them has a type.
  const name = (): Binder => {
    const { text, start, end } = cursor.expectKind("name", "the name of a parameter");
    return { names: text, start, end };
  };
  const params = cursor.list(close, close === ":" ? name : reader.binder);
  return lambda(reader, first, params);
}

function lambda(reader: Reader, first: Place, params: readonly Binder[]): Syntax {
  const { cursor } = reader;
  const head = { start: first.start, end: cursor.lastEnd };
  const body = reader.body();
  const text = params.map((one) => binderText(one)).join(", ");
  cursor.remark("P50", head, `a function is written as "(${text}) => …"`, `(${text}) =>`);
  return { kind: "lambda", params, body, ...base(reader, first.start, [body]) };
}

function binderText({ names, type }: Binder): string {
  const text = typeof names === "string" ? names : `(${names.join(", ")})`;
  return type === undefined ? text : `${text}: ${type.text}`;
}

/** `a if c else b`. */
export function conditional(reader: Reader, whenTrue: Syntax): Syntax {
  const { cursor } = reader;
  cursor.next();
  const condition = reader.binary(0);
  cursor.expect("else", "after the condition: an if always has a value");
  const whenFalse = reader.expr();
  const place = { start: whenTrue.start, end: cursor.lastEnd };
  cursor.remark("P50", place, '"a if c else b" is read as "if c { a } else { b }"', (source) => {
    const [c, a, b] = [condition, whenTrue, whenFalse].map(source);
    return `if ${c} { ${a} } else { ${b} }`;
  });
  const parts = [condition, whenTrue, whenFalse];
  return { kind: "if", condition, whenTrue, whenFalse, ...base(reader, whenTrue.start, parts) };
}

/** `switch (x) { … }` and `when x { … }` are matches. */
export function isSwitch(cursor: Cursor): boolean {
  if (!cursor.isKind("name") || !(cursor.is("switch") || cursor.is("when"))) return false;
  if (!cursor.is("(", 1)) return beginsValue(cursor.peek(1));
  const after = cursor.afterBracket(1);
  return after !== undefined && cursor.is("{", after);
}

/** Casts that have a function of their own. */
const CASTS: Readonly<Record<string, string>> = { float: "to_float", string: "to_string", int: "trunc" };

/** `x as float` is read as a call. */
export function cast(reader: Reader, target: Syntax, at: Token): Syntax {
  const { cursor } = reader;
  const type: Type = parseType(cursor, reader.nominals);
  const name = CASTS[type.kind];
  if (name === undefined)
    return refuse("P06", at, "as follows [], {}, none, fail or hole only; a value keeps its type");
  const place = { start: at.start, end: cursor.lastEnd };
  cursor.remark("P50", place, `"as ${type.text}" is read as ".${name}()"`, (source) => [
    { start: target.start, end: place.end, text: `(${source(target)}).${name}()` },
  ]);
  return { kind: "method", target, name, args: [], at: place, ...base(reader, target.start, [target]) };
}

/** `x in xs`, `x not in xs`, `x is none`, `a..b`, `xs ++ ys`, `a mod b` behind a left side; undefined for anything else. */
export function foreignOperator(reader: Reader, left: Syntax, least: number): Syntax | undefined {
  const { cursor } = reader;
  const token = cursor.peek();
  if (token.kind === "name" && !beginsOperand(cursor.peek(1))) return undefined;
  if (least <= COMPARISON) {
    if (cursor.is("in") && token.kind === "name") return membership(reader, left, false);
    if (cursor.is("not") && cursor.is("in", 1)) return membership(reader, left, true);
    if (cursor.is("is") && token.kind === "name") return identity(reader, left);
    if (cursor.is("..") || cursor.is("..=")) return range(reader, left);
  }
  const meant = token.kind === "name" || token.kind === "op" ? WORDS[token.text] : undefined;
  const binds = meant === undefined ? undefined : PRECEDENCE[meant];
  if (meant === undefined || binds === undefined || binds < least) return undefined;
  if (token.text === "++" && /^[;})]$/.test(cursor.peek(1).text)) return undefined;
  cursor.next();
  cursor.remark("P50", token, `"${token.text}" is read as "${meant}"`, meant);
  const right = reader.binary(binds + 1);
  return { kind: "binary", op: meant, left, right, at: token, ...base(reader, left.start, [left, right]) };
}

const WORDS: Readonly<Record<string, string | undefined>> = { "++": "+", mod: "%", div: "//" };

function beginsOperand(token: Token): boolean {
  return beginsValue(token) || token.text === "(" || token.text === "[" || token.text === "-";
}

function membership(reader: Reader, left: Syntax, isNegated: boolean): Syntax {
  const { cursor } = reader;
  const at = cursor.next();
  if (isNegated) cursor.next();
  const target = reader.binary(COMPARISON + 1);
  const place = base(reader, left.start, [left, target]);
  const word = isNegated ? "not in" : "in";
  cursor.remark(
    "P50",
    at,
    `"x ${word} xs" is read as "${isNegated ? "not " : ""}xs.contains(x)"`,
    (source) => [
      { ...place, text: `${isNegated ? "not " : ""}${receiver(source(target))}.contains(${source(left)})` },
    ],
  );
  const call: Syntax = { kind: "method", target, name: "contains", args: [left], at: target, ...place };
  if (!isNegated) return call;
  return { kind: "unary", op: "not", operand: call, at, ...base(reader, left.start, [call]) };
}

/** As something that a call can follow. */
function receiver(text: string): string {
  return /^[\p{XIDC}.]+(?:\([^()]*\))?$|^\[[^[\]]*\]$|^"[^"\\]*"$/u.test(text) ? text : `(${text})`;
}

function identity(reader: Reader, left: Syntax): Syntax {
  const { cursor } = reader;
  const at = cursor.next();
  const isNegated = cursor.take("not");
  const op = isNegated ? "!=" : "==";
  const end = cursor.lastEnd;
  cursor.remark("P50", { start: at.start, end }, `"${isNegated ? "is not" : "is"}" is read as "${op}"`, op);
  const right = reader.binary(COMPARISON + 1);
  return { kind: "binary", op, left, right, at, ...base(reader, left.start, [left, right]) };
}

function range(reader: Reader, left: Syntax): Syntax {
  const { cursor } = reader;
  const at = cursor.next();
  const end = reader.binary(COMPARISON + 1);
  const place = base(reader, left.start, [left, end]);
  const isClosed = at.text === "..=";
  const one: Syntax = { kind: "int", value: 1n, start: end.end, end: end.end, depth: 1 };
  const last: Syntax = isClosed
    ? { kind: "binary", op: "+", left: end, right: one, at, ...base(reader, end.start, [end, one]) }
    : end;
  cursor.remark(
    "P50",
    at,
    `"a${at.text}b" is read as "List.range(a, b${isClosed ? " + 1" : ""})"`,
    (source) => [{ ...place, text: `List.range(${source(left)}, ${source(end)}${isClosed ? " + 1" : ""})` }],
  );
  return { kind: "family", family: "List", name: "range", args: [left, last], ...place };
}
