// Names, literals and indices as other languages write them: read with a remark, or refused with a patch.
import type { Token } from "#anrf/text/lexer.ts";
import { type Place, refuse } from "#anrf/text/problems.ts";
import { base, type Reader } from "#anrf/text/reader.ts";
import type { FieldSyntax, Syntax, SyntaxOf } from "#anrf/text/syntax.ts";
import { FixSafety } from "#gen/anrf/v1/diagnostic_pb.ts";
import { beginsValue } from "./values.ts";

/** Words of other languages that stand alone, where no name with a capital can. */
const CAPITALS: ReadonlyMap<string, "true" | "false" | "none"> = new Map([
  ["True", "true"],
  ["False", "false"],
  ["TRUE", "true"],
  ["FALSE", "false"],
  ["None", "none"],
  ["Nothing", "none"],
  ["NULL", "none"],
  ["Nil", "none"],
]);

/** `True`, `None`, `Some(x)`; undefined for anything else. */
export function foreignCapital(reader: Reader): Syntax | undefined {
  const { cursor, nominals } = reader;
  const token = cursor.peek();
  const isDeclared = nominals.records.has(token.text) || nominals.variants.has(token.text);
  if ((token.text === "Some" || token.text === "Just") && cursor.is("(", 1) && !isDeclared) {
    cursor.next();
    cursor.remark("P50", token, `"${token.text}" is read as "some"`, "some");
    cursor.next();
    const value = reader.expr();
    cursor.expect(")", "after the value");
    return { kind: "some", value, ...base(reader, token.start, [value]) };
  }
  const meant = CAPITALS.get(token.text);
  if (meant === undefined || isDeclared || cursor.is("(", 1)) return undefined;
  cursor.next();
  cursor.remark("P50", token, `"${token.text}" is read as "${meant}"`, meant);
  const place = base(reader, token.start, []);
  return meant === "none" ? { kind: "none", ...place } : { kind: "bool", value: meant === "true", ...place };
}

/** `throw …`, `raise Error("…")` and `new Name(…)`; undefined where the name is a name. */
export function foreignAtom(reader: Reader): Syntax | undefined {
  const { cursor } = reader;
  const token = cursor.peek();
  if (cursor.isQuoted(token)) return undefined;
  if (token.text === "new" && cursor.isKind("tname", 1)) {
    cursor.next();
    cursor.remark("P50", token, 'no "new" stands before a value', "");
    return reader.binary(14);
  }
  if ((token.text !== "throw" && token.text !== "raise") || !beginsValue(cursor.peek(1))) return undefined;
  cursor.next();
  if (cursor.is("new")) cursor.next();
  const isCall = !cursor.isKind("string");
  if (isCall) {
    cursor.next();
    cursor.expect("(", "before the message");
  }
  const message = cursor.expectKind("string", "a message in quotes");
  if (isCall) cursor.expect(")", "after the message");
  const place = { start: token.start, end: cursor.lastEnd };
  cursor.remark("P50", place, `"${token.text}" is read as fail`, (source) => `fail(${source(message)})`);
  return { kind: "fail", message: message.text, ...base(reader, token.start, []) };
}

/** `xs[i]`, and the slices `xs[a:b]`, `xs[:b]`, `xs[a:]`, `xs[-n:]` and `xs[::-1]`. */
export function parseIndex(reader: Reader, target: Syntax): Syntax {
  const { cursor } = reader;
  const at = cursor.next();
  if (cursor.is("]")) cursor.refuse("expected an index");
  // `::` reads as `.`, an operator of paths; between brackets it is two colons.
  const first = cursor.peek();
  if (cursor.is(".") && first.end - first.start === 2) return reversed(reader, target, at);
  const from = cursor.is(":") ? undefined : reader.expr();
  if (from === undefined || cursor.is(":")) return slice(reader, target, from, at);
  cursor.expect("]", "after the index");
  const place = base(reader, target.start, [target, from]);
  return { kind: "binary", op: "[]", left: target, right: from, at, ...place };
}

