/** Control characters and those that are invisible or reorder what stands beside them. */
const HIDDEN = /[\p{Cc}\u00a0\u00ad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/u;
const HIDDEN_ALL = new RegExp(HIDDEN, "gu");
const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\t": "\\t", "\r": "\\r" };

/** The text with hidden characters spelled out; backslashes and quotes stay as they are. */
export function escapeHidden(text: string): string {
  return text.replace(HIDDEN_ALL, (char) => SHORT[char] ?? `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The lines of a comment without their `#`. A space is no hidden character; a backslash is doubled. */
export function commentLines(comment: string): readonly string[] {
  return comment.split("\n").map((line) => escapeHidden(line.replaceAll("\\", "\\\\")));
}

/** The text of one comment line: its escapes read, unknown ones left as they stand. */
export function commentText(line: string): string {
  return line.replace(/\\(\\|t|r|n|u\{([0-9a-fA-F]{1,6})\})/g, (whole, kind: string, hex?: string) => {
    if (hex !== undefined) return fromHex(hex) ?? whole;
    return kind === "t" ? "\t" : kind === "r" ? "\r" : kind === "n" ? "\n" : "\\";
  });
}

/** The character of a hexadecimal code point, or undefined for what is none. */
export function fromHex(hex: string): string | undefined {
  const code = Number.parseInt(hex, 16);
  return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? undefined : String.fromCodePoint(code);
}
