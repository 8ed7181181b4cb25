# case: coin_ways
def coin_ways(amount: int, coins: list[int]) -> int:
    if amount < 0 or amount > 60:
        return 0
    ways = [0] * (amount + 1)
    ways[0] = 1
    for coin in coins:
        if coin <= 0:
            continue
        for total in range(coin, amount + 1):
            ways[total] += ways[total - coin]
    return ways[amount]


# case: fewest_coins
def fewest_coins(amount: int, coins: list[int]) -> int:
    if amount < 0 or amount > 60:
        return -1
    unreachable = amount + 1
    best = [unreachable] * (amount + 1)
    best[0] = 0
    for total in range(1, amount + 1):
        for coin in coins:
            if 0 < coin <= total:
                best[total] = min(best[total], best[total - coin] + 1)
    return best[amount] if best[amount] != unreachable else -1


# case: edit_distance
def edit_distance(a: str, b: str) -> int:
    n, m = len(a), len(b)
    table = [[0] * (m + 1) for _ in range(n + 1)]
    for i in range(n + 1):
        table[i][0] = i
    for j in range(m + 1):
        table[0][j] = j
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            if a[i - 1] == b[j - 1]:
                table[i][j] = table[i - 1][j - 1]
            else:
                table[i][j] = 1 + min(table[i - 1][j], table[i][j - 1], table[i - 1][j - 1])
    return table[n][m]


# case: common_subsequence
def common_subsequence(a: str, b: str) -> int:
    previous = [0] * (len(b) + 1)
    for x in a:
        current = [0]
        for j, y in enumerate(b):
            if x == y:
                current.append(previous[j] + 1)
            else:
                current.append(max(previous[j + 1], current[j]))
        previous = current
    return previous[-1]


# case: best_subarray
def best_subarray(xs: list[int]) -> int:
    best = xs[0]
    running = xs[0]
    for x in xs[1:]:
        running = max(x, running + x)
        best = max(best, running)
    return best


# case: stairs
def stairs(n: int) -> int:
    if n <= 1:
        return 1
    ways = [1, 1]
    for i in range(2, n + 1):
        ways.append(ways[i - 1] + ways[i - 2])
    return ways[n]


# case: longest_increasing
def longest_increasing(xs: list[int]) -> int:
    if not xs:
        return 0
    lengths = [1] * len(xs)
    for i in range(len(xs)):
        for j in range(i):
            if xs[j] < xs[i]:
                lengths[i] = max(lengths[i], lengths[j] + 1)
    return max(lengths)


# case: sieve
def sieve(n: int) -> list[int]:
    if n < 2 or n > 300:
        return []
    prime = [True] * (n + 1)
    prime[0] = prime[1] = False
    p = 2
    while p * p <= n:
        if prime[p]:
            for k in range(p * p, n + 1, p):
                prime[k] = False
        p += 1
    return [i for i in range(n + 1) if prime[i]]


# case: grid_paths
def grid_paths(rows: int, cols: int) -> int:
    if rows <= 0 or cols <= 0 or rows > 12 or cols > 12:
        return 0
    paths = [[1] * cols for _ in range(rows)]
    for r in range(1, rows):
        for c in range(1, cols):
            paths[r][c] = paths[r - 1][c] + paths[r][c - 1]
    return paths[-1][-1]


# case: house_robber
def house_robber(values: list[int]) -> int:
    take, skip = 0, 0
    for value in values:
        take, skip = skip + value, max(take, skip)
    return max(take, skip)


# case: knapsack
def knapsack(weights: list[int], values: list[int], capacity: int) -> int:
    if capacity < 0 or capacity > 40:
        return 0
    best = [0] * (capacity + 1)
    for weight, value in zip(weights, values):
        if weight <= 0:
            continue
        for c in range(capacity, weight - 1, -1):
            best[c] = max(best[c], best[c - weight] + value)
    return best[capacity]
