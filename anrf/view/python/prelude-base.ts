/**
 * Helpers of the Python view: values, ints, floats, options, promises. Each stands between empty lines and begins with
 * its name; what a helper uses of the others is found by their names, and so are the modules that it needs.
 */
export const BASE: string = String.raw`
class Trap(Exception):
    """Ends a run without a value: OVERFLOW, DIV_ZERO, INDEX, NONE, INVALID, DECIMAL, DATE, FAIL, CONTRACT or HOLE."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code

_T = TypeVar("_T")

@dataclass(frozen=True)
class Some(Generic[_T]):
    """A value that may be missing and is there; None is one that is not."""

    value: _T

def _trap(code: str, message: str) -> NoReturn:
    raise Trap(code, message)

def _int(value: int) -> int:
    """Traps where an int leaves 64 bits."""
    if not -9223372036854775808 <= value <= 9223372036854775807:
        _trap("OVERFLOW", "a result needs more than 64 bits")
    return value

def _parts(value: Any) -> list:
    """What a record or a case holds, behind its place in its variant."""
    return [getattr(type(value), "_order", 0), *(getattr(value, field.name) for field in fields(value))]

def _compare(a: Any, b: Any) -> int:
    """One order for all values: NaN last, lists item by item, None first, cases as declared."""
    if isinstance(a, (list, tuple)):
        return next((order for x, y in zip(a, b) if (order := _compare(x, y)) != 0), _sign(len(a) - len(b)))
    if isinstance(a, dict):
        return _compare(list(a.items()), list(b.items()))
    if a is None or b is None:
        return (a is not None) - (b is not None)
    if is_dataclass(a):
        return _compare(_parts(a), _parts(b))
    return (a > b) - (a < b) or (a != a) - (b != b)

def _equal(a: Any, b: Any) -> bool:
    """Equal in every part; a NaN equals nothing, not even itself."""
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(_equal(x, y) for x, y in zip(a, b))
    if isinstance(a, dict):
        return _equal(list(a.items()), list(b.items()))
    if a is None or b is None:
        return a is b
    if is_dataclass(a):
        return _equal(_parts(a), _parts(b))
    return a == b

def _min(a: _T, b: _T) -> _T:
    return b if _compare(b, a) < 0 else a

def _max(a: _T, b: _T) -> _T:
    return b if _compare(b, a) > 0 else a

def _claim(what: str, holds: Callable[[], bool]) -> None:
    """A promise of the program; a trap while it is asked counts as false."""
    try:
        is_true = holds()
    except Trap:
        is_true = False
    if not is_true:
        _trap("CONTRACT", f"does not hold: {what}")

def _is_measure(value: Any) -> bool:
    return all(map(_is_measure, value)) if isinstance(value, (list, tuple)) else type(value) is int and value >= 0

def _shrinks(before: Any, measure: Callable[[], Any]) -> Any:
    """The measure of a loop, which shrinks from test to test and is never below 0."""
    now: list = []
    def holds() -> bool:
        now.append(measure())
        return before is None or (_is_measure(before) and _compare(now[0], before) < 0)
    _claim("what the loop decreases shrinks", holds)
    return now[0]

_measures: dict[str, Any] = {}

def _enter(name: str, measure: Callable[[], Any]) -> Any:
    """Enters a function whose measure shrinks from call to call inside it; gives the measure of the call around."""
    open_measure, now = _measures.get(name), []
    def holds() -> bool:
        now.append(measure())
        return _is_measure(now[0]) and (open_measure is None or _compare(now[0], open_measure) < 0)
    _claim(f"what {name} decreases shrinks", holds)
    _measures[name] = now[0]
    return open_measure

def _leave(name: str, open_measure: Any) -> None:
    if open_measure is None:
        _measures.pop(name, None)
    else:
        _measures[name] = open_measure

def _divisor(value: int) -> int:
    return _trap("DIV_ZERO", "a number is divided by zero") if value == 0 else value

def _div(a: int, b: int) -> int:
    """Division that rounds down."""
    return _int(a // _divisor(b))

def _mod(a: int, b: int) -> int:
    """The remainder of division that rounds down: it has the sign of b."""
    return a % _divisor(b)

def _quot(a: int, b: int) -> int:
    """Division that rounds toward zero."""
    size = abs(a) // abs(_divisor(b))
    return _int(size if (a < 0) == (b < 0) else -size)

def _rem(a: int, b: int) -> int:
    """The remainder of division that rounds toward zero: it has the sign of a."""
    size = abs(a) % abs(_divisor(b))
    return -size if a < 0 else size

def _pow(base: int, exponent: int) -> int:
    if exponent < 0:
        _trap("INVALID", "the exponent is negative")
    if abs(base) <= 1:
        return base ** (exponent % 2 if base == -1 else min(exponent, 1))
    return _trap("OVERFLOW", "a power needs more than 64 bits") if exponent > 63 else _int(base**exponent)

def _shift(value: int, places: int, is_left: bool) -> int:
    if not 0 <= places <= 63:
        _trap("INVALID", "a shift goes over 0 to 63 places")
    return ((value << places) + 2**63) % 2**64 - 2**63 if is_left else value >> places

def _sign(value: int) -> int:
    return (value > 0) - (value < 0)

def _isqrt(value: int) -> int:
    return _trap("INVALID", "a negative number has no root") if value < 0 else math.isqrt(value)

def _pow_mod(base: int, exponent: int, modulus: int) -> int:
    if modulus < 1 or exponent < 0:
        _trap("INVALID", "a modulus is at least 1, an exponent at least 0")
    return pow(base, exponent, modulus)

def _base(base: int) -> int:
    return base if 2 <= base <= 36 else _trap("INVALID", "a base goes from 2 to 36")

def _to_base(value: int, base: int) -> str:
    width, rest, digits = _base(base), abs(value), ""
    while rest > 0 or digits == "":
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest % width] + digits
        rest //= width
    return "-" + digits if value < 0 else digits

def _fitting(value: int) -> Some[int] | None:
    return Some(value) if -9223372036854775808 <= value <= 9223372036854775807 else None

def _parse_base(text: str, base: int) -> Some[int] | None:
    width = _base(base)
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not re.fullmatch("[0-9a-zA-Z]+", digits) or any(int(digit, 36) >= width for digit in digits):
        return None
    digits = digits.lstrip("0") or "0"
    value = int(digits, width) if len(digits) <= 64 else 2**64
    return _fitting(-value if text.startswith("-") else value)

def _parse_int(text: str) -> Some[int] | None:
    if not re.fullmatch("[+-]?[0-9]+", text):
        return None
    digits = text.lstrip("+-").lstrip("0") or "0"
    value = int(digits) if len(digits) <= 19 else 2**64
    return _fitting(-value if text.startswith("-") else value)

def _whole(value: float, rounded: Callable[[float], int]) -> int:
    if math.isnan(value):
        _trap("INVALID", "NaN is no whole number")
    return _trap("OVERFLOW", "infinity is no whole number") if math.isinf(value) else _int(rounded(value))

def _divide(a: float, b: float) -> float:
    if b != 0:
        return a / b
    return math.nan if a == 0 or math.isnan(a) else math.copysign(math.inf, a) * math.copysign(1.0, b)

def _power(base: float, exponent: float) -> float:
    if math.isnan(exponent) or (abs(base) == 1 and math.isinf(exponent)):
        return math.nan
    is_odd = math.isfinite(exponent) and exponent % 2 == 1
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and is_odd else math.inf
    except ValueError:
        if base != 0:
            return math.nan
        return math.copysign(math.inf, base) if is_odd else math.inf

def _sqrt(value: float) -> float:
    return math.nan if value < 0 else math.sqrt(value)

def _exp(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf

def _ln(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf if value == 0 else math.nan

def _trigonometric(value: float, f: Callable[[float], float]) -> float:
    return math.nan if math.isinf(value) else f(value)

def _float_text(value: float) -> str:
    """The shortest digits that read back, an exponent beyond 21 places or below 6 zeros."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "0"
    _, parts, exponent = Decimal(repr(abs(value))).normalize().as_tuple()
    digits = "".join(map(str, parts))
    sign, count, point = "-" if value < 0 else "", len(digits), len(digits) + int(exponent)
    if count <= point <= 21:
        return sign + digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    rest = f".{digits[1:]}" if count > 1 else ""
    return f"{sign}{digits[0]}{rest}e{point - 1:+d}"

def _places(digits: int) -> int:
    return digits if 0 <= digits <= 18 else _trap("INVALID", "digits after the point go from 0 to 18")

def _to_fixed(value: float, digits: int) -> str:
    """So many digits after the point, halves to even."""
    places = _places(digits)
    if not math.isfinite(value):
        return _float_text(value)
    exact = Decimal(0 if value == 0 else value)
    return format(exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN, Context(prec=400)), "f")

def _round_to(value: float, digits: int) -> float:
    places = _places(digits)
    return value if not math.isfinite(value) or value == math.floor(value) else float(_to_fixed(value, places))

def _parse_float(text: str) -> Some[float] | None:
    is_number = re.fullmatch(r"NaN|[+-]?(?:Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)", text)
    return Some(float(text)) if is_number else None

def _unwrap(option: Some[_T] | None) -> _T:
    return _trap("NONE", "there is no value") if option is None else option.value

def _get_or(option: Some[_T] | None, other: Callable[[], _T]) -> _T:
    return other() if option is None else option.value

def _or_else(option: Some[_T] | None, other: Callable[[], Some[_T] | None]) -> Some[_T] | None:
    return other() if option is None else option

def _map_option(option: Some | None, f: Callable) -> Some | None:
    return None if option is None else Some(f(option.value))

def _flat_map_option(option: Some | None, f: Callable) -> Some | None:
    return None if option is None else f(option.value)

def _to_list(option: Some[_T] | None) -> list[_T]:
    return [] if option is None else [option.value]
`;
