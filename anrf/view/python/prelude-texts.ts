/** Helpers of the Python view for texts, decimals and dates; the form is that of the base. */
export const TEXTS: string = String.raw`
def _from_code_points(points: list[int]) -> str:
    for point in points:
        if not 0 <= point <= 0x10FFFF or 0xD800 <= point <= 0xDFFF:
            _trap("INVALID", f"{point} is no code point")
    return "".join(map(chr, points))

def _found(place: int) -> Some[int] | None:
    return None if place < 0 else Some(place)

def _index_of_from(text: str, part: str, start: int) -> Some[int] | None:
    return _found(text.find(part, _clamp(start, len(text))))

def _nth_index_of(text: str, part: str, nth: int) -> Some[int] | None:
    count = _count(nth, 1)
    if part == "":
        return Some(count - 1) if count - 1 <= len(text) else None
    at = text.find(part)
    while count > 1 and at >= 0:
        at, count = text.find(part, at + len(part)), count - 1
    return _found(at)

def _before(text: str, at: int) -> Some[str] | None:
    return None if at < 0 else Some(text[:at])

def _after(text: str, part: str, at: int) -> Some[str] | None:
    return None if at < 0 else Some(text[at + len(part) :])

def _text_before(text: str, part: str) -> Some[str] | None:
    return _before(text, text.find(part))

def _text_after(text: str, part: str) -> Some[str] | None:
    return _after(text, part, text.find(part))

def _text_before_last(text: str, part: str) -> Some[str] | None:
    return _before(text, text.rfind(part))

def _text_after_last(text: str, part: str) -> Some[str] | None:
    return _after(text, part, text.rfind(part))

def _count_text(text: str, part: str) -> int:
    return _trap("INVALID", "the empty text cannot be counted") if part == "" else text.count(part)

def _holds(text: str, part: str) -> bool:
    return part in text

def _join(texts: list[str], separator: str) -> str:
    return separator.join(texts)

def _split(text: str, separator: str) -> list[str]:
    return list(text) if separator == "" else text.split(separator)

_BLANKS = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"

def _words(text: str) -> list[str]:
    return [word for word in re.split(f"[{_BLANKS}]+", text) if word != ""]

def _lines(text: str) -> list[str]:
    lines = re.split("\r\n|\n|\r", text)
    return lines[:-1] if lines[-1] == "" else lines

def _trim_chars(text: str, dropped: str) -> str:
    return text.strip(dropped) if dropped else text

def _lower(text: str) -> str:
    return re.sub("[A-Z]+", lambda run: run[0].lower(), text)

def _upper(text: str) -> str:
    return re.sub("[a-z]+", lambda run: run[0].upper(), text)

def _capitalize(text: str) -> str:
    return _upper(text[:1]) + _lower(text[1:])

def _title(text: str) -> str:
    return re.sub("[A-Za-z]+", lambda word: _capitalize(word[0]), text)

def _swap_case(text: str) -> str:
    return re.sub("[A-Za-z]+", lambda run: run[0].swapcase(), text)

def _padding(text: str, width: int, fill: str) -> str:
    if fill == "":
        _trap("INVALID", "the empty text fills nothing")
    missing = max(0, width - len(text))
    return (fill * (missing // len(fill) + 1))[:missing]

def _pad_start(text: str, width: int, fill: str) -> str:
    return _padding(text, width, fill) + text

def _pad_end(text: str, width: int, fill: str) -> str:
    return text + _padding(text, width, fill)

def _matches(text: str, pattern: str) -> list[re.Match[str]]:
    """Every match from left to right, none overlapping another; after an empty one the search goes on one further."""
    found, at = [], 0
    while at <= len(text) and (match := re.compile(pattern, re.ASCII).search(text, at)) is not None:
        found.append(match)
        at = match.end() if match.end() > match.start() else match.end() + 1
    return found

def _match_text(text: str, pattern: str) -> Some[str] | None:
    found = re.search(pattern, text, re.ASCII)
    return None if found is None else Some(found[0])

def _match_groups(text: str, pattern: str) -> Some[list[Some[str] | None]] | None:
    found = re.search(pattern, text, re.ASCII)
    return None if found is None else Some([None if part is None else Some(part) for part in (found[0], *found.groups())])

def _split_matches(text: str, pattern: str) -> list[str]:
    pieces, start = [], 0
    for found in _matches(text, pattern):
        pieces.append(text[start : found.start()])
        start = found.end()
    return [*pieces, text[start:]]

def _replace_matches(text: str, pattern: str, by: str) -> str:
    """A dollar and digits insert a group, two dollars make one."""
    made, start = "", 0
    for found in _matches(text, pattern):
        groups = [found[0], *found.groups()]
        def expanded(mark: re.Match[str], groups: list = groups) -> str:
            tens, ones = mark[1], mark[2] or ""
            if tens is None:
                return "$"
            if ones and int(tens + ones) < len(groups):
                return groups[int(tens + ones)] or ""
            return (groups[int(tens)] or "") + ones if int(tens) < len(groups) else mark[0]
        made += text[start : found.start()] + re.sub(r"\$(?:\$|([0-9])([0-9]?))", expanded, by)
        start = found.end()
    return made + text[start:]

def _exact(coefficient: int, scale: int) -> Decimal:
    """The decimal number without trailing zeros; traps where its digits need more than 64 bits."""
    while scale > 0 and coefficient % 10 == 0:
        coefficient, scale = coefficient // 10, scale - 1
    if scale > 18 or not -9223372036854775808 <= coefficient <= 9223372036854775807:
        _trap("DECIMAL", "a result has too many digits for a decimal number")
    return Decimal(coefficient).scaleb(-scale, Context(prec=40))

def _digits_of(value: Decimal) -> tuple[int, int]:
    """All digits as an int, and how many of them stand behind the point."""
    sign, digits, exponent = value.as_tuple()
    whole = int("".join(map(str, digits)) or "0") * (-1 if sign else 1)
    return (whole, -int(exponent)) if int(exponent) <= 0 else (whole * 10 ** int(exponent), 0)

def _add_decimal(a: Decimal, b: Decimal) -> Decimal:
    (x, i), (y, j) = _digits_of(a), _digits_of(b)
    scale = max(i, j)
    return _exact(x * 10 ** (scale - i) + y * 10 ** (scale - j), scale)

def _neg_decimal(value: Decimal) -> Decimal:
    digits, scale = _digits_of(value)
    return _exact(-digits, scale)

def _abs_decimal(value: Decimal) -> Decimal:
    return _neg_decimal(value) if value < 0 else value

def _sub_decimal(a: Decimal, b: Decimal) -> Decimal:
    (x, i), (y, j) = _digits_of(a), _digits_of(b)
    scale = max(i, j)
    return _exact(x * 10 ** (scale - i) - y * 10 ** (scale - j), scale)

def _mul_decimal(a: Decimal, b: Decimal) -> Decimal:
    (x, i), (y, j) = _digits_of(a), _digits_of(b)
    return _exact(x * y, i + j)

def _rounded(above: int, below: int, rule: str) -> int:
    """The quotient as a whole number, by a rule: half_even, half_up, down, up, floor or ceiling."""
    quotient, rest = divmod(abs(above), abs(below))
    is_negative = (above < 0) != (below < 0)
    half = 2 * rest - abs(below)
    away = rest != 0 and (
        rule == "up"
        or (rule == "floor" and is_negative)
        or (rule == "ceiling" and not is_negative)
        or (rule == "half_up" and half >= 0)
        or (rule == "half_even" and (half > 0 or (half == 0 and quotient % 2 == 1)))
    )
    size = quotient + 1 if away else quotient
    return -size if is_negative else size

def _div_decimal(a: Decimal, b: Decimal, digits: int, rule: str) -> Decimal:
    places = _places(digits)
    (x, i), (y, j) = _digits_of(a), _digits_of(b)
    if y == 0:
        _trap("DIV_ZERO", "a decimal number is divided by zero")
    return _exact(_rounded(x * 10 ** (j + places), y * 10**i, rule), places)

def _round_decimal(value: Decimal, digits: int, rule: str) -> Decimal:
    places = _places(digits)
    whole, scale = _digits_of(value)
    return _exact(_rounded(whole * 10**places, 10**scale, rule), places)

def _fixed_decimal(value: Decimal, digits: int) -> str:
    places = _places(digits)
    whole, scale = _digits_of(value)
    rounded = _rounded(whole * 10**places, 10**scale, "half_even")
    text = str(abs(rounded)).rjust(places + 1, "0")
    sign = "-" if rounded < 0 else ""
    return sign + (text if places == 0 else f"{text[:-places]}.{text[-places:]}")

def _decimal_text(value: Decimal) -> str:
    return _fixed_decimal(value, _digits_of(value)[1])

def _parse_decimal(text: str) -> Some[Decimal] | None:
    if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text):
        return None
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    digits = (whole.lstrip("+-") + fraction).lstrip("0") or "0"
    if len(fraction) > 18 or len(digits) > 19:
        return None
    try:
        return Some(_exact(-int(digits) if text.startswith("-") else int(digits), len(fraction)))
    except Trap:
        return None

def _sum_decimal(items: list[Decimal]) -> Decimal:
    return _fold(items, Decimal(0), _add_decimal)

def _from_ymd(year: int, month: int, day: int) -> Some[date] | None:
    try:
        return Some(date(year, month, day))
    except (ValueError, OverflowError):
        return None

def _parse_day(text: str) -> Some[date] | None:
    return _from_ymd(*map(int, text.split("-"))) if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None

def _days_between(start: date, end: date) -> int:
    return (end - start).days

def _add_days(day: date, count: int) -> date:
    try:
        return day + timedelta(days=count)
    except OverflowError:
        return _trap("DATE", "a date leaves the years 1 to 9999")

def _is_leap_year(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)

def _add_months(day: date, count: int) -> date:
    """The same day of another month, or the last one of it."""
    year, month = divmod(12 * day.year + day.month - 1 + count, 12)
    if not 1 <= year <= 9999:
        _trap("DATE", "a date leaves the years 1 to 9999")
    last = (29 if _is_leap_year(year) else 28) if month == 1 else 30 if month in (3, 5, 8, 10) else 31
    return date(year, month + 1, min(day.day, last))

def _months_between(start: date, end: date) -> int:
    months = 12 * (end.year - start.year) + end.month - start.month
    if months > 0 and end.day < start.day:
        return months - 1
    return months + 1 if months < 0 and end.day > start.day else months
`;
