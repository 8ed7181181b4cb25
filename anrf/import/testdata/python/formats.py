# case: greet
def greet(name: str, age: int) -> str:
    return f"{name} is {age} years old"


# case: format_method
def format_method(a: int, b: str) -> str:
    return "{}-{}".format(a, b)


# case: format_indexed
def format_indexed(a: str, b: str) -> str:
    return "{1}/{0}".format(a, b)


# case: percent_format
def percent_format(name: str, n: int) -> str:
    return "%s: %d" % (name, n)


# case: padded_number
def padded_number(n: int) -> str:
    return f"[{n:5d}] [{n:<5}] [{n:>6}] [{n:^7}]"


# case: padded_text
def padded_text(s: str) -> str:
    return f"<{s:>8}> <{s:<8}> <{s:^8}>"


# case: thousands
def thousands(n: int) -> str:
    return f"{n:,}"


# case: number_bases
def number_bases(n: int) -> str:
    return f"{n:b} {n:x} {n:o}"


# case: percent_share
def percent_share(part: int, whole: int) -> str:
    if whole == 0:
        return "n/a"
    return f"{part / whole:.1%}"


# case: quoted_list
def quoted_list(items: list[str]) -> str:
    return "[" + ", ".join(f"'{item}'" for item in items) + "]"


# case: list_text
def list_text(items: list[int]) -> str:
    return str(items)


# case: bool_text
def bool_text(a: int, b: int) -> str:
    return str(a < b) + "/" + str(a == b)


# case: labelled_floats
def labelled_floats(x: float, y: float) -> str:
    return f"x={x}, y={y:.3f}"


# case: table_row
def table_row(cells: list[int]) -> str:
    return " ".join(str(cell).rjust(4) for cell in cells)
