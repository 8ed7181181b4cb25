"""Models of the builtins of list, map and option."""

import functools
import itertools
import math

from oracle import MAX, MIN, D, Some, Trap, compare, cross, decimal_text, ensure, equal, fit, model, option, ordered, type_of, wide

LISTS = [[], [1], [3, 1, 2], [1, 2, 3, 4, 5], [2, 2, 1, 2], [MAX, MIN, 0]]
ITEMS = [(xs, n) for xs in LISTS[:4] for n in (0, 1, 2, 5, -1)]
INT, FLOAT = ("int",), ("float",)
NAN = math.nan


def clamp(place, length):
    return max(0, min(place, length))


def cut(items, start, end):
    start, end = clamp(start, len(items)), clamp(end, len(items))
    return items[start:end] if start < end else items[:0]


def inside(xs, i, more=0):
    ensure(0 <= i < len(xs) + more, "INDEX")


L = "list<int>"
model("list.length", L, "int", "a.length()", LISTS)(len)
model("list.is_empty", L, "bool", "a.is_empty()", LISTS)(lambda a: a == [])
model("list.first", L, "option<int>", "a.first()", LISTS)(lambda a: option(a[0] if a else None))
model("list.last", L, "option<int>", "a.last()", LISTS)(lambda a: option(a[-1] if a else None))


@model("list.get", f"{L}, int", "int", "a[b]", ITEMS)
def get(a, b):
    inside(a, b)
    return a[b]


@model("list.set", f"{L}, int, int", L, "a.set(b, c)", [(*row, 9) for row in ITEMS])
def set_(a, b, c):
    inside(a, b)
    return [*a[:b], c, *a[b + 1 :]]


@model("list.insert", f"{L}, int, int", L, "a.insert(b, c)", [(*row, 9) for row in ITEMS] + [([1, 2, 3, 4, 5], 6, 0)])
def insert(a, b, c):
    inside(a, b, 1)
    return [*a[:b], c, *a[b:]]


@model("list.remove_at", f"{L}, int", L, "a.remove_at(b)", ITEMS)
def remove_at(a, b):
    inside(a, b)
    return a[:b] + a[b + 1 :]


@model("list.swap", f"{L}, int, int", L, "a.swap(b, c)", [([1, 2, 3], 0, 2), ([1, 2, 3], 1, 1), ([1, 2, 3], 0, 3), ([1, 2, 3], -1, 0), ([1, 2, 3], 3, 0), ([], 0, 0), ([7], 0, 0)])
def swap(a, b, c):
    inside(a, b)
    inside(a, c)
    out = list(a)
    out[b], out[c] = out[c], out[b]
    return out


def refused(holds, run):
    def model_of(*args):
        ensure(holds(*args))
        return run(*args)

    return model_of


