/** One rule of the grammar: what it is made of, and texts that it reads. */
export interface Production {
  readonly name: string;
  /** EBNF: `[ ]` optional, `{ }` any number, `( | )` a choice, quotes a terminal, capitals a token. */
  readonly body: string;
  /** Whole programs, or bodies of `fn f(x: int, b: bool, xs: list<int>, o: option<int>) -> T`, as `T: body`. */
  readonly samples: readonly string[];
}

const rule = (name: string, body: string, ...samples: readonly string[]): Production => ({
  name,
  body,
  samples,
});

/** The grammar of program text, in the order in which a reader meets it; a comma list may end in a comma. */
export const GRAMMAR: readonly Production[] = [
  rule(
    "file",
    '[ "anrf" "1" ] [ "intent" STRING ] { record | variant | extension | header ";" | function }',
    'anrf 1\nintent "One."\n\nfn f() -> int { 1 }',
    "fn g(n: int) -> bool;\n\nfn f(n: int) -> bool { if n <= 0 { true } else { g(n - 1) } }\n\nfn g(n: int) -> bool { if n <= 0 { false } else { f(n - 1) } }",
  ),
  rule(
    "record",
    '"record" TNAME "{" NAME ":" type { "," NAME ":" type } "}"',
    "record Line { sku: string, qty: int }\n\nfn f(x: Line) -> int { x.qty }",
  ),
  rule(
    "variant",
    '"variant" TNAME "{" case { "," case } "}"',
    "variant Tree { Leaf, Fork(Tree, int, Tree) }\n\nfn f(t: Tree) -> bool { t == Tree.Leaf }",
  ),
  rule("case", 'TNAME [ "(" type { "," type } ")" ]'),
  rule(
    "extension",
    '"extension" NAME ":" fntype "=" STRING STRING ";"',
    'extension rate: (string) -> float = "urn:example:rate" "1";\n\nfn f(s: string) -> float { Ext.rate(s) }',
  ),
  rule("function", "header { clause } block", 'fn f(x: int) -> int\n  requires x > 0, "positive"\n{ x }'),
  rule("header", '"fn" NAME "(" [ NAME ":" type { "," NAME ":" type } ] ")" "->" type'),
  rule(
    "clause",
    '( "requires" | "ensures" ) expr [ "," STRING ] | "decreases" expr | "example" "(" args ")" "->" ( "trap" TNAME | expr { "within" FLOAT [ "relative" ] } )',
    "fn f(n: int) -> int\n  ensures result >= 0\n  decreases n\n  example (2) -> 2\n{ if n <= 0 { 0 } else { 1 + f(n - 1) } }",
    "fn f(x: float) -> float\n  example (2.0) -> 1.5 within 0.1 within 0.01 relative\n{ x }",
    "fn f(x: int) -> int\n  example (0) -> trap DIV_ZERO\n{ 1 // x }",
  ),
  rule(
    "type",
    'SCALAR | TNAME | ( "list" | "option" ) "<" type ">" | "map" "<" type "," type ">" | fntype | "(" type { "," type } ")"',
    'fn f(m: map<string, list<int>>, t: (int, option<bool>)) -> (unit, decimal, date) { fail("no") }',
  ),
  rule("fntype", '"(" [ type { "," type } ] ")" "->" type'),
  rule(
    "block",
    '"{" { "let" binder [ ":" type ] "=" expr ";" } expr "}"',
    "int: let y = x + 1; let (a, _) = (y, b); a * y",
  ),
  rule("binder", 'NAME | "(" NAME "," NAME { "," NAME } ")"'),
  rule(
    "expr",
    'lambda | if | match | loop | "do" block | open "as" type | or',
    "list<int>: do { let y = x; [y] }",
  ),
  rule(
    "lambda",
    '"(" [ binder [ ":" type ] { "," binder [ ":" type ] } ] ")" "=>" ( block | expr )',
    "list<int>: xs.map((y) => y * 2)",
    "int: xs.enumerate().fold(0, (s, (i, y)) => s + i * y)",
  ),
  rule("if", '"if" expr block "else" ( if | block )', "int: if b { 1 } else if x > 0 { 2 } else { 3 }"),
  rule(
    "match",
    '"match" expr "{" pattern "=>" ( block | expr ) { "," pattern "=>" ( block | expr ) } "}"',
    "int: match o { some(y) => y, none => 0 }",
    'string: match x { 0 => "zero", -1 => "minus one", _ => "other" }',
  ),
  rule(
    "pattern",
    '"_" | "none" | "some" "(" binder ")" | TNAME [ "(" binder { "," binder } ")" ] | [ "-" ] literal',
  ),
  rule(
    "loop",
    '"loop" binder [ ":" type ] "=" expr "while" expr { "invariant" expr } [ "decreases" expr ] block',
    "int: (loop (i, s) = (0, 0) while i < x invariant i >= 0 decreases x - i { (i + 1, s + i) }).1",
  ),
  rule("or", 'and { "or" and }', "bool: b or x > 0 or false"),
  rule("and", 'not { "and" not }', "bool: b and not b and x == 0"),
  rule("not", '"not" not | cmp'),
  rule("cmp", 'opt [ ( "==" | "!=" | "<" | "<=" | ">" | ">=" ) opt ]', "bool: x + 1 >= 2"),
  rule("opt", 'bor [ "??" opt ]', "int: o ?? xs.first() ?? 0"),
  rule("bor", 'bxor { "|" bxor }', "int: x | 1"),
  rule("bxor", 'band { "^" band }', "int: x ^ 3"),
  rule("band", 'shift { "&" shift }', "int: x & 7"),
  rule("shift", 'sum { ( "<<" | ">>" ) sum }', "int: 1 << x >> 1"),
  rule("sum", 'term { ( "+" | "-" ) term }', "int: x - 1 + 2"),
  rule(
    "term",
    'unary { ( "*" | "/" | "//" | "%" ) unary }',
    "int: x * 3 // 2 % 5",
    "float: x.to_float() / 2.0",
  ),
  rule("unary", '( "-" | "~" ) unary | post [ "**" unary ]', "int: -x ** 2", "int: ~x"),
  rule(
    "post",
    'atom { "." NAME "(" args ")" | "." NAME | "." INT | "[" expr "]" | "(" args ")" }',
    "int: xs.take(2)[0] + (x, b).0",
    "int: let g: (int) -> int = (y) => y + 1; g(x)",
  ),
  rule(
    "atom",
    'literal | NAME | "result" | ( "min" | "max" | "compare" ) "(" args ")" | "some" "(" expr ")" | open | TNAME "." NAME "(" args ")" | TNAME "." TNAME [ "(" args ")" ] | TNAME "(" NAME "=" expr { "," NAME "=" expr } ")" | "[" expr { "," expr } "]" | "{" expr ":" expr { "," expr ":" expr } "}" | "(" expr { "," expr } ")"',
    "int: min(x, List.range(0, 3).length())",
    'map<string, int>: {"a": x, "b": max(1, compare(x, 2))}',
    "option<(int, bool)>: some((x, b))",
  ),
  rule(
    "open",
    '"[" "]" | "{" "}" | "none" | "fail" "(" STRING ")" | "hole" "(" STRING ")"',
    'list<int>: if b { [] } else { fail("no list") }',
    'int: ([] as list<int>).length() + ({} as map<int, int>).size() + hole("the rest")',
  ),
  rule("args", '[ expr { "," expr } ]'),
  rule(
    "literal",
    '"(" ")" | "true" | "false" | INT | FLOAT | DECIMAL | STRING | "Date" "(" STRING ")" | "Float" "." ( "nan" | "inf" )',
    '(unit, bool, int, float, decimal, string, date, float): ((), true, 12, 1.5e3, 19.9m, "a\\n\\u{1f600}", Date("2026-11-22"), Float.nan)',
  ),
];

/** A sample as a whole program. */
export function sampleProgram(sample: string): string {
  const body = /^([^:{}]+?): ([\s\S]*)$/.exec(sample);
  if (body === null || /^(anrf|fn|record|variant|extension)\b/.test(sample)) return sample;
  return `fn f(x: int, b: bool, xs: list<int>, o: option<int>) -> ${body[1]} {\n  ${body[2]}\n}\n`;
}
