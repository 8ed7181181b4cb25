# case: fibonacci
def fibonacci(n: int) -> int:
    if n > 18:
        return -1
    if n <= 1:
        return max(n, 0)
    return fibonacci(n - 1) + fibonacci(n - 2)


# case: power_by_squaring
def power_by_squaring(base: int, exponent: int) -> int:
    if exponent <= 0:
        return 1
    half = power_by_squaring(base, exponent // 2)
    return half * half * (base if exponent % 2 else 1)


# case: ackermann_small
def ackermann_small(m: int, n: int) -> int:
    if m < 0 or n < 0 or m > 2 or n > 5:
        return -1
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann_small(m - 1, 1)
    inner = ackermann_small(m, n - 1)
    return ackermann_small(m - 1, min(inner, 5))


# case: hanoi_moves
def hanoi_moves(n: int, source: str, target: str, spare: str) -> list[str]:
    if n <= 0 or n > 6:
        return []
    first = hanoi_moves(n - 1, source, spare, target)
    rest = hanoi_moves(n - 1, spare, target, source)
    return first + [source + target] + rest


# case: subsets
def subsets(xs: list[int]) -> list[list[int]]:
    if not xs:
        return [[]]
    rest = subsets(xs[1:])
    return rest + [[xs[0]] + s for s in rest]


# case: recursive_sum
def recursive_sum(xs: list[int]) -> int:
    return 0 if len(xs) == 0 else xs[0] + recursive_sum(xs[1:])


# case: recursive_reverse
def recursive_reverse(text: str) -> str:
    if len(text) <= 1:
        return text
    return recursive_reverse(text[1:]) + text[0]


# case: mutual_parity
def is_even_number(n: int) -> bool:
    return True if n == 0 else is_odd_number(n - 1)


def is_odd_number(n: int) -> bool:
    return False if n == 0 else is_even_number(n - 1)


def mutual_parity(n: int) -> bool:
    return is_even_number(abs(n) % 40)


# case: binomial
def binomial(n: int, k: int) -> int:
    if k < 0 or k > n or n > 14:
        return 0
    if k == 0 or k == n:
        return 1
    return binomial(n - 1, k - 1) + binomial(n - 1, k)
