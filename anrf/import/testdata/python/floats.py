# case: average
def average(values: list[float]) -> float:
    if not values:
        return 0.0
    return sum(values) / len(values)


# case: half
def half(n: int) -> float:
    return n / 2


# case: spread
def spread(values: list[float]) -> float:
    return max(values) - min(values)


# case: hypotenuse
import math

def hypotenuse(a: float, b: float) -> float:
    return math.sqrt(a * a + b * b)


# case: variance
def variance(values: list[float]) -> float:
    n = len(values)
    if n == 0:
        raise ValueError("no values")
    mean = sum(values) / n
    return sum((x - mean) ** 2 for x in values) / n


# case: floor_and_ceiling
import math

def floor_and_ceiling(x: float) -> tuple[int, int]:
    return math.floor(x), math.ceil(x)


# case: round_half_even
def round_half_even(values: list[float]) -> list[int]:
    return [round(v) for v in values]


# case: cut_to_int
def cut_to_int(x: float) -> int:
    return int(x)


# case: price_with_tax
def price_with_tax(net: float, percent: int) -> float:
    return round(net * (1 + percent / 100), 2)


# case: float_floor_division
def float_floor_division(x: float, y: float) -> float:
    return x // y


# case: float_text
def float_text(x: float) -> str:
    return str(x)


# case: int_or_float
def int_or_float(n: int, x: float) -> float:
    return n + x if n > 2 else n


# case: geometric_progression
def geometric_progression(start: float, ratio: float, count: int) -> list[float]:
    out = []
    value = start
    for _ in range(count):
        out.append(value)
        value *= ratio
    return out


# case: close_pairs
def close_pairs(values: list[float], limit: float) -> int:
    count = 0
    for i in range(len(values)):
        for j in range(i + 1, len(values)):
            if abs(values[i] - values[j]) < limit:
                count += 1
    return count


# case: integer_root
import math

def integer_root(n: int) -> int:
    if n < 0:
        return -1
    return math.isqrt(n)


# case: factorial_and_gcd
import math

def factorial_and_gcd(n: int, m: int) -> tuple[int, int]:
    return math.factorial(abs(n) % 12), math.gcd(n, m)


# case: circle_area
import math

def circle_area(radius: float) -> float:
    return math.pi * radius ** 2


# case: is_whole
def is_whole(x: float) -> bool:
    return x == int(x)


# case: fixed_text
def fixed_text(x: float) -> str:
    return f"{x:.2f}"


# case: modulo_of_floats
def modulo_of_floats(x: float, y: float) -> float:
    return x % y


# case: parse_float
def parse_float(text: str) -> float:
    if text == "":
        return 0.0
    return float(text)


# case: smallest_positive
def smallest_positive(values: list[float]) -> float:
    best = float("inf")
    for v in values:
        if 0 < v < best:
            best = v
    return best if best != float("inf") else -1.0
