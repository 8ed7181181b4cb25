/** Helpers of the TypeScript view for texts, decimals and dates; the form is that of the base. */
export const TEXTS: string = String.raw`
/** The number of code points. */
function $length(text: string): bigint {
  return BigInt(Array.from(text).length);
}

function $charAt(text: string, place: bigint): Option<string> {
  return $at(Array.from(text), place);
}

/** The code points from one place up to another, both moved into the text. */
function $substring(text: string, from: bigint, to: bigint): string {
  return $slice(Array.from(text), from, to).join("");
}

function $takeText(text: string, count: bigint): string {
  return $take(Array.from(text), count).join("");
}

function $dropText(text: string, count: bigint): string {
  return $drop(Array.from(text), count).join("");
}

function $takeEnd(text: string, count: bigint): string {
  const chars = Array.from(text);
  return chars.slice(chars.length - $clamp(count, chars.length)).join("");
}

function $dropEnd(text: string, count: bigint): string {
  const chars = Array.from(text);
  return chars.slice(0, chars.length - $clamp(count, chars.length)).join("");
}

function $codePoints(text: string): bigint[] {
  return Array.from(text, (char) => BigInt(char.codePointAt(0)!));
}

function $fromCodePoints(points: readonly bigint[]): string {
  return points
    .map((point) => {
      if (point < 0n || point > 0x10ffffn || (point >= 0xd800n && point <= 0xdfffn)) $trap("INVALID", point + " is no code point");
      return String.fromCodePoint(Number(point));
    })
    .join("");
}

/** A place in UTF-16 units as one in code points. */
function $textPlace(text: string, offset: number): Option<bigint> {
  return offset < 0 ? null : { some: $length(text.slice(0, offset)) };
}

function $indexOf(text: string, part: string): Option<bigint> {
  return $textPlace(text, text.indexOf(part));
}

function $indexOfFrom(text: string, part: string, from: bigint): Option<bigint> {
  return $textPlace(text, text.indexOf(part, $takeText(text, from).length));
}

function $lastIndexOf(text: string, part: string): Option<bigint> {
  return $textPlace(text, text.lastIndexOf(part));
}

function $nthIndexOf(text: string, part: string, nth: bigint): Option<bigint> {
  const count = $count(nth, 1n);
  if (part === "") return nth - 1n <= $length(text) ? { some: nth - 1n } : null;
  let at = text.indexOf(part);
  for (let found = 1; found < count && at >= 0; found++) at = text.indexOf(part, at + part.length);
  return $textPlace(text, at);
}

function $before(text: string, at: number): Option<string> {
  return at < 0 ? null : { some: text.slice(0, at) };
}

function $after(text: string, part: string, at: number): Option<string> {
  return at < 0 ? null : { some: text.slice(at + part.length) };
}

function $textBefore(text: string, part: string): Option<string> {
  return $before(text, text.indexOf(part));
}

function $textAfter(text: string, part: string): Option<string> {
  return $after(text, part, text.indexOf(part));
}

function $textBeforeLast(text: string, part: string): Option<string> {
  return $before(text, text.lastIndexOf(part));
}

function $textAfterLast(text: string, part: string): Option<string> {
  return $after(text, part, text.lastIndexOf(part));
}

function $countText(text: string, part: string): bigint {
  return part === "" ? $trap("INVALID", "the empty text cannot be counted") : BigInt(text.split(part).length - 1);
}

function $replace(text: string, part: string, by: string): string {
  if (part !== "") return text.split(part).join(by);
  return text === "" ? by : ["", ...Array.from(text), ""].join(by);
}

function $replaceFirst(text: string, part: string, by: string): string {
  const at = text.indexOf(part);
  return at < 0 ? text : text.slice(0, at) + by + text.slice(at + part.length);
}

function $split(text: string, separator: string): string[] {
  return separator === "" ? Array.from(text) : text.split(separator);
}

const $BLANKS = "[\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";

function $trimStart(text: string): string {
  return text.replace(new RegExp("^" + $BLANKS), "");
}

function $trimEnd(text: string): string {
  return text.replace(new RegExp($BLANKS + "$"), "");
}

function $trim(text: string): string {
  return $trimStart($trimEnd(text));
}

function $words(text: string): string[] {
  return text.split(new RegExp($BLANKS)).filter((word) => word !== "");
}

function $lines(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/);
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

function $trimChars(text: string, dropped: string): string {
  const [chars, drops] = [Array.from(text), new Set(dropped)];
  const start = chars.findIndex((char) => !drops.has(char));
  return start < 0 ? "" : chars.slice(start, chars.findLastIndex((char) => !drops.has(char)) + 1).join("");
}

function $lower(text: string): string {
  return text.replace(/[A-Z]+/g, (run) => run.toLowerCase());
}

function $upper(text: string): string {
  return text.replace(/[a-z]+/g, (run) => run.toUpperCase());
}

function $capitalize(text: string): string {
  return $upper($takeText(text, 1n)) + $lower($dropText(text, 1n));
}

function $title(text: string): string {
  return text.replace(/[A-Za-z]+/g, (word) => $upper(word.slice(0, 1)) + $lower(word.slice(1)));
}

function $swapCase(text: string): string {
  return text.replace(/[a-z]+|[A-Z]+/g, (run) => (run >= "a" ? run.toUpperCase() : run.toLowerCase()));
}

function $repeat(text: string, count: bigint): string {
  const times = $count(count, 0n);
  return text === "" ? "" : text.repeat(times);
}

function $padding(text: string, width: bigint, fill: string): string {
  if (fill === "") $trap("INVALID", "the empty text fills nothing");
  const missing = width - $length(text);
  return missing <= 0n ? "" : $takeText(fill.repeat(Number((missing - 1n) / $length(fill) + 1n)), missing);
}

function $padStart(text: string, width: bigint, fill: string): string {
  return $padding(text, width, fill) + text;
}

function $padEnd(text: string, width: bigint, fill: string): string {
  return text + $padding(text, width, fill);
}

/** Every match from left to right, none overlapping another. */
function $matches(text: string, pattern: string): RegExpExecArray[] {
  return Array.from(text.matchAll(new RegExp(pattern, "gu")));
}

function $matchText(text: string, pattern: string): Option<string> {
  const found = new RegExp(pattern, "u").exec(text);
  return found === null ? null : { some: found[0] };
}

function $matchGroups(text: string, pattern: string): Option<readonly Option<string>[]> {
  const found = new RegExp(pattern, "u").exec(text);
  return found === null ? null : { some: Array.from(found, (part) => (part === undefined ? null : { some: part })) };
}

function $splitMatches(text: string, pattern: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  for (const found of $matches(text, pattern)) {
    pieces.push(text.slice(start, found.index));
    start = found.index + found[0].length;
  }
  return [...pieces, text.slice(start)];
}

/** A dollar and digits insert a group, two dollars make one. */
function $replaceMatches(text: string, pattern: string, by: string): string {
  let made = "";
  let start = 0;
  for (const found of $matches(text, pattern)) {
    const expanded = by.replace(/\$(?:\$|([0-9])([0-9]?))/g, (whole, tens?: string, ones?: string) => {
      if (tens === undefined) return "$";
      if (ones && Number(tens + ones) < found.length) return found[Number(tens + ones)] ?? "";
      return Number(tens) < found.length ? (found[Number(tens)] ?? "") + (ones ?? "") : whole;
    });
    made += text.slice(start, found.index) + expanded;
    start = found.index + found[0].length;
  }
  return made + text.slice(start);
}

const $ONE = 10n ** 18n;

/** Traps where the digits of a decimal need more than 64 bits. */
function $fit(value: bigint): bigint {
  let [digits, places] = [value, 18];
  for (; places > 0 && digits % 10n === 0n; places--) digits /= 10n;
  const fits = digits >= -9223372036854775808n && digits <= 9223372036854775807n;
  return fits ? value : $trap("DECIMAL", "a result has too many digits for a decimal number");
}

function $parseDecimal(text: string): Option<bigint> {
  const parts = /^([+-]?)([0-9]+)(?:\.([0-9]+?)0*)?$/.exec(text);
  if (parts === null) return null;
  const fraction = (parts[3] ?? "").replace(/^0$/, "");
  if (fraction.length > 18) return null;
  const value = BigInt(parts[2] + fraction.padEnd(18, "0")) * (parts[1] === "-" ? -1n : 1n);
  try {
    return { some: $fit(value) };
  } catch {
    return null;
  }
}

/** The decimal number that a text spells. */
export function $decimal(text: string): Decimal {
  return $unwrap($parseDecimal(text));
}

/** A decimal number as text. */
export function $decimalText(value: Decimal): string {
  const digits = String(value < 0n ? -value : value).padStart(19, "0");
  const fraction = digits.slice(-18).replace(/0+$/, "");
  return (value < 0n ? "-" : "") + digits.slice(0, -18) + (fraction === "" ? "" : "." + fraction);
}

function $absDecimal(value: bigint): bigint {
  return value < 0n ? $fit(-value) : value;
}

function $mulDecimal(a: bigint, b: bigint): bigint {
  const product = a * b;
  return product % $ONE === 0n ? $fit(product / $ONE) : $trap("DECIMAL", "a product has too many digits for a decimal number");
}

/** The quotient as a whole number, by a rule: half_even, half_up, down, up, floor or ceiling. */
function $rounded(above: bigint, below: bigint, rule: string): bigint {
  const quotient = above / below;
  const rest = above % below;
  if (rest === 0n) return quotient;
  const isNegative = above < 0n !== below < 0n;
  const half = (rest < 0n ? -rest : rest) * 2n - (below < 0n ? -below : below);
  const away =
    rule === "up" ||
    (rule === "floor" && isNegative) ||
    (rule === "ceiling" && !isNegative) ||
    (rule === "half_up" && half >= 0n) ||
    (rule === "half_even" && (half > 0n || (half === 0n && quotient % 2n !== 0n)));
  return away ? quotient + (isNegative ? -1n : 1n) : quotient;
}

function $divDecimal(a: bigint, b: bigint, digits: bigint, rule: string): bigint {
  const unit = 10n ** BigInt(18 - $places(digits));
  if (b === 0n) $trap("DIV_ZERO", "a decimal number is divided by zero");
  return $fit($rounded(a * $ONE, b * unit, rule) * unit);
}

function $roundDecimal(value: bigint, digits: bigint, rule: string): bigint {
  const unit = 10n ** BigInt(18 - $places(digits));
  return $fit($rounded(value, unit, rule) * unit);
}

function $fixedDecimal(value: bigint, digits: bigint): string {
  const places = $places(digits);
  const rounded = $rounded(value, 10n ** BigInt(18 - places), "half_even");
  const text = String(rounded < 0n ? -rounded : rounded).padStart(places + 1, "0");
  return (rounded < 0n ? "-" : "") + (places === 0 ? text : text.slice(0, -places) + "." + text.slice(-places));
}

function $sumDecimal(items: readonly bigint[]): bigint {
  return items.reduce((sum, item) => $fit(sum + item), 0n);
}

/** The days of a date, or nothing where there is no such day between the years 1 and 9999. */
function $days(year: number, month: number, day: number): Option<number> {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isDay = year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && date.getUTCDate() === day && date.getUTCMonth() === month - 1;
  return isDay ? { some: date.getTime() / 86400000 } : null;
}

/** The day that YYYY-MM-DD spells. */
export function $day(text: string): Day {
  return $unwrap($parseDay(text));
}

function $parseDay(text: string): Option<number> {
  const parts = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text);
  return parts === null ? null : $days(Number(parts[1]), Number(parts[2]), Number(parts[3]));
}

/** A day as YYYY-MM-DD. */
export function $dayText(day: Day): string {
  return new Date(day * 86400000).toISOString().slice(0, 10);
}

function $fromYmd(year: bigint, month: bigint, day: bigint): Option<number> {
  return $days(Number(year), Number(month), Number(day));
}

function $year(day: number): bigint {
  return BigInt(new Date(day * 86400000).getUTCFullYear());
}

function $month(day: number): bigint {
  return BigInt(new Date(day * 86400000).getUTCMonth() + 1);
}

function $dayOfMonth(day: number): bigint {
  return BigInt(new Date(day * 86400000).getUTCDate());
}

/** Monday is 1. */
function $weekday(day: number): bigint {
  return BigInt(((((day + 3) % 7) + 7) % 7) + 1);
}

function $addDays(day: number, count: bigint): number {
  const sum = BigInt(day) + count;
  return sum < -719162n || sum > 2932896n ? $trap("DATE", "a date leaves the years 1 to 9999") : Number(sum);
}

function $isLeapYear(year: bigint): boolean {
  return year % 4n === 0n && (year % 100n !== 0n || year % 400n === 0n);
}

/** The same day of another month, or the last one of it. */
function $addMonths(day: number, count: bigint): number {
  const months = 12n * $year(day) + $month(day) - 1n + count;
  const [year, month] = [$div(months, 12n), $mod(months, 12n) + 1n];
  if (year < 1n || year > 9999n) $trap("DATE", "a date leaves the years 1 to 9999");
  const last = month === 2n ? ($isLeapYear(year) ? 29n : 28n) : [4n, 6n, 9n, 11n].includes(month) ? 30n : 31n;
  const date = $dayOfMonth(day);
  return $unwrap($fromYmd(year, month, date < last ? date : last));
}

function $daysBetween(from: number, to: number): bigint {
  return BigInt(to - from);
}

function $monthsBetween(from: number, to: number): bigint {
  const months = 12n * ($year(to) - $year(from)) + $month(to) - $month(from);
  if (months > 0n && $dayOfMonth(to) < $dayOfMonth(from)) return months - 1n;
  return months < 0n && $dayOfMonth(to) > $dayOfMonth(from) ? months + 1n : months;
}
`;
