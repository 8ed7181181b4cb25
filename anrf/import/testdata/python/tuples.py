# case: swap_pair
def swap_pair(pair: tuple[int, str]) -> tuple[str, int]:
    a, b = pair
    return b, a


# case: tuple_to_list
def tuple_to_list(values: tuple[int, ...]) -> list[int]:
    return [v + 1 for v in values]


# case: total_price
def total_price(items: list[tuple[str, int, float]]) -> float:
    total = 0.0
    for _, count, price in items:
        total += count * price
    return total


# case: nested_unpacking
def nested_unpacking(rows: list[tuple[int, tuple[int, int]]]) -> int:
    total = 0
    for a, (b, c) in rows:
        total += a * b - c
    return total


# case: compare_tuples
def compare_tuples(a: tuple[int, int], b: tuple[int, int]) -> int:
    if a == b:
        return 0
    return 1 if a > b else -1


# case: overlap
def overlap(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    return max(a[0], b[0]), min(a[1], b[1])


# case: merge_intervals
def merge_intervals(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            last_start, last_end = merged.pop()
            merged.append((last_start, max(last_end, end)))
        else:
            merged.append((start, end))
    return merged


# case: largest_of_tuple
def largest_of_tuple(values: tuple[int, int, int]) -> int:
    return max(values) + len(values)


# case: min_max_sum
def min_max_sum(xs: list[int]) -> tuple[int, int, int]:
    low = high = xs[0]
    total = 0
    for x in xs:
        low = min(low, x)
        high = max(high, x)
        total += x
    return low, high, total


# case: membership_of_tuples
def membership_of_tuples(points: list[tuple[int, int]], x: int, y: int) -> bool:
    return (x, y) in points
