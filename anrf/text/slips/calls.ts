// Calls as other languages write them: the same call in this language, or a patch.
import type { Expr } from "#anrf/build/expr.ts";
import type { Type } from "#anrf/program/type.ts";
import type { Context } from "#anrf/text/context.ts";
import {
  asFloat,
  type Edit,
  type Instead,
  type Place,
  refuse,
  type Source,
  TextError,
} from "#anrf/text/problems.ts";
import type { Syntax, SyntaxOf } from "#anrf/text/syntax.ts";

const FOLDS: ReadonlySet<string> = new Set([
  "reduce",
  "fold",
  "foldl",
  "inject",
  "aggregate",
  "foldLeft",
  "fold_left",
]);
/** Functions of lists that other languages call with the function first. */
const OVER_LISTS: ReadonlySet<string> = new Set([
  "map",
  "filter",
  "any",
  "all",
  "find",
  "flat_map",
  "flatMap",
  "sort_by",
]);
/** Calls without arguments that change nothing here, where values never change and lists are no iterators. */
const NO_OPS: ReadonlySet<string> = new Set(
  "iter into_iter collect clone cloned copy copied to_vec to_owned as_str stream toArray".split(" "),
);
/** What makes something empty elsewhere. */
const EMPTY: ReadonlyMap<string, "list" | "map"> = new Map([
  ...["list", "vec", "array", "List.new", "List.empty", "Vec.new", "Array.new"].map(
    (name) => [name, "list"] as const,
  ),
  ...["dict", "Map.new", "Map.empty", "HashMap.new", "Dict.new"].map((name) => [name, "map"] as const),
]);
const FAILURES: ReadonlySet<string> = new Set(["panic", "error", "abort", "fail_with", "unreachable"]);
const NOTHING: ReadonlySet<string> = new Set(["null", "nil", "undefined", "nothing"]);

/** A method call that stands for another one: `",".join(xs)`, `xs.reduce(f, 0)`, `xs.count()`. */
export function foreignMethod(
  context: Context,
  syntax: SyntaxOf<"method">,
  receiver: Type,
): Syntax | undefined {
  const { name, args, target } = syntax;
  const [first, second] = args;
  const isText = receiver.kind === "string" && (name === "to_string" || name === "toString");
  const isList = receiver.kind === "list" && (name === "to_list" || name === "toList");
  if (args.length === 0 && (NO_OPS.has(name) || isText || isList)) {
    const edit = { start: target.end, end: syntax.end, text: "" };
    context.remark("P50", syntax.at, `"${name}()" changes nothing here`, [edit]);
    return target;
  }
  if (name === "join" && receiver.kind === "string" && first !== undefined && args.length === 1) {
    context.remark("P50", syntax.at, '"s.join(xs)" is read as "xs.join(s)"', (source) => [
      { ...placeOf(syntax), text: `${callable(source(first))}.join(${source(target)})` },
    ]);
    return { ...syntax, target: first, args: [target] };
  }
  if (receiver.kind === "list" && FOLDS.has(name) && first !== undefined && second !== undefined) {
    const isSwapped = isFunction(first) && !isFunction(second);
    if (!isSwapped && name === "fold") return undefined;
    const edits = [{ start: syntax.at.start, end: syntax.at.end, text: "fold" }];
    context.remark("P50", syntax.at, `"${name}" is read as "fold(first, f)"`, (source) =>
      isSwapped ? [...edits, ...swapped(first, second, source)] : edits,
    );
    return { ...syntax, name: "fold", args: isSwapped ? [second, first] : args };
  }
  if (receiver.kind === "list" && name === "count" && args.length === 0) {
    context.remark("P50", syntax.at, '"count()" is read as "length()"', "length");
    return { ...syntax, name: "length" };
  }
  return undefined;
}

/** A call that stands for another one: `map(f, xs)`, `range(n)`, `max(xs)`, `int(x)`, `pow(a, b)`, `panic("…")`. */
export function foreignCall(
  context: Context,
  syntax: SyntaxOf<"call" | "family" | "plain">,
  name: string,
): Syntax | undefined {
  const { args } = syntax;
  const [first, second] = args;
  const place = placeOf(syntax);
  const empty = first === undefined ? EMPTY.get(name) : undefined;
  if (empty !== undefined) {
    const text = empty === "list" ? "[]" : "{}";
    context.remark("P50", syntax, `"${name}()" is read as "${text}"`, text);
    return { ...baseOf(syntax), kind: empty, items: [] };
  }
  if (first === undefined) return undefined;
  if (args.length === 1 && (name === "range" || name === "List.range")) {
    const zero: Syntax = { kind: "int", value: 0n, start: first.start, end: first.start, depth: 1 };
    context.remark("P50", syntax, `"${name}(n)" is read as "List.range(0, n)"`, (source) => [
      { ...place, text: `List.range(0, ${source(first)})` },
    ]);
    return { ...baseOf(syntax), kind: "family", family: "List", name: "range", args: [zero, first] };
  }
  if (args.length === 3 && name === "range") {
    context.remark(
      "P50",
      syntax,
      '"range(a, b, step)" is read as "List.range_step(a, b, step)"',
      (source) => [{ ...place, text: `List.range_step(${args.map(source).join(", ")})` }],
    );
    return { ...baseOf(syntax), kind: "family", family: "List", name: "range_step", args };
  }
  if (args.length === 1 && (name === "min" || name === "max" || name === "Math.min" || name === "Math.max"))
    return asMethod(context, syntax, name.replace("Math.", ""), first, []);
  if (args.length === 1 && name === "int") return asMethod(context, syntax, "trunc", first, []);
  if (args.length === 1 && FAILURES.has(name) && first.kind === "string") {
    context.remark("P50", syntax, `"${name}" is read as "fail"`, (source) => `fail(${source(first)})`);
    return { ...baseOf(syntax), kind: "fail", message: first.text };
  }
  if (second === undefined) return undefined;
  if (args.length === 2 && (name === "pow" || name === "power")) {
    context.remark("P50", syntax, `"${name}(a, b)" is read as "a ** b"`, (source) => [
      { ...place, text: `(${source(first)}) ** (${source(second)})` },
    ]);
    return { ...baseOf(syntax), kind: "binary", op: "**", left: first, right: second, at: syntax };
  }
  if (args.length === 2 && OVER_LISTS.has(name) && isFunction(first))
    return asMethod(context, syntax, name, second, [first]);
  if (args.length === 3 && (name === "reduce" || name === "fold") && isFunction(first)) {
    const [, list, start] = args;
    if (list !== undefined && start !== undefined)
      return asMethod(context, syntax, "fold", list, [start, first]);
  }
  return undefined;
}

