# case: accumulated
from itertools import accumulate

def accumulated(xs: list[int]) -> list[int]:
    return list(accumulate(xs))


# case: highest_so_far
from itertools import accumulate

def highest_so_far(xs: list[int]) -> list[int]:
    return list(accumulate(xs, max))


# case: chained
from itertools import chain

def chained(rows: list[list[int]]) -> list[int]:
    return list(chain.from_iterable(rows)) + list(chain([1], [2, 3]))


# case: pairs_of
from itertools import combinations

def pairs_of(xs: list[int]) -> int:
    return sum(1 for a, b in combinations(xs, 2) if a < b)


# case: products_of
from itertools import product

def products_of(a: list[int], b: list[int]) -> list[int]:
    return [x * y for x, y in product(a, b)]


# case: grouped_runs
from itertools import groupby

def grouped_runs(text: str) -> list[tuple[str, int]]:
    return [(key, len(list(group))) for key, group in groupby(text)]


# case: taken_while
from itertools import takewhile, dropwhile

def taken_while(xs: list[int]) -> list[int]:
    return list(takewhile(lambda x: x > 0, xs)) + [0] + list(dropwhile(lambda x: x > 0, xs))


# case: permutation_count
from itertools import permutations

def permutation_count(xs: list[int]) -> int:
    return len(list(permutations(xs[:4])))


# case: longest_zip
from itertools import zip_longest

def longest_zip(a: list[int], b: list[int]) -> list[int]:
    return [x + y for x, y in zip_longest(a, b, fillvalue=0)]


# case: sliced_count
from itertools import islice

def sliced_count(xs: list[int]) -> list[int]:
    return list(islice(xs, 2, 5))


# case: largest_three
import heapq

def largest_three(xs: list[int]) -> list[int]:
    return heapq.nlargest(3, xs)


# case: smallest_by_distance
import heapq

def smallest_by_distance(xs: list[int], k: int) -> list[int]:
    return heapq.nsmallest(2, xs, key=lambda x: abs(x - k))


# case: heap_sorted
import heapq

def heap_sorted(xs: list[int]) -> list[int]:
    heap: list[int] = []
    for x in xs:
        heapq.heappush(heap, x)
    return [heapq.heappop(heap) for _ in range(len(heap))]


# case: join_ropes
import heapq

def join_ropes(lengths: list[int]) -> int:
    heap = list(lengths)
    heapq.heapify(heap)
    cost = 0
    while len(heap) > 1:
        a = heapq.heappop(heap)
        b = heapq.heappop(heap)
        cost += a + b
        heapq.heappush(heap, a + b)
    return cost


# case: insertion_place
import bisect

def insertion_place(xs: list[int], value: int) -> tuple[int, int]:
    ordered = sorted(xs)
    return bisect.bisect_left(ordered, value), bisect.bisect_right(ordered, value)


# case: insert_in_order
from bisect import insort

def insert_in_order(xs: list[int]) -> list[int]:
    ordered: list[int] = []
    for x in xs:
        insort(ordered, x)
    return ordered


# case: queue_rounds
from collections import deque

def queue_rounds(n: int, k: int) -> int:
    if n <= 0 or n > 40 or k <= 0:
        return -1
    queue = deque(range(1, n + 1))
    while len(queue) > 1:
        for _ in range(k % 5):
            queue.append(queue.popleft())
        queue.popleft()
    return queue[0]


# case: breadth_first
from collections import deque

def breadth_first(edges: list[tuple[int, int]], start: int) -> list[int]:
    neighbours: dict[int, list[int]] = {}
    for a, b in edges:
        neighbours.setdefault(a, []).append(b)
        neighbours.setdefault(b, []).append(a)
    seen = {start}
    order = []
    queue = deque([start])
    while queue:
        node = queue.popleft()
        order.append(node)
        for other in neighbours.get(node, []):
            if other not in seen:
                seen.add(other)
                queue.append(other)
    return order


# case: repeated_values
from itertools import repeat, count

def repeated_values(n: int) -> list[int]:
    return [a * b for a, b in zip(repeat(3, 4), count(n))]
