"""Models of the builtins of string and regex: code points throughout, case and classes of ASCII, blanks White_Space."""

import re
import string

from oracle import Some, ensure, model, option

SMILE, ACUTE = "\U0001f600", "e\u0301"
WORDS = ["", "a", "abc", "Hello, World", "a,b,,c", SMILE + "x", ACUTE, "aaa", "\u00e9\u00df", "  pad ", "x\ny", "\u3000q\u00a0", "AbC1", "0"]
BLANKS = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
UPPER = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)


def clamp(place, length):
    return max(0, min(place, length))


def cut(items, start, end):
    start, end = clamp(start, len(items)), clamp(end, len(items))
    return items[start:end] if start < end else items[:0]


PLACES = [(0, 0), (0, 2), (1, 3), (-1, 2), (2, 1), (1, 99), (99, 100), (-5, -1)]
SLICES = [(word, *places) for word in ("", "abcd", SMILE + "ab") for places in PLACES]
COUNTS = [(word, n) for word in ("", "abc", SMILE + "x") for n in (0, 1, 2, 3, 9, -1)]
FINDS = [("", ""), ("abc", ""), ("abc", "b"), ("abcabc", "bc"), ("aaa", "aa"), ("abc", "x"), (SMILE + "ab", "a"), ("abc", "abcd"), ("", "a"), ("a.b", "."), ("AB", "a"), ("\u00e9\u00e9", "\u00e9")]

model("string.length", "string", "int", "a.length()", WORDS)(len)
model("string.is_empty", "string", "bool", "a.is_empty()", WORDS[:6])(lambda a: a == "")
model("string.concat", "string, string", "string", "a + b", FINDS)(lambda a, b: a + b)
model("string.join", "list<string>, string", "string", "a.join(b)", [([], ","), (["a"], ","), (["a", "b"], ", "), (["", ""], "-"), ([SMILE, "x"], ""), (["a", "", "b"], SMILE)])(lambda a, b: b.join(a))
model("string.at", "string, int", "option<string>", "a.at(b)", COUNTS)(lambda a, b: option(a[b] if 0 <= b < len(a) else None))
model("string.slice", "string, int, int", "string", "a.slice(b, c)", SLICES)(cut)
model("string.take", "string, int", "string", "a.take(b)", COUNTS)(lambda a, b: cut(a, 0, b))
model("string.drop", "string, int", "string", "a.drop(b)", COUNTS)(lambda a, b: cut(a, b, len(a)))
model("string.take_end", "string, int", "string", "a.take_end(b)", COUNTS)(lambda a, b: cut(a, len(a) - max(b, 0), len(a)))
model("string.drop_end", "string, int", "string", "a.drop_end(b)", COUNTS)(lambda a, b: cut(a, 0, len(a) - max(b, 0)))
model("string.chars", "string", "list<string>", "a.chars()", WORDS)(list)
model("string.code_points", "string", "list<int>", "a.code_points()", WORDS)(lambda a: list(map(ord, a)))
model("string.reverse", "string", "string", "a.reverse()", WORDS)(lambda a: a[::-1])


@model("string.repeat", "string, int", "string", "a.repeat(b)", [("ab", 0), ("ab", 1), ("ab", 3), ("", 5), (SMILE, 2), ("ab", -1), ("", -1)])
def repeat(a, b):
    ensure(b >= 0)
    return a * b


@model("string.from_code_points", "list<int>", "string", "String.from_code_points(a)", [[], [65, 66], [0x1F600], [0], [0x10FFFF], [0x110000], [0xD800], [0xDFFF], [0xD7FF, 0xE000], [-1], [97, 2**40]])
def from_code_points(a):
    ensure(all(0 <= c <= 0x10FFFF and not 0xD800 <= c <= 0xDFFF for c in a))
    return "".join(map(chr, a))


def found(place):
    return None if place < 0 else Some(place)


