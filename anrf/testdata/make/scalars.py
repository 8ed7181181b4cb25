"""Models of the builtins of order, bool, int and float."""

import math
import re
from decimal import ROUND_HALF_EVEN, Decimal

from oracle import MAX, MIN, D, Some, Trap, compare, cross, day, ensure, equal, fit, model, option, type_of, wide

INTS = [0, 1, -1, 2, -2, 3, 7, -7, 10, 63, 64, 100, -100, 255, 2**31, 2**53 - 1, 2**53 + 1, -(2**53), MAX, MIN, MAX - 1, MIN + 1]
SMALL = [0, 1, -1, 2, -3, 7, 10, -12]
FLOATS = [0.0, -0.0, 1.0, -1.5, 0.1, 2.5, 3.5, -2.5, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, math.nan, math.inf, -math.inf, 123456789.125]

# ---- order: several instances a builtin --------------------------------------------------------------------------

NAN = math.nan
PAIRS = {
    "int": cross(INTS, INTS, count=4) + [(3, 3)],
    "float": [(0.0, -0.0), (NAN, NAN), (NAN, math.inf), (1.5, NAN), (-1.5, 1.5)],
    "string": [("", ""), ("a", "B"), ("ab", "abc"), ("z", "\u00e9"), ("\uffff", "\U0001f600")],
    "bool": [(False, True), (True, True)],
    "decimal": [(D("1.0"), D("1.00")), (D("-0.1"), D("0.1")), (D("2"), D("1.999999999999999999"))],
    "date": [(day("2024-02-29"), day("2024-03-01")), (day("0001-01-01"), day("0001-01-01"))],
    "list<int>": [([], [0]), ([1, 2], [1, 2]), ([1, 3], [1, 2, 9]), ([1], [1, -5])],
    "list<float>": [([NAN], [NAN]), ([0.0], [-0.0]), ([NAN], [1.0])],
    "(int, string)": [((1, "b"), (1, "a")), ((0, "z"), (1, ""))],
    "option<int>": [(None, Some(MIN)), (Some(1), Some(1)), (None, None)],
    "map<string, int>": [({}, {"a": 1}), ({"a": 1, "b": 2}, {"b": 2, "a": 1}), ({"a": 2}, {"a": 1, "b": 0})],
    "unit": [((), ())],
}


def below(a, b, type):
    """`<` on two floats is that of IEEE; everywhere else it is the one order."""
    return a < b if type == ("float",) else compare(a, b, type) < 0


def same(a, b, type):
    return a == b if type == ("float",) else compare(a, b, type) == 0


for name, rows in PAIRS.items():
    kind = type_of(name)
    for id, sign, result in (
        ("eq", "==", lambda a, b, t: equal(a, b, t)),
        ("ne", "!=", lambda a, b, t: not equal(a, b, t)),
        ("lt", "<", below),
        ("le", "<=", lambda a, b, t: below(a, b, t) or same(a, b, t)),
        ("gt", ">", lambda a, b, t: below(b, a, t)),
        ("ge", ">=", lambda a, b, t: below(b, a, t) or same(a, b, t)),
    ):
        model(id, f"{name}, {name}", "bool", f"a {sign} b", rows)(lambda a, b, r=result, t=kind: r(a, b, t))
    model("compare", f"{name}, {name}", "int", "compare(a, b)", rows)(lambda a, b, t=kind: compare(a, b, t))
    model("min", f"{name}, {name}", name, "min(a, b)", rows)(lambda a, b, t=kind: b if compare(b, a, t) < 0 else a)
    model("max", f"{name}, {name}", name, "max(a, b)", rows)(lambda a, b, t=kind: b if compare(b, a, t) > 0 else a)

# ---- bool: what is lazy must not run -------------------------------------------------------------------------------

