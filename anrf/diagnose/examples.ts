// One example a code: the shortest program that raises it, and nothing else.
import type { JsonValue } from "@bufbuild/protobuf";
import type { RuleCode } from "#anrf/program/diagnostic.ts";
import type { ProblemCode } from "#anrf/text/problems.ts";

/** A program that raises one code: a text, a module (as ProtoJSON) where no text can raise it, or another language. */
export type CodeExample =
  | {
      readonly text: string;
      /** What a page shows where the text is too long for one. */
      readonly shown?: string;
      /** Id of a builtin that the engine is taken to lack. */
      readonly without?: string;
      /** The type that the entry is asked to have. */
      readonly signature?: string;
    }
  | { readonly module: JsonValue; readonly header?: JsonValue }
  | { readonly python: string };

/** `fn f(x: int) -> int { x + 1 }` with some of its parts replaced. */
function module(parts: {
  readonly types?: JsonValue;
  readonly locals?: JsonValue;
  readonly nodes?: JsonValue;
  readonly body?: number;
}): CodeExample {
  const { types = [{ scalar: "SCALAR_KIND_INT" }], locals = [{}], body = 2 } = parts;
  const nodes = parts.nodes ?? [X, ONE, { builtinCall: { builtin: "BUILTIN_INT_ADD", args: [0, 1] } }];
  return { module: { types, functions: [{ name: "f", paramCount: 1, locals, nodes, body }] } };
}

const X = { localRef: {} };
const ONE = { literal: { int: "1" } };
const add = (...args: number[]) => ({ builtinCall: { builtin: "BUILTIN_INT_ADD", args } });

const RULE_EXAMPLES: Readonly<Record<RuleCode, CodeExample>> = {
  V01: {
    text: `fn f() -> list<int> { [${"1, ".repeat(65_535)}1] }`,
    shown: "fn f() -> list<int> { [1, 1, 1, … 65,536 of them … ] }",
  },
  V02: module({ nodes: [ONE, add(0, 1)], body: 1 }),
  V03: module({ nodes: [X, add(0, 0)], body: 1 }),
  V04: module({ nodes: [X, ONE, add(0, 1), ONE] }),
  V05: module({ locals: [{}, {}] }),
  V06: module({ nodes: [{ localRef: { local: 1 } }, ONE, add(0, 1)] }),
  V07: module({ types: [{ scalar: "SCALAR_KIND_INT" }, { scalar: "SCALAR_KIND_INT" }] }),
  V08: module({ nodes: [{ literal: { bool: true } }], body: 0 }),
  V09: module({ nodes: [X, add(0)], body: 1 }),
  V10: { text: "fn f(x: float) -> map<float, int> { {x: 1} }" },
  V11: { text: 'fn f(s: string) -> bool { Regex.matches(s, "(") }' },
  V12: {
    text: "variant Side { Left, Right(int) }\n\nfn f(side: Side) -> int {\n  match side { Left => 0 }\n}",
  },
  V13: { text: "record List { size: int }\n\nfn f(list: List) -> int { list.size }" },
  V14: { text: "fn f(x: int) -> int {\n  let steps = [(y: int) => y + x];\n  steps.length()\n}" },
  V15: { text: 'fn f(x: int) -> int\n  requires hole("what x may be")\n{ x }' },
  V16: { text: "fn f(n: int) -> int {\n  if n <= 0 { 0 } else { 1 + f(n - 1) }\n}" },
  V17: { text: "fn f(n: int) -> (int) -> int { (x) => x + n }" },
  V18: module({ types: [{ scalar: "SCALAR_KIND_INT" }, { scalar: "SCALAR_KIND_DATE" }] }),
  V19: module({ nodes: [X, ONE, {}] }),
  V20: { ...module({}), header: { minReaderMinor: 1 } } as CodeExample,
  V21: { text: "fn twice(x: int) -> int\n  example (2) -> 5\n{ x + x }" },
  V22: {
    text: 'extension rate: (int) -> int = "urn:x:rate" "1";\n\nfn f(n: int) -> int { Ext.rate(n) }',
  },
  V23: { text: "fn f(x: float) -> float { x.sin() }", without: "float.sin" },
};

const PROBLEM_EXAMPLES: Readonly<Record<ProblemCode, CodeExample>> = {
  P01: { text: "fn f(x: int) -> int { x @ + 2 }" },
  P02: { text: 'fn f() -> string {\n  "no end\n}' },
  P03: { text: 'fn f() -> string { "a\\qb" }' },
  P04: { text: "fn f() -> int { 9223372036854775808 }" },
  P05: { text: "fn f(cafe\u0301: int) -> int { 1 }" },
  P06: { text: "fn f(x: int) -> int { (x + 2 }" },
  P07: {
    text: `fn f(b: bool) -> bool { ${"not ".repeat(600)}b }`,
    shown: "fn f(b: bool) -> bool { not not not … 600 of them … b }",
  },
  P08: { text: " ".repeat(1024 * 1024 + 1), shown: "(more than 1 MiB of text)" },
  P09: { text: "fn f(x: strng) -> int { 1 }" },
  P10: { text: "fn f(total: int) -> int { totl + 1 }" },
  P11: { text: "fn f(xs: list<int>) -> list<int> { xs.revrese() }" },
  P12: { text: "fn f(x: int) -> string { x }" },
  P13: { text: "fn f(xs: list<int>) -> list<int> { xs.take(1, 2) }" },
  P14: { text: "fn f() -> int {\n  let xs = [];\n  1\n}" },
  P15: { text: "fn f() -> int {\n  let g = (x) => x;\n  1\n}" },
  P16: { text: "fn f(x: int) -> bool { 1 < x < 3 }" },
  P17: { text: "fn f(x: float, n: int) -> float { x * n }" },
  P18: { text: "fn f(x: int) -> int {\n  x = x + 1;\n  x * 2\n}" },
  P19: { text: "fn f(xs: list<int>) -> list<int> { [x * 2 for x in xs if x > 0] }" },
  P20: { text: "fn f(x: int) -> int\n  example (1 + 1) -> 2\n{ x }" },
  P21: { text: "fn f() -> int { 1 }\n\nfn f() -> int { 2 }" },
  P22: { text: "fn f(x: int) -> int { match x { some(y) => y, _ => 0 } }" },
  P23: { text: "anrf 1" },
  P24: { text: "fn f() -> int { result }" },
  P25: { text: "fn g(x: int) -> int;\n\nfn f() -> int { 1 }" },
  P26: { text: "fn f(xs: list<int>) -> int {\n  for x in xs { x }\n}" },
  P27: { text: 'fn f(name: string) -> string { f"hello {name}" }' },
  P28: { text: "fn f(x: int) -> int { x }", signature: "(int) -> string" },
  P29: { python: "def f(x: int) -> int:\n    print(x)\n    return x" },
  P50: { text: "fn f(xs: list<int>, n: int) -> bool { len(xs) > n }" },
  P51: { text: "fn f() -> int {\n  1 + # lost\n  2\n}" },
  P52: { text: "fn g() -> int { 1 }\n\nfn f() -> int { 2 }" },
  P53: { python: "def f(s: str) -> str:\n    return s.upper()" },
};

/** The example of every code. */
export const CODE_EXAMPLES: Readonly<Record<RuleCode | ProblemCode, CodeExample>> = {
  ...RULE_EXAMPLES,
  ...PROBLEM_EXAMPLES,
};