FROM = [(*pair, at) for pair in (("abcabc", "bc"), ("aaa", ""), ("", ""), (SMILE + "aa", "a")) for at in (0, 1, 2, 5, -3, 99)]
model("string.index_of_from", "string, string, int", "option<int>", "a.index_of_from(b, c)", FROM)(lambda a, b, c: found(a.find(b, clamp(c, len(a)))))
model("string.index_of", "string, string", "option<int>", "a.index_of(b)", FINDS)(lambda a, b: found(a.find(b)))
model("string.last_index_of", "string, string", "option<int>", "a.last_index_of(b)", FINDS)(lambda a, b: found(a.rfind(b)))
model("string.contains", "string, string", "bool", "a.contains(b)", FINDS)(lambda a, b: b in a)
model("string.starts_with", "string, string", "bool", "a.starts_with(b)", FINDS)(str.startswith)
model("string.ends_with", "string, string", "bool", "a.ends_with(b)", FINDS)(str.endswith)
model("string.replace", "string, string, string", "string", "a.replace(b, c)", [(*pair, by) for pair in FINDS for by in ("-", "")])(str.replace)
model("string.replace_first", "string, string, string", "string", "a.replace_first(b, c)", [(*pair, "<>") for pair in FINDS])(lambda a, b, c: a.replace(b, c, 1))
model("string.split", "string, string", "list<string>", "a.split(b)", [*FINDS, ("a,b,,c", ","), (",", ","), ("aXXbXX", "XX"), (SMILE + "x", "")])(lambda a, b: a.split(b) if b else list(a))


def places_of(a, b):
    """Where b stands in a, from left to right without overlap; every place for an empty text."""
    places, at = [], a.find(b)
    while at >= 0:
        places.append(at)
        at = a.find(b, at + max(len(b), 1))
    return places


@model("string.nth_index_of", "string, string, int", "option<int>", "a.nth_index_of(b, c)", [("abab", "ab", 1), ("abab", "ab", 2), ("abab", "ab", 3), ("aaaa", "aa", 2), ("abc", "", 1), ("abc", "", 4), ("abc", "", 5), ("abc", "b", 0), ("abc", "b", -1), (SMILE + "a" + SMILE, SMILE, 2)])
def nth_index_of(a, b, n):
    ensure(n >= 1)
    places = places_of(a, b)
    return Some(places[n - 1]) if n <= len(places) else None


@model("string.count", "string, string", "int", "a.count(b)", [pair for pair in FINDS if pair != ("", "")])
def count(a, b):
    ensure(b != "")
    return a.count(b)


def classes(id, members):
    rows = ["", "a", "Z", "5", "aZ", "a5", " ", "\t", "\u00e9", "\u0663", "a b", "\n\x0b\x0c", "\u00a0", "ABC", "xyz"]
    model(f"string.{id}", "string", "bool", f"a.{id}()", rows)(lambda a: a != "" and all(c in members for c in a))


classes("is_alpha", string.ascii_letters)
classes("is_digit", string.digits)
classes("is_upper", string.ascii_uppercase)
classes("is_lower", string.ascii_lowercase)
classes("is_space", " \t\n\r\x0b\x0c")
classes("is_alnum", string.ascii_letters + string.digits)

CASES = [*WORDS, "\u0130i", "hello wORLD it's", "ab-cd 3ef", "\u00c9a"]
model("string.to_lower", "string", "string", "a.to_lower()", CASES)(lambda a: a.translate(LOWER))
model("string.to_upper", "string", "string", "a.to_upper()", CASES)(lambda a: a.translate(UPPER))
model("string.capitalize", "string", "string", "a.capitalize()", CASES)(lambda a: a[:1].translate(UPPER) + a[1:].translate(LOWER))
model("string.swap_case", "string", "string", "a.swap_case()", CASES)(lambda a: "".join(c.translate(UPPER) if c in string.ascii_lowercase else c.translate(LOWER) for c in a))


@model("string.title", "string", "string", "a.title()", CASES)
def title(a):
    """A word is a run of ASCII letters."""
    return re.sub(r"[A-Za-z]+", lambda m: m[0][0].translate(UPPER) + m[0][1:].translate(LOWER), a)


TRIMS = [*WORDS, BLANKS + "x" + BLANKS, "\x1cx\x1d", "\u200bx", " \n a b \t", BLANKS]
model("string.trim", "string", "string", "a.trim()", TRIMS)(lambda a: a.strip(BLANKS))
model("string.trim_start", "string", "string", "a.trim_start()", TRIMS)(lambda a: a.lstrip(BLANKS))
model("string.trim_end", "string", "string", "a.trim_end()", TRIMS)(lambda a: a.rstrip(BLANKS))
model("string.split_whitespace", "string", "list<string>", "a.split_whitespace()", TRIMS)(lambda a: [w for w in re.split(f"[{BLANKS}]+", a) if w])
model("string.trim_chars", "string, string", "string", "a.trim_chars(b)", [("xxaxx", "x"), ("xyaxy", "yx"), ("", "x"), ("abc", ""), ("xx", "x"), (SMILE + "a" + SMILE, SMILE)])(lambda a, b: a.strip(b) if b else a)
model("string.lines", "string", "list<string>", "a.lines()", ["", "a", "a\n", "a\nb", "a\r\nb\rc\n", "\n\n", "\r\n", "a\n\n", "\u2028a\x0bb"])(lambda a: [] if a == "" else (lambda parts: parts[:-1] if parts[-1] == "" else parts)(re.split("\r\n|\r|\n", a)))

