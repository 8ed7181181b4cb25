import { escapeHidden } from "#anrf/text/escape.ts";

/** Words of people on one line: hidden and reordering characters are spelled out, line ends become blanks. */
export function plainLine(text: string): string {
  return escapeHidden(text.replace(/\s*\n\s*/g, " ").trim());
}

/** JSON text in which no hidden or reordering character stands as itself; it reads back to the same values. */
export function plainJson(json: string): string {
  return json.replace(
    /(?!\n)[\p{Cc}\u00a0\u00ad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu,
    (char) =>
      Array.from(
        { length: char.length },
        (_, unit) => `\\u${char.charCodeAt(unit).toString(16).padStart(4, "0")}`,
      ).join(""),
  );
}
