"""Models of the builtins of decimal and date."""

import calendar
import datetime
import re
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal

from oracle import MAX, MIN, D, Some, Trap, cross, day, decimal_text, ensure, model, option, wide

MODES = {"half_even": ROUND_HALF_EVEN, "half_up": ROUND_HALF_UP, "down": ROUND_DOWN, "up": ROUND_UP, "floor": ROUND_FLOOR, "ceiling": ROUND_CEILING}
TINY = D("0.000000000000000001")
DECIMALS = [D(0), D("0.1"), D("-0.1"), D("1.50"), D("2.5"), D("-2.5"), D("19.99"), D(MAX), D(MIN), D("9.223372036854775807"), TINY, D("-123.456")]
PAIRS = cross(DECIMALS, DECIMALS, count=14) + [(D("0.1"), D("0.2")), (D(MAX), D(1)), (D(MIN), D(1)), (D(MAX), TINY), (D("1e18"), D("0.01")), (D("0.5"), D("-0.5"))]


def kept(value):
    """A coefficient of 64 bits and a scale of 0 to 18 after trailing zeros are gone, or DECIMAL."""
    text = decimal_text(value)
    digits, _, fraction = text.partition(".")
    coefficient = int(digits + fraction) if digits not in ("-",) else 0
    if text.startswith("-") and coefficient > 0:
        coefficient = -coefficient
    ensure(len(fraction) <= 18 and MIN <= coefficient <= MAX, "DECIMAL")
    return value


@wide
def added(a, b):
    return kept(a + b)


@wide
def taken(a, b):
    return kept(a - b)


@wide
def multiplied(a, b):
    return kept(a * b)


model("decimal.add", "decimal, decimal", "decimal", "a + b", PAIRS)(added)
model("decimal.sub", "decimal, decimal", "decimal", "a - b", PAIRS)(taken)
model("decimal.mul", "decimal, decimal", "decimal", "a * b", PAIRS)(multiplied)
model("decimal.neg", "decimal", "decimal", "-a", DECIMALS)(wide(lambda a: kept(-a)))
model("decimal.abs", "decimal", "decimal", "a.abs()", DECIMALS)(wide(lambda a: kept(abs(a))))
model("decimal.from_int", "int", "decimal", "Decimal.from_int(a)", [0, 1, -1, 100, MAX, MIN])(lambda a: D(a))
model("decimal.to_int", "decimal", "int", "a.to_int()", DECIMALS)(int)
model("decimal.to_float", "decimal", "float", "a.to_float()", DECIMALS)(lambda a: float(a) + 0.0)
model("decimal.to_string", "decimal", "string", "a.to_string()", DECIMALS)(decimal_text)

HALVES = [D("0.5"), D("1.5"), D("-0.5"), D("-2.5"), D("1.005"), D("2.675"), D("-1.239"), D(MAX), D("9.223372036854775807")]
for name, mode in MODES.items():

    @model("decimal.round", "decimal, int", "decimal", f'a.round(b, "{name}")', cross(HALVES, [0, 2], count=9, seed=len(name)) + [(D("1.25"), 1), (D("1.5"), 18), (D("1.5"), 19), (D("1.5"), -1)])
    @wide
    def round_(a, digits, mode=mode):
        ensure(0 <= digits <= 18)
        return kept(a.quantize(D(1).scaleb(-digits), mode)) if -a.as_tuple().exponent > digits else a

    @model("decimal.div", "decimal, decimal, int", "decimal", f'a.div(b, c, "{name}")', [(D(1), D(3), 2), (D(-2), D(3), 0), (D("0.5"), D(1), 0), (D("-1.5"), D(1), 0), (D(1), D(0), 2), (D(1), D(0), 19), (D(1), D(3), 19), (D(1), D(8), 3), (D(MAX), D("0.1"), 0), (D(1), D(3), 18), (D(2), D(-3), 5), (D(0), D(7), 4), (TINY, D(2), 18)])
    @wide
    def div(a, b, digits, mode=mode):
        ensure(0 <= digits <= 18)
        ensure(b != 0, "DIV_ZERO")
        return kept((a / b).quantize(D(1).scaleb(-digits), mode))


@model("decimal.to_fixed", "decimal, int", "string", "a.to_fixed(b)", [(D("0.5"), 0), (D("1.5"), 0), (D("-2.5"), 0), (D("1.005"), 2), (D("1.015"), 2), (D(3), 2), (D("19.9"), 2), (D("-0.001"), 2), (D(1), 18), (D(1), 19), (D(1), -1), (D(MAX), 3)])
@wide
def to_fixed(a, digits):
    ensure(0 <= digits <= 18)
    text = format(a.quantize(D(1).scaleb(-digits), ROUND_HALF_EVEN), "f")
    return text[1:] if re.fullmatch(r"-0(\.0*)?", text) else text


