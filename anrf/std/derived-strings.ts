import { invalid } from "#anrf/program/trap.ts";
import { type FunctionValue, type Int, Some } from "#anrf/program/value.ts";
import { type BuiltinTable, reserveUnits } from "./function.ts";
import { clampPlace, validCount } from "./ints.ts";
import {
  charsOf,
  everyUnit,
  hasPairs,
  isBlank,
  isDigit,
  isLetter,
  joinTexts,
  lengthOf,
  lowerAscii,
  placeFound,
  placeOf,
  sliceText,
  trimText,
  upperAscii,
} from "./strings.ts";

/** The derived builtins of strings, native for speed; each equals its body in the language. */
export const DERIVED_STRINGS: BuiltinTable = {
  "string.is_empty": (text: string) => text === "",
  "string.is_alnum": (text: string) => everyUnit(text, (unit) => isLetter(unit) || isDigit(unit)),
  "string.take": (text: string, count: Int) => sliceText(text, 0, count),
  "string.drop": (text: string, count: Int) => sliceText(text, count, text.length),
  "string.take_end": (text: string, count: Int) => {
    const length = lengthOf(text);
    return sliceText(text, length - clampPlace(count, length), length);
  },
  "string.drop_end": (text: string, count: Int) => {
    const length = lengthOf(text);
    return sliceText(text, 0, length - clampPlace(count, length));
  },
  "string.index_of": (text: string, part: string) => placeFound(text, text.indexOf(part)),
  "string.nth_index_of": nthIndexOf,
  "string.count": (text: string, part: string) => {
    if (part === "") invalid("string.count: the empty text cannot be counted");
    return text.split(part).length - 1;
  },
  "string.replace_first": (text: string, part: string, by: string) => {
    const at = text.indexOf(part);
    if (at < 0) return text;
    reserveUnits(text.length + by.length);
    return text.slice(0, at) + by + text.slice(at + part.length);
  },
  "string.split_whitespace": splitWhitespace,
  "string.lines": linesOf,
  "string.before": (text: string, part: string) => before(text, text.indexOf(part)),
  "string.after": (text: string, part: string) => after(text, text.indexOf(part), part),
  "string.before_last": (text: string, part: string) => before(text, text.lastIndexOf(part)),
  "string.after_last": (text: string, part: string) => after(text, text.lastIndexOf(part), part),
  "string.trim_start": (text: string) => trimText(text, isBlank, true, false),
  "string.trim_end": (text: string) => trimText(text, isBlank, false, true),
  "string.capitalize": (text: string) => upperAscii(text.slice(0, 1)) + lowerAscii(text.slice(1)),
  "string.title": (text: string) =>
    text.replace(/[A-Za-z]+/g, (word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase()),
  "string.swap_case": (text: string) =>
    text.replace(/[a-z]+|[A-Z]+/g, (run) => (run >= "a" ? run.toUpperCase() : run.toLowerCase())),
  "string.reverse": reverseText,
  "string.trim_chars": trimChars,
  "string.pad_start": (text: string, width: Int, fill: string) =>
    padding(text, width, fill, "string.pad_start") + text,
  "string.pad_end": (text: string, width: Int, fill: string) =>
    text + padding(text, width, fill, "string.pad_end"),
  "string.filter_chars": (text: string, f: FunctionValue) => {
    let kept = "";
    for (const char of charsOf(text)) if (f(char) === true) kept += char;
    return kept;
  },
  "string.map_chars": (text: string, f: FunctionValue) =>
    joinTexts(
      charsOf(text).map((char) => f(char) as string),
      "",
    ),
};

function reverseText(text: string): string {
  if (hasPairs(text)) return Array.from(text).reverse().join("");
  let reversed = "";
  for (let i = text.length - 1; i >= 0; i--) reversed += text.charAt(i);
  return reversed;
}

function nthIndexOf(text: string, part: string, nth: Int): Some | null {
  const count = validCount(nth, 1, "string.nth_index_of");
  if (part === "") return count - 1 <= lengthOf(text) ? new Some(count - 1) : null;
  let at = text.indexOf(part);
  for (let found = 1; found < count && at >= 0; found++) at = text.indexOf(part, at + part.length);
  return at < 0 ? null : new Some(placeOf(text, at));
}

function splitWhitespace(text: string): string[] {
  const words: string[] = [];
  let start = -1;
  for (let i = 0; i < text.length; i++) {
    if (!isBlank(text.charCodeAt(i))) {
      if (start < 0) start = i;
    } else if (start >= 0) {
      words.push(text.slice(start, i));
      start = -1;
    }
  }
  if (start >= 0) words.push(text.slice(start));
  return words;
}

/** A line ends with LF, CR LF or CR; what follows the last end is a line only if it is not empty. */
function linesOf(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function before(text: string, at: number): Some | null {
  return at < 0 ? null : new Some(text.slice(0, at));
}

function after(text: string, at: number, part: string): Some | null {
  return at < 0 ? null : new Some(text.slice(at + part.length));
}

function trimChars(text: string, chars: string): string {
  if (!hasPairs(chars))
    return trimText(text, (unit) => chars.includes(String.fromCharCode(unit)), true, true);
  const dropped = new Set(chars);
  const points = charsOf(text);
  let start = 0;
  let end = points.length;
  while (start < end && dropped.has(points[start] ?? "")) start++;
  while (end > start && dropped.has(points[end - 1] ?? "")) end--;
  return points.slice(start, end).join("");
}

function padding(text: string, width: Int, fill: string, operation: string): string {
  if (fill === "") invalid(`${operation}: the empty text fills nothing`);
  const missing =
    (typeof width === "number" ? width : width < 0 ? 0 : Number.POSITIVE_INFINITY) - lengthOf(text);
  if (missing <= 0) return "";
  reserveUnits(2 * missing + text.length);
  return sliceText(fill.repeat(Math.ceil(missing / lengthOf(fill))), 0, missing);
}
