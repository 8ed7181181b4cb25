import { describe, expect, test } from "vitest";
import { Some, type Value } from "#anrf/program/value.ts";
import { runBuiltin } from "#anrf/std/supported.ts";
import { compileRegex } from "./compile.ts";
import { matchRegex } from "./match.ts";
import { PatternProblem } from "./syntax.ts";

function outcome(id: string, args: readonly Value[]): Value {
  const result = runBuiltin(id, args);
  return "trap" in result ? `trap: ${result.trap.message}` : result.value;
}

const some = (value: Value) => new Some(value);

const VECTORS: readonly (readonly [string, readonly Value[], Value])[] = [
  ["regex.matches", ["hello", "l+"], true],
  ["regex.matches", ["hello", "^l"], false],
  ["regex.matches", ["", ""], true],
  ["regex.matches", ["a\nb", "^b"], false],
  ["regex.matches", ["a\nb", "(?m)^b$"], true],
  ["regex.matches", ["a\nb", "a.b"], false],
  ["regex.matches", ["a\nb", "(?s)a.b"], true],
  ["regex.matches", ["STRASSE", "(?i)strasse"], true],
  ["regex.matches", ["Ä", "(?i)ä"], true],
  ["regex.matches", ["b", "(?i)[^A-C]"], false],
  ["regex.matches", ["aB", "(?i)a(?-i)b"], false],
  ["regex.matches", ["aB", "a(?i:b)"], true],
  ["regex.matches", ["a😀b", "a.b"], true],
  ["regex.matches", ["😀", "^[\\x{1F600}-\\x{1F64F}]$"], true],
  ["regex.matches", ["é", "\\w"], false],
  ["regex.matches", ["é", "^\\pL$"], true],
  ["regex.matches", ["α", "\\p{Greek}"], true],
  ["regex.matches", ["a", "\\P{Greek}"], true],
  ["regex.matches", ["a{,2}", "^a{,2}$"], true],
  ["regex.matches", ["aaa", "^a{2}$"], false],
  ["regex.matches", ["a.b", "^\\Qa.b\\E$"], true],
  ["regex.matches", ["axb", "^\\Qa.b\\E$"], false],
  ["regex.matches", ["]", "^[]]$"], true],
  ["regex.matches", ["-", "^[a-]$"], true],
  ["regex.matches", ["x7", "^[[:alpha:]][[:^alpha:]]$"], true],
  ["regex.matches", ["foo bar", "\\bbar\\b"], true],
  ["regex.matches", ["foobar", "\\bbar"], false],
  ["regex.matches", ["foobar", "\\Bbar\\z"], true],
  ["regex.matches", ["\t\u0041", "^\\t\\101$"], true],
  ["regex.find", ["id 42, 7", "[0-9]+"], some("42")],
  ["regex.find", ["abc", "[0-9]"], null],
  ["regex.find", ["xabcabc", "a.*c"], some("abcabc")],
  ["regex.find", ["xabcabc", "a.*?c"], some("abc")],
  ["regex.find", ["xabcabc", "(?U)a.*c"], some("abc")],
  ["regex.find", ["abcd", "ab|abcd"], some("ab")],
  ["regex.find", ["abcd", "abcd|ab"], some("abcd")],
  ["regex.find", ["aaaa", "a{2,3}"], some("aaa")],
  ["regex.find", ["aaaa", "a{2,3}?"], some("aa")],
  ["regex.find", ["aaaa", "a{2,}"], some("aaaa")],
  ["regex.find", ["b", "(a*)*"], some("")],
  ["regex.find", ["a", "(?:(?:(?:(?:){1000}){1000}){1000}){1000}"], some("")],
  ["regex.find_all", ["a1b22c", "[0-9]+"], ["1", "22"]],
  ["regex.find_all", ["baac", "a*"], ["", "aa", "", ""]],
  ["regex.find_all", ["😀a", ""], ["", "", ""]],
  ["regex.find_all", ["aaa", "^a"], ["a"]],
  ["regex.find_all", ["abc", "x"], []],
  ["regex.split", ["a1b22c", "[0-9]+"], ["a", "b", "c"]],
  ["regex.split", ["a, b;c", "[,;] *"], ["a", "b", "c"]],
  ["regex.split", ["abc", "x"], ["abc"]],
  ["regex.split", [",a,", ","], ["", "a", ""]],
  ["regex.groups", ["k=v", "(\\w)=(\\w)"], some([some("k=v"), some("k"), some("v")])],
  ["regex.groups", ["b", "(a)|(b)"], some([some("b"), null, some("b")])],
  ["regex.groups", ["x", "(y)"], null],
  ["regex.groups", ["2026-11", "(?P<year>\\d+)-(?:\\d+)"], some([some("2026-11"), some("2026")])],
  ["regex.groups", ["abab", "(?:(a)|b)*"], some([some("abab"), some("a")])],
  ["regex.replace", ["a1b2", "[0-9]", "#"], "a#b#"],
  ["regex.replace", ["John Smith", "(\\w+) (\\w+)", "$2 $1"], "Smith John"],
  ["regex.replace", ["abc", "b", "[$0]$$$x$9"], "a[b]$$x$9c"],
  ["regex.replace", ["ab", "(a)|(b)", "<$1$2>"], "<a><b>"],
  ["regex.replace", ["ab", "(a)", "$10"], "a0b"],
  ["regex.replace", ["baac", "a*", "x"], "xbxxcx"],
];