COUNTED = [(xs, n) for xs in ([], [1, 2, 3], [1, 2, 3, 4, 5]) for n in (0, 1, 2, 3, 7, -1)]
model("list.at", f"{L}, int", "option<int>", "a.at(b)", ITEMS)(lambda a, b: option(a[b] if 0 <= b < len(a) else None))
model("list.append", f"{L}, int", L, "a.append(b)", ITEMS[:9])(lambda a, b: [*a, b])
model("list.prepend", f"int, {L}", L, "List.prepend(a, b)", [(n, xs) for xs, n in ITEMS[:9]])(lambda a, b: [a, *b])
model("list.concat", f"{L}, {L}", L, "a + b", cross(LISTS[:4], LISTS[:4], count=9))(lambda a, b: a + b)
model("list.flatten", f"list<{L}>", L, "a.flatten()", [[], [[]], [[1], [], [2, 3]], [[1, 2], [3]]])(lambda a: sum(a, []))
model("list.reverse", L, L, "a.reverse()", LISTS)(lambda a: a[::-1])
model("list.slice", f"{L}, int, int", L, "a.slice(b, c)", [([1, 2, 3, 4], b, c) for b in (-1, 0, 2, 9) for c in (-1, 0, 3, 9)])(cut)
model("list.take", f"{L}, int", L, "a.take(b)", COUNTED)(lambda a, b: cut(a, 0, b))
model("list.drop", f"{L}, int", L, "a.drop(b)", COUNTED)(lambda a, b: cut(a, b, len(a)))
model("list.splice", f"{L}, int, int, {L}", L, "a.splice(b, c, d)", [([1, 2, 3, 4], b, c, d) for b, c in ((0, 0), (1, 3), (3, 1), (-2, 1), (2, 99), (9, 9)) for d in ([], [8, 9])])(lambda a, b, c, d: cut(a, 0, b) + d + cut(a, max(b, c), len(a)))
model("list.range", "int, int", L, "List.range(a, b)", [(0, 0), (0, 3), (2, 5), (-2, 2), (3, 0), (5, 5), (MAX - 1, MAX), (MIN, MIN + 2)])(lambda a, b: list(range(a, b)))
model("list.range_step", "int, int, int", L, "List.range_step(a, b, c)", [(0, 10, 3), (10, 0, -4), (0, 10, -1), (10, 0, 1), (0, 0, 1), (0, 5, 0), (MAX - 2, MAX, 2), (MIN + 2, MIN, -2), (1, 10, MAX), (0, -1, -1)])(refused(lambda a, b, c: c != 0, lambda a, b, c: list(range(a, b, c))))
model("list.step", f"{L}, int, int", L, "a.step(b, c)", [([1, 2, 3, 4, 5], b, c) for b, c in ((0, 2), (1, 2), (4, -1), (4, -2), (0, 99), (5, 1), (-1, 1), (2, 0), (0, -1), (0, MAX), (4, MIN))] + [([], 0, 1)])(refused(lambda a, b, c: c != 0, lambda a, b, c: [a[i] for i in (range(b, len(a), c) if c > 0 else range(b, -1, c))] if 0 <= b < len(a) else []))
model("list.repeat", "int, int", L, "List.repeat(a, b)", [(7, 0), (7, 1), (7, 3), (7, -1), (0, MIN)])(refused(lambda a, b: b >= 0, lambda a, b: [a] * b))
model("list.windows", f"{L}, int", f"list<{L}>", "a.windows(b)", COUNTED)(refused(lambda a, b: b >= 1, lambda a, b: [a[i : i + b] for i in range(len(a) - b + 1)]))
model("list.chunks", f"{L}, int", f"list<{L}>", "a.chunks(b)", COUNTED)(refused(lambda a, b: b >= 1, lambda a, b: [a[i : i + b] for i in range(0, len(a), b)]))
model("list.combinations", f"{L}, int", f"list<{L}>", "a.combinations(b)", COUNTED)(refused(lambda a, b: b >= 0, lambda a, b: [list(c) for c in itertools.combinations(a, b)]))