BOTH = cross([False, True], [False, True])
model("bool.and", "bool, bool", "bool", "a and b", BOTH)(lambda a, b: a and b)
model("bool.or", "bool, bool", "bool", "a or b", BOTH)(lambda a, b: a or b)
model("bool.xor", "bool, bool", "bool", "a.xor(b)", BOTH)(lambda a, b: a != b)
model("bool.not", "bool", "bool", "not a", [False, True])(lambda a: not a)
model("bool.not", "bool, bool", "bool", "not (a and b)", BOTH)(lambda a, b: not (a and b))


def quotient(a, b):
    ensure(b != 0, "DIV_ZERO")
    return a // b


model("bool.and", "bool, int", "bool", "a and 1 // b == 1", cross([False, True], [0, 1]))(lambda a, b: a and quotient(1, b) == 1)
model("bool.or", "bool, int", "bool", "a or 1 // b == 1", cross([False, True], [0, 1]))(lambda a, b: a or quotient(1, b) == 1)

# ---- int -----------------------------------------------------------------------------------------------------------

EDGES = [(MAX, 1), (MIN, -1), (MIN, MIN), (MAX, MAX), (MAX, -1), (MIN, 1), (0, MIN), (-7, 2), (7, -2), (-7, -2)]
ANY = EDGES + cross(INTS, INTS, count=10, seed=2)
BY_ZERO = [*ANY, (0, 0), (MIN, 0), (5, 0), (6, 3), (-6, 3), (1, MAX), (-1, MAX), (MAX, MIN)]


def signed(bits):
    bits &= 2**64 - 1
    return bits - 2**64 if bits >> 63 else bits


def toward_zero(a, b):
    ensure(b != 0, "DIV_ZERO")
    size = abs(a) // abs(b)
    return size if (a < 0) == (b < 0) else -size


@model("int.mod_floor", "int, int", "int", "a % b", BY_ZERO)
def mod_floor(a, b):
    ensure(b != 0, "DIV_ZERO")
    return a % b


@model("int.pow", "int, int", "int", "a ** b", [(0, 0), (2, 62), (2, 63), (-2, 63), (-2, 64), (10, 18), (10, 19), (1, MAX), (-1, MAX), (0, MAX), (2, -1), (-1, -1), (3, 39), (3, 40), (7, 2), (MIN, 1), (MAX, 2)])
def power(a, b):
    ensure(b >= 0)
    if abs(a) <= 1:
        return 1 if b == 0 else (a if b % 2 else a * a)
    ensure(b < 64, "OVERFLOW")
    return fit(a**b)


def shifted(move):
    def run(a, b):
        ensure(0 <= b <= 63)
        return signed(move(a, b))

    return run


SHIFTS = [(1, 0), (1, 62), (1, 63), (1, 64), (1, -1), (-1, 1), (MIN, 1), (MAX, 1), (5, 3), (-8, 2), (-1, 63), (MAX, 62), (2**40 + 1, 40)]
model("int.add", "int, int", "int", "a + b", ANY)(lambda a, b: fit(a + b))
model("int.sub", "int, int", "int", "a - b", ANY)(lambda a, b: fit(a - b))
model("int.mul", "int, int", "int", "a * b", [*ANY, (2**32, 2**31), (2**32, -(2**31)), (3037000500, 3037000500), (3037000499, 3037000499)])(lambda a, b: fit(a * b))
model("int.div_floor", "int, int", "int", "a // b", BY_ZERO)(lambda a, b: fit(quotient(a, b)))
model("int.quot", "int, int", "int", "a.quot(b)", BY_ZERO)(lambda a, b: fit(toward_zero(a, b)))
model("int.rem", "int, int", "int", "a.rem(b)", BY_ZERO)(lambda a, b: a - b * toward_zero(a, b))
model("int.shift_left", "int, int", "int", "a << b", SHIFTS)(shifted(lambda a, b: a << b))
model("int.shift_right", "int, int", "int", "a >> b", SHIFTS)(shifted(lambda a, b: a >> b))
model("int.neg", "int", "int", "-a", INTS)(lambda a: fit(-a))
model("int.abs", "int", "int", "a.abs()", INTS)(lambda a: fit(abs(a)))
model("int.bit_and", "int, int", "int", "a & b", ANY)(lambda a, b: a & b)
model("int.bit_or", "int, int", "int", "a | b", ANY)(lambda a, b: a | b)
model("int.bit_xor", "int, int", "int", "a ^ b", ANY)(lambda a, b: a ^ b)
model("int.bit_not", "int", "int", "~a", INTS)(lambda a: ~a)
model("int.to_float", "int", "float", "a.to_float()", [*INTS, 2**53 + 2, 2**62 + 256, 2**62 + 512, 2**62 + 513])(float)
model("int.to_string", "int", "string", "a.to_string()", INTS)(str)
model("int.sign", "int", "int", "a.sign()", INTS)(lambda a: (a > 0) - (a < 0))
model("int.bit_count", "int", "int", "a.bit_count()", INTS)(lambda a: (a & (2**64 - 1)).bit_count())
model("int.digits", "int", "list<int>", "a.digits()", INTS)(lambda a: [int(c) for c in str(abs(a))])
model("int.gcd", "int, int", "int", "a.gcd(b)", [(0, 0), (12, 18), (-12, 18), (MIN, 0), (MIN, MIN), (0, MIN), (MIN, 6), (MAX, 7), (17, 5), (1, MIN)])(lambda a, b: fit(math.gcd(a, b)))

