# case: shared_rows; refused: the rows of the grid are one list
def shared_rows(n: int) -> list[list[int]]:
    grid = [[0] * 3] * 2
    grid[0][1] = n
    return grid


# case: set_order; refused: the order of a set is seen
def set_order(words: list[str]) -> list[str]:
    return list(set(words))


# case: joined_set; refused: the order of a set is seen
def joined_set(words: list[str]) -> str:
    return ",".join({w for w in words})


# case: has_class; refused: classes have no counterpart
class Point:
    def __init__(self, x: int) -> None:
        self.x = x


def has_class(x: int) -> int:
    return Point(x).x


# case: has_yield; refused: generators have no counterpart
def numbers(n: int):
    for i in range(n):
        yield i


def has_yield(n: int) -> list[int]:
    return list(numbers(n))


# case: writes_global; refused: state outside the function
total = 0


def writes_global(n: int) -> int:
    global total
    total += n
    return total


# case: big_literal; refused: an int beyond 64 bits
def big_literal(n: int) -> bool:
    return n < 123456789012345678901234567890


# case: mixed_list; refused: a list of more than one type
def mixed_list(n: int) -> int:
    items = [n, "x", None]
    return len(items)


# case: prints; refused: output
def prints(n: int) -> int:
    print(n)
    return n


# case: reads_clock; refused: the world outside
import time

def reads_clock(n: int) -> int:
    return n + int(time.time())


# case: random_choice; refused: randomness
import random

def random_choice(xs: list[int]) -> int:
    return random.choice(xs)


# case: evaluates; refused: code from text
def evaluates(text: str) -> int:
    return eval(text)


# case: opens_file; refused: files
def opens_file(name: str) -> str:
    with open(name) as handle:
        return handle.read()


# case: hashes; refused: hash values have no counterpart
def hashes(text: str) -> int:
    return hash(text)


# case: star_args; refused: a varying number of arguments
def spread_sum(*args: int) -> int:
    return sum(args)


def star_args(a: int, b: int) -> int:
    return spread_sum(a, b)


# case: pattern_from_input; refused: a pattern that is no constant
import re

def pattern_from_input(pattern: str, text: str) -> list[str]:
    return re.findall(pattern, text)


# case: mutable_default; refused: a default that is kept between calls
def remember(x: int, seen: list[int] = []) -> int:
    seen.append(x)
    return len(seen)


def mutable_default(n: int) -> int:
    return remember(n) + remember(n)


# case: nested_alias; refused: a list inside a list is known by two names
def nested_alias(n: int) -> list[list[int]]:
    row = [0, 0]
    rows = [row, row]
    row.append(n)
    return rows


# case: object_identity; refused: whether two values are one object
def object_identity(a: int, b: int) -> bool:
    return a is b


# case: values_by_choice; refused: the order of a dict from outside is seen
def values_by_choice(d: dict[str, int], b: bool) -> list[int]:
    return list(d.values()) if b else []
