// What a terminal would obey or a reader would be misled by: control, bidi and invisible characters.
const UNSAFE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/** Text of others, fit for a terminal: what it would obey appears as an escape. Line breaks and tabs stay. */
export function safe(text: string): string {
  return text.replace(UNSAFE, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The same on one line. */
export function safeLine(text: string): string {
  return safe(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}
