"""Prints calls of the builtins with arguments made by chance, and what the models say they come to.

    python3 anrf/testdata/make/random_calls.py SEED COUNT

JSON: programs by text, each with COUNT pairs of arguments and outcome, the same for the same seed. Builtins whose last bit is
a library's own are left out: anrf/testdata/libm holds them.
"""

import datetime
import json
import math
import random
import sys

sys.dont_write_bytecode = True

import oracle  # noqa: E402
from oracle import MAX, MIN, PARAMETERS, D, Some, Trap, decimal_text, parts_of, plain, type_of  # noqa: E402

RANDOM = random.Random(int(sys.argv[1]))
COUNT = int(sys.argv[2])
CHARACTERS = "abcABC019 ,=.\t\n\u00e9\U0001f600\u00df-"
LEFT_OUT = {"float.exp", "float.ln", "float.sin", "float.cos", "float.atan2", "float.pow"}
# What grows with its arguments gets small ones.
GROWING = ("repeat", "range", "combinations", "pad_", "splice", "slice")


def integer():
    corners = [0, 1, -1, 2, -2, 3, 5, 10, MAX, MIN, 2**53]
    choices = [lambda: RANDOM.choice(corners), lambda: RANDOM.randint(-20, 20), lambda: RANDOM.randint(-(10**6), 10**6), lambda: RANDOM.randint(MIN, MAX)]
    return RANDOM.choice(choices)()


def floating():
    corners = [0.0, -0.0, 1.0, 0.5, 2.5, -1.5, math.nan, math.inf, -math.inf]
    choices = [lambda: RANDOM.choice(corners), lambda: RANDOM.uniform(-10, 10), lambda: RANDOM.randint(-100, 100) / 8, lambda: 10 ** RANDOM.uniform(-300, 300)]
    return RANDOM.choice(choices)()


def decimal():
    size = RANDOM.choice([1000, 10**9, MAX])
    return D(decimal_text(D(RANDOM.randint(-size, size)).scaleb(-RANDOM.choice([0, 0, 1, 2, 5, 9, 18]))))


SCALARS = {
    "unit": lambda: (),
    "bool": lambda: RANDOM.random() < 0.5,
    "int": integer,
    "float": floating,
    "string": lambda: "".join(RANDOM.choice(CHARACTERS) for _ in range(RANDOM.randint(0, 8))),
    "decimal": decimal,
    "date": lambda: datetime.date.fromordinal(RANDOM.choice([1, 3652059, RANDOM.randint(1, 3652059)])),
}


def value(type):
    family, *parts = type
    if family == "list":
        return [value(parts[0]) for _ in range(RANDOM.randint(0, 5))]
    if family == "option":
        return None if RANDOM.random() < 0.3 else Some(value(parts[0]))
    if family == "tuple":
        return tuple(value(part) for part in parts)
    if family == "map":
        return {value(parts[0]): value(parts[1]) for _ in range(RANDOM.randint(0, 4))}
    return SCALARS[family]()


PROGRAMS = {}


def model(builtin, params, result, text, rows):
    """As oracle.model, but the rows only lend some of their arguments."""
    types = parts_of(params)
    head = ", ".join(f"{name}: {type}" for name, type in zip(PARAMETERS, types))
    rows = [row if isinstance(row, tuple) else (row,) for row in rows]

    def argument(index):
        made = RANDOM.choice(rows)[index] if RANDOM.random() < 0.35 else value(type_of(types[index]))
        is_count = isinstance(made, int) and not isinstance(made, bool) and any(word in builtin for word in GROWING)
        return max(-5, min(made, 12)) if is_count else made

    def decorate(run):
        calls = PROGRAMS.setdefault(f"fn f({head}) -> {result} {{ {text} }}", [])
        for _ in range(0 if builtin in LEFT_OUT else COUNT):
            args = [argument(index) for index in range(len(types))]
            try:
                outcome = {"value": plain(run(*args), type_of(result))}
            except Trap as trap:
                outcome = {"trap": str(trap)}
            calls.append([[plain(arg, type_of(type)) for arg, type in zip(args, types)], outcome])
        return run

    return decorate


oracle.model = model

import containers  # noqa: E402, F401
import data  # noqa: E402, F401
import scalars  # noqa: E402, F401
import texts  # noqa: E402, F401

json.dump({text: calls for text, calls in PROGRAMS.items() if calls}, sys.stdout)