NUMBERS = ["0", "-0", "+7", "007", "-12", "", "-", "+", " 1", "1 ", "1_000", "0x10", "1.0", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "\u0663", "--1", "1e3"]


@model("int.parse", "string", "option<int>", "Int.parse(a)", NUMBERS)
def parse(text):
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        return None
    value = int(text)
    return Some(value) if MIN <= value <= MAX else None


@model("int.isqrt", "int", "int", "a.isqrt()", [0, 1, 2, 3, 4, 15, 16, 17, 2**62, MAX, 3037000499**2, 3037000499**2 - 1, -1, MIN])
def isqrt(a):
    ensure(a >= 0)
    return math.isqrt(a)


@model("int.pow_mod", "int, int, int", "int", "a.pow_mod(b, c)", [(2, 10, 1000), (3, 0, 7), (3, 0, 1), (-2, 3, 5), (MIN, 3, MAX), (MAX, MAX, MAX - 1), (7, 2**40, 10**9 + 7), (0, 0, 5), (2, -1, 5), (2, 1, 0), (2, 1, -3), (10, 18, 97)])
def pow_mod(a, b, c):
    ensure(b >= 0 and c >= 1)
    return pow(a, b, c)


DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@model("int.to_base", "int, int", "string", "a.to_base(b)", [(0, 2), (255, 16), (-255, 16), (MAX, 2), (MIN, 2), (MIN, 36), (35, 36), (36, 36), (10, 10), (1, 1), (1, 37), (1, -2)])
def to_base(a, b):
    ensure(2 <= b <= 36)
    rest, out = abs(a), ""
    while rest:
        rest, digit = divmod(rest, b)
        out = DIGITS[digit] + out
    return ("-" if a < 0 else "") + (out or "0")


@model("int.parse_base", "string, int", "option<int>", "Int.parse_base(a, b)", [("ff", 16), ("FF", 16), ("-7f", 16), ("2", 2), ("101", 2), ("", 10), ("+z", 36), ("0x1f", 16), ("7fffffffffffffff", 16), ("8000000000000000", 16), ("-8000000000000000", 16), ("1_0", 10), ("9", 9), ("1", 1), ("1", 37)])
def parse_base(text, base):
    ensure(2 <= base <= 36)
    if not re.fullmatch(r"[+-]?[0-9a-zA-Z]+", text) or any(DIGITS.index(c) >= base for c in text.lstrip("+-").lower()):
        return None
    value = int(text, base) if base > 1 else None
    return Some(value) if MIN <= value <= MAX else None


# ---- float ---------------------------------------------------------------------------------------------------------

