import { invalid } from "#anrf/program/trap.ts";
import { type Int, Some } from "#anrf/program/value.ts";
import { type BuiltinTable, reserveUnits } from "./function.ts";
import { clampPlace, validCount } from "./ints.ts";

/** Strings: sequences of code points. Places are counted in code points; offsets in the UTF-16 units of JavaScript. */
export const STRINGS: BuiltinTable = {
  "string.length": (text: string) => lengthOf(text),
  "string.concat": (a: string, b: string) => {
    reserveUnits(a.length + b.length);
    return a + b;
  },
  "string.join": joinTexts,
  "string.repeat": (text: string, count: Int) => {
    const times = validCount(count, 0, "string.repeat");
    if (text === "") return "";
    reserveUnits(text.length * times);
    return text.repeat(times);
  },
  "string.at": charAt,
  "string.slice": sliceText,
  "string.chars": (text: string) => charsOf(text),
  "string.code_points": codePoints,
  "string.from_code_points": fromCodePoints,
  "string.index_of_from": (text: string, part: string, from: Int) => {
    const start = offsetOf(text, clampPlace(from, lengthOf(text)));
    return placeFound(text, text.indexOf(part, start));
  },
  "string.last_index_of": (text: string, part: string) => placeFound(text, text.lastIndexOf(part)),
  "string.contains": (text: string, part: string) => text.includes(part),
  "string.starts_with": (text: string, part: string) => text.startsWith(part),
  "string.ends_with": (text: string, part: string) => text.endsWith(part),
  "string.replace": replaceAll,
  "string.split": (text: string, separator: string) =>
    separator === "" ? charsOf(text) : text.split(separator),
  "string.trim": (text: string) => trimText(text, isBlank, true, true),
  "string.to_lower": lowerAscii,
  "string.to_upper": upperAscii,
  "string.is_alpha": (text: string) => everyUnit(text, isLetter),
  "string.is_digit": (text: string) => everyUnit(text, isDigit),
  "string.is_upper": (text: string) => everyUnit(text, (unit) => unit >= 65 && unit <= 90),
  "string.is_lower": (text: string) => everyUnit(text, (unit) => unit >= 97 && unit <= 122),
  "string.is_space": (text: string) => everyUnit(text, (unit) => unit === 32 || (unit >= 9 && unit <= 13)),
};

/** True when some code point takes two units, so that places and offsets differ. */
export function hasPairs(text: string): boolean {
  if (text.length > 48) return /[\ud800-\udfff]/.test(text);
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xf800) === 0xd800) return true;
  return false;
}

/** The number of code points. */
export function lengthOf(text: string): number {
  return hasPairs(text) ? placeOf(text, text.length) : text.length;
}

/** The code points as texts. */
export function charsOf(text: string): string[] {
  return hasPairs(text) ? Array.from(text) : text.split("");
}

/** The offset of a place inside 0..length. */
export function offsetOf(text: string, place: number): number {
  if (!hasPairs(text)) return place;
  let offset = 0;
  for (let left = place; left > 0; left--) offset += isHighUnit(text.charCodeAt(offset)) ? 2 : 1;
  return offset;
}

/** The place of an offset: how many code points stand before it. */
export function placeOf(text: string, offset: number): number {
  if (!hasPairs(text)) return offset;
  let place = 0;
  for (let i = 0; i < offset; i++) if (!isHighUnit(text.charCodeAt(i))) place++;
  return place;
}

/** The code points from one place up to another, both moved into the text. */
export function sliceText(text: string, from: Int, to: Int): string {
  if (!hasPairs(text)) return text.substring(clampPlace(from, text.length), endAfter(from, to, text.length));
  const length = lengthOf(text);
  const start = clampPlace(from, length);
  return text.slice(offsetOf(text, start), offsetOf(text, endAfter(from, to, length)));
}

/** The texts with a separator between each two. */
export function joinTexts(texts: readonly string[], separator: string): string {
  let units = separator.length * Math.max(0, texts.length - 1);
  for (const text of texts) units += text.length;
  reserveUnits(units);
  return texts.join(separator);
}

/** A found offset as some(place); −1 is none. */
export function placeFound(text: string, offset: number): Some | null {
  return offset < 0 ? null : new Some(placeOf(text, offset));
}

/** The text without the units of a class at its ends. The class holds no half of a pair. */
export function trimText(
  text: string,
  drops: (unit: number) => boolean,
  atStart: boolean,
  atEnd: boolean,
): string {
  let start = 0;
  let end = text.length;
  if (atStart) while (start < end && drops(text.charCodeAt(start))) start++;
  if (atEnd) while (end > start && drops(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** Unicode's White_Space; JavaScript's own trim knows U+FEFF, which is none, and not U+0085. */
export function isBlank(unit: number): boolean {
  if (unit < 0x80) return unit === 32 || (unit >= 9 && unit <= 13);
  if (unit < 0x1680) return unit === 0x85 || unit === 0xa0;
  if (unit >= 0x2000 && unit <= 0x200a) return true;
  return [0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000].includes(unit);
}

/** A to Z made small. */
export function lowerAscii(text: string): string {
  return isAscii(text) ? text.toLowerCase() : text.replace(/[A-Z]+/g, (run) => run.toLowerCase());
}

/** a to z made capital. */
export function upperAscii(text: string): string {
  return isAscii(text) ? text.toUpperCase() : text.replace(/[a-z]+/g, (run) => run.toUpperCase());
}

/** Not empty, and every unit of the class. */
export function everyUnit(text: string, isMember: (unit: number) => boolean): boolean {
  for (let i = 0; i < text.length; i++) if (!isMember(text.charCodeAt(i))) return false;
  return text.length > 0;
}

/** A to Z, a to z. */
export function isLetter(unit: number): boolean {
  return (unit >= 97 && unit <= 122) || (unit >= 65 && unit <= 90);
}

/** 0 to 9. */
export function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57;
}

/** The end of a range that never lies before its start. */
function endAfter(from: Int, to: Int, length: number): number {
  return Math.max(clampPlace(from, length), clampPlace(to, length));
}

function charAt(text: string, place: Int): Some | null {
  if (typeof place !== "number" || place < 0 || place >= text.length) return null;
  if (!hasPairs(text)) return new Some(text.charAt(place));
  const offset = place < lengthOf(text) ? offsetOf(text, place) : text.length;
  const point = text.codePointAt(offset);
  return point === undefined ? null : new Some(String.fromCodePoint(point));
}

function fromCodePoints(points: readonly Int[]): string {
  let text = "";
  for (const point of points) {
    if (typeof point !== "number" || point < 0 || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
      invalid(`string.from_code_points: ${point} is no Unicode scalar value`);
    }
    text += String.fromCodePoint(point);
  }
  return text;
}

function replaceAll(text: string, part: string, by: string): string {
  const pieces = part === "" ? ["", ...charsOf(text), ""] : text.split(part);
  if (pieces.length === 1) return text;
  return part === "" && text === "" ? by : joinTexts(pieces, by);
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}

function codePoints(text: string): number[] {
  const points: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i) ?? 0;
    if (point > 0xffff) i++;
    points.push(point);
  }
  return points;
}

function isHighUnit(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}
