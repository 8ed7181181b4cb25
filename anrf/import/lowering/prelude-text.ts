/**
 * Meanings of the source languages that the catalogue does not have, in the language itself. T, K and V are types that
 * the use gives. Indices may count from the end: `wrap` makes them count from the start.
 */
export const PRELUDE: Readonly<Record<string, string>> = {
  wrap: "fn wrap(i: int, length: int) -> int { if i < 0 { i + length } else { i } }",

  // An int of more than 53 bits that no float is would be changed among floats: n * 1024 leaves 64 bits then.
  exact_float: `fn exact_float(n: int) -> float {
    let x = n.to_float();
    if x.trunc() == n { x } else { (n * 1024).to_float() }
  }`,
  // What leaves 64 bits is a trap: the shift of the language would lose it.
  shift_left: `fn shift_left(x: int, places: int) -> int {
    if x == 0 and places >= 0 { 0 } else {
      let moved = x << min(places, 63);
      if places <= 63 and moved >> places == x { moved } else { 2 ** 64 }
    }
  }`,
  // What a call with one spread argument walks is that argument, not the list.
  several: `fn several(xs: list<T>) -> list<T> {
    if xs.length() == 1 { fail("a single argument that cannot be walked") } else { xs }
  }`,
  whole: `fn whole(x: float) -> int {
    let n = x.trunc();
    let guard = n * 1024;
    if n.to_float() == x and (guard >= 0 or guard < 0) { n } else { fail("a float that is no int is returned as one") }
  }`,
  truth_of_int: `fn truth_of_int(n: int) -> bool {
    if n == 0 { false } else { if n == 1 { true } else { fail("an int that is neither 0 nor 1 is returned as a bool") } }
  }`,

  // The exact quotient of two ints, rounded once. Up to 53 bits the floats are exact; beyond, 64 bits of the quotient
  // and a sticky bit are found by long division.
  true_div: `fn true_div(a: int, b: int) -> float {
    if b == 0 { fail("division by zero") } else {
      let limit = 9007199254740992;
      if a <= limit and a >= -limit and b <= limit and b >= -limit { a.to_float() / b.to_float() } else {
        let (whole, rest) = (a.quot(b), a.rem(b));
        let negative = (a < 0) != (b < 0);
        let (bits, left, scale) = loop (bits, left, scale) = (whole, rest, 0)
          while bits < 2305843009213693952 and bits > -2305843009213693952 and scale < 128 {
          let high = if left >= 0 { if b > 0 { left >= b - left } else { left >= -b - left } } else {
            if b > 0 { left <= -b - left } else { left <= b - left }
          };
          let next = if high { if left >= 0 { if b > 0 { left - b + left } else { left + b + left } } else {
            if b > 0 { left + b + left } else { left - b + left }
          } } else { left + left };
          let bit = if high { if negative { -1 } else { 1 } } else { 0 };
          (bits * 2 + bit, next, scale + 1)
        };
        let sticky = if left == 0 { bits } else { if bits & 1 == 1 { bits } else { if negative { bits - 1 } else { bits + 1 } } };
        List.range(0, scale).fold(sticky.to_float(), (x, _) => x / 2.0)
      }
    }
  }`,
  float_div: `fn float_div(a: float, b: float) -> float {
    if b == 0.0 { fail("division by zero") } else { a / b }
  }`,
  // fmod by subtracting the divisor times powers of two: each step is exact.
  float_rem: `fn float_rem(a: float, b: float) -> float {
    let size = b.abs();
    if size == 0.0 { fail("division by zero") } else {
      let rest = loop rest = a.abs() while rest >= size {
        let part = loop part = size while part <= rest / 2.0 { part * 2.0 };
        rest - part
      };
      if a < 0.0 { -rest } else { rest }
    }
  }`,
  float_mod: `fn float_mod(a: float, b: float) -> float {
    let rest = float_rem(a, b);
    if rest == 0.0 { if b < 0.0 { -0.0 } else { 0.0 } } else {
      if (b < 0.0) != (rest < 0.0) { rest + b } else { rest }
    }
  }`,
  float_floor: `fn float_floor(x: float) -> float {
    if x.abs() >= 4503599627370496.0 { x } else { x.floor().to_float() }
  }`,
  float_floor_div: `fn float_floor_div(a: float, b: float) -> float {
    let rest = float_rem(a, b);
    let steps = (a - rest) / b;
    let down = if rest != 0.0 and (b < 0.0) != (rest < 0.0) { steps - 1.0 } else { steps };
    let quotient = a / b;
    if down == 0.0 { if quotient < 0.0 or quotient == 0.0 and 1.0 / quotient < 0.0 { -0.0 } else { 0.0 } } else {
      let floor = float_floor(down);
      if down - floor > 0.5 { floor + 1.0 } else { floor }
    }
  }`,
  float_pow: `fn float_pow(a: float, b: float) -> float {
    if a == 0.0 and b < 0.0 { fail("zero to a negative power") } else {
      if a < 0.0 and float_floor(b) != b { fail("a negative number to a fraction is complex") } else {
        let power = a ** b;
        if power.is_finite() or not (a.is_finite() and b.is_finite()) { power } else { fail("the power is too large") }
      }
    }
  }`,
  float_square: `fn float_square(a: float) -> float {
    let square = a * a;
    if square.is_finite() or not a.is_finite() { square } else { fail("the power is too large") }
  }`,
  checked_sqrt: `fn checked_sqrt(x: float) -> float { if x < 0.0 { fail("the root of a negative number") } else { x.sqrt() } }`,
  checked_ln: `fn checked_ln(x: float) -> float {
    if x <= 0.0 { fail("the logarithm of a number that is not positive") } else { x.ln() }
  }`,
  log_of_base: `fn log_of_base(x: float, base: float) -> float {
    let raw = checked_ln(x) / base.ln();
    let whole = float_floor(raw + 0.5);
    if whole.abs() < 1000.0 and base ** whole == x { whole } else { raw }
  }`,
  angle: `fn angle(x: float) -> float {
    if x.is_finite() or x.is_nan() { x } else { fail("an infinite angle") }
  }`,
  tangent: "fn tangent(x: float) -> float { angle(x).sin() / x.cos() }",
  // Squares of very large and very small numbers neither overflow nor vanish.
  hypotenuse: `fn hypotenuse(x: float, y: float) -> float {
    let size = max(x.abs(), y.abs());
    if size == 0.0 or not size.is_finite() { size } else {
      if size > 1e-140 and size < 1e140 { (x * x + y * y).sqrt() } else {
        let a = x / size;
        let b = y / size;
        size * (a * a + b * b).sqrt()
      }
    }
  }`,
  checked_exp: `fn checked_exp(x: float) -> float {
    let power = x.exp();
    if power.is_finite() or not x.is_finite() { power } else { fail("the power is too large") }
  }`,
  // Shortest digits as the language writes them, in the layout of Python's repr: exponents below -4 and from 16.
  float_text: `fn float_text(x: float) -> string {
    let text = x.to_string();
    if x.is_nan() { "nan" } else { if not x.is_finite() { if x > 0.0 { "inf" } else { "-inf" } } else {
      let sign = if text.starts_with("-") or (x == 0.0 and 1.0 / x < 0.0) { "-" } else { "" };
      let size = text.replace("-", if text.contains("e-") { "-" } else { "" });
      let plain = if size.starts_with("-") { size.drop(1) } else { size };
      let (mantissa, exponent) = (plain.before("e") ?? plain, Int.parse((plain.after("e") ?? "0").replace("+", "")) ?? 0);
      let (left, right) = (mantissa.before(".") ?? mantissa, mantissa.after(".") ?? "");
      let all = left + right;
      let zeros = all.chars().take_while((c) => c == "0").length();
      let front = all.drop(zeros);
      let digits = front.take(front.length() - front.reverse().chars().take_while((c) => c == "0").length());
      let point = left.length() - zeros + exponent;
      if digits == "" { sign + "0.0" } else {
        if point > -4 and point <= 16 {
          if point <= 0 { sign + "0." + "0".repeat(-(point)) + digits } else {
            if digits.length() <= point { sign + digits + "0".repeat(point - digits.length()) + ".0" } else {
              sign + digits.take(point) + "." + digits.drop(point)
            }
          }
        } else {
          let power = point - 1;
          let tail = if digits.length() > 1 { "." + digits.drop(1) } else { "" };
          let mark = if power < 0 { "-" } else { "+" };
          sign + digits.take(1) + tail + "e" + mark + power.abs().to_string().pad_start(2, "0")
        }
      }
    } }
  }`,
  fixed_text: `fn fixed_text(x: float, digits: int) -> string {
    if x.is_nan() { "nan" } else { if not x.is_finite() { if x > 0.0 { "inf" } else { "-inf" } } else {
      if x == 0.0 and 1.0 / x < 0.0 { "-" + (0.0).to_fixed(digits) } else { x.to_fixed(digits) }
    } }
  }`,
  round_digits: `fn round_digits(x: float, digits: int) -> float {
    if digits > 18 or not x.is_finite() { x } else { x.round_to(digits) }
  }`,
  round_down: `fn round_down(n: int, digits: int) -> int {
    let unit = 10 ** digits;
    let low = n // unit * unit;
    let rest = n - low;
    if rest * 2 < unit { low } else { if rest * 2 > unit or low // unit % 2 == 1 { low + unit } else { low } }
  }`,
  pow_mod: `fn pow_mod(a: int, b: int, m: int) -> int {
    if m == 0 { fail("the modulus is zero") } else { if m > 0 { a.pow_mod(b, m) } else {
      let r = a.pow_mod(b, -m);
      if r == 0 { 0 } else { r + m }
    } }
  }`,
  parse_int: `fn parse_int(text: string) -> int {
    let plain = ascii(text.trim());
    let isTidy = not plain.starts_with("_") and not plain.ends_with("_") and not plain.contains("__");
    let digits = plain.replace("_", "");
    if isTidy { Int.parse(digits).unwrap() } else { fail("the text is no int") }
  }`,
  is_int_text: `fn is_int_text(text: string) -> bool {
    let plain = ascii(text.trim());
    let isTidy = not plain.starts_with("_") and not plain.ends_with("_") and not plain.contains("__");
    let digits = plain.replace("_", "");
    let bare = if digits.starts_with("-") or digits.starts_with("+") { digits.drop(1) } else { digits };
    isTidy and bare.is_digit()
  }`,
  is_float_text: `fn is_float_text(text: string) -> bool {
    let plain = ascii(text.trim()).to_lower();
    let bare = if plain.starts_with("-") or plain.starts_with("+") { plain.drop(1) } else { plain };
    let isName = ["inf", "infinity", "nan"].contains(bare);
    let isNumber = Float.parse(bare).is_some() and not bare.contains("i") and not bare.contains("n");
    isName or isNumber and not bare.starts_with("-") and not bare.starts_with("+")
  }`,
  parse_int_base: `fn parse_int_base(text: string, base: int) -> int {
    let plain = ascii(text.trim()).to_lower();
    let sign = if plain.starts_with("-") { "-" } else { "" };
    let digits = if plain.starts_with("-") or plain.starts_with("+") { plain.drop(1) } else { plain };
    let mark = if base == 16 { "0x" } else { if base == 2 { "0b" } else { if base == 8 { "0o" } else { "?" } } };
    let bare = if digits.starts_with(mark) { digits.drop(2) } else { digits };
    Int.parse_base(sign + bare, base).unwrap()
  }`,
  parse_float: `fn parse_float(text: string) -> float {
    let plain = ascii(text.trim()).to_lower();
    let bare = if plain.starts_with("-") or plain.starts_with("+") { plain.drop(1) } else { plain };
    let size = if bare == "inf" or bare == "infinity" { Float.inf } else {
      if bare == "nan" { Float.nan } else { if bare.contains("i") or bare.contains("n") { fail("the text is no float") } else {
        Float.parse(bare).unwrap()
      } }
    };
    if plain.starts_with("-") { -size } else { size }
  }`,

  ascii: `fn ascii(s: string) -> string {
    if s.code_points().all((code) => code < 128) { s } else { fail("case and class of characters outside ASCII are not known") }
  }`,
  text_lines: `fn text_lines(s: string) -> list<string> {
    let marks = ["\\u{b}", "\\u{c}", "\\u{1c}", "\\u{1d}", "\\u{1e}", "\\u{85}", "\\u{2028}", "\\u{2029}"];
    marks.fold(s, (text, mark) => text.replace(mark, "\\n")).lines()
  }`,
  char_at: `fn char_at(s: string, i: int) -> string { s.at(if i < 0 { i + s.length() } else { i }).unwrap() }`,
  split_on: `fn split_on(s: string, separator: string) -> list<string> {
    if separator == "" { fail("an empty separator") } else { s.split(separator) }
  }`,
  split_limit: `fn split_limit(s: string, separator: string, limit: int) -> list<string> {
    let parts = split_on(s, separator);
    if limit < 0 or parts.length() <= limit + 1 { parts } else {
      parts.take(limit).append(parts.drop(limit).join(separator))
    }
  }`,
  split_last: `fn split_last(s: string, separator: string, limit: int) -> list<string> {
    let parts = split_on(s, separator);
    let first = parts.length() - limit;
    if limit < 0 or first <= 1 { parts } else { [parts.take(first).join(separator)] + parts.drop(first) }
  }`,
  split_blank_limit: `fn split_blank_limit(s: string, limit: int) -> list<string> {
    let (words, rest) = loop (words, rest) = ([] as list<string>, s.trim_start())
      while rest != "" and (limit < 0 or words.length() < limit) {
      let word = rest.chars().take_while((c) => c.trim() != "").join("");
      (words.append(word), rest.drop(word.length()).trim_start())
    };
    if rest == "" { words } else { words.append(rest) }
  }`,
  trim_left_chars: `fn trim_left_chars(s: string, dropped: string) -> string {
    s.chars().drop_while((c) => dropped.contains(c)).join("")
  }`,
  trim_right_chars: `fn trim_right_chars(s: string, dropped: string) -> string {
    s.chars().reverse().drop_while((c) => dropped.contains(c)).reverse().join("")
  }`,
  replace_first_n: `fn replace_first_n(s: string, part: string, by: string, limit: int) -> string {
    if limit < 0 { s.replace(part, by) } else {
      if part == "" {
        let count = min(limit, s.length() + 1);
        s.chars().take(count).map((c) => by + c).join("") + (if count > s.length() { by } else { s.drop(count) })
      } else {
        let parts = s.split(part);
        let count = min(limit, parts.length() - 1);
        let head = parts.take(count).map((one) => one + by).join("");
        head + parts.drop(count).join(part)
      }
    }
  }`,
  count_text: `fn count_text(s: string, part: string) -> int {
    if part == "" { s.length() + 1 } else { s.count(part) }
  }`,
  find_from: `fn find_from(s: string, part: string, from: int, to: int) -> int {
    let start = max(if from < 0 { from + s.length() } else { from }, 0);
    let end = min(if to < 0 { to + s.length() } else { to }, s.length());
    match s.index_of_from(part, start) {
      some(i) => if start <= end and i + part.length() <= end and start <= s.length() { i } else { -1 },
      none => -1,
    }
  }`,
  zero_fill: `fn zero_fill(s: string, width: int) -> string {
    if s.starts_with("-") or s.starts_with("+") { s.take(1) + s.drop(1).pad_start(width - 1, "0") } else {
      s.pad_start(width, "0")
    }
  }`,
  center_text: `fn center_text(s: string, width: int, fill: string) -> string {
    let missing = max(width - s.length(), 0);
    let left = missing // 2 + (missing & width & 1);
    fill.repeat(left) + s + fill.repeat(missing - left)
  }`,
  pad_middle: `fn pad_middle(s: string, width: int, fill: string) -> string {
    let missing = max(width - s.length(), 0);
    fill.repeat(missing // 2) + s + fill.repeat(missing - missing // 2)
  }`,
  group_digits: `fn group_digits(s: string, mark: string) -> string {
    let sign = if s.starts_with("-") { "-" } else { "" };
    let bare = if s.starts_with("-") { s.drop(1) } else { s };
    let (left, right) = (bare.before(".") ?? bare, bare.after("."));
    let first = left.length() % 3;
    let groups = left.drop(first).chars().chunks(3).map((one) => one.join(""));
    let head = if first > 0 { [left.take(first)] + groups } else { groups };
    sign + head.join(mark) + (right.map((one) => "." + one) ?? "")
  }`,
  code_point: `fn code_point(s: string) -> int {
    if s.length() == 1 { s.code_points()[0] } else { fail("ord takes one character") }
  }`,
  quoted: `fn quoted(s: string) -> string {
    let quote = if s.contains("'") and not s.contains("\\"") { "\\"" } else { "'" };
    let inner = s.chars().map((c) => {
      if c == "\\\\" { "\\\\\\\\" } else { if c == quote { "\\\\" + c } else { if c == "\\n" { "\\\\n" } else {
        if c == "\\t" { "\\\\t" } else { if c == "\\r" { "\\\\r" } else {
          let code = c.code_points()[0];
          if code < 32 or code == 127 { "\\\\x" + code.to_base(16).pad_start(2, "0") } else {
            if code > 127 { fail("the repr of a character outside ASCII") } else { c }
          }
        } }
      } } }
    }).join("");
    quote + inner + quote
  }`,

  slice_step: `fn slice_step(length: int, from: option<int>, to: option<int>, step: int) -> list<int> {
    if step == 0 { fail("a slice step of zero") } else {
      let low = if step > 0 { 0 } else { -1 };
      let high = if step > 0 { length } else { length - 1 };
      let bound: (int) -> int = (i) => if i < 0 { max(i + length, low) } else { min(i, high) };
      let start = match from {
        some(i) => bound(i),
        none => if step > 0 { low } else { high },
      };
      let stop = match to {
        some(i) => bound(i),
        none => if step > 0 { high } else { low },
      };
      List.range_step(start, stop, step)
    }
  }`,
  take_step: `fn take_step(xs: list<T>, from: option<int>, to: option<int>, step: int) -> list<T> {
    slice_step(xs.length(), from, to, step).map((i) => xs[i])
  }`,
  set_step: `fn set_step(xs: list<T>, from: option<int>, to: option<int>, step: int, ys: list<T>) -> list<T> {
    let places = slice_step(xs.length(), from, to, step);
    if places.length() != ys.length() { fail("the slice has another length than what is put into it") } else {
      places.zip(ys).fold(xs, (out, (i, y)) => out.set(i, y))
    }
  }`,
  insert_at: `fn insert_at(xs: list<T>, i: int, x: T) -> list<T> {
    let place = if i < 0 { max(i + xs.length(), 0) } else { min(i, xs.length()) };
    xs.insert(place, x)
  }`,
  remove_first: `fn remove_first(xs: list<T>, x: T) -> list<T> { xs.remove_at(xs.index_of(x).unwrap()) }`,
  index_from: `fn index_from(xs: list<T>, x: T, from: int, to: int) -> int {
    let start = max(if from < 0 { from + xs.length() } else { from }, 0);
    let end = if to < 0 { to + xs.length() } else { to };
    start + xs.slice(start, end).index_of(x).unwrap()
  }`,
  least_multiple: `fn least_multiple(a: int, b: int) -> int {
    if a == 0 or b == 0 { 0 } else { (a // a.gcd(b) * b).abs() }
  }`,
  factorial: `fn factorial(n: int) -> int {
    if n < 0 { fail("the factorial of a negative number") } else { List.range(1, n + 1).product() }
  }`,
  choose: `fn choose(n: int, k: int) -> int {
    if n < 0 or k < 0 { fail("a negative number of things") } else { if k > n { 0 } else {
      List.range(0, min(k, n - k)).fold(1, (ways, i) => {
        let shared = ways.gcd(i + 1);
        ways // shared * ((n - i) // ((i + 1) // shared))
      })
    } }
  }`,
  arrange: `fn arrange(n: int, k: int) -> int {
    if n < 0 or k < 0 { fail("a negative number of things") } else { if k > n { 0 } else {
      List.range(n - k + 1, n + 1).product()
    } }
  }`,
  is_infinite: "fn is_infinite(x: float) -> bool { not x.is_finite() and not x.is_nan() }",
  product_rows: `fn product_rows(rows: list<list<T>>) -> list<list<T>> {
    rows.fold([[] as list<T>], (partial, row) => partial.flat_map((taken) => row.map((x) => taken.append(x))))
  }`,
  columns: `fn columns(rows: list<list<T>>) -> list<list<T>> {
    let width = rows.map((row) => row.length()).min() ?? 0;
    List.range(0, width).map((i) => rows.map((row) => row[i]))
  }`,
  prefixed: `fn prefixed(n: int, mark: string, base: int) -> string {
    let digits = n.to_base(base);
    if n < 0 { "-" + mark + digits.drop(1) } else { mark + digits }
  }`,
  repeat_list: `fn repeat_list(xs: list<T>, n: int) -> list<T> { List.range(0, n).flat_map((_) => xs) }`,
  accumulate: `fn accumulate(xs: list<T>, f: (T, T) -> T) -> list<T> {
    match xs.first() {
      some(first) => [first] + xs.drop(1).scan(first, (total, x) => f(total, x)),
      none => [],
    }
  }`,
  permutations: `fn permutations(count: int, size: int) -> list<list<int>> {
    if size < 0 { fail("a negative size") } else {
      List.range(0, size).fold([[] as list<int>], (partial, _) => partial.flat_map((taken) =>
        List.range(0, count).filter((i) => not taken.contains(i)).map((i) => taken.append(i))
      ))
    }
  }`,
  combine_again: `fn combine_again(count: int, size: int) -> list<list<int>> {
    if size < 0 { fail("a negative size") } else {
      List.range(0, size).fold([[] as list<int>], (partial, _) => partial.flat_map((taken) =>
        List.range(taken.last() ?? 0, count).map((i) => taken.append(i))
      ))
    }
  }`,
  group_runs: `fn group_runs(xs: list<V>, keys: list<K>) -> list<(K, list<V>)> {
    xs.zip(keys).fold([] as list<(K, list<V>)>, (runs, (x, key)) => match runs.last() {
      some(run) => if run.0 == key { runs.take(runs.length() - 1).append((key, run.1.append(x))) } else {
        runs.append((key, [x]))
      },
      none => [(key, [x])],
    })
  }`,
  bisect_left: `fn bisect_left(xs: list<T>, x: T) -> int {
    (loop (low, high) = (0, xs.length()) while low < high {
      let middle = (low + high) // 2;
      if xs[middle] < x { (middle + 1, high) } else { (low, middle) }
    }).0
  }`,
  bisect_right: `fn bisect_right(xs: list<T>, x: T) -> int {
    (loop (low, high) = (0, xs.length()) while low < high {
      let middle = (low + high) // 2;
      if x < xs[middle] { (low, middle) } else { (middle + 1, high) }
    }).0
  }`,
  // A heap as Python's heapq keeps it, item by item: its list can be seen.
  sift_down: `fn sift_down(heap: list<T>, start: int, place: int) -> list<T> {
    let item = heap[place];
    let (moved, at, _) = loop (moved, at, open) = (heap, place, true) while open {
      let parent = at - 1 >> 1;
      if at > start and item < moved[parent] { (moved.set(at, moved[parent]), parent, true) } else {
        (moved, at, false)
      }
    };
    moved.set(at, item)
  }`,
  sift_up: `fn sift_up(heap: list<T>, place: int) -> list<T> {
    let end = heap.length();
    let item = heap[place];
    let (moved, at) = loop (moved, at) = (heap, place) while 2 * at + 1 < end {
      let left = 2 * at + 1;
      let child = if left + 1 < end and not (moved[left] < moved[left + 1]) { left + 1 } else { left };
      (moved.set(at, moved[child]), child)
    };
    sift_down(moved.set(at, item), place, at)
  }`,
  heap_push: `fn heap_push(heap: list<T>, item: T) -> list<T> { sift_down(heap.append(item), 0, heap.length()) }`,
  heap_pop: `fn heap_pop(heap: list<T>) -> (T, list<T>) {
    let last = heap[heap.length() - 1];
    let rest = heap.take(heap.length() - 1);
    match rest.first() {
      some(first) => (first, sift_up(rest.set(0, last), 0)),
      none => (last, rest),
    }
  }`,
  heapify: `fn heapify(xs: list<T>) -> list<T> {
    List.range(0, xs.length() // 2).reverse().fold(xs, (heap, i) => sift_up(heap, i))
  }`,

  set_of: `fn set_of(xs: list<K>) -> map<K, unit> { Map.from_entries(xs.map((x) => (x, ()))) }`,
  set_union: `fn set_union(a: map<K, unit>, b: map<K, unit>) -> map<K, unit> { a.merge(b) }`,
  set_common: `fn set_common(a: map<K, unit>, b: map<K, unit>) -> map<K, unit> { a.filter((k, _) => b.contains_key(k)) }`,
  set_without: `fn set_without(a: map<K, unit>, b: map<K, unit>) -> map<K, unit> {
    a.filter((k, _) => not b.contains_key(k))
  }`,
  pairs_get: `fn pairs_get(pairs: list<(K, V)>, key: K) -> option<V> {
    pairs.find((entry) => entry.0 == key).map((entry) => entry.1)
  }`,
  pairs_put: `fn pairs_put(pairs: list<(K, V)>, key: K, value: V) -> list<(K, V)> {
    match pairs.find_index((entry) => entry.0 == key) {
      some(i) => pairs.set(i, (pairs[i].0, value)),
      none => pairs.append((key, value)),
    }
  }`,
  pairs_remove: `fn pairs_remove(pairs: list<(K, V)>, key: K) -> list<(K, V)> {
    pairs.filter((entry) => entry.0 != key)
  }`,
  pairs_of: `fn pairs_of(entries: list<(K, V)>) -> list<(K, V)> {
    entries.fold([] as list<(K, V)>, (pairs, entry) => pairs_put(pairs, entry.0, entry.1))
  }`,
  pairs_same: `fn pairs_same(left: list<(K, V)>, right: list<(K, V)>) -> bool {
    left.length() == right.length() and left.all((entry) => pairs_get(right, entry.0) == some(entry.1))
  }`,
  pairs_tally: `fn pairs_tally(xs: list<K>) -> list<(K, V)> {
    xs.fold([] as list<(K, V)>, (pairs, x) => pairs_put(pairs, x, (pairs_get(pairs, x) ?? 0) + 1))
  }`,
};
