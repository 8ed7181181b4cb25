import { describe, expect, it } from "vitest";
import { mend } from "#anrf/diagnose/apply.ts";
import { diagnose } from "#anrf/diagnose/diagnose.ts";
import { moduleBytes } from "#anrf/program/canonical.ts";
import { parse } from "#anrf/text/parse.ts";
import { DiagnosticSeverity } from "#gen/anrf/v1/diagnostic_pb.ts";

/** A slip, in whole or as the body of a function, and the same in the language. */
type Row = readonly [name: string, slip: string, meant: string];

const HEAD =
  "fn f(x: int, y: int, b: bool, s: string, r: float, xs: list<int>, names: list<string>, o: option<int>, m: map<string, int>)";
const isWhole = /^(?:(?:anrf|fn|record|variant|pub|def|function|struct|enum|Here)\b|# Says|\/\/ Says)/;
const wrap = (text: string, result: string): string =>
  isWhole.test(text) ? text : `${HEAD} -> ${result} { ${text} }`;

/** Read with a remark: what other languages write, and what it means. */
const READ: readonly (readonly [result: string, rows: readonly Row[]])[] = [
  [
    "int",
    [
      ["var for let", "var a = x + 1; a", "let a = x + 1; a"],
      ["let mut with a reserved word", "let mut result = x; result + 1", "let `result` = x; `result` + 1"],
      ["const of a tuple", "const (a, c) = (x, y); a + c", "let (a, c) = (x, y); a + c"],
      ["let mut", "let mut a = x; a", "let a = x; a"],
      ["a typed binding of C", "int a = x; a", "let a: int = x; a"],
      ["a missing semicolon", "let a = x\n let c = y\n a + c", "let a = x; let c = y; a + c"],
      ["a semicolon behind the value", "x + 1;", "x + 1"],
      ["return without semicolon", "return x + 1", "x + 1"],
      ["an early return", "if (b) { return x; } return y;", "if b { x } else { y }"],
      [
        "early returns in a row",
        "if b { return x; } if x > 1 { return y; } x + y",
        "if b { x } else { if x > 1 { y } else { x + y } }",
      ],
      [
        "an early return behind a binding",
        "let a = x; if a > y { return a; } let c = y; return c;",
        "let a = x; if a > y { a } else { let c = y; c }",
      ],
      ["if without braces", "if (b) x else y", "if b { x } else { y }"],
      ["return without braces", "if (b) return x; else return y;", "if b { x } else { y }"],
      ["then", "if b then x else y", "if b { x } else { y }"],
      ["elif", "if b { x } elif x > 1 { y } else { 0 }", "if b { x } else if x > 1 { y } else { 0 }"],
      ["the conditional of Python", "x if b else y", "if b { x } else { y }"],
      ["the conditional of C", "b ? x : y", "if b { x } else { y }"],
      [
        "conditionals in conditionals",
        "b ? x : x > 1 ? y : 0",
        "if b { x } else { if x > 1 { y } else { 0 } }",
      ],
      [
        "switch with case and default",
        "switch (x) { case 0: 1; case 1 -> y; default: x }",
        "match x { 0 => 1, 1 => y, _ => x }",
      ],
      ["arms without commas", "match x {\n 0 => 1\n _ => y\n }", "match x { 0 => 1, _ => y }"],
      ["arms that return", "match x { 0 => return 1, _ => { return y; } }", "match x { 0 => 1, _ => y }"],
      ["else as an arm", "match o { some(a) => a, else => 0 }", "match o { some(a) => a, _ => 0 }"],
      [
        "patterns with capitals",
        "match o { Some(a) => a, None => 0 }",
        "match o { some(a) => a, none => 0 }",
      ],
      ["len", "len(xs)", "xs.length()"],
      ["length without call", "xs.length", "xs.length()"],
      ["count without question", "xs.count()", "xs.length()"],
      ["sum", "sum(xs)", "xs.sum()"],
      ["abs", "abs(x)", "x.abs()"],
      ["the functions of Math", "Math.max(x, y)", "max(x, y)"],
      ["power as a function", "pow(x, y)", "x ** y"],
      ["a fold with its function first", "xs.reduce((t, a) => t + a, 0)", "xs.fold(0, (t, a) => t + a)"],
      ["reduce of Python", "reduce(lambda t, a: t + a, xs, 0)", "xs.fold(0, (t, a) => t + a)"],
      ["int of a float", "int(r)", "r.trunc()"],
      ["a cast", "r as int", "r.trunc()"],
      ["a number in hex", "0xFF + x", "255 + x"],
      ["a suffix of Rust", "x + 10i64", "x + 10"],
      ["digits in groups", "x + 1_000", "x + 1000"],
      ["mod", "x mod y", "x % y"],
      [
        "reserved words as names",
        "let result = x + 1; let max = result; max * 2",
        "let `result` = x + 1; let `max` = `result`; `max` * 2",
      ],
      ["signs of typography", "x × y − 1", "x * y - 1"],
      ["panic", 'if b { x } else { panic("no") }', 'if b { x } else { fail("no") }'],
      ["throw", 'if b { x } else { throw new Error("no") }', 'if b { x } else { fail("no") }'],
      ["comments of C", "// one\n let a = x; /* two */ a", "# one\n let a = x; a"],
    ],
  ],
  [
    "bool",
    [
      ["the logic of C", "b && !b || x == 1", "b and not b or x == 1"],
      ["three signs of equality", "x === 1 or y !== 2", "x == 1 or y != 2"],
      ["the inequality of SQL", "x <> y", "x != y"],
      ["signs of comparison", "x ≤ y and y ≠ 3", "x <= y and y != 3"],
      ["in", "x in xs", "xs.contains(x)"],
      ["not in", "x not in xs", "not xs.contains(x)"],
      ["a key in a map", "s in m", "m.contains_key(s)"],
      ["is None", "o is None", "o == none"],
      ["is not None", "o is not None", "o != none"],
      ["null", "o == null", "o == none"],
      ["True", "b == True", "b == true"],
      ["startsWith", 's.startsWith("a")', 's.starts_with("a")'],
      ["every", "xs.every(a => a > 0)", "xs.all((a) => a > 0)"],
      ["any with its function first", "any(lambda a: a > 0, xs)", "xs.any((a) => a > 0)"],
    ],
  ],
  [
    "list<int>",
    [
      ["an arrow without brackets", "xs.map(a => a + 1)", "xs.map((a) => a + 1)"],
      ["a function of Rust", "xs.map(|a| a + 1)", "xs.map((a) => a + 1)"],
      ["a function of Python", "xs.map(lambda a: a + 1)", "xs.map((a) => a + 1)"],
      ["a function of Java", "xs.map((a) -> a + 1)", "xs.map((a) => a + 1)"],
      ["a bare function of Java", "xs.filter(a -> a > 1)", "xs.filter((a) => a > 1)"],
      ["an anonymous function", "xs.map(fn(a) => a + 1)", "xs.map((a) => a + 1)"],
      ["a function of JavaScript", "xs.map(function(a) { return a + 1; })", "xs.map((a) => a + 1)"],
      ["map with its function first", "map(lambda a: a + 1, xs)", "xs.map((a) => a + 1)"],
      ["range of one number", "range(x)", "List.range(0, x)"],
      ["range of two numbers", "range(x, y)", "List.range(x, y)"],
      ["range with a step", "range(0, x, 2)", "List.range_step(0, x, 2)"],
      ["a range of Rust", "(0..x).map((a) => a + 1)", "List.range(0, x).map((a) => a + 1)"],
      ["a closed range", "1..=x", "List.range(1, x + 1)"],
      ["a path", "List::range(0, x)", "List.range(0, x)"],
      ["sorted", "sorted(xs)", "xs.sort()"],
      ["a slice", "xs[1:x]", "xs.slice(1, x)"],
      ["a slice from the start", "xs[:x]", "xs.take(x)"],
      ["a slice to the end", "xs[1:]", "xs.drop(1)"],
      ["the last ones", "xs[-2:]", "xs.drop(xs.length() - 2)"],
      ["all but the last", "xs[:-1]", "xs.take(xs.length() - 1)"],
      ["backwards", "xs[::-1]", "xs.reverse()"],
      ["plus plus", "xs ++ [1]", "xs + [1]"],
      ["push", "xs.push(x)", "xs.append(x)"],
      ["iterators of Rust", "xs.iter().map(|a| a + 1).collect()", "xs.map((a) => a + 1)"],
      ["an empty Vec", "Vec::new()", "[]"],
      ["list()", "list()", "[]"],
      ["flatMap", "xs.flatMap((a) => [a, a])", "xs.flat_map((a) => [a, a])"],
    ],
  ],
  [
    "string",
    [
      ["single quotes", "'it is'", '"it is"'],
      ["quotes of typography", "“it is”", '"it is"'],
      ["join of Python", '", ".join(names)', 'names.join(", ")'],
      ["upper", "s.upper()", "s.to_upper()"],
      ["toUpperCase", "s.toUpperCase()", "s.to_upper()"],
      ["strip", "s.strip()", "s.trim()"],
      ["to_string of a string", "s.to_string() + s.clone()", "s + s"],
      ["str", "str(x)", "x.to_string()"],
      ["toString", "x.toString()", "x.to_string()"],
    ],
  ],
  [
    "float",
    [
      ["float", "float(x) / 2", "x.to_float() / 2"],
      ["a point first", ".5 + r", "0.5 + r"],
      ["a cast to float", "x as float", "x.to_float()"],
    ],
  ],
  [
    "option<int>",
    [
      ["Some and None", "if b { Some(x) } else { None }", "if b { some(x) } else { none }"],
      ["null for none", "if b { some(x) } else { null }", "if b { some(x) } else { none }"],
    ],
  ],
  ["map<string, int>", [["arrows in a map", '{"a" => 1, "b" => x}', '{"a": 1, "b": x}']]],
  [
    "",
    [
      ["def", "def f(x: int) -> int { x }", "fn f(x: int) -> int { x }"],
      ["function", "function f(x: int): int { return x; }", "fn f(x: int) -> int { x }"],
      ["pub", "pub fn f(x: i64) -> i64 { x }", "fn f(x: int) -> int { x }"],
      ["a body behind an equals sign", "fn f(x: int) -> int = x + 1", "fn f(x: int) -> int { x + 1 }"],
      ["a body behind an arrow", "fn f(x: int) -> int => x + 1", "fn f(x: int) -> int { x + 1 }"],
      ["a semicolon behind a function", "fn f(x: int) -> int { x };", "fn f(x: int) -> int { x }"],
      [
        "types of Python",
        'fn f(a: List[str], b: Dict[str, int], c: Optional[bool]) -> str { "" }',
        'fn f(a: list<string>, b: map<string, int>, c: option<bool>) -> string { "" }',
      ],
      [
        "types of Rust",
        "fn f(a: Vec<i64>, b: &str, c: HashMap<String, f64>) -> bool { true }",
        "fn f(a: list<int>, b: string, c: map<string, float>) -> bool { true }",
      ],
      [
        "types of TypeScript",
        "fn f(a: string[], b: boolean, c: int?) -> int[] { [] }",
        "fn f(a: list<string>, b: bool, c: option<int>) -> list<int> { [] }",
      ],
      [
        "types of Swift and Go",
        "fn f(a: [Int], b: Double) -> Bool { true }",
        "fn f(a: list<int>, b: float) -> bool { true }",
      ],
      [
        "tuples of Python",
        "fn f(a: Tuple[int, str]) -> int { a.0 }",
        "fn f(a: (int, string)) -> int { a.0 }",
      ],
      [
        "list with square brackets",
        "fn f(a: list[int]) -> int { a.sum() }",
        "fn f(a: list<int>) -> int { a.sum() }",
      ],
      [
        "require and ensure",
        "fn f(x: int) -> int require x > 0; ensure result > 0; { x }",
        "fn f(x: int) -> int requires x > 0 ensures result > 0 { x }",
      ],
      [
        "a comma behind a clause",
        "fn f(x: int) -> int requires x > 0, ensures result > 0, { x }",
        "fn f(x: int) -> int requires x > 0 ensures result > 0 { x }",
      ],
      [
        "an example that calls",
        "fn f(x: int) -> int example f(1) == 1 { x }",
        "fn f(x: int) -> int example (1) -> 1 { x }",
      ],
      [
        "an example without brackets",
        "fn f(xs: list<int>) -> int example [1, 2] = 3 { xs.sum() }",
        "fn f(xs: list<int>) -> int example ([1, 2]) -> 3 { xs.sum() }",
      ],
      [
        "struct",
        "struct P { x: i64; y: str; } fn f(p: P) -> int { p.x }",
        "record P { x: int, y: string } fn f(p: P) -> int { p.x }",
      ],
      [
        "fields on lines",
        "record P {\n x: int\n y: int\n}\nfn f(p: P) -> int { p.x }",
        "record P { x: int, y: int } fn f(p: P) -> int { p.x }",
      ],
      [
        "enum",
        "enum S { A, B(int) } fn f(s: S) -> int { match s { S.A => 0, S.B(n) => n } }",
        "variant S { A, B(int) } fn f(s: S) -> int { match s { A => 0, B(n) => n } }",
      ],
      [
        "a record in braces",
        "record P { x: int, y: int } fn f() -> P { P { x: 1, y: 2 } }",
        "record P { x: int, y: int } fn f() -> P { P(x=1, y=2) }",
      ],
      [
        "a record by place",
        "record P { x: int, y: int } fn f() -> P { new P(1, 2) }",
        "record P { x: int, y: int } fn f() -> P { P(x=1, y=2) }",
      ],
      [
        "a code fence",
        "Here is the program:\n\n```anrf\nfn f(x: int) -> int { x }\n```\n\nIt returns x.",
        "fn f(x: int) -> int { x }",
      ],
      [
        "a comment of C above a function",
        "// Says x.\nfn f(x: int) -> int { x }",
        "# Says x.\nfn f(x: int) -> int { x }",
      ],
    ],
  ],
];

/** Refused, and mended by the fixes of the diagnostics. */
const MENDED: readonly (readonly [result: string, rows: readonly Row[]])[] = [
  [
    "int",
    [
      [
        "a loop that sums",
        "let mut t = 0; for a in xs { t += a; } t",
        "let t = 0; let t_2 = xs.fold(t, (t_2, a) => t_2 + a); t_2",
      ],
      [
        "a loop with a condition",
        "let mut t = 0; for a in xs { if a > x { t = t + a * 2; } } t",
        "let t = 0; let t_2 = xs.fold(t, (t_2, a) => if a > x { t_2 + a * 2 } else { t_2 }); t_2",
      ],
      [
        "a loop over a range",
        "let mut t = 1; for (i in 1..=x) { t *= i } return t;",
        "let t = 1; let t_2 = List.range(1, x + 1).fold(t, (t_2, i) => t_2 * i); t_2",
      ],
      ["an assignment", "let a = x; a = a + 1; a", "let a = x; let a_2 = a + 1; a_2"],
      ["an assignment without let", "a = x + 1; a", "let a = x + 1; a"],
      ["an operator that assigns", "let a = x; a += y; a", "let a = x; let a_2 = a + y; a_2"],
      ["an increment", "let a = x; a++; a", "let a = x; let a_2 = a + 1; a_2"],
      [
        "a list that is assigned to",
        "let a = xs; a[0] = x; a.sum()",
        "let a = xs; let a_2 = a.set(0, x); a_2.sum()",
      ],
      ["a block without value", "let a = x + 1;", "let a = x + 1; a"],
      ["a condition that assigns", "if x = 1 { 2 } else { 3 }", "if x == 1 { 2 } else { 3 }"],
      ["a division of ints", "x / y", "x // y"],
      ["an entry of a map", "m[s]", "m.get(s).unwrap()"],
      ["a sum over a generator", "sum(a * 2 for a in xs)", "xs.map((a) => a * 2).sum()"],
      ["a missing bracket", "(x + 1", "(x + 1)"],
      ["a misspelt name", "lenght(xs) + namse.length()", "xs.length() + names.length()"],
    ],
  ],
  [
    "bool",
    [
      ["a chained comparison", "0 < x < y", "0 < x and x < y"],
      ["a comparison that is compared", "b == s == s.reverse()", "b == (s == s.reverse())"],
    ],
  ],
  [
    "float",
    [
      ["int and float", "x * r", "x.to_float() * r"],
      ["float and int", "r + x", "r + x.to_float()"],
    ],
  ],
  [
    "string",
    [
      ["a number behind a string", "s + x", "s + x.to_string()"],
      ["a character of a string", "s[0]", "s.at(0).unwrap()"],
      ["a string that is multiplied", "s * x", "s.repeat(x)"],
      ["an open string", '"abc\n', '"abc"'],
    ],
  ],
  [
    "list<int>",
    [
      [
        "a loop that fills an empty list",
        "let mut result = []; for a in xs { result.push(a + 1); } return result;",
        "let `result` = [] as list<int>; let result_2 = xs.fold(`result`, (result_2, a) => result_2.append(a + 1)); result_2",
      ],
      [
        "a loop that pushes",
        "let mut ys: list<int> = []; for a in xs { if a > x { ys.push(a); } } ys",
        "let ys: list<int> = []; let ys_2 = xs.fold(ys, (ys_2, a) => if a > x { ys_2.append(a) } else { ys_2 }); ys_2",
      ],
      ["a comprehension", "[a * a for a in xs]", "xs.map((a) => a * a)"],
      [
        "a comprehension with a condition",
        "[a for a in range(x) if a % 2 == 0]",
        "List.range(0, x).filter((a) => a % 2 == 0)",
      ],
      ["a misspelt method", "xs.revrese()", "xs.reverse()"],
    ],
  ],
];

const rowsOf = (table: typeof READ): readonly (readonly [string, string, string])[] =>
  table.flatMap(([result, rows]) =>
    rows.map(([name, slip, meant]) => [name, wrap(slip, result), wrap(meant, result)] as const),
  );

function canonical(text: string): string {
  const { text: made, diagnostics } = diagnose(text);
  if (made === undefined)
    throw new Error(`${diagnostics.map((one) => `${one.code}: ${one.message}`).join("\n")}\n${text}`);
  return made;
}

function bytesOf(text: string): Uint8Array {
  const read = parse(text);
  if (!read.ok) throw new Error(`${read.diagnostics[0]?.message}\n${text}`);
  return moduleBytes(read.program.module);
}

describe("slips of other languages", () => {
  it("are more than a hundred, of which at least forty are read as they stand", () => {
    expect(rowsOf(READ).length).toBeGreaterThanOrEqual(40);
    expect(rowsOf(READ).length + rowsOf(MENDED).length).toBeGreaterThanOrEqual(100);
  });

  it.each(rowsOf(READ))("%s is read, with a remark", (_, slip, meant) => {
    expect(canonical(slip)).toBe(canonical(meant));
    const { diagnostics } = diagnose(slip);
    expect(diagnostics.map((one) => one.severity)).toContain(DiagnosticSeverity.NOTE);
    expect(diagnose(canonical(slip)).diagnostics.map((one) => one.message)).toEqual([]);
  });

  it.each(rowsOf(READ))("%s: the fixes that keep the meaning leave the language", (_, slip, meant) => {
    const mended = mend(slip);
    expect(bytesOf(mended)).toEqual(bytesOf(meant));
    expect(
      diagnose(mended)
        .diagnostics.filter((one) => one.fixes.length > 0)
        .map((one) => `${one.message}\n${mended}`),
    ).toEqual([]);
  });

  it.each(rowsOf(MENDED))("%s is refused, and its fixes mend it", (_, slip, meant) => {
    expect(parse(slip).ok).toBe(false);
    expect(canonical(mend(slip, () => true))).toBe(canonical(meant));
  });
});