function slice(reader: Reader, target: Syntax, from: Syntax | undefined, at: Place): Syntax {
  const { cursor } = reader;
  cursor.expect(":", "between the ends");
  const to = cursor.is("]") ? undefined : reader.expr();
  cursor.expect("]", "after the ends");
  const ends = [from, to].filter((one) => one !== undefined);
  if (ends.length === 0) return target;
  const name = from === undefined ? "take" : to === undefined ? "drop" : "slice";
  const args = ends.map((end) => fromBehind(reader, target, end));
  const place = { start: at.start, end: cursor.lastEnd };
  cursor.remark("P50", place, `a part of a list is written as .${name}(…)`, (source) => {
    const texts = ends.map((end) =>
      isNegative(end) ? `${source(target)}.length() - ${-end.value}` : source(end),
    );
    return `.${name}(${texts.join(", ")})`;
  });
  return { kind: "method", target, name, args, at: place, ...base(reader, target.start, [target, ...args]) };
}

/** An end that counts from behind is the length less a number: a name can be asked for it, other values are refused. */
function fromBehind(reader: Reader, target: Syntax, end: Syntax): Syntax {
  if (!isNegative(end)) return end;
  if (target.kind !== "name")
    refuse("P26", end, "an end that counts from behind needs a name before the bracket");
  const at = { start: end.start, end: end.end };
  const length: Syntax = {
    kind: "method",
    target,
    name: "length",
    args: [],
    at,
    ...base(reader, end.start, [target]),
  };
  const right: Syntax = { ...end, value: -end.value };
  return { kind: "binary", op: "-", left: length, right, at, ...base(reader, end.start, [length, right]) };
}

function isNegative(syntax: Syntax): syntax is SyntaxOf<"int"> {
  return syntax.kind === "int" && syntax.value < 0n;
}

function reversed(reader: Reader, target: Syntax, at: Place): Syntax {
  const { cursor } = reader;
  cursor.next();
  const step = reader.expr();
  cursor.expect("]", "after the step");
  const place = { start: at.start, end: cursor.lastEnd };
  if (step.kind !== "int" || step.value !== -1n)
    refuse("P26", place, "a slice with a step is none here: use .step(start, step)");
  cursor.remark("P50", place, '"[::-1]" is read as ".reverse()"', ".reverse()");
  return {
    kind: "method",
    target,
    name: "reverse",
    args: [],
    at: place,
    ...base(reader, target.start, [target]),
  };
}

/** `Name { field: value }`, from its brace on. */
export function bracedRecord(reader: Reader, name: Token, field: (reader: Reader) => FieldSyntax): Syntax {
  const { cursor } = reader;
  const open = cursor.next();
  const fields = cursor.list("}", () => field(reader));
  const close = cursor.lastToken;
  cursor.remark("P50", name, "the fields of a record stand in parentheses", [
    { start: name.end, end: open.end, text: "(" },
    { start: close.start, end: close.end, text: ")" },
  ]);
  const values = fields.map((one) => one.value);
  return { kind: "record", name: name.text, fields, ...base(reader, name.start, values) };
}

/** `[e for x in xs if c]`: refused with the calls that mean the same, from behind `e` on. */
export function refuseComprehension(reader: Reader, start: number, item: Syntax, close: string): never {
  const { cursor } = reader;
  const at = cursor.next();
  const message = "comprehensions are not part of the language";
  const names = [cursor.expectKind("name", "a name after for").text];
  while (cursor.take(",")) names.push(cursor.expectKind("name", "a name").text);
  if (!cursor.take("in")) refuse("P19", at, message);
  const list = reader.binary(0);
  const condition = cursor.take("if") ? reader.binary(0) : undefined;
  if (!cursor.is(close)) refuse("P19", at, message);
  const place = { start, end: close === ")" ? cursor.lastEnd : cursor.peek().end };
  const head = `(${names.join(", ")}) =>`;
  refuse(
    "P19",
    at,
    message,
    [],
    (source) => {
      const filter = condition === undefined ? "" : `.filter(${head} ${source(condition)})`;
      const mapped = item.kind === "name" && names.length === 1 && item.name === names[0];
      const map = mapped ? "" : `.map(${head} ${source(item)})`;
      const text = source(list);
      const target = /^[\p{XIDC}.]+(?:\([^()]*\))?$/u.test(text) ? text : `(${text})`;
      return [{ ...place, text: `${target}${filter}${map}` }];
    },
    FixSafety.LOCAL,
  );
}
