// Statements that have no value here. A loop over a list that builds up one name is refused with the fold that it means.
import type { Cursor } from "#anrf/text/cursor.ts";
import { type Instead, type Place, refuse, type Source, TextError } from "#anrf/text/problems.ts";
import type { Reader } from "#anrf/text/reader.ts";
import type { Syntax } from "#anrf/text/syntax.ts";
import { nameText } from "#anrf/text/words.ts";
import { FixSafety } from "#gen/anrf/v1/diagnostic_pb.ts";
import { bareName, beginsValue } from "./values.ts";

/** Words of statements, and what is written in their place. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ["for", "xs.fold(first, (state, x) => next) goes over a list, .map and .filter make one"],
  ["foreach", "xs.fold(first, (state, x) => next) goes over a list, .map and .filter make one"],
  ["while", "loop state = first while condition { next } repeats"],
  ["break", ".take_while, .find and .fold_until end early"],
  ["continue", ".filter leaves items out"],
  ...["import", "from", "using", "with", "del", "global"].map((word) => [word, "leave it out"] as const),
  ...["print", "try", "pass", "yield", "assert", "goto"].map(
    (word) => [word, "a program gives a value, and has no effects"] as const,
  ),
]);

/** Refuses a statement that begins here; an expression passes. */
export function refuseStatement(reader: Reader): void {
  const { cursor } = reader;
  const token = cursor.peek();
  const instead = token.kind === "name" || cursor.is("while") ? INSTEAD.get(token.text) : undefined;
  if (instead === undefined || !isStatement(cursor)) return;
  const fold = cursor.is("for") ? foldOf(reader) : undefined;
  refuse(
    "P26",
    token,
    `"${token.text}" is a statement, and no expression: ${instead}`,
    [],
    fold,
    FixSafety.NEEDS_REVIEW,
  );
}

/** A name that is followed by what no expression goes on with. */
function isStatement(cursor: Cursor): boolean {
  const next = cursor.peek(1);
  if (cursor.isKind("word") || beginsValue(next) || next.text === ";") return true;
  const after = next.text === "(" ? cursor.afterBracket(1) : undefined;
  return after !== undefined && cursor.is("{", after);
}

/** What one turn of a loop does: the name that it builds up, and its next value. */
interface Step {
  readonly name: string;
  readonly next: (source: Source) => string;
}

/** `for x in xs { acc += x; }` as `let acc = xs.fold(acc, (acc, x) => acc + x);`; undefined for any other loop. */
function foldOf(reader: Reader): Instead | undefined {
  const { cursor } = reader;
  try {
    const { start } = cursor.next();
    const isBracketed = cursor.take("(");
    const names = [nameText(cursor.expectName("a name").text)];
    while (cursor.take(",")) names.push(nameText(cursor.expectName("a name").text));
    if (!cursor.take("in") && !cursor.take("of")) return undefined;
    const list = reader.binary(0);
    if (isBracketed) cursor.expect(")", "after the list");
    const step = stepOf(reader);
    if (step === undefined || names.includes(step.name)) return undefined;
    const place = { start, end: cursor.lastEnd };
    const item = names.length === 1 ? names[0] : `(${names.join(", ")})`;
    const { name, next } = step;
    return (source) => [
      {
        ...place,
        text: `let ${name} = (${source(list)}).fold(${name}, (${name}, ${item}) => ${next(source)});`,
      },
    ];
  } catch (error) {
    // The loop holds something else: it is refused without a patch.
    if (error instanceof TextError) return undefined;
    throw error;
  }
}

/** One assignment in braces, maybe under a condition. */
function stepOf(reader: Reader): Step | undefined {
  const { cursor } = reader;
  cursor.expect("{", "before the step");
  const step = cursor.is("if") ? guarded(reader) : assigned(reader);
  cursor.take(";");
  cursor.expect("}", "after the step");
  return step;
}

function guarded(reader: Reader): Step | undefined {
  const { cursor } = reader;
  cursor.next();
  const condition = reader.expr();
  const step = stepOf(reader);
  const other = cursor.take("else") ? stepOf(reader) : undefined;
  if (step === undefined || (other !== undefined && other.name !== step.name)) return undefined;
  const { name, next } = step;
  return {
    name,
    next: (source) => `if ${source(condition)} { ${next(source)} } else { ${other?.next(source) ?? name} }`,
  };
}

/** `acc = e`, `acc += e`, `acc.push(e)` and their like. */
function assigned(reader: Reader): Step | undefined {
  const { cursor } = reader;
  const target = reader.expr();
  const owner = target.kind === "method" ? bareName(target.target) : undefined;
  if (target.kind === "method" && owner !== undefined) return changed(owner, target);
  const mark = cursor.peek();
  const name = bareName(target);
  if (name === undefined || !/^[+*-]?=$/.test(mark.text)) return undefined;
  cursor.next();
  const value: Place = reader.expr();
  const operator = mark.text.slice(0, -1);
  return {
    name,
    next: (source) => (operator === "" ? source(value) : `${name} ${operator} (${source(value)})`),
  };
}

function changed(
  name: string,
  { name: method, args }: Extract<Syntax, { kind: "method" }>,
): Step | undefined {
  const [first, second] = args;
  if (first === undefined) return undefined;
  if (args.length === 1 && /^(?:push|append|add|push_back)$/.test(method))
    return { name, next: (source) => `${name}.append(${source(first)})` };
  if (args.length === 1 && /^(?:extend|push_str)$/.test(method))
    return { name, next: (source) => `${name} + (${source(first)})` };
  if (second !== undefined && args.length === 2 && /^(?:insert|set|put)$/.test(method))
    return { name, next: (source) => `${name}.put(${source(first)}, ${source(second)})` };
  return undefined;
}
