"""Writes anrf/testdata/libm/values.json: what the floats' functions are, computed to 60 digits and more.

    python3 anrf/testdata/make/libm.py > anrf/testdata/libm/values.json

One line a value: [function, arguments..., nearest double, how far the true value lies from it in units of its last
place]. Needs CPython 3.11 and nothing else. sin and cos by pi from Machin's formula and the series; atan2 by Newton's
method on sin and cos; exp, ln and pow by the decimal module.
"""

import json
import math
import random
from decimal import Decimal, getcontext

WIDE, FINE = 420, 60


def machin():
    one = 10 ** (WIDE + 10)

    def arctan(inverse):
        power = one // inverse
        total, n = power, 1
        while power:
            power //= inverse * inverse
            total += (-1 if n % 2 else 1) * (power // (2 * n + 1))
            n += 1
        return total

    return Decimal(16 * arctan(5) - 4 * arctan(239)) / Decimal(one)


getcontext().prec = WIDE
PI = machin()


def sine(angle):
    getcontext().prec = WIDE
    turns = (angle / PI).to_integral_value()
    rest = angle - turns * PI
    getcontext().prec = FINE
    rest = +rest
    term = total = rest
    n = 1
    while term and abs(term) > abs(total) * Decimal(10) ** -(FINE - 2):
        term = -term * rest * rest / (2 * n * (2 * n + 1))
        total += term
        n += 1
    getcontext().prec = WIDE
    return -total if turns % 2 else total


def cosine(angle):
    return sine(angle + PI / 2)


def arctan2(y, x):
    angle = Decimal(math.atan2(y, x))
    y, x = Decimal(y), Decimal(x)
    for _ in range(2):
        size = (x * x + y * y).sqrt()
        angle += (y * cosine(angle) - x * sine(angle)) / size
    return angle


def fine(make):
    def made(*args):
        getcontext().prec = FINE
        value = make(*args)
        getcontext().prec = WIDE
        return value

    return made


TRUE = {
    "sin": lambda x: sine(Decimal(x)),
    "cos": lambda x: cosine(Decimal(x)),
    "atan2": arctan2,
    "exp": fine(lambda x: Decimal(x).exp()),
    "ln": fine(lambda x: Decimal(x).ln()),
    "pow": fine(lambda x, y: (Decimal(x).ln() * Decimal(y)).exp()),
}


def line(name, *args):
    value = TRUE[name](*args)
    near = float(value)
    if near == 0 or math.isinf(near):
        return None
    off = (value - Decimal(near)) / Decimal(math.ulp(near))
    return [name, *args, near, round(float(off), 6)]


def arguments():
    source = random.Random(1)
    near = lambda most: source.uniform(-most, most)
    # Doubles that lie closest to a multiple of pi/2, ends of the ranges, and the steps between the methods.
    hard = [6381956970095103 * 2.0**797, 1e22, 2.0**1023, 1.7976931348623157e308, 5e-324, 2.0**-27, 2.0**-28]
    hard += [k * math.pi / 4 for k in range(1, 40)] + [k * math.pi / 2 for k in (2**19, 2**20, 2**21, 10**9)]
    for x in hard:
        yield from (("sin", x), ("cos", x), ("sin", -x))
    for _ in range(150):
        x = near(10 ** source.uniform(-2, 18))
        yield from (("sin", x), ("cos", x), ("exp", near(700)), ("ln", 10 ** near(300)))
        yield from (("ln", 1 + near(1e-3)), ("exp", near(0.5)), ("atan2", near(10), near(10)))
        yield from (("atan2", near(1e-3), 1.0), ("pow", 10 ** near(5), near(50)), ("pow", 1 + near(3e-7), near(2e9)))
        yield from (("pow", float(source.randrange(2, 60)), source.randrange(-40, 40) + 0.5), ("atan2", near(3e5), near(1)))
        yield ("pow", 1 + near(5e-8), near(1e10))


print("[")
lines = [found for found in (line(*one) for one in arguments()) if found is not None]
print(",\n".join(json.dumps(one) for one in lines))
print("]")