SUMS = [(0.1, 0.2), (math.inf, -math.inf), (NAN, 1.0), (-0.0, -0.0), (-0.0, 0.0), (1e308, 1e308), (1e16, 1.0), (5e-324, -5e-324)] + cross(FLOATS, FLOATS, count=6, seed=3)


def ieee(run):
    """A product or sum of Python floats is that of IEEE; nothing traps."""
    return lambda a, b: run(a, b)


@model("float.div", "float, float", "float", "a / b", [*SUMS, (1.0, 0.0), (1.0, -0.0), (0.0, 0.0), (-1.0, 0.0), (1.0, 3.0), (math.inf, math.inf)])
def divide(a, b):
    if b == 0:
        if a == 0 or math.isnan(a):
            return NAN
        return math.copysign(math.inf, math.copysign(1, a) * math.copysign(1, b))
    return a / b


model("float.add", "float, float", "float", "a + b", SUMS)(ieee(lambda a, b: a + b))
model("float.sub", "float, float", "float", "a - b", SUMS)(ieee(lambda a, b: a - b))
model("float.mul", "float, float", "float", "a * b", SUMS)(ieee(lambda a, b: a * b))
model("float.neg", "float", "float", "-a", FLOATS)(lambda a: -a)
model("float.abs", "float", "float", "a.abs()", FLOATS)(abs)
model("float.is_nan", "float", "bool", "a.is_nan()", FLOATS)(math.isnan)
model("float.is_finite", "float", "bool", "a.is_finite()", FLOATS)(math.isfinite)
model("float.sqrt", "float", "float", "a.sqrt()", [*FLOATS, 4.0, 2.0])(lambda a: a if a == 0 or math.isnan(a) else (NAN if a < 0 else math.sqrt(a)))


@wide
def rounded(value, digits):
    """The exact value of a double with so many digits after the point, half to even."""
    return Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)


# Values whose result does not hang on the last bit of a library: exact, or known to be the nearest double.
model("float.exp", "float", "float", "a.exp()", [0.0, -0.0, math.inf, -math.inf, NAN, 710.0, -746.0])(lambda a: NAN if math.isnan(a) else (math.inf if a > 709.79 else (0.0 if a < -745.2 else 1.0)))
model("float.ln", "float", "float", "a.ln()", [1.0, 0.0, -0.0, -1.0, math.inf, NAN])(lambda a: NAN if math.isnan(a) or a < 0 else {1.0: 0.0, 0.0: -math.inf, math.inf: math.inf}[a])
model("float.sin", "float", "float", "a.sin()", [0.0, -0.0, math.inf, -math.inf, NAN, 5e-324, 1e-300])(lambda a: NAN if math.isnan(a) or math.isinf(a) else a)
model("float.cos", "float", "float", "a.cos()", [0.0, -0.0, math.inf, -math.inf, NAN, 1e-9])(lambda a: NAN if math.isnan(a) or math.isinf(a) else 1.0)
model("float.atan2", "float, float", "float", "a.atan2(b)", [(0.0, 1.0), (-0.0, 1.0), (0.0, -1.0), (-0.0, -1.0), (1.0, 0.0), (-1.0, -0.0), (math.inf, math.inf), (math.inf, -math.inf), (-math.inf, 5.0), (NAN, 1.0), (1.0, NAN), (1.0, -math.inf)])(math.atan2)


@model("float.pow", "float, float", "float", "a ** b", [(2.0, 10.0), (2.0, -1.0), (9.0, 0.5), (0.0, 0.0), (NAN, 0.0), (1.0, NAN), (1.0, math.inf), (-1.0, math.inf), (-8.0, 0.5), (10.0, 22.0), (-2.0, 3.0), (0.0, -1.0), (-0.0, -3.0), (2.0, 1024.0), (2.0, -1075.0), (0.5, math.inf)])
def float_power(a, b):
    if math.isnan(b) or (abs(a) == 1 and math.isinf(b)):
        return NAN
    try:
        return math.pow(a, b)
    except ValueError:
        return NAN if a != 0 else math.copysign(math.inf, a if b == int(b) and int(b) % 2 else 1.0)
    except OverflowError:
        return math.inf


