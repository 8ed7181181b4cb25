# case: ones_in
def ones_in(n: int) -> int:
    return bin(abs(n)).count("1")


# case: toggle_bit
def toggle_bit(n: int, place: int) -> int:
    return n ^ (1 << place)


# case: is_power_of_two
def is_power_of_two(n: int) -> bool:
    return n > 0 and n & (n - 1) == 0


# case: only_once
def only_once(values: list[int]) -> int:
    seen = 0
    for value in values:
        seen ^= value
    return seen


# case: mask_and_shift
def mask_and_shift(n: int, width: int) -> int:
    if width < 0 or width > 16:
        return -1
    mask = (1 << width) - 1
    return (n >> 2) & mask | 1


# case: flip_low_bits
def flip_low_bits(n: int) -> int:
    return ~n & 255


# case: to_hex
def to_hex(n: int) -> str:
    return hex(n)[2:] if n >= 0 else "-" + hex(-n)[2:]


# case: octal_text
def octal_text(n: int) -> str:
    return oct(n)


# case: from_binary
def from_binary(text: str) -> int:
    value = 0
    for c in text:
        if c not in "01":
            return -1
        value = value * 2 + int(c)
    return value
