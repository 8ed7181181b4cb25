# case: map_and_filter
def map_and_filter(xs: list[int]) -> list[int]:
    return list(map(lambda x: x * 2, filter(lambda x: x > 0, xs)))


# case: product_by_reduce
from functools import reduce

def product_by_reduce(xs: list[int]) -> int:
    return reduce(lambda a, b: a * b, xs, 1)


# case: largest_by_reduce
from functools import reduce

def largest_by_reduce(xs: list[int]) -> int:
    return reduce(lambda a, b: a if a > b else b, xs)


# case: operator_fold
import operator
from functools import reduce

def operator_fold(xs: list[int]) -> int:
    return reduce(operator.xor, xs, 0) + reduce(operator.add, xs, 0)


# case: sort_by_item
from operator import itemgetter

def sort_by_item(pairs: list[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(pairs, key=itemgetter(1))


# case: any_all
def any_all(xs: list[int]) -> tuple[bool, bool]:
    return any(x > 3 for x in xs), all(x > 0 for x in xs)


# case: composed_lambda
def composed_lambda(n: int) -> int:
    double = lambda x: x * 2
    shifted = lambda x: double(x) + 1
    return shifted(n) + double(n)


# case: mapped_strings
def mapped_strings(xs: list[int]) -> str:
    return ",".join(map(str, xs))


# case: parsed_numbers
def parsed_numbers(parts: list[str]) -> list[int]:
    return list(map(int, [p for p in parts if p.isdecimal() and p.isascii()]))


# case: conditional_comprehension
def conditional_comprehension(xs: list[int]) -> list[str]:
    return ["even" if x % 2 == 0 else "odd" for x in xs if x >= 0]


# case: nested_comprehension
def nested_comprehension(n: int) -> list[tuple[int, int]]:
    return [(i, j) for i in range(min(n, 6)) for j in range(i) if (i + j) % 2]


# case: sum_of_map
def sum_of_map(words: list[str]) -> int:
    return sum(map(len, words))


# case: max_with_default
def max_with_default(xs: list[int]) -> int:
    return max(xs, default=0) - min([x for x in xs if x > 2], default=2)


# case: max_by_two_keys
def max_by_two_keys(words: list[str]) -> str:
    if not words:
        return ""
    return max(words, key=lambda w: (len(set(w)), len(w)))


# case: filter_none
def filter_none(words: list[str]) -> list[str]:
    return list(filter(None, words))


# case: map_two_lists
def map_two_lists(a: list[int], b: list[int]) -> list[int]:
    return list(map(lambda x, y: x * y, a, b))


# case: zip_to_pairs
def zip_to_pairs(a: list[int], b: list[str]) -> list[tuple[int, str]]:
    return list(zip(a, b))


# case: generator_join
def generator_join(xs: list[int]) -> str:
    return "-".join(str(x) for x in xs if x)


# case: sum_with_start
def sum_with_start(xs: list[int]) -> int:
    return sum(xs, 100)


# case: walrus
def walrus(xs: list[int]) -> int:
    if (n := len(xs)) > 3:
        return n * 2
    return n