describe("regular expressions", () => {
  test.each(VECTORS)("%s %o is %o", (id, args, expected) => {
    expect(outcome(id, args)).toStrictEqual(expected);
  });

  test.each([
    ["(", '"(" is not closed', 0],
    ["a)", 'unexpected ")"', 1],
    ["*a", 'nothing stands before the repetition "*"', 0],
    ["a**", "a repetition cannot be repeated", 2],
    ["(?i)+", "nothing stands before the repetition", 0],
    ["a{2,1}", "the smaller first", 1],
    ["a{1001}", "from 0 to 1000", 1],
    ["[a", '"[" is not closed', 0],
    ["[b-a]", "from the lower to the higher", 1],
    ["[[:letter:]]", 'unknown class "[:letter:]"', 1],
    ["\\1", "back references are not known", 0],
    ["(a)(?=b)", "look-around is not", 3],
    ["(?<!a)b", "look-around is not", 0],
    ["\\p{Klingon}", 'unknown category or script "Klingon"', 0],
    ["\\q", '"\\q" means nothing here', 0],
    ["a\\", '"\\" ends the pattern', 1],
    ["\\x{110000}", "a code point ends at 10FFFF", 0],
    ["(".repeat(101) + ")".repeat(101), "groups may nest 100 levels", 100],
    ["x".repeat(2001), "a pattern may have 2000 characters", 2000],
    ["((a{100}){100}){100}", "the pattern repeats too much", 0],
  ])("refuses %s", (pattern, message, at) => {
    const problem = compileRegex(pattern);
    expect(problem).toBeInstanceOf(PatternProblem);
    expect(problem).toMatchObject({ message: expect.stringContaining(message), at });
  });

  test("traps INVALID where a pattern was not checked", () => {
    expect(outcome("regex.find", ["a", "("])).toBe(
      'trap: the pattern cannot be read at 0: "(" is not closed',
    );
  });

  test("takes steps in proportion to the text where back-tracking takes exponentially many", () => {
    let steps = 0;
    const counted = (code: number) => {
      steps++;
      return code === 97;
    };
    const regex = compileRegex("(a*)*(a|a)*b");
    if (regex instanceof PatternProblem) throw new Error(regex.message);
    const code = regex.code.map((one) => (one.op === "set" ? { op: one.op, set: counted } : one));
    expect(matchRegex({ ...regex, code }, "a".repeat(300), 0)).toBeDefined();
    steps = 0;
    expect(matchRegex({ ...regex, code }, "c".repeat(300), 0)).toBeUndefined();
    expect(steps).toBeLessThanOrEqual(300 * code.length);
  });

  test("finds the same groups as JavaScript on random patterns", () => {
    const seed = 12;
    const random = randomFrom(seed);
    for (let round = 0; round < 3000; round++) {
      const pattern = randomPattern(random, 3);
      const text = Array.from({ length: random(9) }, () => "abc"[random(3)]).join("");
      const expected = new RegExp(pattern, "u").exec(text);
      const found = outcome("regex.groups", [text, pattern]) as Some | null;
      const groups = found === null ? null : (found.value as (Some | null)[]).map((one) => one?.value);
      expect(groups, `seed ${seed}: /${pattern}/ on "${text}"`).toStrictEqual(
        expected === null ? null : [...expected],
      );
    }
  });
});

function randomFrom(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) % bound;
  };
}

/** Patterns whose repeated parts take at least one character: there the two ways of stopping an empty loop agree. */
function randomPattern(random: (bound: number) => number, depth: number): string {
  const atom = () => ["a", "b", "c", ".", "[ab]", "[^a]"][random(6)] ?? "a";
  if (depth === 0) return atom();
  const inner = () => randomPattern(random, depth - 1);
  switch (random(7)) {
    case 0:
      return inner() + inner();
    case 1:
      return `(?:${inner()}|${inner()})`;
    case 2:
      return `(${inner()})`;
    case 3:
      return `${atom()}*${inner()}`;
    case 4:
      return `${atom()}${["+", "+?", "?", "*?", "{1,2}"][random(5)]}`;
    case 5:
      return `${["^", "\\b", ""][random(3)]}${inner()}${["$", "", ""][random(3)]}`;
    default:
      return atom();
  }
}
