import {
  BOOL,
  DATE,
  DECIMAL,
  FLOAT,
  INT,
  listOf,
  mapOf,
  optionOf,
  STRING,
  type Type,
  tupleOf,
} from "#anrf/program/type.ts";
import { type Argument, type Literal, type Read, readArguments, readLiteral } from "./literals.ts";
import type { Place } from "./phrases/tokens.ts";
import { UNKNOWN } from "./shapes.ts";

/** An example as it stands in the text, before the signature types it. */
export interface Found extends Place {
  readonly args: readonly Argument[];
  /** A literal, or undefined for an expected error. */
  readonly output: Literal | undefined;
  /** The name in front of the arguments, where the example is a call. */
  readonly call?: string;
  readonly tolerance?: number;
  readonly certainty: number;
  /** True where both sides are bare words: they are strings only if the result is one. */
  readonly bare?: boolean;
}

const SIGN =
  /\s*(?:#|\/\/|--)?\s*(?:={1,9}>|={1,3}|-{1,9}>|→|➞|⇒|↦|(?:should|must|will|would)\s+(?:return|be|give|equal|yield|output|become|evaluate\s+to|result\s+in)|returns?|gives?|yields?|is|equals?|evaluates?\s+to|outputs?|produces?|results?\s+in|becomes?|(?:is\s+)?(?:maps?|mapped|converted|turned)\s+(?:to|into)|turns?\s+into)\s*:?\s*/iuy;
const PLAIN_SIGN =
  /\s*(?:={1,9}>|-{1,9}>|→|➞|⇒|↦|becomes?\b|(?:should|must|will|would)\s+(?:return|be|give|yield|become|output)\b|(?:is\s+)?(?:turned|turns?|converted|maps?|mapped)\s+(?:in)?to\b|gives\b|yields\b|returns\b|results\s+in\b|into\b)\s*:?\s*/iuy;
const ERROR_WORD =
  /(?:an?\s+)?(?:[A-Z]\w*(?:Error|Exception)|raises?\b|throws?\b|errors?\b|trap\b)[^\n,;]*/iuy;
const CALL = /([\p{L}_][\p{L}\p{N}_]{0,60})\(/u;
const PROMPT = /^[^\S\n]*>>>[^\S\n]?/gmu;

/**
 * Every example in the text, by place, without overlaps: doctests, calls with a sign, sentences, tables, a value and
 * its arrow, bare words around an arrow. An example is taken only if both sides are whole literals.
 */
export function findExamples(text: string): Found[] {
  const found: Found[] = [];
  for (const pass of [doctests, calls, sentences, returnsFor, tables, arrows, bareWords]) {
    for (const one of pass(text)) {
      if (!found.some((other) => one.start < other.end && other.start < one.end)) found.push(one);
    }
  }
  return found.sort((a, b) => a.start - b.start);
}

/** `>>> f([1, 2])` and its value on the lines that follow, up to a blank line or the next prompt. */
function* doctests(text: string): Generator<Found> {
  for (const prompt of text.matchAll(PROMPT)) {
    const from = prompt.index + prompt[0].length;
    const call = CALL.exec(text.slice(from, from + 200));
    if (call?.[1] === undefined || text.slice(from, from + call.index).includes("\n")) continue;
    const args = readArguments(text, from + call.index + call[0].length, ")", true);
    if (args === undefined) continue;
    const shown = {
      start: from + text.slice(from).search(/\S/u),
      args: args.value,
      call: call[1],
      certainty: 1,
    };
    const sign = signAt(text, args.end);
    const inline = sign === undefined ? undefined : valueAt(text, sign);
    const next = inline ?? valueAt(text, lineAfter(text, args.end), true);
    if (next !== undefined) yield { ...shown, output: next.value, end: next.end };
  }
}

function lineAfter(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  // Python shows nothing for None, and an empty line ends the example.
  const blank = /\n[^\S\n]*(?:\n|>>>|$)/uy;
  blank.lastIndex = end;
  return end < 0 || blank.test(text) ? text.length : end + 1;
}

/** A literal or an expected error that starts here. */
function valueAt(text: string, at: number, lines = false): Read<Literal | undefined> | undefined {
  const read = wholeLiteral(text, at, lines);
  if (read !== undefined) return read;
  const traceback =
    /\s*Traceback \(most recent call last\):[^\n]*(?:\n[^\S\n]+[^\n]*)*(?:\n\w*(?:Error|Exception)[^\n]*)?/uy;
  for (const pattern of [traceback, ERROR_WORD]) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) return { value: undefined, start: at, end: pattern.lastIndex };
  }
  return undefined;
}

