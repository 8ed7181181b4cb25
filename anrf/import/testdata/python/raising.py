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
