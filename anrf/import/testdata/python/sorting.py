# case: by_length
def by_length(words: list[str]) -> list[str]:
    return sorted(words, key=len)


# case: by_length_then_text
def by_length_then_text(words: list[str]) -> list[str]:
    return sorted(words, key=lambda w: (len(w), w))


# case: by_last_digit_descending
def by_last_digit_descending(xs: list[int]) -> list[int]:
    return sorted(xs, key=lambda x: abs(x) % 10, reverse=True)


# case: sort_in_place
def sort_in_place(xs: list[int]) -> list[int]:
    ys = list(xs)
    ys.sort()
    return ys


# case: sort_pairs
def sort_pairs(pairs: list[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(pairs, key=lambda p: (-p[1], p[0]))


# case: sort_reversed_stable
def sort_reversed_stable(pairs: list[tuple[int, str]]) -> list[str]:
    ordered = sorted(pairs, key=lambda pair: pair[0], reverse=True)
    return [name for _, name in ordered]


# case: bubble_sort
def bubble_sort(xs: list[int]) -> list[int]:
    items = xs[:]
    n = len(items)
    for i in range(n):
        swapped = False
        for j in range(0, n - i - 1):
            if items[j] > items[j + 1]:
                items[j], items[j + 1] = items[j + 1], items[j]
                swapped = True
        if not swapped:
            break
    return items


# case: insertion_sort
def insertion_sort(xs: list[int]) -> list[int]:
    items = list(xs)
    for i in range(1, len(items)):
        key = items[i]
        j = i - 1
        while j >= 0 and items[j] > key:
            items[j + 1] = items[j]
            j -= 1
        items[j + 1] = key
    return items


# case: merge_sorted
def merge_sorted(a: list[int], b: list[int]) -> list[int]:
    a, b = sorted(a), sorted(b)
    i, j = 0, 0
    merged = []
    while i < len(a) and j < len(b):
        if a[i] <= b[j]:
            merged.append(a[i])
            i += 1
        else:
            merged.append(b[j])
            j += 1
    return merged + a[i:] + b[j:]


# case: quick_sort
def quick_sort(xs: list[int]) -> list[int]:
    if len(xs) <= 1:
        return xs
    pivot = xs[0]
    lower = [x for x in xs[1:] if x < pivot]
    upper = [x for x in xs[1:] if x >= pivot]
    return quick_sort(lower) + [pivot] + quick_sort(upper)


# case: rank_of_each
def rank_of_each(xs: list[int]) -> list[int]:
    ordered = sorted(set(xs))
    rank = {value: place + 1 for place, value in enumerate(ordered)}
    return [rank[x] for x in xs]


# case: smallest_by_key
def smallest_by_key(words: list[str]) -> str:
    return min(words, key=lambda w: (w.count("a"), w), default="none")


# case: counting_sort
def counting_sort(xs: list[int]) -> list[int]:
    counts = [0] * 20
    for x in xs:
        if 0 <= x < 20:
            counts[x] += 1
    out = []
    for value, count in enumerate(counts):
        out.extend([value] * count)
    return out
