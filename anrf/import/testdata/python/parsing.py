# case: parse_pairs
def parse_pairs(text: str) -> dict[str, str]:
    out = {}
    for part in text.split(","):
        if "=" in part:
            key, value = part.split("=", 1)
            out[key.strip()] = value.strip()
    return out


# case: evaluate_sum
def evaluate_sum(text: str) -> int:
    total = 0
    for term in text.split("+"):
        term = term.strip()
        if term.isdigit() and term.isascii():
            total += int(term)
    return total


# case: minutes_of
def minutes_of(clock: str) -> int:
    parts = clock.split(":")
    if len(parts) != 2:
        return -1
    return int(parts[0]) * 60 + int(parts[1])


# case: version_less
def version_less(a: str, b: str) -> bool:
    left = [len(p) for p in a.split(".")]
    right = [len(p) for p in b.split(".")]
    return left < right


# case: csv_total
def csv_total(lines: list[str]) -> int:
    total = 0
    for line in lines:
        for cell in line.split(";"):
            cell = cell.strip()
            if cell.lstrip("-").isdigit() and cell.isascii() and cell.count("-") <= 1:
                total += int(cell)
    return total


# case: tokenise
def tokenise(text: str) -> list[str]:
    tokens = []
    current = ""
    for c in text:
        if c.isdigit():
            current += c
            continue
        if current:
            tokens.append(current)
            current = ""
        if c in "+-*/()":
            tokens.append(c)
    if current:
        tokens.append(current)
    return tokens


# case: nesting_depth
def nesting_depth(text: str) -> int:
    depth = best = 0
    for c in text:
        if c == "(":
            depth += 1
            best = max(best, depth)
        elif c == ")":
            depth -= 1
    return best


# case: hex_colour
def hex_colour(r: int, g: int, b: int) -> str:
    return "#" + "".join(f"{max(0, min(255, v)):02x}" for v in (r, g, b))


# case: int_with_base
def int_with_base(text: str) -> int:
    return int(text, 2)


# case: mixed_case_key
def mixed_case_key(words: list[str]) -> list[str]:
    return sorted(words, key=str.lower)
