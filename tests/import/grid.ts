/** One operation of Python on values of given types, as a function of its own. */
export interface Cell {
  readonly name: string;
  readonly source: string;
}

/** The function of each cell. */
export const CELL = "subject";

const TYPES = [
  "None",
  "bool",
  "int",
  "float",
  "str",
  "Optional[int]",
  "Optional[str]",
  "list[int]",
  "list[str]",
  "list[list[int]]",
  "dict[int, int]",
  "dict[str, int]",
  "set[int]",
  "set[str]",
  "tuple[int, str]",
] as const;

const lines = (text: string): readonly string[] => text.trim().split(/\s*\n\s*/u);
const words = (text: string): readonly string[] => text.trim().split(/\s+/u);

/** Expressions of one value, a. */
const UNARY = [
  ...words(
    "len sum sorted list set tuple dict str repr int float bool abs min max any all round ord chr hex bin range Counter math.floor math.ceil math.sqrt math.isnan math.prod list(reversed list(enumerate",
  ).map((name) => `${name}(a)${name.includes("(") ? ")" : ""}`),
  ...lines(`
    not a
    -a
    ~a
    +a
    f"{a}"
    f"{a:>6}"
    f"{a:.2f}"
    "%s" % a
    "%d" % a
    a is None
    [x for x in a]
    {x for x in a}
    {x: 1 for x in a}
    [x + 1 for x in a]
    [(x, y) for x, y in a]
    sorted(a, reverse=True)
    sorted(a, key=lambda x: -x)
    max(a, default=None)
    list(map(str, a))
    list(filter(None, a))
    "".join(a)
    ",".join(str(x) for x in a)
    a[0]
    a[-1]
    a[1:]
    a[::-1]
    a[0][0]
    dict(a)[0]
    next(iter(a))
    list(accumulate(a))
    list(chain.from_iterable(a))
    [list(g) for _, g in groupby(a)]
    reduce(lambda x, y: x + y, a)
    defaultdict(int, a)
    isinstance(a, int)
    isinstance(a, (list, str))
    type(a) == int
    a if a else None
    a or 0
    a and 1
    "{}".format(*a)
    max(*a)
    sum(*a)
    set(*a)
    list(chain(*a))
    list(zip(*a))
    [*a][0]
    `),
  ...words(
    "keys values items copy lower upper title strip split splitlines isdigit isalpha isalnum isspace capitalize swapcase bit_length is_integer count most_common elements pop popitem",
  ).map((name) => `a.${name}()`),
];

/** Expressions of two values, a and b. */
const BINARY = [
  ...words("+ - * / // % ** & | ^ << >> == != < <= > >= in and or is").map((op) => `a ${op} b`),
  ...lines(`
    a not in b
    a[b]
    a[b:]
    a[:b]
    a[::b]
    [a, b]
    {a, b}
    {a: b}
    {a: 1}[b]
    {a: 1, b: 2}
    (a, b)
    (a, b) == (b, a)
    [a] + [b]
    [a] == [b]
    a if b else b
    b if a is None else a
    [a if x else b for x in range(2)]
    max(a, b)
    min(a, b)
    max([a, b])
    sorted([a, b])
    max(a, default=b)
    min(a, key=lambda x: x == b)
    sum(a, b)
    divmod(a, b)
    pow(a, b)
    round(a, b)
    range(a, b)
    list(range(a, b))
    int(a, b)
    math.gcd(a, b)
    math.pow(a, b)
    isinstance(a, bool) or b
    list(zip(a, b))
    dict(zip(a, b))
    list(enumerate(a, b))
    list(chain(a, b))
    list(product(a, b))
    list(combinations(a, b))
    [x for x in a if x in b]
    [x for x in a if x == b]
    [x + b for x in a]
    {x: b for x in a}
    any(x == b for x in a)
    set(a) | set(b)
    set(a) & set(b)
    set(a) == b
    list(a) + list(b)
    Counter(a)[b]
    Counter(a) - Counter(b)
    Counter(a) == Counter(b)
    dict.fromkeys(a, b)
    {**a, **b}
    [*a, *b]
    reduce(lambda x, y: x + y, a, b)
    bisect_left(a, b)
    heapq.nlargest(b, a)
    f"{a}{b}"
    "%s %s" % (a, b)
    next(iter(a), b)
    sorted(a, key=lambda x: b)
    a[0] == b
    a[1:] == b
    a < b < a
    a.union(*b)
    set().union(*a)
    set(a).intersection(*b)
    set(a).difference(*b)
    a.update(*b)
    a.join(*b)
    a.get(*b)
    `),
  ...words(
    "get index count startswith endswith split join strip find replace(b,a) union intersection difference issubset isdisjoint get(b,b) get(b,1) pop(b) pop(b,b) setdefault(b,1) ljust zfill __contains__ most_common isdisjoint",
  ).map((name) => `a.${name.includes("(") ? name : `${name}(b)`}`),
];