def to_int(whole):
    def run(a):
        ensure(not math.isnan(a))
        ensure(not math.isinf(a), "OVERFLOW")
        return fit(whole(a))

    return run


WHOLES = [*FLOATS, 0.5, -0.5, 1.5, 2.0**62, 2.0**63, -(2.0**63), 9007199254740993.0, -1e-9, 0.49999999999999994]
model("float.floor", "float", "int", "a.floor()", WHOLES)(to_int(math.floor))
model("float.ceil", "float", "int", "a.ceil()", WHOLES)(to_int(math.ceil))
model("float.trunc", "float", "int", "a.trunc()", WHOLES)(to_int(math.trunc))
model("float.round_even", "float", "int", "a.round_even()", WHOLES)(to_int(round))


@model("float.to_string", "float", "string", "a.to_string()", [*FLOATS, 1e20, 1.5e-6, 1e-6, 0.000001234, 100.0, 123456789012345680000.0, 2**53 + 0.0, 1e100, -1e-10, 0.30000000000000004])
def to_string(a):
    if math.isnan(a):
        return "NaN"
    if math.isinf(a):
        return "Infinity" if a > 0 else "-Infinity"
    if a == 0:
        return "0"
    digits, exponent = f"{abs(a)!r}", 0
    sign, ds, e = Decimal(digits).normalize().as_tuple()
    text, n = "".join(map(str, ds)), len(ds) + e
    if len(text) <= n <= 21:
        out = text + "0" * (n - len(text))
    elif 0 < n <= 21:
        out = text[:n] + "." + text[n:]
    elif -6 < n <= 0:
        out = "0." + "0" * -n + text
    else:
        out = text[0] + ("." + text[1:] if len(text) > 1 else "") + "e" + ("+" if n > 0 else "-") + str(abs(n - 1))
    return ("-" if a < 0 else "") + out


FIXED = [(0.5, 0), (1.5, 0), (2.5, 0), (0.125, 2), (0.375, 2), (1.005, 2), (2.675, 2), (-1.5, 0), (1e21, 2), (123.456, 1), (1e-7, 7), (0.1, 18), (3.0, 3), (1.0, 19), (1.0, -1), (9.995, 2), (1e300, 0)]


@model("float.to_fixed", "float, int", "string", "a.to_fixed(b)", [*FIXED, (math.nan, 2), (math.inf, 2), (-math.inf, 0), (-0.0, 1), (-0.04, 1)])
def to_fixed(a, digits):
    ensure(0 <= digits <= 18)
    if not math.isfinite(a):
        return to_string(a)
    # The exact value of -0 is 0; what is rounded to 0 keeps its sign.
    return format(rounded(abs(a) if a == 0 else a, digits), "f")


@model("float.round_to", "float, int", "float", "a.round_to(b)", [*FIXED, (-0.0, 2), (-0.4, 0), (math.nan, 2), (math.inf, 2), (1.7976931348623157e308, 2)])
def round_to(a, digits):
    ensure(0 <= digits <= 18)
    if not math.isfinite(a) or a == 0:
        return a
    return math.copysign(float(rounded(a, digits)), a)


TEXTS = ["1", "-1.5", "+2", ".5", "5.", "1e3", "1E-3", "1e+3", "", ".", "e3", "NaN", "-NaN", "Infinity", "-Infinity", "+Infinity", "inf", " 1", "1_0", "0x10", "1e400", "-0", "4.9e-324", "0.1e1.0"]


@model("float.parse", "string", "option<float>", "Float.parse(a)", TEXTS)
def float_parse(text):
    if text == "NaN":
        return Some(NAN)
    if re.fullmatch(r"[+-]?Infinity", text):
        return Some(-math.inf if text[0] == "-" else math.inf)
    if re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", text):
        return Some(float(text))
    return None