@model("decimal.parse", "string", "option<decimal>", "Decimal.parse(a)", ["1", "-1.50", "+2.5", "0.000000000000000001", "0.0000000000000000001", "0.10000000000000000000", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "", ".", ".5", "5.", "1e3", " 1", "1.2.3", "-0", "007.70", "NaN"])
@wide
def parse(text):
    if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text):
        return None
    try:
        return Some(kept(D(text)))
    except Trap:
        return None


# ---- date ----------------------------------------------------------------------------------------------------------------

FIRST, LAST = datetime.date.min, datetime.date.max
DAYS = [FIRST, LAST, day("1970-01-01"), day("2024-02-29"), day("2026-11-22"), day("1900-02-28"), day("2000-12-31"), day("1969-12-31"), day("2023-01-31")]


def moved(date, days):
    try:
        return date + datetime.timedelta(days=days)
    except OverflowError:
        raise Trap("DATE") from None


@model("date.from_ymd", "int, int, int", "option<date>", "Date.from_ymd(a, b, c)", [(2024, 2, 29), (2023, 2, 29), (1, 1, 1), (9999, 12, 31), (0, 1, 1), (10000, 1, 1), (2000, 2, 29), (1900, 2, 29), (2024, 13, 1), (2024, 0, 1), (2024, 4, 31), (2024, 4, 0), (MAX, 1, 1), (2024, MIN, 5)])
def from_ymd(year, month, date):
    try:
        return Some(datetime.date(year, month, date))
    except (ValueError, OverflowError):
        return None


model("date.year", "date", "int", "a.year()", DAYS)(lambda a: a.year)
model("date.month", "date", "int", "a.month()", DAYS)(lambda a: a.month)
model("date.day", "date", "int", "a.day()", DAYS)(lambda a: a.day)
model("date.weekday", "date", "int", "a.weekday()", DAYS)(lambda a: a.isoweekday())
model("date.to_iso", "date", "string", "a.to_iso()", DAYS)(lambda a: a.isoformat())
model("date.add_days", "date, int", "date", "a.add_days(b)", [(FIRST, -1), (LAST, 1), (FIRST, 0), (FIRST, 3652058), (FIRST, 3652059), (day("2024-02-28"), 1), (day("2023-02-28"), 1), (day("2024-03-01"), -1), (day("1970-01-01"), MAX), (day("1970-01-01"), MIN), (day("2026-11-22"), 365)])(moved)
model("date.days_between", "date, date", "int", "a.days_between(b)", cross(DAYS, DAYS, count=12))(lambda a, b: (b - a).days)
model("date.is_leap_year", "int", "bool", "Date.is_leap_year(a)", [2024, 2023, 1900, 2000, 0, -4, -100, -400, 1, 4, MAX])(lambda a: calendar.isleap(a))


@model("date.parse_iso", "string", "option<date>", "Date.parse_iso(a)", ["2024-02-29", "2023-02-29", "0001-01-01", "0000-01-01", "9999-12-31", "2024-2-9", "2024-02-29 ", "20240229", "", "2024-13-01", "2024/02/29", "-2024-02-29", "10000-01-01", "2024-W09-4"])
def parse_iso(text):
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    return from_ymd(*map(int, text.split("-")))


@model("date.add_months", "date, int", "date", "a.add_months(b)", [(day("2024-01-31"), 1), (day("2023-01-31"), 1), (day("2024-02-29"), 12), (day("2024-02-29"), -12), (day("2024-03-31"), -1), (day("2026-11-22"), 0), (day("2026-11-22"), 14), (FIRST, -1), (LAST, 1), (day("2000-12-31"), 2), (FIRST, 119987), (FIRST, 119988), (day("1970-01-01"), MAX), (day("1970-01-01"), MIN)])
def add_months(date, months):
    total = date.year * 12 + date.month - 1 + months
    year, month = divmod(total, 12)
    ensure(1 <= year <= 9999, "DATE")
    return datetime.date(year, month + 1, min(date.day, calendar.monthrange(year, month + 1)[1]))


def between(first, second):
    """Whole months: the last is not counted while its day has not come."""
    if second < first:
        return -between(second, first)
    return (second.year - first.year) * 12 + second.month - first.month - (second.day < first.day)


SPANS = [("2024-01-15", "2024-03-15"), ("2024-01-15", "2024-03-14"), ("2024-03-15", "2024-01-15"), ("2024-03-14", "2024-01-15"), ("2024-05-05", "2024-05-05"), ("0001-01-01", "9999-12-31"), ("2023-12-31", "2024-01-01")]
model("date.months_between", "date, date", "int", "a.months_between(b)", [(day(a), day(b)) for a, b in SPANS])(between)
