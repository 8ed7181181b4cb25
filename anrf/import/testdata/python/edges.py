# case: rounded_places
def rounded_places(x: float) -> list[float]:
    return [round(x, 1), round(x, 2), round(x / 3, 3), round(x * 0.5)]


# case: float_texts
def float_texts(x: float, n: int) -> list[str]:
    return [str(x), repr(x * 1e10), str(x / 1e7), f"{x}", str(float(n)), str(n / 4)]


# case: float_formats
def float_formats(x: float) -> str:
    return f"{x:.0f} {x:.1f} {x:8.3f}| {x:,.2f} {x:+.1f} {x:.2%}"


# case: int_formats
def int_formats(n: int) -> str:
    return f"{n:+d} {n:08d} {n:_^9} {n:>+6} {n:,} {n:#x} {n:e}" if False else f"{n:+d} {n:08d} {n:>+6} {n:,} {n:^9}"


# case: floor_and_remainder
def floor_and_remainder(x: float, y: float) -> tuple[float, float]:
    return x // y, x % y


# case: cut_and_round
def cut_and_round(x: float) -> list[int]:
    return [int(x), int(-x), round(x), round(-x), -int(x) // 2, int(x) % -3]


# case: weird_slices
def weird_slices(s: str, a: int, b: int) -> list[str]:
    return [s[a:b], s[a:], s[:b], s[-3:2], s[5:1:-1], s[a:b:2], s[::-2], s[100:], s[:-100]]


# case: list_slices
def list_slices(xs: list[int], a: int, b: int) -> list[list[int]]:
    return [xs[a:b], xs[b:a], xs[a:b:-1], xs[-1::-1], xs[1:-1], xs[a:a + 1]]


# case: assigned_slice
def assigned_slice(xs: list[int]) -> list[int]:
    ys = list(xs)
    ys[1:3] = [7, 8, 9]
    ys[:0] = [0]
    return ys


# case: deleted_slice
def deleted_slice(xs: list[int]) -> list[int]:
    ys = list(xs)
    del ys[1:3]
    del ys[-1:]
    return ys


# case: split_kinds
def split_kinds(s: str) -> list[list[str]]:
    return [s.split(), s.split(" "), s.split(","), s.split("a", 1), s.rsplit(",", 1), s.split("ab")]


# case: padded_kinds
def padded_kinds(s: str) -> list[str]:
    return [s.zfill(4), s.center(6, "*"), s.center(7), s.ljust(3, "."), s.rjust(5), ("-" + s).zfill(6)]


# case: found_kinds
def found_kinds(s: str, t: str) -> list[int]:
    return [s.find(t), s.rfind(t), s.find(""), s.count(t), s.find(t, 2), s.find(t, 1, 4), s.count("")]


# case: replaced_kinds
def replaced_kinds(s: str, t: str) -> list[str]:
    return [s.replace(t, "-"), s.replace("", "."), s.replace("a", ""), s.replace("a", "aa", 1), s.replace("aa", "b")]


# case: stripped_kinds
def stripped_kinds(s: str) -> list[str]:
    return [s.strip(), s.lstrip(), s.rstrip(), s.strip("ab"), s.lstrip("a "), s.rstrip("cb "), s.strip(".,-")]


# case: cased_kinds
def cased_kinds(s: str) -> list[str]:
    return [s.title(), s.capitalize(), s.swapcase(), s.upper().lower(), ("they're " + s).title()]


# case: classed_kinds
def classed_kinds(s: str) -> list[bool]:
    return [s.isdigit(), s.isalpha(), s.isalnum(), s.isupper(), s.islower(), s.isspace(), (s + "1").isupper()]


# case: partitions
def partitions(s: str) -> list[tuple[str, str, str]]:
    return [s.partition(","), s.rpartition(","), s.partition("ab")]


# case: prefixes
def prefixes(s: str, t: str) -> list[bool]:
    return [s.startswith(t), s.endswith(t), s.startswith(("a", "b")), s.endswith(""), t in s, s.startswith("b", 1)]


# case: ties_keep_order
def ties_keep_order(words: list[str]) -> list[str]:
    return sorted(words, key=len, reverse=True) + [max(words, key=len, default="x"), min(words, key=len, default="y")]


# case: sorted_by_many
def sorted_by_many(pairs: list[tuple[int, str]]) -> list[tuple[int, str]]:
    return sorted(pairs, key=lambda p: (len(p[1]), -p[0], p[1]))


# case: sorted_floats
def sorted_floats(xs: list[float]) -> list[float]:
    return sorted(xs) + sorted(xs, reverse=True) + sorted(xs, key=abs)


# case: inserted_anywhere
def inserted_anywhere(xs: list[int], i: int) -> list[int]:
    ys = list(xs)
    ys.insert(i, 99)
    ys.insert(-1, 98)
    return ys


# case: popped_anywhere
def popped_anywhere(xs: list[int], i: int) -> list[int]:
    ys = list(xs)
    a = ys.pop(i)
    b = ys.pop(-1)
    return ys + [a, b]


# case: repeated_lists
def repeated_lists(xs: list[int], n: int) -> list[int]:
    return xs * (n % 3) + xs * -1 + [n] * 2


# case: compared_lists
def compared_lists(a: list[int], b: list[int]) -> list[bool]:
    return [a < b, a <= b, a == b, a != b, a > b, a + [1] > a, tuple(a) == tuple(b)]


# case: most_common_two
from collections import Counter

def most_common_two(text: str) -> list[tuple[str, int]]:
    return Counter(text).most_common(2)


# case: counter_arithmetic_by_hand
from collections import Counter

def counter_arithmetic_by_hand(a: str, b: str) -> int:
    left, right = Counter(a), Counter(b)
    return sum(min(left[c], right[c]) for c in left)


# case: returned_in_order
def returned_in_order(words: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    for word in words:
        seen[word] = len(word)
    if "a" in seen:
        del seen["a"]
        seen["a"] = 1
    return list(seen)


# case: first_keys
def first_keys(words: list[str]) -> list[tuple[str, int]]:
    lengths = {w: len(w) for w in words}
    return list(lengths.items())[:2]


# case: grouped_by_key
from itertools import groupby

def grouped_by_key(xs: list[int]) -> list[tuple[int, list[int]]]:
    return [(k, list(g)) for k, g in groupby(xs, key=lambda x: x % 3)]


# case: products_repeat
from itertools import product, permutations, combinations

def products_repeat(xs: list[int]) -> list[int]:
    some = xs[:3]
    pairs = [a * 10 + b for a, b in product(some, repeat=2)]
    orders = [p[0] - p[1] for p in permutations(some, 2)]
    return pairs + orders + [sum(c) for c in combinations(xs[:4], 3)]


# case: accumulated_products
from itertools import accumulate
import operator

def accumulated_products(xs: list[int]) -> list[int]:
    return list(accumulate(xs[:5], operator.mul)) + list(accumulate(xs[:3], lambda a, b: a - b))


# case: rotated_deque
from collections import deque

def rotated_deque(xs: list[int], n: int) -> list[int]:
    d = deque(xs)
    d.rotate(n)
    d.appendleft(0)
    d.pop()
    return list(d)


# case: largest_with_ties
import heapq

def largest_with_ties(words: list[str]) -> list[str]:
    return heapq.nlargest(2, words, key=len) + heapq.nsmallest(2, words, key=len)


# case: bisected
from bisect import bisect_left, bisect_right, bisect

def bisected(xs: list[int], x: int) -> list[int]:
    ys = sorted(xs)
    return [bisect_left(ys, x), bisect_right(ys, x), bisect(ys, x), bisect_left(ys, x, 1)]


# case: math_kinds
import math

def math_kinds(n: int, m: int) -> list[int]:
    k = abs(n) % 10
    return [math.gcd(n, m), math.gcd(n, 0), math.isqrt(abs(n)), math.factorial(k), math.comb(k, 2), math.floor(n / 3), math.ceil(n / 3)]


# case: powers
def powers(n: int) -> list[float]:
    k = n % 5
    return [2 ** k, 2.0 ** k, (k + 1) ** 0.5, 2 ** -1, float(k) ** 2]


# case: bool_arithmetic
def bool_arithmetic(xs: list[int]) -> int:
    return sum(x > 2 for x in xs) + (len(xs) > 3) * 10 + True + int(not xs)


# case: truthy_kinds
def truthy_kinds(n: int, s: str, xs: list[int], x: float) -> list[bool]:
    return [bool(n), bool(s), bool(xs), bool(x), not n, not s, not xs, not x]


# case: and_or_values
def and_or_values(n: int, s: str) -> str:
    a = s or "none"
    b = n and 5
    c = n or 7
    return a + str(b) + str(c)


# case: short_circuit
def short_circuit(xs: list[int], i: int) -> bool:
    return 0 <= i < len(xs) and xs[i] > 0 or i == -1


# case: shadowed_comprehension
def shadowed_comprehension(xs: list[int]) -> int:
    x = 5
    ys = [x * 2 for x in xs]
    return x + sum(ys)


# case: late_closure
def late_closure(n: int) -> int:
    k = 1

    def add(x: int) -> int:
        return x + k

    k = 10
    return add(n)


# case: unbound_after_loop
def unbound_after_loop(xs: list[int]) -> int:
    for x in xs:
        last = x
    return last


# case: loop_variable_after
def loop_variable_after(n: int) -> int:
    i = -1
    for i in range(n % 7):
        if i == 4:
            break
    return i


# case: changed_range
def changed_range(n: int) -> int:
    m = n % 6
    total = 0
    for i in range(m):
        m += 1
        i *= 2
        total += i + m
    return total


# case: joined_parts
def joined_parts(words: list[str], n: int) -> str:
    return ", ".join(words[: n % 4]) + ("..." if len(words) > n % 4 else "")


# case: parsed_ints
def parsed_ints(s: str) -> list[int]:
    out = []
    for part in s.split():
        if part.lstrip("+-").isdigit() and part.isascii():
            out.append(int(part))
    return out


# case: parsed_floats
def parsed_floats(s: str) -> float:
    return float(s) * 2


# case: nested_tuples
def nested_tuples(rows: list[tuple[int, tuple[str, int]]]) -> list[str]:
    return [f"{a}{b * c}" for a, (b, c) in rows if c < 5]


# case: extended_by_itself
def extended_by_itself(xs: list[int]) -> list[int]:
    ys = list(xs)
    ys.extend(ys)
    ys += ys[:1]
    return ys


# case: removed_while_copying
def removed_while_copying(xs: list[int]) -> list[int]:
    ys = list(xs)
    for x in list(ys):
        if x % 2 == 0:
            ys.remove(x)
    return ys


# case: removed_while_walking
def removed_while_walking(xs: list[int]) -> list[int]:
    ys = list(xs)
    for y in ys:
        if y > 1:
            ys.remove(y)
    return ys


# case: chained_assignment
def chained_assignment(n: int) -> list[int]:
    a = b = [n]
    a = a + [1]
    return a + b


# case: set_steps
def set_steps(xs: list[int], ys: list[int]) -> list[int]:
    s = set(xs)
    s |= set(ys)
    s -= {1, 2}
    s &= set(range(-5, 10))
    s ^= {3}
    return sorted(s)


# case: set_questions
def set_questions(xs: list[int], ys: list[int]) -> list[bool]:
    a, b = set(xs), set(ys)
    return [a <= b, a < b, a >= b, a.isdisjoint(b), a == b, a.issuperset(b), 3 in a | b]


# case: raised_late
def raised_late(xs: list[int]) -> int:
    best = 0
    for x in xs:
        if x < -5:
            raise ValueError("too small")
        best = 1
    return 5
