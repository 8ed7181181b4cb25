// What a terminal would obey or a reader would be misled by: control, bidi and invisible characters.
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** Text of others, fit for a terminal: what it would obey appears as an escape. Line breaks and tabs stay. */
export function safe(text: string): string {
  return text.replace(UNSAFE, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The same on one line. */
export function safeLine(text: string): string {
  return safe(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}
