# case: find_or_none
from typing import Optional

def find_or_none(xs: list[int], limit: int) -> Optional[int]:
    for x in xs:
        if x > limit:
            return x
    return None


# case: longest_or_none
from typing import List, Optional

def longest_or_none(words: List[str]) -> Optional[str]:
    if not words:
        return None
    best = words[0]
    for word in words:
        if len(word) > len(best):
            best = word
    return best


# case: falls_off_the_end
from typing import Optional

def falls_off_the_end(xs: list[int]) -> Optional[int]:
    if len(xs) > 2:
        return xs[2]


# case: or_default
from typing import Optional

def or_default(value: Optional[int], other: int) -> int:
    if value is None:
        return other
    return value + 1


# case: union_none
def union_none(text: str) -> int | None:
    return len(text) if text else None


# case: last_seen
from typing import Optional

def last_seen(xs: list[int]) -> int:
    last: Optional[int] = None
    gaps = 0
    for x in xs:
        if last is not None and x != last:
            gaps += 1
        last = x
    return gaps


# case: smallest_gap
from typing import List, Optional

def smallest_gap(xs: List[int]) -> Optional[int]:
    best: Optional[int] = None
    ordered = sorted(xs)
    for a, b in zip(ordered, ordered[1:]):
        gap = b - a
        if best is None or gap < best:
            best = gap
    return best


# case: pair_of_optionals
from typing import List, Optional, Tuple

def pair_of_optionals(xs: List[int]) -> Tuple[Optional[int], Optional[int]]:
    negative = [x for x in xs if x < 0]
    positive = [x for x in xs if x > 0]
    return (max(negative) if negative else None, min(positive) if positive else None)
