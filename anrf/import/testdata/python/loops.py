# case: first_missing
def first_missing(xs: list[int]) -> int:
    n = 1
    while True:
        if n not in xs:
            return n
        n += 1


# case: search_with_else
def search_with_else(xs: list[int], wanted: int) -> str:
    for i, x in enumerate(xs):
        if x == wanted:
            place = i
            break
    else:
        return "absent"
    return "at " + str(place)


# case: sum_until_negative
def sum_until_negative(xs: list[int]) -> int:
    total = 0
    for x in xs:
        if x < 0:
            break
        total += x
    return total


# case: skip_odd
def skip_odd(xs: list[int]) -> list[int]:
    kept = []
    for x in xs:
        if x % 2:
            continue
        kept.append(x * x)
    return kept


# case: nested_break
def nested_break(rows: list[list[int]]) -> int:
    count = 0
    for row in rows:
        for x in row:
            if x == 0:
                break
            count += 1
        else:
            count += 100
    return count


# case: countdown
def countdown(n: int) -> list[int]:
    out = []
    for i in range(n, 0, -2):
        out.append(i)
    return out


# case: while_with_flag
def while_with_flag(xs: list[int]) -> int:
    i = 0
    found = False
    while i < len(xs) and not found:
        if xs[i] > 5:
            found = True
        else:
            i += 1
    return i if found else -1


# case: two_pointers
def two_pointers(xs: list[int], target: int) -> tuple[int, int]:
    xs = sorted(xs)
    left, right = 0, len(xs) - 1
    while left < right:
        total = xs[left] + xs[right]
        if total == target:
            return left, right
        if total < target:
            left += 1
        else:
            right -= 1
    return -1, -1


# case: binary_search
def binary_search(xs: list[int], wanted: int) -> int:
    low, high = 0, len(xs) - 1
    while low <= high:
        middle = (low + high) // 2
        if xs[middle] == wanted:
            return middle
        elif xs[middle] < wanted:
            low = middle + 1
        else:
            high = middle - 1
    return -1


# case: early_return_nested
def early_return_nested(rows: list[list[int]], wanted: int) -> list[int]:
    for r, row in enumerate(rows):
        for c, x in enumerate(row):
            if x == wanted:
                return [r, c]
    return []


# case: last_of_loop
def last_of_loop(xs: list[int]) -> int:
    last = -1
    for x in xs:
        last = x
    return last


# case: enumerate_from_one
def enumerate_from_one(words: list[str]) -> list[str]:
    return [f"{i}. {w}" for i, w in enumerate(words, 1)]


# case: enumerate_start_keyword
def enumerate_start_keyword(words: list[str]) -> int:
    total = 0
    for i, w in enumerate(words, start=10):
        total += i * len(w)
    return total


# case: loop_over_string_pairs
def loop_over_string_pairs(text: str) -> int:
    count = 0
    for a, b in zip(text, text[1:]):
        if a == b:
            count += 1
    return count


# case: fibonacci_up_to
def fibonacci_up_to(limit: int) -> list[int]:
    out = []
    a, b = 0, 1
    while a <= limit:
        out.append(a)
        a, b = b, a + b
    return out


# case: shrinking_list
def shrinking_list(xs: list[int]) -> int:
    rest = list(xs)
    rounds = 0
    while rest:
        smallest = min(rest)
        rest = [x - 1 for x in rest if x != smallest]
        rounds += 1
    return rounds


# case: stack_machine
def stack_machine(words: list[str]) -> int:
    stack: list[int] = []
    for word in words:
        if word == "+":
            b = stack.pop()
            a = stack.pop()
            stack.append(a + b)
        elif word == "*":
            b = stack.pop()
            a = stack.pop()
            stack.append(a * b)
        else:
            stack.append(len(word))
    return stack[-1]


# case: while_continue
def while_continue(n: int) -> int:
    total = 0
    i = 0
    while i < n:
        i += 1
        if i % 3 == 0:
            continue
        total += i
    return total


# case: pass_branch
def pass_branch(xs: list[int]) -> int:
    total = 0
    for x in xs:
        if x < 0:
            pass
        else:
            total += x
    return total


# case: while_else
def while_else(n: int) -> str:
    while n > 3:
        if n % 7 == 0:
            break
        n -= 1
    else:
        return "small"
    return "seven"


# case: water_levels
def water_levels(heights: list[int]) -> int:
    if not heights:
        return 0
    left, right = 0, len(heights) - 1
    left_max = right_max = 0
    water = 0
    while left < right:
        if heights[left] < heights[right]:
            if heights[left] >= left_max:
                left_max = heights[left]
            else:
                water += left_max - heights[left]
            left += 1
        else:
            if heights[right] >= right_max:
                right_max = heights[right]
            else:
                water += right_max - heights[right]
            right -= 1
    return water
