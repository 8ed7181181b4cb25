# case: shared_items
def shared_items(a: list[int], b: list[int]) -> list[int]:
    return sorted(set(a) & set(b))


# case: unique_count
def unique_count(words: list[str]) -> int:
    return len(set(words))


# case: all_different
def all_different(xs: list[int]) -> bool:
    return len(xs) == len(set(xs))


# case: missing_from
def missing_from(a: list[int], b: list[int]) -> list[int]:
    return sorted(set(a) - set(b))


# case: in_exactly_one
def in_exactly_one(a: list[int], b: list[int]) -> list[int]:
    return sorted(set(a) ^ set(b))


# case: union_size
def union_size(a: list[str], b: list[str]) -> int:
    return len(set(a) | set(b))


# case: covers
def covers(a: list[int], b: list[int]) -> bool:
    return set(b).issubset(set(a))


# case: set_comprehension
def set_comprehension(words: list[str]) -> int:
    return len({w.lower() for w in words if w})


# case: pangram
def pangram(text: str) -> bool:
    letters = {c for c in text.lower() if "a" <= c <= "e"}
    return len(letters) == 5


# case: visited_walk
def visited_walk(n: int) -> int:
    visited = set()
    while n not in visited:
        visited.add(n)
        n = (n * 3 + 1) % 50
    return len(visited)


# case: discard_small
def discard_small(xs: list[int]) -> list[int]:
    kept = set(xs)
    for k in range(3):
        kept.discard(k)
    return sorted(kept)


# case: first_common
def first_common(a: list[int], b: list[int]) -> int:
    others = set(b)
    for x in a:
        if x in others:
            return x
    return -1


# case: set_equality
def set_equality(a: str, b: str) -> bool:
    return set(a) == set(b)


# case: happy_number
def happy_number(n: int) -> bool:
    n = abs(n)
    seen: set[int] = set()
    while n != 1 and n not in seen:
        seen.add(n)
        n = sum(int(d) ** 2 for d in str(n))
    return n == 1
