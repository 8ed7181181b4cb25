# case: letter_counts
def letter_counts(text: str) -> dict[str, int]:
    counts = {}
    for c in text:
        counts[c] = counts.get(c, 0) + 1
    return counts


# case: invert
def invert(table: dict[str, int]) -> dict[int, str]:
    out = {}
    for key in sorted(table):
        out[table[key]] = key
    return out


# case: group_by_length
def group_by_length(words: list[str]) -> dict[int, list[str]]:
    groups: dict[int, list[str]] = {}
    for word in words:
        groups.setdefault(len(word), []).append(word)
    return groups


# case: group_by_first
from collections import defaultdict

def group_by_first(words: list[str]) -> dict[str, list[str]]:
    groups = defaultdict(list)
    for word in words:
        if word:
            groups[word[0]].append(word)
    return dict(groups)


# case: tally_with_default
from collections import defaultdict

def tally_with_default(xs: list[int]) -> dict[int, int]:
    tally = defaultdict(int)
    for x in xs:
        tally[x % 3] += x
    return tally


# case: most_common_letter
from collections import Counter

def most_common_letter(text: str) -> int:
    counts = Counter(text)
    if not counts:
        return 0
    return max(counts.values())


# case: same_letters
from collections import Counter

def same_letters(a: str, b: str) -> bool:
    return Counter(a) == Counter(b)


# case: counter_lookup
from collections import Counter

def counter_lookup(xs: list[int], wanted: int) -> int:
    counts = Counter(xs)
    return counts[wanted] + counts.get(wanted, 7)


# case: merge_maps
def merge_maps(a: dict[str, int], b: dict[str, int]) -> dict[str, int]:
    merged = dict(a)
    for key, value in b.items():
        if key in merged:
            merged[key] += value
        else:
            merged[key] = value
    return merged


# case: total_of_values
def total_of_values(table: dict[str, int]) -> int:
    return sum(table.values())


# case: keys_above
def keys_above(table: dict[str, int], limit: int) -> list[str]:
    return sorted(key for key, value in table.items() if value > limit)


# case: square_map
def square_map(n: int) -> dict[int, int]:
    return {i: i * i for i in range(n)}


# case: lookup_or_default
def lookup_or_default(table: dict[str, int], key: str) -> int:
    if key in table:
        return table[key]
    return -1


# case: lookup_or_raise
def lookup_or_raise(table: dict[str, int], key: str) -> int:
    return table[key]


# case: drop_key
def drop_key(table: dict[str, int]) -> dict[str, int]:
    rest = table.copy()
    rest.pop("a", None)
    return rest


# case: update_map
def update_map(a: dict[int, int], b: dict[int, int]) -> dict[int, int]:
    out = dict(a)
    out.update(b)
    return out


# case: count_pairs
def count_pairs(pairs: list[tuple[int, int]]) -> dict[tuple[int, int], int]:
    counts: dict[tuple[int, int], int] = {}
    for a, b in pairs:
        key = (min(a, b), max(a, b))
        counts[key] = counts.get(key, 0) + 1
    return counts


# case: two_sum
def two_sum(xs: list[int], target: int) -> list[int]:
    seen: dict[int, int] = {}
    for i, x in enumerate(xs):
        if target - x in seen:
            return [seen[target - x], i]
        seen[x] = i
    return []


# case: roman
def roman(text: str) -> int:
    values = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
    total = 0
    for i in range(len(text)):
        value = values.get(text[i], 0)
        if i + 1 < len(text) and value < values.get(text[i + 1], 0):
            total -= value
        else:
            total += value
    return total


# case: map_of_maps
def map_of_maps(rows: list[tuple[str, str, int]]) -> dict[str, dict[str, int]]:
    out: dict[str, dict[str, int]] = {}
    for a, b, n in rows:
        if a not in out:
            out[a] = {}
        out[a][b] = n
    return out


# case: best_score
def best_score(scores: dict[str, int]) -> int:
    best = 0
    for name in scores:
        best = max(best, scores[name])
    return best


# case: zip_to_map
def zip_to_map(keys: list[str], values: list[int]) -> dict[str, int]:
    return dict(zip(keys, values))


# case: size_of_map
def size_of_map(table: dict[int, str]) -> int:
    return len(table) * 10 + (1 if table else 0)


# case: ordered_items
from collections import OrderedDict

def ordered_items(xs: list[int]) -> int:
    seen = OrderedDict()
    for x in xs:
        seen[x] = True
    return len(seen)


# case: sorted_items
def sorted_items(table: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(table.items())


# case: delete_entry
def delete_entry(table: dict[str, int], key: str) -> dict[str, int]:
    rest = dict(table)
    if key in rest:
        del rest[key]
    return rest


# case: majority
from collections import Counter

def majority(xs: list[int]) -> int:
    counts = Counter(xs)
    for value in sorted(counts):
        if counts[value] * 2 > len(xs):
            return value
    return -1