def quotient(a, b):
    ensure(b != 0, "DIV_ZERO")
    return fit(a // b)


# Functions as arguments: places and items of another type, captured parameters, and a trap that passes through.
EVEN = "(x) => x % 2 == 0"
even = lambda x: x % 2 == 0
TRAPPING = [([1, 2], 1), ([1, 0], 1), ([0, 1], 0), ([], 5)]
model("list.map", L, "list<string>", "a.map((x) => x.to_string())", LISTS)(lambda a: list(map(str, a)))
model("list.map", f"{L}, int", L, "a.map((x) => b // x)", TRAPPING)(lambda a, b: [quotient(b, x) for x in a])
model("list.filter", L, L, f"a.filter({EVEN})", LISTS)(lambda a: list(filter(even, a)))
model("list.filter", f"{L}, int", L, "a.filter((x) => b // x == 1)", TRAPPING)(lambda a, b: [x for x in a if quotient(b, x) == 1])
model("list.fold", f"{L}, int", "int", "a.fold(b, (s, x) => s * 10 + x)", [(xs, n) for xs in ([], [1, 2, 3], [-1, 0]) for n in (0, 7)] + [([MAX, 1], 0)])(lambda a, b: functools.reduce(lambda s, x: fit(fit(s * 10) + x), a, b))
model("list.fold", "list<string>", "(string, int)", 'a.fold(("", 0), ((s, n), x) => (s + x, n + 1))', [[], ["a"], ["a", "b"]])(lambda a: ("".join(a), len(a)))
model("list.find_index", L, "option<int>", f"a.find_index({EVEN})", LISTS)(lambda a: option(next((i for i, x in enumerate(a) if even(x)), None)))
model("list.find", L, "option<int>", f"a.find({EVEN})", LISTS)(lambda a: option(next((x for x in a if even(x)), None)))
model("list.any", L, "bool", f"a.any({EVEN})", LISTS)(lambda a: any(map(even, a)))
model("list.any", f"{L}, int", "bool", "a.any((x) => b // x == 1)", TRAPPING)(lambda a, b: any(quotient(b, x) == 1 for x in a))
model("list.all", L, "bool", f"a.all({EVEN})", LISTS)(lambda a: all(map(even, a)))
model("list.all", f"{L}, int", "bool", "a.all((x) => b // x == 1)", TRAPPING)(lambda a, b: all(quotient(b, x) == 1 for x in a))
model("list.count", L, "int", f"a.count({EVEN})", LISTS)(lambda a: sum(map(even, a)))
model("list.take_while", L, L, "a.take_while((x) => x < 3)", LISTS)(lambda a: list(itertools.takewhile(lambda x: x < 3, a)))
model("list.drop_while", L, L, "a.drop_while((x) => x < 3)", LISTS)(lambda a: list(itertools.dropwhile(lambda x: x < 3, a)))
model("list.partition", L, f"({L}, {L})", f"a.partition({EVEN})", LISTS)(lambda a: (list(filter(even, a)), [x for x in a if not even(x)]))
model("list.enumerate", "list<string>", "list<(int, string)>", "a.enumerate()", [[], ["a"], ["b", "a"]])(lambda a: list(enumerate(a)))
model("list.map_indexed", L, L, "a.map_indexed((i, x) => i * 100 + x.sign())", LISTS)(lambda a: [i * 100 + (x > 0) - (x < 0) for i, x in enumerate(a)])
model("list.filter_indexed", L, L, "a.filter_indexed((i, x) => i % 2 == 0 and x > 0)", LISTS)(lambda a: [x for i, x in enumerate(a) if i % 2 == 0 and x > 0])
model("list.flat_map", L, L, "a.flat_map((x) => [x, -1].take(x.sign() + 1))", LISTS)(lambda a: sum(([x, -1][: 1 + (x > 0) - (x < 0)] for x in a), []))
model("list.filter_map", L, "list<string>", "a.filter_map((x) => if x > 1 { some(x.to_string()) } else { none })", LISTS)(lambda a: [str(x) for x in a if x > 1])
model("list.scan", L, L, "a.scan(100, (s, x) => s - x)", [xs for xs in LISTS if MAX not in xs] + [[MIN]])(lambda a: list(itertools.accumulate(a, lambda s, x: fit(s - x), initial=100))[1:])
model("list.zip", f"{L}, list<string>", "list<(int, string)>", "a.zip(b)", cross(LISTS[:4], [[], ["x"], ["x", "y", "z"]]))(lambda a, b: list(zip(a, b)))


@model("list.fold_until", L, "int", "a.fold_until(0, (s) => s >= 4, (s, x) => s + x)", [[], [1, 2, 3, 4], [4, MAX], [5, 5], [0, 0], [3, 1, 100], [2, MAX]])
def fold_until(a):
    state = 0
    for x in a:
        if state >= 4:
            break
        state = fit(state + x)
    return state


# ---- equality and order -------------------------------------------------------------------------------------------------

FLOATS = [[], [1.5, NAN, 1.5], [NAN, 2.0, -0.0, 0.0], [math.inf, -math.inf, NAN, 0.0], [0.0, -0.0]]
EQUALS = [(L, LISTS, 2), ("list<float>", FLOATS, NAN), ("list<float>", FLOATS, 0.0), ("list<string>", [[], ["b", "a", "b"], ["\u00e9", "z"]], "b"), ("list<option<int>>", [[None, Some(1), None], [Some(2)]], None), (f"list<{L}>", [[[1], [], [1]], [[2, 1]]], [1])]


def member(x, xs, type):
    return any(equal(x, y, type) for y in xs)


def distinct(xs, type):
    out = []
    for x in xs:
        if not member(x, out, type):
            out.append(x)
    return out


def index_of(xs, item, type):
    return next((i for i, x in enumerate(xs) if equal(x, item, type)), None)


def removed(xs, item, type):
    at = index_of(xs, item, type)
    return xs if at is None else xs[:at] + xs[at + 1 :]


for name, rows, item in EQUALS:
    kind = type_of(name)[1]
    of = name[5:-1]
    pairs = [(xs, item) for xs in rows]
    both = cross(rows, rows, count=7)
    model("list.contains", f"{name}, {of}", "bool", "a.contains(b)", pairs)(lambda a, b, t=kind: member(b, a, t))
    model("list.index_of", f"{name}, {of}", "option<int>", "a.index_of(b)", pairs)(lambda a, b, t=kind: option(index_of(a, b, t)))
    model("list.remove", f"{name}, {of}", name, "a.remove(b)", pairs)(lambda a, b, t=kind: removed(a, b, t))
    model("list.intersect", f"{name}, {name}", name, "a.intersect(b)", both)(lambda a, b, t=kind: [x for x in a if member(x, b, t)])
    model("list.difference", f"{name}, {name}", name, "a.difference(b)", both)(lambda a, b, t=kind: [x for x in a if not member(x, b, t)])
    if item is not NAN:
        model("list.distinct", name, name, "a.distinct()", rows)(lambda a, t=kind: distinct(a, t))

ORDERS = [(L, LISTS), ("list<float>", FLOATS), ("list<string>", [["b", "", "a", "B", "\u00e9", "aa"], ["\uffff", "\U0001f600", "z"]]), ("list<(int, string)>", [[(1, "b"), (0, "z"), (1, "a")]]), ("list<option<int>>", [[Some(1), None, Some(-1)]]), (f"list<{L}>", [[[2], [], [1, 9], [1]]]), ("list<bool>", [[True, False, True]]), ("list<decimal>", [[D("1.5"), D("-2"), D("1.50"), D("0.001")]])]


def key_of(type):
    return functools.cmp_to_key(lambda a, b: compare(a, b, type))


def best(xs, type, sign):
    found = None
    for x in xs:
        if found is None or sign * compare(x, found.value, type) > 0:
            found = Some(x)
    return found


def descending(xs, type):
    """Equal items keep their order, so the ascending order is not simply turned round."""
    return sorted(xs, key=functools.cmp_to_key(lambda a, b: -compare(a, b, type)))


for name, rows in ORDERS:
    kind = type_of(name)[1]
    of = name[5:-1]
    model("list.sort", name, name, "a.sort()", rows)(lambda a, t=kind: sorted(a, key=key_of(t)))
    model("list.sort_desc", name, name, "a.sort_desc()", rows)(lambda a, t=kind: descending(a, t))
    model("list.min", name, f"option<{of}>", "a.min()", rows)(lambda a, t=kind: best(a, t, -1))
    model("list.max", name, f"option<{of}>", "a.max()", rows)(lambda a, t=kind: best(a, t, 1))

WORDS = [[], ["pear", "fig", "kiwi", "date", "plum"], ["b", "a"], ["aa", "b", "cc", "d"]]
size = lambda word: len(word)
W = "list<string>"
model("list.sort_by", W, W, "a.sort_by((w) => w.length())", WORDS)(lambda a: sorted(a, key=size))
model("list.sort_by", "list<float>", "list<float>", "a.sort_by((x) => -x)", FLOATS)(lambda a: sorted(a, key=functools.cmp_to_key(lambda x, y: compare(-x, -y, FLOAT))))
model("list.min_by", W, "option<string>", "a.min_by((w) => w.length())", WORDS)(lambda a: option(min(a, key=size, default=None)))
model("list.max_by", W, "option<string>", "a.max_by((w) => w.length())", WORDS)(lambda a: option(max(a, key=size, default=None)))
model("list.group_by", W, f"map<int, {W}>", "a.group_by((w) => w.length())", WORDS)(lambda a: {n: [w for w in a if len(w) == n] for n in map(len, a)})
model("list.tally", W, "map<string, int>", "a.tally()", [*WORDS, ["a", "b", "a"]])(lambda a: {w: a.count(w) for w in a})
model("list.tally", "list<(int, bool)>", "map<(int, bool), int>", "a.tally()", [[(1, True), (0, False), (1, True)]])(lambda a: {w: a.count(w) for w in a})
SUMS = [[], [1, 2, 3], [MAX, 1], [MAX, 1, -1], [MIN, -1], [MAX, MIN, 1], [-5]]
model("list.sum_int", L, "int", "a.sum()", SUMS)(lambda a: functools.reduce(lambda s, x: fit(s + x), a, 0))
model("list.product_int", L, "int", "a.product()", [*SUMS, [MAX, 2, 0], [2**32, 2**31], [-1, MIN], [0, MAX, 2]])(lambda a: functools.reduce(lambda s, x: fit(s * x), a, 1))
model("list.sum_float", "list<float>", "float", "a.sum()", [[], [0.1] * 10, [1e16, 1.0, -1e16], [1.0, NAN], [math.inf, -math.inf], [-0.0]])(lambda a: functools.reduce(lambda s, x: s + x, a, 0.0))


@wide
def exact_sum(xs):
    total = D(0)
    for x in xs:
        total += x
        digits = decimal_text(total).lstrip("-").replace(".", "")
        ensure(int(digits) <= MAX, "DECIMAL")
    return total


model("list.sum_decimal", "list<decimal>", "decimal", "a.sum()", [[], [D("0.1")] * 3, [D("1.5"), D("-1.5")], [D(MAX), D(1)], [D("9e17"), D("0.001")], [D("19.90"), D("0.10")]])(exact_sum)

# ---- map ----------------------------------------------------------------------------------------------------------------

MAPS = [{}, {"a": 1}, {"b": 2, "a": 1}, {"": 0, "\u00e9": 5, "z": 9}]
M = "map<string, int>"
KEYED = cross(MAPS, ["a", "", "q"], count=12)
model("map.size", M, "int", "a.size()", MAPS)(len)
model("map.get", f"{M}, string", "option<int>", "a.get(b)", KEYED)(lambda a, b: option(a.get(b)))
model("map.get_or", f"{M}, string, int", "int", "a.get_or(b, c)", [(*row, -1) for row in KEYED])(lambda a, b, c: a.get(b, c))
model("map.contains_key", f"{M}, string", "bool", "a.contains_key(b)", KEYED)(lambda a, b: b in a)
model("map.put", f"{M}, string, int", M, "a.put(b, c)", [(*row, 7) for row in KEYED])(lambda a, b, c: {**a, b: c})
model("map.remove", f"{M}, string", M, "a.remove(b)", KEYED)(lambda a, b: {k: v for k, v in a.items() if k != b})
model("map.update", f"{M}, string, int", M, "a.update(b, c, (v) => v * 10 + 1)", [(*row, 7) for row in KEYED] + [({"a": MAX}, "a", 0)])(lambda a, b, c: {**a, b: fit(fit(a.get(b, c) * 10) + 1)})
model("map.entries", M, "list<(string, int)>", "a.entries()", MAPS)(lambda a: ordered(a, ("string",)))
model("map.keys", M, "list<string>", "a.keys()", MAPS)(lambda a: [k for k, _ in ordered(a, ("string",))])
model("map.values", M, L, "a.values()", MAPS)(lambda a: [v for _, v in ordered(a, ("string",))])
model("map.map_values", M, "map<string, string>", "a.map_values((v) => v.to_string())", MAPS)(lambda a: {k: str(v) for k, v in a.items()})
model("map.filter", M, M, 'a.filter((k, v) => v > 1 or k == "")', MAPS)(lambda a: {k: v for k, v in a.items() if v > 1 or k == ""})
model("map.merge", f"{M}, {M}", M, "a.merge(b)", cross(MAPS, [*MAPS, {"a": -1, "c": 3}], count=12))(lambda a, b: {**a, **b})
model("map.from_entries", "list<(int, string)>", "map<int, string>", "Map.from_entries(a)", [[], [(1, "a")], [(2, "b"), (1, "a"), (2, "c")], [(MAX, "x"), (MIN, "y"), (-1, "z"), (10, "w"), (9, "v")]])(dict)
N = "map<(int, bool), list<int>>"
DEEP = [{}, {(1, True): [1], (0, False): []}, {(1, False): [2], (1, True): [3]}]
model("map.keys", N, "list<(int, bool)>", "a.keys()", DEEP)(lambda a: sorted(a))
model("map.get", f"{N}, (int, bool)", "option<list<int>>", "a.get(b)", [(m, (1, True)) for m in DEEP])(lambda a, b: option(a.get(b)))
model("map.values", N, "list<list<int>>", "a.values()", DEEP)(lambda a: [a[k] for k in sorted(a)])

# ---- option: a default that is not needed is not evaluated --------------------------------------------------------------

O = "option<int>"
OPTIONS = [None, Some(0), Some(1), Some(-5), Some(MAX)]
WITH = [(o, n) for o in OPTIONS for n in (0, 2)]


@model("option.unwrap", O, "int", "a.unwrap()", OPTIONS)
def unwrap(a):
    ensure(a is not None, "NONE")
    return a.value


@model("option.unwrap", "option<option<int>>", O, "a.unwrap()", [None, Some(None), Some(Some(3))])
def unwrap_twice(a):
    ensure(a is not None, "NONE")
    return a.value


model("option.is_some", O, "bool", "a.is_some()", OPTIONS)(lambda a: a is not None)
model("option.is_some", "option<option<int>>", "bool", "a.is_some()", [None, Some(None)])(lambda a: a is not None)
model("option.get_or", f"{O}, int", "int", "a ?? 10 // b", WITH)(lambda a, b: quotient(10, b) if a is None else a.value)
model("option.or_else", f"{O}, int", O, "a.or_else(some(10 // b))", WITH)(lambda a, b: Some(quotient(10, b)) if a is None else a)
model("option.to_list", O, L, "a.to_list()", OPTIONS)(lambda a: [] if a is None else [a.value])
model("option.map", f"{O}, int", O, "a.map((x) => x // b)", WITH)(lambda a, b: None if a is None else Some(quotient(a.value, b)))
model("option.flat_map", f"{O}, int", O, "a.flat_map((x) => if x > b { some(x - 1) } else { none })", WITH)(lambda a, b: None if a is None or a.value <= b else Some(a.value - 1))
model("option.map", O, "option<option<int>>", "a.map((x) => if x > 0 { some(x) } else { none })", OPTIONS)(lambda a: None if a is None else Some(Some(a.value) if a.value > 0 else None))