AROUND = [*FINDS, ("a=b=c", "="), ("=", "="), ("x" + SMILE + "y", SMILE)]
model("string.before", "string, string", "option<string>", "a.before(b)", AROUND)(lambda a, b: option(a.partition(b)[0] if b and b in a else ("" if b == "" else None)))
model("string.after", "string, string", "option<string>", "a.after(b)", AROUND)(lambda a, b: option(a.partition(b)[2] if b and b in a else (a if b == "" else None)))
model("string.before_last", "string, string", "option<string>", "a.before_last(b)", AROUND)(lambda a, b: option(a.rpartition(b)[0] if b and b in a else (a if b == "" else None)))
model("string.after_last", "string, string", "option<string>", "a.after_last(b)", AROUND)(lambda a, b: option(a.rpartition(b)[2] if b and b in a else ("" if b == "" else None)))

PADS = [("7", 3, "0"), ("7", 1, "0"), ("7", 0, "0"), ("7", -4, "0"), ("", 2, "ab"), ("x", 6, "ab"), ("x", 3, ""), ("xx", 1, ""), (SMILE, 3, "-"), ("a", 4, SMILE)]


def filling(a, width, fill):
    ensure(fill != "")
    missing = max(width - len(a), 0)
    return (fill * (missing + 1))[:missing]


model("string.pad_start", "string, int, string", "string", "a.pad_start(b, c)", PADS)(lambda a, b, c: filling(a, b, c) + a)
model("string.pad_end", "string, int, string", "string", "a.pad_end(b, c)", PADS)(lambda a, b, c: a + filling(a, b, c))
model("string.filter_chars", "string", "string", "a.filter_chars((c) => c.is_alpha())", WORDS)(lambda a: "".join(c for c in a if c in string.ascii_letters))
model("string.map_chars", "string", "string", 'a.map_chars((c) => if c == "a" { "" } else { c + "." })', WORDS)(lambda a: "".join("" if c == "a" else c + "." for c in a))

# ---- regex: the syntax is RE2's; these patterns and texts mean the same in Python's re ----------------------------------

TEXTS = ["", "a1b22", "hello world", "2026-11-22", "x=1;y=2", "aaa", "A\nB", "\u00e9" + SMILE, "foo.bar", "  a  b "]
PATTERNS = [r"[0-9]+", r"(\w+)=(\d)", r"^a", r"b$", r"(a)|(b)", r"(?i)HELLO", r"\d{4}-(\d\d)-(\d\d)", r"[^a-z ]", r"o+?", r"\.", r"(?:ab|a)1", r"(a|aa)(a?)"]


def quoted(pattern):
    return '"' + pattern.replace("\\", "\\\\") + '"'


def groups(match):
    return [option(group) for group in (match[0], *match.groups())]


for at, pattern in enumerate(PATTERNS):
    rows = TEXTS[at % 2 :: 2] + ["a1b22 x=1 b"]
    # Python's $ also stands before a last line end.
    plainly = re.compile(pattern.replace("$", r"\Z"), re.ASCII)
    use = quoted(pattern)
    model("regex.matches", "string", "bool", f"Regex.matches(a, {use})", rows)(lambda a, p=plainly: p.search(a) is not None)
    model("regex.find", "string", "option<string>", f"Regex.find(a, {use})", rows)(lambda a, p=plainly: (lambda m: None if m is None else Some(m[0]))(p.search(a)))
    model("regex.find_all", "string", "list<string>", f"Regex.find_all(a, {use})", rows)(lambda a, p=plainly: [m[0] for m in p.finditer(a)])
    model("regex.groups", "string", "option<list<option<string>>>", f"Regex.groups(a, {use})", rows)(lambda a, p=plainly: (lambda m: None if m is None else Some(groups(m)))(p.search(a)))
    model("regex.replace", "string", "string", f'Regex.replace(a, {use}, "<$0>")', rows)(lambda a, p=plainly: p.sub(lambda m: f"<{m[0]}>", a))
    if plainly.groups == 0:
        model("regex.split", "string", "list<string>", f"Regex.split(a, {use})", rows)(lambda a, p=plainly: p.split(a))
