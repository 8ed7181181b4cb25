"""What the models of the builtins share: values, their JSON, their one order, and the writer of case files.

A builtin's meaning is a Python function over Python's own ints, floats, strings, lists and dicts; CPython is the oracle
wherever the meanings coincide, and what differs is written out by hand. None is `none`, Some(x) is `some(x)`, Decimal a
decimal, datetime.date a date, a tuple a tuple, Trap a trap. Nothing here asks an engine of the language.
"""

import datetime
import functools
import itertools
import json
import math
import random
from decimal import Decimal, localcontext
from pathlib import Path

MAX, MIN = 2**63 - 1, -(2**63)
SAFE = 2**53 - 1


class Trap(Exception):
    """A run that ends without a value; its argument is the name of the trap."""


class Some:
    """`some(value)`."""

    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return isinstance(other, Some) and self.value == other.value

    def __hash__(self):
        return hash(("some", self.value))


def fit(n):
    """An int of 64 bits, or OVERFLOW."""
    if not MIN <= n <= MAX:
        raise Trap("OVERFLOW")
    return n


def ensure(holds, trap="INVALID"):
    if not holds:
        raise Trap(trap)


def option(value):
    """None stays none, anything else is some."""
    return None if value is None else Some(value)


# ---- types -------------------------------------------------------------------------------------------------------


def parts_of(text):
    """The comma-separated parts of a text, commas inside brackets apart."""
    found, depth, start = [], 0, 0
    for at, character in enumerate(text):
        if character in "<(":
            depth += 1
        elif character in ">)" and text[at - 1] != "-":
            depth -= 1
        elif character == "," and depth == 0:
            found.append(text[start:at].strip())
            start = at + 1
    last = text[start:].strip()
    return [*found, last] if last else found


@functools.cache
def type_of(text):
    """("list", item), ("option", item), ("map", key, value), ("tuple", items...) or a scalar's name alone."""
    for family in ("list", "option", "map"):
        if text.startswith(f"{family}<"):
            return (family, *map(type_of, parts_of(text[len(family) + 1 : -1])))
    if text.startswith("("):
        return ("tuple", *map(type_of, parts_of(text[1:-1])))
    return (text,)


def plain(value, type):
    """The value as plain JSON data, by the rules of values as JSON."""
    family, *parts = type
    if family == "unit":
        return None
    if family == "int":
        return value if abs(value) <= SAFE else str(value)
    if family == "float":
        return float_json(value)
    if family == "decimal":
        return decimal_text(value)
    if family == "date":
        return value.isoformat()
    if family == "list":
        return [plain(item, parts[0]) for item in value]
    if family == "tuple":
        return [plain(item, part) for item, part in zip(value, parts, strict=True)]
    if family == "option":
        if value is None:
            return None
        inner = plain(value.value, parts[0])
        return {"some": inner} if parts[0][0] in ("option", "unit") else inner
    if family == "map":
        pairs = [[plain(k, parts[0]), plain(v, parts[1])] for k, v in ordered(value, parts[0])]
        return dict(pairs) if parts[0] == ("string",) else pairs
    return value


def float_json(value):
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return "-0" if value == 0 and math.copysign(1, value) < 0 else value


def decimal_text(value):
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def ordered(entries, key):
    """The entries of a dict in ascending order of its keys."""
    return sorted(entries.items(), key=functools.cmp_to_key(lambda a, b: compare(a[0], b[0], key)))


def compare(a, b, type):
    """-1, 0 or 1 in the one order of values: NaN last, none first, lists item by item and shorter first."""
    family, *parts = type
    if family == "float":
        if math.isnan(a) or math.isnan(b):
            return math.isnan(a) - math.isnan(b)
        return (a > b) - (a < b)
    if family == "option":
        if a is None or b is None:
            return (a is not None) - (b is not None)
        return compare(a.value, b.value, parts[0])
    if family == "list":
        return first_difference(a, b, itertools.repeat(parts[0]))
    if family == "tuple":
        return first_difference(a, b, parts)
    if family == "map":
        return first_difference(ordered(a, parts[0]), ordered(b, parts[0]), itertools.repeat(("tuple", *parts)))
    if family == "unit":
        return 0
    if family == "string":
        a, b = list(map(ord, a)), list(map(ord, b))
    return (a > b) - (a < b)


def first_difference(a, b, types):
    for x, y, type in zip(a, b, types):
        found = compare(x, y, type)
        if found:
            return found
    return (len(a) > len(b)) - (len(a) < len(b))


def equal(a, b, type):
    """Structural equality: NaN equals nothing, wherever it stands."""
    family, *parts = type
    if family == "float":
        return a == b
    if family == "option":
        return a is b if a is None or b is None else equal(a.value, b.value, parts[0])
    if family == "list":
        return len(a) == len(b) and all(equal(x, y, parts[0]) for x, y in zip(a, b))
    if family == "tuple":
        return all(equal(x, y, part) for x, y, part in zip(a, b, parts))
    if family == "map":
        return len(a) == len(b) and all(
            equal(p, q, ("tuple", *parts)) for p, q in zip(ordered(a, parts[0]), ordered(b, parts[0]))
        )
    return a == b


def wide(make):
    """A function of decimals with enough digits that nothing is rounded on the way."""

    @functools.wraps(make)
    def made(*args):
        with localcontext() as context:
            context.prec = 1200
            return make(*args)

    return made


# ---- cases -------------------------------------------------------------------------------------------------------

SECTIONS = {}
PARAMETERS = "abcdefg"


def model(builtin, params, result, text, rows):
    """Decorates the model of one instance: `text` is the call in the language over the parameters a, b, c …"""
    types = parts_of(params)
    head = ", ".join(f"{name}: {type}" for name, type in zip(PARAMETERS, types))
    program = f"fn f({head}) -> {result} {{ {text} }}"

    def decorate(run):
        tests = SECTIONS.setdefault(builtin, [])
        for row in rows:
            args = row if isinstance(row, tuple) else (row,)
            shown = [plain(arg, type_of(type)) for arg, type in zip(args, types, strict=True)]
            try:
                expect = {"value": plain(run(*args), type_of(result))}
            except Trap as trap:
                expect = {"trap": str(trap)}
            tests.append({"name": f"{len(tests) + 1}", "text": program, "args": shown, "expect": expect})
        return run

    return decorate


def cross(*pools, count=12, seed=1):
    """So many tuples of the pools, the same for the same seed; all of them where there are no more."""
    every = list(itertools.product(*pools))
    if len(every) <= count:
        return every
    chosen = sorted(random.Random(seed).sample(range(len(every)), count))
    return [every[index] for index in chosen]


def write(folder):
    """One file a family, one case a line; returns how many cases there are."""
    families = {}
    for builtin, tests in SECTIONS.items():
        families.setdefault(builtin.split(".")[0] if "." in builtin else "order", {})[builtin] = tests
    for family, sections in families.items():
        body = ",\n".join(
            f' {{"name": {json.dumps(name)}, "tests": [\n'
            + ",\n".join("  " + json.dumps(test, ensure_ascii=True) for test in tests)
            + "\n ]}"
            for name, tests in sections.items()
        )
        Path(folder, f"{family}.json").write_text(f'{{"name": "{family}", "sections": [\n{body}\n]}}\n', encoding="utf8")
    return sum(map(len, SECTIONS.values()))


def day(text):
    return datetime.date.fromisoformat(text)


D = Decimal