/** Statements that change a, which is the result. */
const CHANGES = lines(`
    a.append(b)
    a.append(*b)
    a.extend(*b)
    a.update(*b)
    a.extend(b)
    a.insert(0, b)
    a.remove(b)
    a.add(b)
    a.discard(b)
    a.update(b)
    a.update({b: 1})
    a.setdefault(b, 1)
    a.setdefault(1, b)
    a.pop(b, None)
    a[0] = b
    a[b] = 1
    a[b] = b
    a[b] += 1
    a[0] += b
    a += b
    a -= b
    a *= b
    a |= b
    a &= b
    a[1:] = b
    del a[b]
    heapq.heappush(a, b)
    `);

/** What happens to a name on the way, with b put in for part of what it holds. */
const FLOWS = [
  "r = []\n    for x in a:\n        r.append(b)\n        r.append(x)\n    return r",
  "r = None\n    for x in a:\n        if x == b:\n            r = x\n    return r",
  "r = a\n    if b:\n        r = b\n    return r",
  "r = {}\n    for x in a:\n        r[x] = r.get(x, b)\n    return r",
  "r = {}\n    r[a] = b\n    r[b] = a\n    return r",
  "r = set()\n    r.add(a)\n    return b in r",
  "r = b\n    for x in a:\n        r = r + x\n    return r",
  "for x in a:\n        if x == b:\n            return x\n    return b",
  "for x in a:\n        for y in b:\n            if x == y:\n                return (x, y)\n    return None",
  "while a:\n        a = b\n        b = not b\n    return a",
  "try:\n        return a[b]\n    except (KeyError, IndexError):\n        return b",
  "x, y = a, b\n    x, y = y, x\n    return [x, y]",
  "if a is None or b is None:\n        return None\n    return a + b",
  "if isinstance(a, int):\n        return a\n    return b",
  "if not a:\n        return b\n    return a[0]",
];

const HEAD = `import heapq
import math
from bisect import bisect_left
from collections import Counter, defaultdict
from functools import reduce
from itertools import accumulate, chain, combinations, groupby, product
from typing import Optional

`;

const OF = (params: string, body: string): string => `${HEAD}\ndef ${CELL}(${params}):\n    ${body}\n`;

/** Every operation with every type, or pair of types. */
export function grid(): readonly Cell[] {
  const cells: Cell[] = [];
  const add = (params: string, shown: string, body: string): void => {
    cells.push({ name: `${shown}, ${params}`, source: OF(params, body) });
  };
  for (const a of TYPES) {
    for (const one of UNARY) add(`a: ${a}`, one, `return ${one}`);
    for (const b of TYPES) {
      const params = `a: ${a}, b: ${b}`;
      for (const one of BINARY) add(params, one, `return ${one}`);
      for (const one of CHANGES) add(params, one, `${one}\n    return a`);
      for (const one of FLOWS) add(params, one.replaceAll(/\s+/gu, " "), one);
    }
  }
  return cells;
}
