# case: running_totals
def running_totals(xs: list[int]) -> list[int]:
    totals = []
    total = 0
    for x in xs:
        total += x
        totals.append(total)
    return totals


# case: pairs_with_sum
def pairs_with_sum(xs: list[int], target: int) -> list[tuple[int, int]]:
    found = []
    for i, a in enumerate(xs):
        for b in xs[i + 1 :]:
            if a + b == target:
                found.append((a, b))
    return found


# case: without_duplicates
def without_duplicates(xs: list[int]) -> list[int]:
    out: list[int] = []
    for x in xs:
        if x not in out:
            out.append(x)
    return out


# case: rotate
def rotate(xs: list[int], k: int) -> list[int]:
    if not xs:
        return []
    k %= len(xs)
    return xs[k:] + xs[:k]


# case: flatten
def flatten(rows: list[list[int]]) -> list[int]:
    return [x for row in rows for x in row]


# case: chunks
def chunks(xs: list[int], size: int) -> list[list[int]]:
    return [xs[i : i + size] for i in range(0, len(xs), size)]


# case: interleave
def interleave(a: list[int], b: list[int]) -> list[int]:
    out = []
    for x, y in zip(a, b):
        out.append(x)
        out.append(y)
    shared = min(len(a), len(b))
    out.extend(a[shared:])
    out += b[shared:]
    return out


# case: second_largest
def second_largest(xs: list[int]) -> int:
    best = sorted(set(xs), reverse=True)
    if len(best) < 2:
        return -1
    return best[1]


# case: index_of_max
def index_of_max(xs: list[int]) -> int:
    return xs.index(max(xs))


# case: last_three
def last_three(xs: list[int]) -> list[int]:
    return xs[-3:]


# case: ends_swapped
def ends_swapped(xs: list[int]) -> list[int]:
    out = xs[:]
    if len(out) > 1:
        out[0], out[-1] = out[-1], out[0]
    return out


# case: moving_average
def moving_average(xs: list[float], width: int) -> list[float]:
    if width <= 0:
        return []
    return [sum(xs[i : i + width]) / width for i in range(len(xs) - width + 1)]


# case: is_sorted
def is_sorted(xs: list[int]) -> bool:
    return all(a <= b for a, b in zip(xs, xs[1:]))


# case: longest_rise
def longest_rise(xs: list[int]) -> int:
    best = 0
    current = 0
    previous = 0
    for i, x in enumerate(xs):
        if i > 0 and x > previous:
            current += 1
        else:
            current = 1
        best = max(best, current)
        previous = x
    return best


# case: insert_sorted
def insert_sorted(xs: list[int], value: int) -> list[int]:
    out = sorted(xs)
    place = 0
    while place < len(out) and out[place] < value:
        place += 1
    out.insert(place, value)
    return out


# case: remove_value
def remove_value(xs: list[int], value: int) -> list[int]:
    copy = list(xs)
    while value in copy:
        copy.remove(value)
    return copy


# case: pop_both_ends
def pop_both_ends(xs: list[int]) -> int:
    rest = xs.copy()
    last = rest.pop()
    first = rest.pop(0)
    return first * 10 + last + len(rest)


# case: reverse_in_place
def reverse_in_place(xs: list[int]) -> list[int]:
    ys = list(xs)
    ys.reverse()
    return ys


# case: partition_even
def partition_even(xs: list[int]) -> tuple[list[int], list[int]]:
    even = [x for x in xs if x % 2 == 0]
    odd = [x for x in xs if x % 2 != 0]
    return even, odd


# case: count_value
def count_value(xs: list[str], value: str) -> int:
    return xs.count(value)


# case: stepped_slices
def stepped_slices(xs: list[int]) -> list[list[int]]:
    return [xs[::2], xs[1::3], xs[::-1], xs[-1:0:-2], xs[5:1:-1]]


# case: slice_anywhere
def slice_anywhere(xs: list[int], a: int, b: int) -> list[int]:
    return xs[a:b]


# case: item_at
def item_at(xs: list[int], i: int) -> int:
    return xs[i]


# case: mirrored
def mirrored(xs: list[int]) -> list[int]:
    return xs + xs[::-1]


# case: zeros_to_end
def zeros_to_end(xs: list[int]) -> list[int]:
    kept = [x for x in xs if x != 0]
    return kept + [0] * (len(xs) - len(kept))


# case: max_product_pair
def max_product_pair(xs: list[int]) -> int:
    best = None
    for i in range(len(xs)):
        for j in range(i + 1, len(xs)):
            product = xs[i] * xs[j]
            if best is None or product > best:
                best = product
    return best if best is not None else 0


# case: leaders
def leaders(xs: list[int]) -> list[int]:
    out = []
    for i in range(len(xs) - 1, -1, -1):
        if not out or xs[i] > out[-1]:
            out.append(xs[i])
    return list(reversed(out))


# case: equal_lists
def equal_lists(a: list[int], b: list[int]) -> bool:
    return a == b or a > b


# case: three_way_zip
def three_way_zip(a: list[int], b: list[int], c: list[str]) -> list[str]:
    return [z * 1 + str(x + y) for x, y, z in zip(a, b, c)]


# case: reset_list
def reset_list(xs: list[int]) -> list[list[int]]:
    groups = []
    current = []
    for x in xs:
        if x == 0:
            if current:
                groups.append(current)
            current = []
        else:
            current.append(x)
    if current:
        groups.append(current)
    return groups


# case: clear_and_fill
def clear_and_fill(xs: list[int]) -> list[int]:
    window: list[int] = []
    for x in xs:
        if len(window) == 3:
            window.clear()
        window.append(x)
    return window


# case: delete_item
def delete_item(xs: list[int]) -> list[int]:
    out = list(xs)
    if len(out) > 2:
        del out[1]
    return out
