/** Meanings of TypeScript that the catalogue does not have, in the language itself. */
export const SCRIPT_PRELUDE: Readonly<Record<string, string>> = {
  leading_int: `fn leading_int(text: string) -> int {
    let plain = text.trim_start();
    let sign = if plain.starts_with("-") { "-" } else { "" };
    let bare = if plain.starts_with("-") or plain.starts_with("+") { plain.drop(1) } else { plain };
    let digits = bare.chars().take_while((c) => c.is_digit()).join("");
    if digits == "" { fail("the text does not begin with a number") } else { Int.parse(sign + digits).unwrap() }
  }`,
  // The low 32 bits, the highest of them as the sign.
  int32: "fn int32(x: int) -> int { (x + 2147483648) % 4294967296 - 2147483648 }",
  // NaN is the lesser of any two, where the language has it after all others.
  lesser: `fn lesser(a: float, b: float) -> float { if a.is_nan() or b.is_nan() { Float.nan } else { min(a, b) } }`,
  // An int 0 has no sign: what it divides would be an infinity of an unknown one.
  quotient: `fn quotient(a: float, b: int) -> float { if b == 0 { fail("a division by the int 0") } else { a / b.to_float() } }`,
  // Without a base, 0x begins a number of base 16.
  leading_number: `fn leading_number(text: string) -> int {
    let bare = text.trim_start().replace("+", "").replace("-", "");
    if bare.starts_with("0x") or bare.starts_with("0X") { fail("a number of base 16") } else { leading_int(text) }
  }`,
  // A number halfway between two texts goes up. It lies there exactly when 2^(digits + 1) times it is an odd int, which
  // a float holds exactly; the next float above it is no longer halfway.
  fixed_up: `fn fixed_up(x: float, digits: int) -> string {
    let scaled = x.abs() * (2 ** (digits + 1)).to_float();
    let isHalf = scaled < 9007199254740992.0 and scaled.floor().to_float() == scaled and scaled.floor() % 2 == 1;
    let moved = if isHalf { x * 1.0000000000000002 } else { x };
    if x.abs() < 1000000000000000000000.0 { moved.to_fixed(digits) } else { x.to_string() }
  }`,
};