function asMethod(
  context: Context,
  syntax: Syntax,
  name: string,
  target: Syntax,
  args: readonly Syntax[],
): Syntax {
  context.remark("P50", syntax, `the call is read as "x.${name}(…)"`, (source) => [
    { ...placeOf(syntax), text: `${callable(source(target))}.${name}(${args.map(source).join(", ")})` },
  ]);
  return { ...baseOf(syntax), kind: "method", target, name, args, at: syntax };
}

/** `null` and its like where an option is expected; undefined for any other name. */
export function foreignName(
  context: Context,
  syntax: SyntaxOf<"name">,
  expected: Type | undefined,
): Expr | undefined {
  if (expected?.kind !== "option" || !NOTHING.has(syntax.name)) return undefined;
  context.remark("P50", syntax, `"${syntax.name}" is read as "none"`, "none");
  return { kind: "option", type: expected };
}

/** What to write for a call under another language's name. */
export function aliasPatch(syntax: SyntaxOf<"call" | "family">, text: string): Instead | undefined {
  const [first, ...rest] = syntax.args;
  if (first === undefined) return undefined;
  if (text.startsWith("."))
    return (source) => `${callable(source(first))}${text}(${rest.map(source).join(", ")})`;
  if (/^\p{Lu}\w*\.\w+$|^(?:min|max|compare)$/u.test(text))
    return (source) => `${text}(${syntax.args.map(source).join(", ")})`;
  const [second] = rest;
  if (second === undefined) return (source) => `${text === "not" ? "not " : text}(${source(first)})`;
  return (source) => `(${source(first)}) ${text} (${source(second)})`;
}

/** What to write for an operator that does not take its left side: other languages have it for that type. */
export function operatorPatch(syntax: SyntaxOf<"binary">, found: Type): Instead | undefined {
  const { op, left, right, at } = syntax;
  if (op === "/" && found.kind === "int") return [{ start: at.start, end: at.end, text: "//" }];
  if (op === "*" && found.kind === "string")
    return (source) => [{ ...placeOf(syntax), text: `${callable(source(left))}.repeat(${source(right)})` }];
  if (op === "[]" && found.kind === "map")
    return (source) => [
      { ...placeOf(syntax), text: `${callable(source(left))}.get(${source(right)}).unwrap()` },
    ];
  if (op === "[]" && found.kind === "string")
    return (source) => [
      { ...placeOf(syntax), text: `${callable(source(left))}.at(${source(right)}).unwrap()` },
    ];
  return undefined;
}

/** Does the work; where an int on the left meets a float on the right, the int is what has to change. */
export function withMixedNumbers(syntax: SyntaxOf<"binary">, left: Type, work: () => Expr): Expr {
  if (left.kind !== "int") return work();
  try {
    return work();
  } catch (error) {
    const { start, end } = syntax.right;
    const isMixed =
      error instanceof TextError &&
      error.problem.code === "P12" &&
      error.problem.start === start &&
      error.problem.end === end &&
      error.problem.message.endsWith("but this is float");
    if (!isMixed) throw error;
    return refuse("P17", syntax.left, "an int meets a float", ["float"], asFloat(syntax.left));
  }
}

function isFunction(syntax: Syntax): boolean {
  return syntax.kind === "lambda";
}

function swapped(first: Place, second: Place, source: Source): readonly Edit[] {
  return [
    { start: first.start, end: first.end, text: source(second) },
    { start: second.start, end: second.end, text: source(first) },
  ];
}

function placeOf({ start, end }: Place): Place {
  return { start, end };
}

function baseOf({ start, end, depth }: Syntax): Place & { readonly depth: number } {
  return { start, end, depth };
}

/** As something that a call can follow. */
function callable(text: string): string {
  return /^[\p{XIDC}.]+(?:\([^()]*\))?$|^\[[^[\]]*\]$|^"[^"\\]*"$|^\([^()]*\)$/u.test(text)
    ? text
    : `(${text})`;
}
