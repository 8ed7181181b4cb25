/**
 * Bodies of the derived builtins in the language itself, by id. `"".repeat(-1)` is how a body traps INVALID; an index
 * out of range is how it traps INDEX. Three builtins have no body here: `option.unwrap`, because nothing else traps
 * NONE, and those of decimals and dates.
 */
export const DERIVED_BODIES: Readonly<Record<string, string>> = {
  "int.gcd": "(a, b) => (loop (x, y) = (a, b) while y != 0 { (y, x.rem(y)) }).0.abs()",
  "int.isqrt": `(n) => {
    let _ = if n < 0 { "".repeat(-1) } else { "" };
    loop x = min(n, 3037000499) while x > 0 and x > n // x { (x + n // x) // 2 }
  }`,
  "int.sign": "(n) => compare(n, 0)",
  "int.bit_count": "(n) => List.range(0, 64).count((i) => n >> i & 1 == 1)",
  "int.pow_mod": `(base, exponent, modulus) => {
    let _ = if modulus < 1 or exponent < 0 { "".repeat(-1) } else { "" };
    let add: (int, int) -> int = (a, b) => if a >= modulus - b { a - (modulus - b) } else { a + b };
    let mul: (int, int) -> int = (a, b) => List.range(0, 63).fold((0, a), ((total, power), i) => {
      (if b >> i & 1 == 1 { add(total, power) } else { total }, add(power, power))
    }).0;
    List.range(0, 63).fold((1 % modulus, base % modulus), ((total, power), i) => {
      (if exponent >> i & 1 == 1 { mul(total, power) } else { total }, mul(power, power))
    }).0
  }`,
  "int.digits": `(n) => n.to_string().chars().filter((c) => c.is_digit()).map((c) => c.code_points()[0] - 48)`,
  "int.to_base": `(n, base) => {
    let _ = if base < 2 or base > 36 { "".repeat(-1) } else { "" };
    let digits = (loop (rest, out) = (n, "") while rest != 0 {
      let digit = rest.rem(base).abs();
      (rest.quot(base), "0123456789abcdefghijklmnopqrstuvwxyz".slice(digit, digit + 1) + out)
    }).1;
    if n == 0 { "0" } else if n < 0 { "-" + digits } else { digits }
  }`,
  "int.parse_base": `(text, base) => {
    let _ = if base < 2 or base > 36 { "".repeat(-1) } else { "" };
    let negative = text.starts_with("-");
    let digits = if negative or text.starts_with("+") { text.drop(1) } else { text };
    let value: (string) -> int = (c) =>
      "0123456789abcdefghijklmnopqrstuvwxyz".index_of(c.to_lower()) ?? 36;
    if digits == "" or digits.chars().any((c) => value(c) >= base) { none } else {
      digits.chars().fold(some(0), (total, c) => total.flat_map((t) => {
        let digit = value(c);
        if t >= (-9223372036854775808 + digit).quot(base) { some(t * base - digit) } else { none }
      })).flat_map((t) => if negative { some(t) } else if t == -9223372036854775808 { none } else { some(-t) })
    }
  }`,
  "float.round_to": `(x, digits) => {
    let text = (if x.is_finite() { x } else { 0.0 }).to_fixed(digits);
    if x.is_finite() and x != 0.0 { Float.parse(text) ?? x } else { x }
  }`,
  "float.is_finite": "(x) => x - x == 0.0",

  "string.is_empty": `(s) => s == ""`,
  "string.is_alnum": `(s) => s != "" and s.chars().all((c) => c.is_alpha() or c.is_digit())`,
  "string.take": "(s, n) => s.slice(0, n)",
  "string.drop": "(s, n) => s.slice(n, s.length())",
  "string.take_end": "(s, n) => s.slice(s.length() - max(n, 0), s.length())",
  "string.drop_end": "(s, n) => s.slice(0, s.length() - max(n, 0))",
  "string.index_of": "(s, part) => s.index_of_from(part, 0)",
  "string.nth_index_of": `(s, part, nth) => {
    let _ = if nth < 1 { "".repeat(-1) } else { "" };
    let parts = s.split(part);
    if part == "" { if nth - 1 <= s.length() { some(nth - 1) } else { none } }
    else if nth < parts.length() { some(parts.take(nth).join(part).length()) } else { none }
  }`,
  "string.count": `(s, part) => {
    let _ = if part == "" { "".repeat(-1) } else { "" };
    s.split(part).length() - 1
  }`,
  "string.replace_first": `(s, part, by) => match s.index_of(part) {
    some(i) => s.take(i) + by + s.drop(i + part.length()),
    none => s,
  }`,
  "string.split_whitespace": `(s) => {
    let blank: (string) -> bool = (c) => c.trim() == "";
    let (words, last) = s.chars().fold(([] as list<string>, ""), ((done, word), c) => {
      if not blank(c) { (done, word + c) } else if word == "" { (done, word) } else { (done.append(word), "") }
    });
    if last == "" { words } else { words.append(last) }
  }`,
  "string.lines": `(s) => {
    let parts = s.replace("\\r\\n", "\\n").replace("\\r", "\\n").split("\\n");
    if parts.last() == some("") { parts.take(parts.length() - 1) } else { parts }
  }`,
  "string.before": "(s, part) => s.index_of(part).map((i) => s.take(i))",
  "string.after": "(s, part) => s.index_of(part).map((i) => s.drop(i + part.length()))",
  "string.before_last": "(s, part) => s.last_index_of(part).map((i) => s.take(i))",
  "string.after_last": "(s, part) => s.last_index_of(part).map((i) => s.drop(i + part.length()))",
  "string.trim_start": `(s) => (s + "x").trim().drop_end(1)`,
  "string.trim_end": `(s) => ("x" + s).trim().drop(1)`,
  "string.capitalize": "(s) => s.take(1).to_upper() + s.drop(1).to_lower()",
  "string.title": `(s) => s.chars().fold((false, ""), ((inside, out), c) => {
    (c.is_alpha(), out + (if inside { c.to_lower() } else { c.to_upper() }))
  }).1`,
  "string.swap_case": "(s) => s.map_chars((c) => if c.is_lower() { c.to_upper() } else { c.to_lower() })",
  "string.reverse": `(s) => s.chars().reverse().join("")`,
  "string.trim_chars": `(s, dropped) => {
    let chars = dropped.chars();
    let rest = s.chars().drop_while((c) => chars.contains(c)).reverse();
    rest.drop_while((c) => chars.contains(c)).reverse().join("")
  }`,
  "string.pad_start": `(s, width, fill) => {
    let _ = if fill == "" { "".repeat(-1) } else { "" };
    let missing = max(max(width, 0) - s.length(), 0);
    fill.repeat((missing - 1) // fill.length() + 1).take(missing) + s
  }`,
  "string.pad_end": `(s, width, fill) => {
    let _ = if fill == "" { "".repeat(-1) } else { "" };
    let missing = max(max(width, 0) - s.length(), 0);
    s + fill.repeat((missing - 1) // fill.length() + 1).take(missing)
  }`,
  "string.filter_chars": `(s, keep) => s.chars().filter((c) => keep(c)).join("")`,
  "string.map_chars": `(s, f) => s.chars().map((c) => f(c)).join("")`,

  "list.is_empty": "(xs) => xs.length() == 0",
  "list.first": "(xs) => xs.at(0)",
  "list.last": "(xs) => xs.at(xs.length() - 1)",
  "list.insert": `(xs, i, x) => if i == xs.length() { xs.append(x) } else {
    let _ = xs[i];
    xs.take(i).append(x) + xs.drop(i)
  }`,
  "list.remove_at": `(xs, i) => {
    let _ = xs[i];
    xs.take(i) + xs.drop(i + 1)
  }`,
  "list.prepend": "(x, xs) => [x] + xs",
  "list.take": "(xs, n) => xs.slice(0, n)",
  "list.drop": "(xs, n) => xs.slice(n, xs.length())",
  "list.step": `(xs, start, step) => {
    let _ = if step == 0 { "".repeat(-1) } else { "" };
    if start < 0 or start >= xs.length() { [] } else {
      List.range_step(start, if step > 0 { xs.length() } else { -1 }, step).map((i) => xs[i])
    }
  }`,
  "list.swap": "(xs, i, j) => xs.set(i, xs[j]).set(j, xs[i])",
  "list.repeat": `(x, n) => {
    let _ = "".repeat(n);
    List.range(0, n).map((_) => x)
  }`,
  "list.range_step": `(from, to, step) => {
    let _ = if step == 0 { "".repeat(-1) } else { "" };
    let first = if step > 0 { from < to } else { from > to };
    (loop (at, open, out): (int, bool, list<int>) = (from, first, []) while open {
      let more = if step > 0 { at <= 9223372036854775807 - step and at + step < to }
        else { at >= -9223372036854775808 - step and at + step > to };
      (if more { at + step } else { at }, more, out.append(at))
    }).2
  }`,
  "list.map_indexed": "(xs, f) => xs.enumerate().map((i, x) => f(i, x))",
  "list.flat_map": "(xs, f) => xs.map((x) => f(x)).flatten()",
  "list.filter_map": "(xs, f) => xs.flat_map((x) => f(x).to_list())",
  "list.scan": `(xs, start, f) => xs.fold((start, [] as list<s>), ((state, out), x) => {
    let next = f(state, x);
    (next, out.append(next))
  }).1`,
  "list.find": "(xs, is) => xs.find_index((x) => is(x)).map((i) => xs[i])",
  "list.index_of": "(xs, item) => xs.find_index((x) => x == item)",
  "list.count": "(xs, is) => xs.filter((x) => is(x)).length()",
  "list.take_while": `(xs, is) => match xs.find_index((x) => not is(x)) {
    some(i) => xs.take(i),
    none => xs,
  }`,
  "list.drop_while": `(xs, is) => match xs.find_index((x) => not is(x)) {
    some(i) => xs.drop(i),
    none => [],
  }`,
  "list.partition": "(xs, is) => (xs.filter((x) => is(x)), xs.filter((x) => not is(x)))",
  "list.enumerate": "(xs) => List.range(0, xs.length()).zip(xs)",
  "list.windows": `(xs, size) => {
    let _ = if size < 1 { "".repeat(-1) } else { "" };
    List.range(0, xs.length() - size + 1).map((i) => xs.slice(i, i + size))
  }`,
  "list.chunks": `(xs, size) => {
    let _ = if size < 1 { "".repeat(-1) } else { "" };
    List.range_step(0, xs.length(), size).map((i) => xs.slice(i, i + size))
  }`,
  "list.combinations": `(xs, size) => {
    let _ = "".repeat(size);
    if size > xs.length() { [] } else {
      List.range(0, size).fold([(0, [] as list<a>)], (partial, _) => partial.flat_map((next, items) => {
        List.range(next, xs.length()).map((i) => (i + 1, items.append(xs[i])))
      })).map((_, items) => items)
    }
  }`,
  "list.sort_desc": "(xs) => xs.reverse().sort().reverse()",
  "list.min": "(xs) => xs.first().map((first) => xs.fold(first, (least, x) => min(least, x)))",
  "list.max": "(xs) => xs.first().map((first) => xs.fold(first, (most, x) => max(most, x)))",
  "list.min_by": "(xs, key) => xs.sort_by((x) => key(x)).first()",
  "list.max_by": "(xs, key) => xs.reverse().sort_by((x) => key(x)).last()",
  "list.product_int": "(xs) => xs.fold(1, (product, x) => product * x)",
  "list.distinct": "(xs) => xs.fold([], (seen, x) => if seen.contains(x) { seen } else { seen.append(x) })",
  "list.remove": `(xs, item) => match xs.index_of(item) {
    some(i) => xs.remove_at(i),
    none => xs,
  }`,
  "list.intersect": "(xs, ys) => xs.filter((x) => ys.contains(x))",
  "list.difference": "(xs, ys) => xs.filter((x) => not ys.contains(x))",
  "list.group_by": `(xs, key) => xs.fold({}, (groups, x) => {
    let k = key(x);
    groups.put(k, (groups.get(k) ?? []).append(x))
  })`,
  "list.tally": "(xs) => xs.fold({}, (counts, x) => counts.put(x, (counts.get(x) ?? 0) + 1))",
  "list.fold_until": `(xs, start, stop, f) =>
    (loop (i, state) = (0, start) while i < xs.length() and not stop(state) { (i + 1, f(state, xs[i])) }).1`,
  "list.filter_indexed": "(xs, is) => xs.enumerate().filter((i, x) => is(i, x)).map((_, x) => x)",
  "list.splice": "(xs, start, end, ys) => xs.take(start) + ys + xs.drop(max(start, end))",

  "map.get_or": "(m, key, other) => m.get(key) ?? other",
  "map.update": "(m, key, other, f) => m.put(key, f(m.get(key) ?? other))",
  "map.keys": "(m) => m.entries().map((key, _) => key)",
  "map.values": "(m) => m.entries().map((_, value) => value)",
  "map.map_values": "(m, f) => Map.from_entries(m.entries().map((key, value) => (key, f(value))))",
  "map.filter": "(m, is) => Map.from_entries(m.entries().filter((key, value) => is(key, value)))",
  "map.merge": "(m, other) => Map.from_entries(m.entries() + other.entries())",

  "option.is_some": `(o) => match o {
    some(_) => true,
    none => false,
  }`,
  "option.get_or": `(o, other) => match o {
    some(value) => value,
    none => other,
  }`,
  "option.to_list": `(o) => match o {
    some(value) => [value],
    none => [],
  }`,
  "option.map": `(o, f) => match o {
    some(value) => some(f(value)),
    none => none,
  }`,
  "option.flat_map": `(o, f) => match o {
    some(value) => f(value),
    none => none,
  }`,
  "option.or_else": `(o, other) => match o {
    some(value) => some(value),
    none => other,
  }`,
};
