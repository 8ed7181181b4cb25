# case: clamp
def clamp(value: int, low: int, high: int) -> int:
    if value < low:
        return low
    elif value > high:
        return high
    else:
        return value


# case: digit_sum
def digit_sum(n: int) -> int:
    total = 0
    n = abs(n)
    while n > 0:
        total += n % 10
        n //= 10
    return total


# case: digital_root
def digital_root(n: int) -> int:
    n = abs(n)
    while n >= 10:
        n = sum(int(c) for c in str(n))
    return n


# case: reverse_number
def reverse_number(n: int) -> int:
    """Reverse the digits of a number and keep its sign."""
    sign = -1 if n < 0 else 1
    return sign * int(str(abs(n))[::-1])


# case: greatest_divisor
def greatest_divisor(a: int, b: int) -> int:
    while b != 0:
        a, b = b, a % b
    return abs(a)


# case: is_prime
def is_prime(n: int) -> bool:
    if n < 2:
        return False
    i = 2
    while i * i <= n:
        if n % i == 0:
            return False
        i += 1
    return True


# case: divisors_of
def divisors_of(n: int) -> list[int]:
    return [d for d in range(1, n + 1) if n % d == 0]


# case: collatz_steps
def collatz_steps(n: int) -> int:
    if n <= 0:
        return -1
    steps = 0
    while n != 1:
        if n % 2 == 0:
            n = n // 2
        else:
            n = 3 * n + 1
        steps += 1
    return steps


# case: triangular_numbers
def triangular_numbers(count: int) -> list[int]:
    found: list[int] = []
    current = 0
    for step in range(1, count + 1):
        current += step
        found.append(current)
    return found


# case: floor_and_rest
def floor_and_rest(a: int, b: int) -> tuple[int, int]:
    return divmod(a, b)


# case: signed_quotients
def signed_quotients(a: int, b: int) -> list[int]:
    return [a // b, -a // b, a % b, -a % b, a // -b]


# case: power_mod
def power_mod(base: int, exponent: int) -> int:
    return pow(base, abs(exponent), 97)


# case: squares_between
def squares_between(low: int, high: int) -> int:
    count = 0
    for k in range(0, 200):
        square = k ** 2
        if square < low:
            continue
        if square > high:
            break
        count += 1
    return count


# case: to_base
def to_base(n: int, base: int) -> str:
    if base < 2 or base > 10:
        raise ValueError("base out of range")
    if n == 0:
        return "0"
    digits = ""
    rest = abs(n)
    while rest:
        digits = str(rest % base) + digits
        rest //= base
    return "-" + digits if n < 0 else digits


# case: bounded_median
def bounded_median(a: int, b: int, c: int) -> int:
    return sorted([a, b, c])[1]


# case: leap_year
def leap_year(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


# case: chained_range
def chained_range(x: int, y: int) -> bool:
    return 0 <= x < y <= 10


# case: perfect_number
def perfect_number(n: int) -> bool:
    if n < 2:
        return False
    return sum(i for i in range(1, n) if not n % i) == n


# case: count_flags
def count_flags(a: bool, b: bool, c: bool) -> int:
    return int(a) + int(b) + int(c)


# case: seconds_to_clock
def seconds_to_clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours:02d}:{minutes:02d}:{rest:02d}"


# case: multiply_big
def multiply_big(a: int, b: int) -> int:
    return a * b + a


# case: alternating_sum
def alternating_sum(values: list[int]) -> int:
    total = 0
    sign = 1
    for value in values:
        total += sign * value
        sign = -sign
    return total


# case: prime_factors
def prime_factors(n: int) -> list[int]:
    factors = []
    divisor = 2
    while divisor * divisor <= n:
        while n % divisor == 0:
            factors.append(divisor)
            n //= divisor
        divisor += 1
    if n > 1:
        factors.append(n)
    return factors


# case: nearest_multiple
def nearest_multiple(n: int, step: int) -> int:
    if step == 0:
        return 0
    below = (n // step) * step
    above = below + step
    return below if n - below <= above - n else above
