# case: alias_then_write
def alias_then_write(xs: list[int]) -> list[int]:
    ys = [1, 2, 3]
    zs = ys
    zs.append(len(xs))
    return ys


# case: writes_outer
def writes_outer(n: int) -> int:
    count = 0

    def bump() -> None:
        nonlocal count
        count += 1

    for _ in range(n % 5):
        bump()
    return count


# case: grown_in_loop
def grown_in_loop(xs: list[int]) -> list[int]:
    ys = list(xs)
    for y in ys:
        if len(ys) < 10:
            ys.append(y)
    return ys


# case: helper_mutates
def fill(xs: list[int]) -> None:
    xs.append(7)


def helper_mutates(n: int) -> list[int]:
    ys = [n]
    fill(ys)
    return ys


# case: alias_by_row
def alias_by_row(n: int) -> list[list[int]]:
    grid = [[1, 2], [3, 4]]
    first = grid[0]
    first.append(n)
    return grid


# case: two_names_one_list
def two_names_one_list(xs: list[int]) -> list[int]:
    ys = list(xs)
    zs = ys
    zs.append(1)
    ys.append(2)
    return zs


# case: rows_are_shared
def rows_are_shared(n: int) -> int:
    row = [n]
    rows = [row[:], row[:]]
    rows[0].append(1)
    return len(rows[1]) + len(row)


# case: list_kept_then_replaced
def list_kept_then_replaced(xs: list[int]) -> list[list[int]]:
    seen = []
    current: list[int] = []
    for x in xs:
        current = current + [x]
        seen.append(current)
    return seen


# case: copied_grid
def copied_grid(rows: list[list[int]]) -> list[list[int]]:
    copy = [row[:] for row in rows]
    for row in copy:
        row.append(0)
    return copy


# case: swapped_lists
def swapped_lists(a: list[int], b: list[int]) -> list[int]:
    a, b = b, a
    a.append(7)
    return a + b


# case: parameter_changed
def parameter_changed(xs: list[int]) -> list[int]:
    xs.append(5)
    xs.sort()
    return xs


# case: nested_map_of_lists
def nested_map_of_lists(words: list[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for i, word in enumerate(words):
        if word not in places:
            places[word] = []
        places[word].append(i)
        places[word][0] += 0
    return places


# case: row_by_condition
def row_by_condition(n: int) -> list[list[int]]:
    rows = [[1], [2]]
    same = [row if n > 0 else row for row in rows]
    same[0].append(n)
    return rows


# case: rows_by_map
def rows_by_map(n: int) -> list[list[int]]:
    rows = [[1], [2]]
    same = list(map(lambda r: r, rows))
    same[0].append(n)
    return rows


# case: rows_by_filter
def rows_by_filter(n: int) -> list[list[int]]:
    rows = [[1], [2, 3]]
    long = [row for row in rows if len(row) > 1]
    long[0].append(n)
    return rows


# case: rows_sorted
def rows_sorted(n: int) -> list[list[int]]:
    rows = [[2], [1]]
    ordered = sorted(rows)
    ordered[0].append(n)
    return rows


# case: row_found
def row_found(n: int) -> list[list[int]]:
    rows = [[2], [1]]
    found = max(rows)
    found.append(n)
    return rows


# case: rows_zipped
def rows_zipped(n: int) -> list[list[int]]:
    rows = [[2], [1]]
    for i, row in enumerate(rows):
        row.append(i + n)
    return rows


# case: rows_reversed
def rows_reversed(n: int) -> list[list[int]]:
    rows = [[2], [1]]
    for row in reversed(rows):
        row.append(n)
        break
    return rows


# case: row_in_tuple
def row_in_tuple(n: int) -> int:
    items = [n]
    pair = (items, 1)
    items.append(2)
    return len(pair[0]) + pair[1]


# case: row_in_map
def row_in_map(n: int) -> dict[str, list[int]]:
    table = {"a": [1], "b": [2]}
    for row in table.values():
        row.append(n)
    return table


# case: row_by_get
def row_by_get(n: int) -> dict[str, list[int]]:
    table = {"a": [1], "b": [2]}
    row = table.get("a", [])
    row.append(n)
    return table


# case: row_by_or
def row_by_or(n: int) -> list[int]:
    first = [1]
    second = first or [2]
    second.append(n)
    return first


# case: row_by_choice
def row_by_choice(n: int) -> list[int]:
    a = [1]
    b = [2]
    c = a if n > 3 else b
    c.append(n)
    return a + b


# case: helper_returns_parameter
def same_list(xs: list[int]) -> list[int]:
    return xs


def helper_returns_parameter(n: int) -> list[int]:
    a = [1]
    b = same_list(a)
    b.append(n)
    return a


# case: helper_holds_parameter
def wrapped_list(xs: list[int]) -> list[list[int]]:
    return [xs]


def helper_holds_parameter(n: int) -> list[int]:
    a = [1]
    b = wrapped_list(a)
    b[0].append(n)
    return a


# case: slice_is_a_copy
def slice_is_a_copy(xs: list[int]) -> list[int]:
    ys = xs[:]
    ys.append(1)
    zs = xs + []
    zs.append(2)
    return xs


# case: augmented_alias
def augmented_alias(n: int) -> list[int]:
    a = [1]
    b = a
    b += [n]
    return a


# case: rebound_alias
def rebound_alias(n: int) -> list[int]:
    a = [1]
    b = a
    b = b + [n]
    return a


# case: swapped_rows
def swapped_rows(n: int) -> list[list[int]]:
    rows = [[1], [2]]
    rows[0], rows[1] = rows[1], rows[0]
    rows[0].append(n)
    return rows


# case: row_assigned_twice
def row_assigned_twice(n: int) -> list[list[int]]:
    rows = [[1], [2]]
    rows[1] = rows[0]
    rows[1].append(n)
    return rows


# case: default_of_helper
def pushed(x: int, xs: list[int]) -> list[int]:
    xs.append(x)
    return xs


def default_of_helper(n: int) -> int:
    xs = [1, 2]
    ys = pushed(n, xs)
    ys.append(4)
    return len(xs) * 10 + len(ys)


# case: popped_and_changed
def popped_and_changed(n: int) -> int:
    rows = [[1], [2]]
    kept = rows
    row = rows.pop()
    row.append(n)
    return len(kept) * 10 + len(row)


# case: grid_by_multiplication
def grid_by_multiplication(n: int) -> int:
    grid = [[0] * 2] * 3
    return len(grid) + len(grid[0]) + n
