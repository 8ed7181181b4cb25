"""Writes anrf/testdata/cases/contracts/modes.json: what a clause does in each mode, worked out by hand.

    python3 anrf/testdata/make/contracts.py [FOLDER]

A row is a program, its arguments, what it gives under `enforce` (a value or a trap), what it gives where clauses are only
reported or not evaluated, and how many reports there are.
"""

import json
import sys
from pathlib import Path

C = "CONTRACT"
ROWS = [
    ("requires that holds", "fn f(x: int) -> int\n  requires x > 0\n{ x }", [1], 1, 1, 0),
    ("requires that is false", "fn f(x: int) -> int\n  requires x > 0\n{ x }", [0], C, 0, 1),
    ("two requires that are false", "fn f(x: int) -> int\n  requires x > 0\n  requires x < 0\n{ x }", [0], C, 0, 2),
    ("requires that traps", "fn f(x: int) -> int\n  requires 1 // x > 0\n{ x }", [0], C, 0, 1),
    ("requires that fails", 'fn f(x: int) -> int\n  requires fail("no")\n{ x }', [4], C, 4, 1),
    ("requires before a body that traps", "fn f(x: int) -> int\n  requires x != 0\n{ 1 // x }", [0], C, "DIV_ZERO", 1),
    ("ensures that holds", "fn f(x: int) -> int\n  ensures result == x + 1\n{ x + 1 }", [1], 2, 2, 0),
    ("ensures that is false", "fn f(x: int) -> int\n  ensures result > x\n{ x }", [5], C, 5, 1),
    ("ensures that traps", "fn f(x: int) -> int\n  ensures 10 // result > 0\n{ x }", [0], C, 0, 1),
    ("ensures of a list", "fn f(xs: list<int>) -> list<int>\n  ensures result.length() == xs.length()\n{ xs.distinct() }", [[1, 1, 2]], C, [1, 2], 1),
    ("ensures after a body that traps", "fn f(x: int) -> int\n  ensures result > 0\n{ 1 // x }", [0], "DIV_ZERO", "DIV_ZERO", 0),
    ("requires and ensures that are false", "fn f(x: int) -> int\n  requires x > 0\n  ensures result > 0\n{ x }", [-1], C, -1, 2),
    ("a call whose requires is false", "fn g(x: int) -> int\n  requires x > 0\n{ x }\n\nfn f(x: int) -> int { g(x) + g(-x) }", [3], C, 0, 1),
    ("a call inside a lambda", "fn g(x: int) -> int\n  requires x > 0\n{ x }\n\nfn f(xs: list<int>) -> int { xs.map((x) => g(x)).sum() }", [[1, 0, -1, 2]], C, 2, 2),
    ("a contract inside a clause is not asked in a report", "fn g(x: int) -> bool\n  requires x > 0\n{ x != 7 }\n\nfn f(x: int) -> int\n  requires g(x)\n{ x }", [-1], C, -1, 0),
    ("a clause that calls and is false", "fn g(x: int) -> bool { x != 7 }\n\nfn f(x: int) -> int\n  requires g(x)\n{ x }", [7], C, 7, 1),
    ("a measure that falls", "fn f(n: int) -> int\n  decreases n\n{ if n <= 0 { 0 } else { 1 + f(n - 1) } }", [3], 3, 3, 0),
    ("a measure that rises", "fn f(n: int) -> int\n  decreases 10 - n\n{ if n <= 0 { 0 } else { 1 + f(n - 1) } }", [2], C, 2, 2),
    ("a measure that stands still", "fn f(n: int) -> int\n  decreases 7\n{ if n <= 0 { 0 } else { 1 + f(n - 1) } }", [1], C, 1, 1),
    ("a measure that is negative at once", "fn f(n: int) -> int\n  decreases n\n{ n }", [-1], C, -1, 1),
    ("a measure that traps", "fn f(n: int) -> int\n  decreases 1 // n\n{ n }", [0], C, 0, 1),
    ("a measure of two parts that falls in the second", "fn f(a: int, b: int) -> int\n  decreases (a, b)\n{ if b <= 0 { a } else { f(a, b - 1) } }", [1, 3], 1, 1, 0),
    ("a measure of two parts that rises in the first", "fn f(a: int, b: int) -> int\n  decreases (a, b)\n{ if b <= 0 { a } else { f(a + 1, b - 1) } }", [0, 1], C, 1, 1),
    ("an invariant that holds", "fn f(n: int) -> int { loop i = 0 while i < n invariant i >= 0 { i + 1 } }", [3], 3, 3, 0),
    ("an invariant that is false at the start", "fn f(n: int) -> int { loop i = n while i < 0 invariant i >= 0 { i + 1 } }", [-1], C, 0, 1),
    ("an invariant that breaks twice", "fn f(n: int) -> int { loop i = 0 while i < n invariant i < 2 { i + 1 } }", [3], C, 3, 2),
    ("an invariant that traps", "fn f(n: int) -> int { loop i = 1 while i > 0 invariant 6 // i > 0 { i - 1 } }", [0], C, 0, 1),
    ("a loop's measure that falls", "fn f(n: int) -> int { loop i = n while i > 0 decreases i { i - 1 } }", [3], 0, 0, 0),
    ("a loop's measure that stands still", "fn f(n: int) -> int { loop i = n while i > 0 decreases 1 { i - 1 } }", [2], C, 0, 2),
    ("a loop's measure of two parts", "fn f(n: int) -> int { (loop (a, b) = (2, n) while a > 0 decreases (a, b) { if b > 0 { (a, b - 1) } else { (a - 1, 5) } }).1 }", [2], 5, 5, 0),
    ("a tail call under ensures", "fn f(n: int) -> int\n  ensures result == 0\n{ if n == 0 { 1 } else { f(n - 1) } }", [2], C, 1, 3),
]


def case(name, text, args, mode, expected, reports):
    expect = {"trap": expected} if isinstance(expected, str) else {"value": expected}
    if mode == "report":
        expect["reports"] = reports
    return {"name": name, "text": text, "args": args, "contracts": mode, "expect": expect}


sections = []
for mode in ("enforce", "report", "off"):
    tests = [case(n, t, a, mode, e if mode == "enforce" else other, r) for n, t, a, e, other, r in ROWS]
    lines = ",\n".join("  " + json.dumps(test) for test in tests)
    sections.append(f' {{"name": "{mode}", "tests": [\n{lines}\n ]}}')
here = Path(__file__).resolve().parent.parent / "cases" / "contracts"
target = (Path(sys.argv[1]) if len(sys.argv) > 1 else here) / "modes.json"
target.write_text('{"name": "modes of contracts", "sections": [\n' + ",\n".join(sections) + "\n]}\n", encoding="utf8")
print(f"{3 * len(ROWS)} cases")