/** A literal that no operator or letter continues, so that "3" of "3 + n" is none. */
function wholeLiteral(text: string, at: number, lines = false): Read<Literal> | undefined {
  const read = readLiteral(text, at, lines);
  if (read === undefined) return undefined;
  const continued = /(?:\s*(?:[-+*/%<^]|\*\*)\s*[\p{L}\p{N}([]|[\p{L}\p{N}_]|\.\d|%|\()/uy;
  continued.lastIndex = read.end;
  return continued.test(text) ? undefined : read;
}

function signAt(text: string, at: number, pattern: RegExp = SIGN): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

/** `f([1, 2]) = 3`, `f(2) should be 4`, `assert f(2) == 4`, `assert not f(2)`. */
function* calls(text: string): Generator<Found> {
  for (const call of text.matchAll(new RegExp(CALL, "gu"))) {
    const args = readArguments(text, call.index + call[0].length, ")");
    if (args === undefined || args.value.length === 0) continue;
    const before = /(assert\s+)?(not\s+|!\s*)?(?:[\p{L}_]\w*\.)?$/u.exec(
      text.slice(Math.max(0, call.index - 40), call.index),
    );
    const start = call.index - (before?.[0].length ?? 0);
    const shown = { start, args: args.value, call: call[1] ?? "", certainty: 0.95 };
    const sign = signAt(text, args.end);
    const value = sign === undefined ? undefined : valueAt(text, sign);
    const failure = /\s+(?:(?:should|must|will)\s+)?(?:raises?|throws?|fails?|errors?|traps?)\b[^\n,;.]*/iuy;
    failure.lastIndex = args.end;
    if (value !== undefined) {
      yield { ...shown, output: value.value, end: value.end };
    } else if (failure.test(text)) {
      yield { ...shown, output: undefined, end: failure.lastIndex };
    } else if (before?.[1] !== undefined && sign === undefined) {
      yield { ...shown, output: { kind: "bool", value: before[2] === undefined }, end: args.end };
    }
  }
}

const INPUT =
  /(?:^|(?<=[\s(*_]))(?:(?:for|given|with|if|when|on|use)\s+(?:(?:the|an?|this|your|an\s+example)\s+)?(?:sample\s+|example\s+)?(?:(?:inputs?|lists?|arrays?|strings?|numbers?|values?|texts?|words?|sentences?|tuples?|dictionary|dict|integers?|parameters?|arguments?|matrix|names?)\s*)?|(?:sample\s+|example\s+)?inputs?\s*\d*\s*(?=[:=]|is\b|are\b))(?:is|are|of|was)?\s*[:=]?\s*/giu;
const OUTPUT =
  /\s*[,:;.]?\s*(?:then\s+|so\s+)?(?:(?:the|your|it|this|we|you|i|they)\s+)?(?:(?:function|program|method|code)\s+)?(?:(?:expected|correct|final|sample|example)\s+)?(?:(?:outputs?|results?|answers?|return\s+value|value|sum|total|count)\s*\d*\s*)?(?:(?:should|would|must|will|is\s+expected\s+to|want|expect|ought\s+to)\s*(?:to\s+)?)?(?:be|is|are|returns?|outputs?|gives?|get|gets|equals?|yields?|becomes?|produces?|have)?\s*(?:back\s+)?[:=]?\s*(?:-{1,9}>|={1,9}>|→)?\s*/iuy;

/** `for input X the output is Y`, `Input: a = 1, b = 2  Output: 3`, `given [1, 2], return 3`, `for n = 5 it is 8`. */
function* sentences(text: string): Generator<Found> {
  for (const anchor of text.matchAll(INPUT)) {
    const first = anchor.index + anchor[0].search(/\S/u);
    const inputs = bindings(text, anchor.index + anchor[0].length);
    if (inputs === undefined) continue;
    OUTPUT.lastIndex = inputs.end;
    const link = OUTPUT.exec(text)?.[0] ?? "";
    if (!/\p{L}{2}|>|→|[:=]/u.test(link)) continue;
    const value = valueAt(text, inputs.end + link.length);
    if (value === undefined) continue;
    yield {
      start: Math.max(first, 0),
      end: value.end,
      args: inputs.value,
      output: value.value,
      certainty: 0.9,
    };
  }
}

/** `returns 6 for [1, 2, 3]`, `should give "c" when given "abc"`. */
function* returnsFor(text: string): Generator<Found> {
  for (const verb of text.matchAll(
    /\b(?:returns?|gives?|yields?|outputs?|produces?|(?:should|would) be)\s+(?=\S)/giu,
  )) {
    const value = wholeLiteral(text, verb.index + verb[0].length);
    if (value === undefined) continue;
    const link =
      /\s+(?:for|on|when\s+given|given|from|if\s+(?:the\s+)?inputs?\s+(?:is|are)|with)\s+(?:the\s+)?(?:inputs?\s+|list\s+|string\s+|numbers?\s+)?/iuy;
    link.lastIndex = value.end;
    if (!link.test(text)) continue;
    const inputs = bindings(text, link.lastIndex);
    if (inputs === undefined) continue;
    yield { start: verb.index, end: inputs.end, args: inputs.value, output: value.value, certainty: 0.85 };
  }
}

/** One to eight literals, each perhaps named, with commas or "and" between them. */
function bindings(text: string, at: number): Read<Argument[]> | undefined {
  const found: Argument[] = [];
  let here = at;
  let end = at;
  for (const name = /\s*`?([\p{L}_][\p{L}\p{N}_]{0,30})`?\s*(?:=+|:|\bis\b)\s*/uy; found.length < 8; ) {
    name.lastIndex = here;
    const named = name.exec(text);
    if (/^(?:outputs?|results?|expected|answer|returns?|explanation)$/iu.test(named?.[1] ?? "")) break;
    const read = wholeLiteral(text, named === null ? here : name.lastIndex);
    if (read === undefined) break;
    found.push(named?.[1] === undefined ? { value: read.value } : { name: named[1], value: read.value });
    end = read.end;
    const comma = /\s*(?:,\s*(?:and\s+)?|\s+and\s+|\s*;\s*|\n\s*)(?=\S)/uy;
    comma.lastIndex = end;
    if (!comma.test(text)) break;
    here = comma.lastIndex;
  }
  return found.length === 0 ? undefined : { value: found, start: at, end };
}

/** Rows of a Markdown table whose last column is the result, headed by in/out words or parameter names. */
function* tables(text: string): Generator<Found> {
  const rows = [...text.matchAll(/^[^\S\n]*\|(.+)\|[^\S\n]*$/gmu)];
  let heads: string[] | undefined;
  let lastEnd = -2;
  for (const row of rows) {
    const inner = row[1] ?? "";
    const adjacent = row.index <= lastEnd + 1;
    lastEnd = row.index + row[0].length;
    if (!adjacent) {
      heads = inner.split("|").map((cell) => cell.trim());
      continue;
    }
    if (heads === undefined || /^[\s|:-]+$/u.test(inner)) continue;
    const example = tableRow(heads, inner);
    if (example !== undefined)
      yield { ...example, start: row.index + row[0].search(/\S/u), end: row.index + row[0].trimEnd().length };
  }
}

function tableRow(heads: readonly string[], inner: string): Omit<Found, "start" | "end"> | undefined {
  const cells = inner.split("|").map((cell) => cell.trim());
  if (cells.length !== heads.length || cells.length < 2) return undefined;
  const values = cells.map((cell) => {
    const read = readLiteral(cell, 0);
    if (read !== undefined && read.end === cell.length) return read.value;
    return { kind: "string", value: cell.replace(/^`|`$/gu, "") } as const;
  });
  const args = values.slice(0, -1).map((value, at) => {
    const head = heads[at] ?? "";
    return /^[\p{L}_]\w*$/u.test(head) && !/^inputs?$/iu.test(head) ? { name: head, value } : { value };
  });
  return { args, output: values.at(-1), certainty: 0.85 };
}

/** `'abc' -> 'c'`, `[1, 2] becomes 3`, `turns 3 into 9`, `1, 2 -> 3`. */
function* arrows(text: string): Generator<Found> {
  const starts = /(?<![\p{L}\p{N}_.\])"'])(?:[-−]?\d|[[({"'“‘`]|\b(?:true|false|True|False|None|null)\b)/gu;
  for (let match = starts.exec(text); match !== null; match = starts.exec(text)) {
    const inputs = bindings(text, match.index);
    if (inputs === undefined) continue;
    starts.lastIndex = Math.max(inputs.end, match.index + 1);
    const sign = signAt(text, inputs.end, PLAIN_SIGN);
    const value = sign === undefined ? undefined : valueAt(text, sign);
    if (value === undefined) continue;
    yield { start: match.index, end: value.end, args: inputs.value, output: value.value, certainty: 0.85 };
    starts.lastIndex = value.end;
  }
}

/** `hello -> olleh`: bare words around an arrow, on a line of their own or after "e.g." or a colon. */
function* bareWords(text: string): Generator<Found> {
  const pattern =
    /(?<=^|\n|[:,;(]\s?|e\.g\.,?\s|example,?\s)[^\S\n]*([\p{L}\p{N}][^\n,;:()[\]{}"'<>=→➞⇒]{0,60}?)\s*(?:-{1,9}>|={1,9}>|→|➞|⇒)\s*([\p{L}\p{N}][^\n,;:()[\]{}"'<>=→➞⇒]{0,60}?)\s*(?=[\n,;.)]|$)/giu;
  for (const match of text.matchAll(pattern)) {
    const [left, right] = [match[1] ?? "", match[2] ?? ""];
    if (left === "" || right === "" || typeWord(left) || typeWord(right)) continue;
    const start = match.index + match[0].search(/\S/u);
    const end = match.index + match[0].trimEnd().length;
    yield {
      start,
      end,
      args: [{ value: bareValue(left) }],
      output: bareValue(right),
      certainty: 0.7,
      bare: true,
    };
  }
}

function bareValue(text: string): Literal {
  const read = readLiteral(text, 0);
  if (read !== undefined && read.end === text.length) return read.value;
  return { kind: "string", value: text };
}

function typeWord(text: string): boolean {
  return /^(?:(?:a|an|the)\s+)?(?:int|integer|float|str|string|bool|boolean|list|array|number|map|dict|any|void|none|object|char)(?:s|\[\])?$/iu.test(
    text,
  );
}

/** A signature that stands in the text as code; a part without annotation has no type. */
export interface CodeSignature extends Place {
  readonly name?: string;
  readonly params: readonly { readonly name: string; readonly type?: Type }[];
  readonly returns?: Type;
}

const HEADS = [
  /\bdef\s+(?<name>[A-Za-z_]\w*)\s*\(/gu,
  /\bfunction\s+(?<name>[A-Za-z_]\w*)\s*(?:<[^>]*>)?\s*\(/gu,
  /\b(?:const|let)\s+(?<name>[A-Za-z_]\w*)\s*=\s*(?:async\s*)?\(/gu,
  /\b(?:fn|func)\s+(?<name>[A-Za-z_]\w*)\s*\(/gu,
  /(?<=^|[\s`])(?<name>[A-Za-z_]\w*)\((?=\s*[A-Za-z_]\w*\??\s*:)/gu,
  /(?<=^|[\s`:])\((?=[^()]*(?:\([^()]*\)[^()]*)*\)\s*(?:->|=>|→))/gu,
  /`(?<name>[A-Za-z_]\w*)\((?=\s*[A-Za-z_]\w*\s*[,)])/gu,
  /\b[Ff]unction\s+(?:called\s+|named\s+)?(?<name>[A-Za-z_]\w*)\((?=\s*[A-Za-z_]\w*\s*[,)])/gu,
] as const;

/**
 * The first signature written as code: `def f(xs: List[int]) -> int`, `function f(a: number[]): number`,
 * `fn f(xs: list<int>) -> int`, `(list<int>, int) -> int`.
 */
export function codeSignature(text: string): CodeSignature | undefined {
  for (const head of HEADS) {
    for (const match of text.matchAll(head)) {
      const read = signatureAt(text, match.index, match.index + match[0].length, match.groups?.["name"]);
      if (read !== undefined) return read;
    }
  }
  return undefined;
}

function signatureAt(
  text: string,
  start: number,
  open: number,
  name: string | undefined,
): CodeSignature | undefined {
  const close = closing(text, open);
  if (close === undefined) return undefined;
  const parts = splitTop(text.slice(open, close), ",");
  const params = parts.map((part, at) => paramOf(part.trim(), at, name === undefined));
  if (params.some((param) => param === undefined) || params.length > 32) return undefined;
  const after = /\s*(?:->|=>|→|:)\s*/uy;
  after.lastIndex = close + 1;
  const arrow = after.test(text) ? after.lastIndex : undefined;
  const written = arrow === undefined ? undefined : typeAt(text, arrow);
  if (name === undefined && written === undefined) return undefined;
  return {
    ...(name === undefined ? {} : { name }),
    params: params.filter((param) => param !== undefined),
    ...(written === undefined ? {} : { returns: written.type }),
    start,
    end: written?.end ?? close + 1,
  };
}

function closing(text: string, open: number): number | undefined {
  let depth = 1;
  for (let at = open; at < text.length && at < open + 2000; at += 1) {
    if (text[at] === "(") depth += 1;
    if (text[at] === ")") depth -= 1;
    if (depth === 0) return at;
  }
  return undefined;
}

function paramOf(part: string, at: number, bare: boolean): { name: string; type?: Type } | undefined {
  const named = /^(?:readonly\s+)?`?([A-Za-z_]\w*)`?\??\s*(?::\s*([^=]+?))?\s*(?:=.*)?$/su.exec(part);
  const type = codeType(named?.[2] ?? "");
  if (named?.[1] !== undefined && named[2] !== undefined)
    return type === undefined ? undefined : { name: named[1], type };
  const whole = bare ? codeType(part) : undefined;
  if (whole !== undefined) return { name: `arg${at}`, type: whole };
  return named?.[1] === undefined || bare ? undefined : { name: named[1] };
}

/** The longest piece of the line from here on that is a type. */
function typeAt(text: string, at: number): { type: Type; end: number } | undefined {
  const line = /[^\n{;:`]*/uy;
  line.lastIndex = at;
  const words = line.exec(text)?.[0] ?? "";
  for (let end = Math.min(words.length, 200); end > 0; end -= 1) {
    if (/[\w\])>]/u.test(words[end - 1] ?? "") && !/\w/u.test(words[end] ?? "")) {
      const type = codeType(words.slice(0, end));
      if (type !== undefined) return { type, end: at + end };
    }
  }
  return undefined;
}

/** The type that code such as `List[int]`, `number[]` or `map<string, int>` names, or undefined. */
export function codeType(text: string, depth = 1): Type | undefined {
  const code = text
    .trim()
    .replace(/^(?:typing|t)\./u, "")
    .replace(/^readonly\s+/u, "");
  if (depth > 16) return undefined;
  const scalar = CODE_SCALARS.get(code);
  if (scalar !== undefined) return scalar;
  const array = /^(.+)\[\]$/su.exec(code);
  if (array?.[1] !== undefined) return over(array[1].replace(/^\((.*)\)$/su, "$1"), depth, listOf);
  const parts = splitTop(code, "|").map((part) => part.trim());
  if (parts.length === 2) {
    const inner = parts.find((part) => !/^(?:None|null|undefined)$/u.test(part));
    return inner === undefined ||
      parts.every((part) => part === inner || !/^(?:None|null|undefined)$/u.test(part))
      ? undefined
      : over(inner, depth, optionOf);
  }
  if (/^[([].*[)\]]$/su.test(code)) return tupleType(splitTop(code.slice(1, -1), ","), depth);
  const generic = /^(\w+)\s*[[<](.*)[\]>]$/su.exec(code);
  return generic === null ? undefined : genericType(generic[1] ?? "", splitTop(generic[2] ?? "", ","), depth);
}

const CODE_SCALARS = new Map<string, Type>([
  ...["int", "number", "integer", "Int", "bigint", "long"].map((name) => [name, INT] as const),
  ...["float", "double", "Float", "real"].map((name) => [name, FLOAT] as const),
  ...["str", "string", "String", "char"].map((name) => [name, STRING] as const),
  ...["bool", "boolean", "Boolean"].map((name) => [name, BOOL] as const),
  ...["decimal", "Decimal"].map((name) => [name, DECIMAL] as const),
  ...["date", "Date"].map((name) => [name, DATE] as const),
  ...["list", "List", "array", "tuple", "set"].map((name) => [name, listOf(UNKNOWN)] as const),
  ...["dict", "Dict", "object"].map((name) => [name, mapOf(STRING, UNKNOWN)] as const),
]);

function genericType(name: string, parts: readonly string[], depth: number): Type | undefined {
  const [first = "", second = ""] = parts;
  if (
    /^(?:list|array|sequence|iterable|set|readonlyarray|vec|collection|frozenset)$/iu.test(name) &&
    parts.length === 1
  ) {
    return over(first, depth, listOf);
  }
  if (/^optional|option$/iu.test(name) && parts.length === 1) return over(first, depth, optionOf);
  if (/^(?:tuple)$/iu.test(name)) {
    return second.trim() === "..." ? over(first, depth, listOf) : tupleType(parts, depth);
  }
  if (!/^(?:dict|map|mapping|record|hashmap|defaultdict)$/iu.test(name) || parts.length !== 2)
    return undefined;
  const key = codeType(first, depth + 1);
  const value = codeType(second, depth + 1);
  return key === undefined || value === undefined ? undefined : mapOf(key, value);
}

function over(text: string, depth: number, make: (type: Type) => Type): Type | undefined {
  const inner = codeType(text, depth + 1);
  return inner === undefined ? undefined : make(inner);
}

function tupleType(parts: readonly string[], depth: number): Type | undefined {
  const items = parts.map((part) => codeType(part, depth + 1));
  const known = items.filter((item) => item !== undefined);
  return known.length === items.length && known.length >= 2 && known.length <= 16
    ? tupleOf(known)
    : undefined;
}

/** Splits at a separator that stands outside all brackets. */
export function splitTop(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text[at] ?? "";
    if ("([{<".includes(unit)) depth += 1;
    else if (")]}>".includes(unit) && !(unit === ">" && "-=".includes(text[at - 1] ?? " "))) depth -= 1;
    else if (unit === separator && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts.filter((part) => part.trim() !== "");
}
