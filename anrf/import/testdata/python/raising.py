# case: positive_root
def positive_root(n: int) -> int:
    if n < 0:
        raise ValueError("negative: " + str(n))
    root = 0
    while (root + 1) * (root + 1) <= n:
        root += 1
    return root


# case: checked_division
def checked_division(a: int, b: int) -> int:
    if b == 0:
        raise ZeroDivisionError("no division by zero")
    return a // b


# case: parse_strict
def parse_strict(text: str) -> int:
    return int(text)


# case: first_item
def first_item(xs: list[int]) -> int:
    if not xs:
        raise IndexError("empty list")
    return xs[0]


# case: asserted
def asserted(n: int) -> int:
    assert n > 0, "must be positive"
    return n - 1


# case: raise_in_loop
def raise_in_loop(xs: list[int]) -> int:
    total = 0
    for x in xs:
        if x > 100:
            raise ValueError(f"too large: {x}")
        total += x
    return total


# case: index_of_absent
def index_of_absent(xs: list[int], x: int) -> int:
    return xs.index(x)


# case: remove_absent
def remove_absent(xs: list[int], x: int) -> list[int]:
    ys = list(xs)
    ys.remove(x)
    return ys


# case: pop_empty
def pop_empty(xs: list[int], n: int) -> list[int]:
    ys = list(xs)
    for _ in range(n):
        ys.pop()
    return ys


# case: wrong_write
def wrong_write(xs: list[int], i: int) -> list[int]:
    ys = list(xs)
    ys[i] = 99
    return ys


# case: empty_maximum
def empty_maximum(xs: list[int]) -> int:
    return max(xs)


# case: order_of_failures
def order_of_failures(xs: list[int], d: int) -> int:
    return xs[0] // d


# case: unused_failure
def unused_failure(xs: list[int], n: int) -> int:
    wasted = xs[n]
    return n


# case: caught_value_error
def caught_value_error(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return -1


# case: raise_before_change
def raise_before_change(x: int, s: str) -> int:
    if s == "a":
        if x < 0:
            raise ValueError("no")
        x = x + 1
    return x


# case: raise_before_change_in_loop
def raise_before_change_in_loop(xs: list[int], limit: int) -> list[int]:
    seen = []
    total = 0
    for x in xs:
        if x > 1:
            if x > limit:
                raise ValueError("too large")
            elif x == limit:
                total = 0
            total += x
            seen.append(total)
        else:
            total -= 1
    return seen + [total]


# case: trigonometry_rounded
def trigonometry_rounded(x: float, y: float) -> list[float]:
    import math

    values = [math.sin(x), math.cos(x), math.atan2(y, x), math.hypot(x, y), math.log10(abs(x) + 1)]
    return [round(v, 6) for v in values] + [math.log10(1000), math.log2(8)]
