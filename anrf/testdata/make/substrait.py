"""Writes anrf/testdata/cases/substrait: Substrait's function tests as programs of ours with their arguments and results.

    pip download --no-deps substrait-extensions==0.108.0 && unzip substrait_extensions-*.whl
    python3 anrf/testdata/make/substrait.py substrait_extensions/testcases

The tests are those of substrait-io/substrait (tests/cases, Apache-2.0). A test `f(1::i64, null::i64?) = null::i64?` becomes a
program over parameters; null becomes `none` and passes through. What has no counterpart is counted by its reason.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path

VERSION = "0.108.0"
TYPES = {"i8": "int", "i16": "int", "i32": "int", "i64": "int", "fp32": "float", "fp64": "float", "str": "string", "string": "string", "vchar": "string", "fchar": "string", "bool": "bool", "dec": "decimal", "date": "date"}
SAFE = 2**53 - 1


class Unmapped(Exception):
    """Why a test has no counterpart."""


# By name: the types of the arguments (n is int, float or decimal; i int, f float, d decimal, s string, b bool, x any, l list, F
# function), the result (= is the type of the first argument) and the expression over a, b, c.
ORDER = [(name, "xx", "bool", f"a {sign} b") for name, sign in (("lt", "<"), ("lte", "<="), ("gt", ">"), ("gte", ">="), ("equal", "=="), ("not_equal", "!="))]
FUNCTIONS = [
    *ORDER,
    ("is_distinct_from", "xx", "bool", "a != b"),
    ("is_not_distinct_from", "xx", "bool", "a == b"),
    ("between", "xxx", "bool", "b <= a and a <= c"),
    ("coalesce", "xx", "=", "a"),
    ("nullif", "xx", "option", "if a == b { none } else { some(a) }"),
    ("add", "nn", "=", "a + b"),
    ("subtract", "nn", "=", "a - b"),
    ("multiply", "nn", "=", "a * b"),
    ("divide", "ii", "int", "a.quot(b)"),
    ("divide", "ff", "float", "a / b"),
    ("modulus", "ii", "int", "a.rem(b)"),
    ("abs", "n", "=", "a.abs()"),
    ("negate", "n", "=", "-a"),
    ("power", "ii", "int", "a ** b"),
    ("power", "ff", "float", "a ** b"),
    ("sqrt", "f", "float", "a.sqrt()"),
    ("sqrt", "i", "float", "a.to_float().sqrt()"),
    ("exp", "f", "float", "a.exp()"),
    ("exp", "i", "float", "a.to_float().exp()"),
    ("sin", "f", "float", "a.sin()"),
    ("cos", "f", "float", "a.cos()"),
    ("tan", "f", "float", "a.sin() / a.cos()"),
    ("atan", "f", "float", "a.atan2(1.0)"),
    ("atan2", "ff", "float", "a.atan2(b)"),
    ("sinh", "f", "float", "(a.exp() - (-a).exp()) / 2.0"),
    ("cosh", "f", "float", "(a.exp() + (-a).exp()) / 2.0"),
    ("tanh", "f", "float", "(a.exp() - (-a).exp()) / (a.exp() + (-a).exp())"),
    ("asin", "f", "float", "a.atan2((1.0 - a * a).sqrt())"),
    ("acos", "f", "float", "(1.0 - a * a).sqrt().atan2(a)"),
    ("ln", "f", "float", "a.ln()"),
    ("ln", "i", "float", "a.to_float().ln()"),
    ("log2", "f", "float", "a.ln() / (2.0).ln()"),
    ("log2", "i", "float", "a.to_float().ln() / (2.0).ln()"),
    ("log10", "f", "float", "a.ln() / (10.0).ln()"),
    ("log10", "i", "float", "a.to_float().ln() / (10.0).ln()"),
    ("logb", "ff", "float", "b.ln() / a.ln()"),
    ("logb", "ii", "float", "b.to_float().ln() / a.to_float().ln()"),
    ("factorial", "i", "int", 'if a < 0 { fail("no factorial") } else { List.range(1, a + 1).product() }'),
    ("bitwise_and", "ii", "int", "a & b"),
    ("bitwise_or", "ii", "int", "a | b"),
    ("bitwise_xor", "ii", "int", "a ^ b"),
    ("bitwise_not", "i", "int", "~a"),
    ("shift_left", "ii", "int", "a << b"),
    ("shift_right", "ii", "int", "a >> b"),
    ("ceil", "f", "float", "a.ceil().to_float()"),
    ("floor", "f", "float", "a.floor().to_float()"),
    ("round", "fi", "float", "a.round_to(b)"),
    ("is_nan", "f", "bool", "a.is_nan()"),
    ("is_finite", "f", "bool", "a.is_finite()"),
    ("is_infinite", "f", "bool", "not (a.is_finite() or a.is_nan())"),
    ("and", "bb", "bool", "a and b"),
    ("or", "bb", "bool", "a or b"),
    ("xor", "bb", "bool", "a.xor(b)"),
    ("and_not", "bb", "bool", "a and not b"),
    ("not", "b", "bool", "not a"),
    ("is_true", "b", "bool", "a"),
    ("is_not_true", "b", "bool", "not a"),
    ("is_false", "b", "bool", "not a"),
    ("is_not_false", "b", "bool", "a"),
    ("upper", "s", "string", "a.to_upper()"),
    ("lower", "s", "string", "a.to_lower()"),
    ("char_length", "s", "int", "a.length()"),
    ("concat", "ss", "string", "a + b"),
    ("contains", "ss", "bool", "a.contains(b)"),
    ("starts_with", "ss", "bool", "a.starts_with(b)"),
    ("ends_with", "ss", "bool", "a.ends_with(b)"),
    ("replace", "sss", "string", "a.replace(b, c)"),
    ("repeat", "si", "string", "a.repeat(b)"),
    ("reverse", "s", "string", "a.reverse()"),
    ("left", "si", "string", "a.take(b)"),
    ("right", "si", "string", "a.take_end(b)"),
    ("lpad", "sis", "string", "a.pad_start(b, c).take(b)"),
    ("rpad", "sis", "string", "a.pad_end(b, c).take(b)"),
    ("substring", "sii", "string", 'if b < 1 { fail("counts from the end") } else { a.slice(b - 1, b - 1 + c) }'),
    ("trim", "ss", "string", "a.trim_chars(b)"),
    ("ltrim", "ss", "string", 'a.chars().drop_while((c) => b.contains(c)).join("")'),
    ("rtrim", "ss", "string", 'a.reverse().chars().drop_while((c) => b.contains(c)).join("").reverse()'),
    ("string_split", "ss", "list<string>", "a.split(b)"),
    ("concat_ws", "sss", "string", "[b, c].join(a)"),
    ("concat_ws", "ssss", "string", "[b, c, d].join(a)"),
    ("like", "ss", "bool", None),
    ("regexp_match_substring", "ss", "string", "Regex.find(a, {1}) ?? \"\""),
    ("regexp_match_substring", "ssiii", "string", "Regex.find(a, {1}) ?? \"\""),
    ("regexp_string_split", "ss", "list<string>", "Regex.split(a, {1})"),
    ("regexp_count_substring", "ss", "int", "Regex.find_all(a, {1}).length()"),
    ("regexp_count_substring", "ssi", "int", "Regex.find_all(a, {1}).length()"),
    ("cardinality", "l", "int", "a.length()"),
    ("filter", "lF", "=", "a.filter({1})"),
    ("transform", "lF", "=", "a.map({1})"),
    ("any_match", "lF", "bool", "a.any({1})"),
    ("all_match", "lF", "bool", "a.all({1})"),
    ("sort", "l", "=", "a.sort()"),
]
INEXACT = set("exp sqrt sin cos tan atan atan2 sinh cosh tanh asin acos ln log2 log10 logb power".split())
LETTERS = {"int": "ixn", "float": "fxn", "decimal": "dxn", "string": "sx", "bool": "bx", "date": "x"}
# Options that say what the language does anyway.
DEFAULTS = {"[overflow:ERROR]", "[on_domain_error:ERROR]", "[on_domain_error:NAN]", "[on_division_by_zero:ERROR]", "[rounding:TIE_TO_EVEN]", "[spaces_only:FALSE]", "[spaces_only:False]", "[direction:ASC_NULLS_LAST]", "[division_type:TRUNCATE]", "[on_log_zero:MINUS_INFINITY]", "[null_handling:IGNORE_NULLS]"}
NEVER_NULL = {"is_distinct_from", "is_not_distinct_from", "coalesce", "and", "or", "and_not", "is_true", "is_not_true", "is_false", "is_not_false", "nullif", "cardinality", "concat_ws", "is_null", "is_not_null"}


def split_top(text):
    """The comma-separated parts outside quotes and brackets."""
    parts, depth, start, quoted = [], 0, 0, False
    for at, c in enumerate(text):
        if c == "'":
            quoted = not quoted
        elif quoted:
            continue
        elif c in "([<":
            depth += 1
        elif c in ")]" or (c == ">" and text[at - 1] != "-"):
            depth -= 1
        elif c == "," and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    return [*parts, text[start:].strip()] if text.strip() else []


def typed(text):
    """A value with its type: ("int", 5), ("list<int>", [..]), ("function", "(x) => x > 2"), None for null."""
    value, _, type = text.rpartition("::")
    if "<" in type and not value:
        value, _, type = text.partition("::")
    if "::list<" in text and text.startswith("["):
        value, type = text.split("::list<", 1)[0], "list<" + text.split("::list<", 1)[1]
        inner = our_type(type[5:-1].rstrip("?>"))
        items = split_top(value[1:-1])
        if any(one.lower() == "null" for one in items):
            raise Unmapped("null inside a list")
        return f"list<{inner}>", [plain(one, inner, type) for one in items]
    if "::func<" in text:
        return "function", lambda_text(text.split("::func<", 1)[0])
    ours = our_type(type)
    if value.lower() == "null":
        return ours, None
    return ours, plain(value, ours, type)


def our_type(type):
    base = re.match(r"[a-z0-9]+", type)
    if base is None or base[0] not in TYPES:
        raise Unmapped(f"the type {base[0] if base else type}")
    return TYPES[base[0]]


def plain(value, ours, type):
    if ours == "int":
        return int(value) if abs(int(value)) <= SAFE else str(int(value))
    if ours == "float":
        special = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity", "+inf": "Infinity"}
        number = special.get(value.lower())
        return number if number is not None else ("-0" if float(value) == 0 and value.startswith("-") else float(value))
    if ours == "decimal":
        if "e" in value.lower():
            raise Unmapped("decimals with an exponent")
        digits = value.lstrip("+-").replace(".", "").lstrip("0")
        if int(digits or 0) > 2**63 - 1 or len(value.partition(".")[2].rstrip("0")) > 18:
            raise Unmapped("decimals of more than 18 digits")
        return normal(value)
    if ours == "bool":
        return value.lower() == "true"
    return value.strip("'")


def normal(value):
    """A decimal without trailing zeros."""
    text = value.lstrip("+")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("", "-", "-0") else text


def lambda_text(text):
    found = re.fullmatch(r"\((\w+) -> (\w+)\(\1, (-?\d+)::i\d+\)\)", text)
    signs = {"gt": ">", "lt": "<", "gte": ">=", "lte": "<=", "multiply": "*", "add": "+", "subtract": "-", "equal": "=="}
    if found is None or found[2] not in signs:
        raise Unmapped("functions of other forms")
    return f"({found[1]}) => {found[1]} {signs[found[2]]} {found[3]}"


def literal(text):
    return json.dumps(text, ensure_ascii=False)


def like_pattern(pattern):
    parts = [{"%": ".*", "_": "."}.get(c, re.escape(c)) for c in pattern]
    return literal("^(?s:" + "".join(parts) + ")$")


def case(line, name):
    found = re.fullmatch(r"(\w+)\((.*)\)\s*(\[.*\])?\s*= (.+)", line)
    if found is None:
        raise Unmapped("lines of other forms")
    function, inside, option, result = found.groups()
    if option is not None and option not in DEFAULTS:
        raise Unmapped(f"the option {option}")
    args = [typed(one) for one in split_top(inside)]
    letters = ["l" if type.startswith("list") else "F" if type == "function" else LETTERS[type] for type, _ in args]
    for id, params, gives, text in FUNCTIONS:
        fits = len(params) == len(letters) and all(want in have for want, have in zip(params, letters))
        if id == function and fits:
            return program(function, args, gives, text, result, line, name)
    raise Unmapped(f"the function {function}" if all(f[0] != function for f in FUNCTIONS) else f"other types of {function}")


def program(function, args, gives, text, result, line, name):
    types = [type for type, _ in args]
    if len({t for t in types if t in LETTERS}) > 1 and function in {f[0] for f in ORDER} | {"add", "subtract", "multiply", "between"}:
        raise Unmapped("mixed types")
    used = [index for index in range(len(args)) if "{%d}" % index not in (text or "") and types[index] != "function"]
    values = [value for _, value in args]
    if function == "like":
        text, used = f"Regex.matches(a, {like_pattern(values[1])})" if values[1] is not None else None, [0]
    if text is None:
        raise Unmapped("null as a pattern")
    if function.startswith("regexp"):
        if values[1] is None:
            raise Unmapped("null as a pattern")
        if re.search(r"\(\?[=!<]|\\\d", str(values[1])):
            raise Unmapped("patterns that look around")
        if any(value is None or str(value) not in ("0", "1") for value in values[2:]):
            raise Unmapped("places and occurrences in regular expressions")
        used = [0]
        text = text.replace("{1}", literal(values[1]))
    for index, (type, value) in enumerate(args):
        if type == "function":
            text = text.replace("{%d}" % index, value)
    gives = types[0] if gives == "=" else gives
    if function in ("upper", "lower") and any(ord(c) > 127 and c.isalpha() for c in str(values[0])):
        raise Unmapped("case beyond ASCII")
    expect, result_type = expectation(result, gives)
    has_null = any(values[index] is None for index in used)
    if not has_null and "value" in expect and expect["value"] is None and function != "nullif":
        raise Unmapped("null that stands for an error")
    if function == "shift_left" and "::i64" not in line:
        raise Unmapped("the wrap of small ints")
    if has_null and (function in NEVER_NULL or expect.get("value") is not None):
        raise Unmapped("null that does not pass through")
    names = "abcd"
    if gives == "option":
        gives = f"option<{types[0]}>"
    if isinstance(expect.get("value"), float) and result_type == "float" and gives == "float" and (function in INEXACT or "fp32" in line) and not has_null:
        wanted = repr(expect["value"])
        size = abs(expect["value"])
        within = 1e-6 * size if "fp32" in line else 1e-12 * size
        wanted = wanted if "." in wanted or "e" in wanted else wanted + ".0"
        within_text = repr(within) if within else "0.0"
        text = f"(({text}) - ({wanted})).abs() <= {within_text}"
        gives, expect = "bool", {"value": True}
    if has_null:
        inner = text
        heads = [f"{names[i]}: option<{types[i]}>" for i in used]
        for position, index in enumerate(reversed(used)):
            method = "map" if position == 0 else "flat_map"
            inner = f"{names[index]}.{method}(({names[index]}) => {inner})"
        text, gives = inner, f"option<{gives}>"
    else:
        heads = [f"{names[i]}: {types[i]}" for i in used]
    program_text = f"fn f({', '.join(heads)}) -> {gives} {{ {text} }}"
    return {"name": name, "text": program_text, "args": [values[i] for i in used], "expect": expect}


TRAPS = {"divide": "DIV_ZERO", "modulus": "DIV_ZERO", "factorial": "FAIL"}


def expectation(result, gives):
    if result.startswith("<!"):
        if "ERROR" not in result:
            raise Unmapped("results that are not said")
        return {"trap": "?"}, None
    type, value = typed(result)
    return {"value": value}, type


def trapped(made, line):
    """Small ints overflow there; here only 64 bits do."""
    if made["expect"].get("trap") != "?":
        return made
    function = line.split("(")[0]
    if "::i64" not in line and function not in ("divide", "modulus"):
        raise Unmapped("the overflow of small ints")
    if function == "factorial" and "(-" not in line:
        trap = "OVERFLOW"
    elif "overflow" in line:
        trap = "OVERFLOW"
    else:
        trap = TRAPS.get(function)
    if trap is None:
        raise Unmapped("errors of other kinds")
    return {**made, "expect": {"trap": trap}}


def main(source, target):
    reasons, made = Counter(), 0
    for folder in sorted(path for path in source.iterdir() if path.is_dir()):
        sections = []
        for file in sorted(folder.glob("*.test")):
            lines = file.read_text(encoding="utf8").splitlines()
            if "AGGREGATE" in lines[0]:
                continue
            tests = []
            for number, line in enumerate(lines, 1):
                if not re.match(r"[a-z_0-9]+\(", line):
                    continue
                try:
                    tests.append(trapped(case(line, f"line {number}"), line))
                except Unmapped as reason:
                    reasons[str(reason)] += 1
            if tests:
                sections.append((f"{folder.name}/{file.stem}", tests))
        made += sum(len(tests) for _, tests in sections)
        if sections:
            body = ",\n".join(
                f' {{"name": {json.dumps(name)}, "tests": [\n' + ",\n".join("  " + json.dumps(one) for one in tests) + "\n ]}"
                for name, tests in sections
            )
            head = f"substrait-io/substrait {VERSION}, tests/cases/{folder.name} (Apache-2.0), as programs"
            target.joinpath(f"{folder.name}.json").write_text(f'{{"name": "{head}", "sections": [\n{body}\n]}}\n', encoding="utf8")
    table = {"version": VERSION, "cases": made, "unmapped": dict(sorted(reasons.items()))}
    target.parent.parent.joinpath("substrait.json").write_text(json.dumps(table, indent=2) + "\n", encoding="utf8")
    print(json.dumps(table, indent=2))


if len(sys.argv) != 2:
    sys.exit(__doc__)
TARGET = Path(__file__).resolve().parent.parent / "cases" / "substrait"
TARGET.mkdir(exist_ok=True)
main(Path(sys.argv[1]), TARGET)
