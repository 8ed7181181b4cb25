# case: twin_primes
def prime(n: int) -> bool:
    return n > 1 and all(n % d for d in range(2, int(n ** 0.5) + 1))


def twin_primes(limit: int) -> list[tuple[int, int]]:
    return [(p, p + 2) for p in range(2, min(limit, 200)) if prime(p) and prime(p + 2)]


# case: with_defaults
def scaled(x: int, factor: int = 3, offset: int = 1) -> int:
    return x * factor + offset


def with_defaults(x: int) -> list[int]:
    return [scaled(x), scaled(x, 2), scaled(x, offset=5), scaled(x, factor=4, offset=0)]


# case: inner_function
def inner_function(xs: list[int], limit: int) -> list[int]:
    def fits(x: int) -> bool:
        return -limit <= x <= limit

    return [x for x in xs if fits(x)]


# case: helper_returning_pair
def smallest_and_largest(xs: list[int]) -> tuple[int, int]:
    return min(xs), max(xs)


def helper_returning_pair(xs: list[int]) -> int:
    low, high = smallest_and_largest(xs)
    return high - low


# case: anagram_groups
def signature(word: str) -> str:
    return "".join(sorted(word))


def anagram_groups(words: list[str]) -> list[list[str]]:
    groups: dict[str, list[str]] = {}
    for word in words:
        key = signature(word)
        if key not in groups:
            groups[key] = []
        groups[key].append(word)
    return [sorted(groups[key]) for key in sorted(groups)]


# case: steps_between
MAX_STEPS = 50


def steps_between(start: int, stop: int) -> int:
    steps = 0
    while start < stop and steps < MAX_STEPS:
        start += 1 + steps % 2
        steps += 1
    return steps


# case: docstring_helper
def is_vowel(c: str) -> bool:
    """One of the five vowels, in either case."""
    return c.lower() in ("a", "e", "i", "o", "u")


def docstring_helper(text: str) -> str:
    """The text without its vowels.

    >>> docstring_helper("house")
    'hs'
    """
    return "".join([c for c in text if not is_vowel(c)])
