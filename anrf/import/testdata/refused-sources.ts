import type { RefusalCode } from "#anrf/import/source/refusal.ts";

/** Functions that must be refused, with the reason and the line that is shown. */
export const REFUSED: readonly {
  readonly code: RefusalCode;
  readonly line: number;
  readonly why: string;
  readonly source: string;
}[] = [
  { code: "syntax", line: 1, why: "a bracket is open", source: "def f(x: int -> int:\n    return x\n" },
  { code: "no-function", line: 1, why: "there is none", source: "LIMIT = 3\n" },
  { code: "statement", line: 2, why: "with", source: "def f(x: int) -> int:\n    with x:\n        return x\n" },
  { code: "statement", line: 1, why: "a class", source: "class A:\n    pass\n" },
  { code: "statement", line: 4, why: "a global is written", source: "count = 0\n\ndef f(x: int) -> int:\n    global total\n    total = x\n    return total\n" },
  { code: "expression", line: 2, why: "identity of values", source: "def f(x: list[int], y: list[int]) -> bool:\n    return x is y\n" },
  { code: "name", line: 2, why: "no such name", source: "def f(x: int) -> int:\n    return y\n" },
  { code: "call", line: 2, why: "no such method", source: "def f(x: str) -> str:\n    return x.shout()\n" },
  { code: "import", line: 4, why: "a module of the machine", source: "import os\n\ndef f(x: str) -> str:\n    return os.getenv(x)\n" },
  { code: "types", line: 2, why: "text and number", source: "def f(x: int) -> str:\n    return x + 'a'\n" },
  { code: "types", line: 3, why: "a list of several types", source: "def f(x: int) -> int:\n    ys = [x]\n    ys.append('a')\n    return len(ys)\n" },
  { code: "untyped", line: 1, why: "a parameter without a type", source: "def f(x):\n    return x\n" },
  { code: "result", line: 2, why: "a text for an int", source: "def f(x: int) -> int:\n    return 'a'\n" },
  { code: "none", line: 2, why: "the end is reached", source: "def f(x: int) -> int:\n    if x > 0:\n        return x\n" },
  { code: "order", line: 2, why: "the order of a set", source: "def f(xs: list[int]) -> list[int]:\n    return list(set(xs))\n" },
  { code: "order", line: 2, why: "the order of a dict from outside", source: "def f(d: dict[str, int]) -> list[str]:\n    return list(d)\n" },
  { code: "alias", line: 4, why: "another name sees the change", source: "def f(xs: list[int]) -> list[int]:\n    rows = [xs]\n    zero = 0\n    xs.append(zero)\n    return rows[0]\n" },
  { code: "alias", line: 3, why: "rows that are one object", source: "def f(n: int) -> list[list[int]]:\n    grid = [[0] * n] * n\n    grid[0][0] = 1\n    return grid\n" },
  { code: "iterating", line: 4, why: "a dict is changed while it is walked", source: "def f(xs: list[int]) -> int:\n    d = {x: 1 for x in xs}\n    for x in d:\n        d[x + 1] = 1\n    return len(d)\n" },
  { code: "effect", line: 3, why: "a comprehension changes a list", source: "def f(xs: list[int]) -> int:\n    ys = [1]\n    zs = [ys.pop() for _ in xs]\n    return len(zs) + len(ys)\n" },
  { code: "iterator", line: 3, why: "a length of an iterator", source: "def f(xs: list[int]) -> int:\n    ys = map(abs, xs)\n    return len(ys)\n" },
  { code: "print", line: 2, why: "an effect on the outside", source: "def f(x: int) -> int:\n    print(x)\n    return x\n" },
  { code: "range", line: 2, why: "beyond 64 bits", source: "def f(x: int) -> int:\n    return x + 9223372036854775808\n" },
  { code: "format", line: 2, why: "a form that is not supported", source: "def f(x: float) -> str:\n    return f'{x:e}'\n" },
  { code: "pattern", line: 4, why: "a back reference", source: "import re\n\ndef f(s: str) -> bool:\n    return bool(re.search(r'(a)\\1', s))\n" },
  { code: "try", line: 2, why: "more than one conversion", source: "def f(x: int) -> int:\n    try:\n        y = x // 2\n        return 10 // y\n    except ZeroDivisionError:\n        return 0\n" },
  { code: "key", line: 2, why: "a set of floats", source: "def f(xs: list[float]) -> int:\n    return len(set(xs))\n" },
  {
    code: "alias",
    line: 5,
    why: "what is put back is held by another name",
    source:
      "def f(n: int) -> list[int]:\n    groups = {1: [n]}\n    a = groups[1]\n    rows = groups.get(1, [])\n    rows.append(n)\n    groups[1] = rows\n    return a\n",
  },
];
