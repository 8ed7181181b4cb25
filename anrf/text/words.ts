/** Words that are never a bare name. */
export const RESERVED: ReadonlySet<string> = new Set(
  "and as compare do else fail false fn hole if let loop match max min none not or result some true while".split(
    " ",
  ),
);

const IDENTIFIER = /^[\p{XIDS}_][\p{XIDC}]*$/u;
const IGNORABLE = /\p{DI}/u;
const CAPITAL = /^[\p{Lu}\p{Lt}]/u;

/** True for an identifier of the language: XID, NFC, at most 64 code points, nothing invisible. */
export function isIdentifier(name: string): boolean {
  if (name.length > 128 || !IDENTIFIER.test(name) || IGNORABLE.test(name)) return false;
  return (name.length <= 64 || [...name].length <= 64) && name.normalize("NFC") === name;
}

/** True when the identifier begins with a capital: the spelling of types and cases. */
export function isTypeName(name: string): boolean {
  return CAPITAL.test(name);
}

/** True for an identifier that people chose: `_` and `_7` stand for no name. */
export function isChosenName(name: string): boolean {
  return isIdentifier(name) && !/^_\d*$/.test(name);
}

/** The name as it stands in a text: in backticks where the bare word would mean something else. */
export function nameText(name: string): string {
  return RESERVED.has(name) || isTypeName(name) ? `\`${name}\`` : name;
}

/** The names of a pattern `(i, a)`, or undefined; `_` stands for a part without name. */
export function patternNames(name: string): readonly string[] | undefined {
  if (!name.startsWith("(") || !name.endsWith(")")) return undefined;
  const parts = name.slice(1, -1).split(", ");
  const chosen = parts.filter((part) => part !== "_");
  if (parts.length < 2 || parts.length > 16 || new Set(chosen).size !== chosen.length) return undefined;
  return chosen.every(isChosenName) ? parts : undefined;
}

/** The name itself, or the name with the first suffix `_2`, `_3`, … that is not taken. */
export function freshName(name: string, isTaken: (name: string) => boolean): string {
  if (!isTaken(name)) return name;
  for (let count = 2; ; count++) {
    const suffix = `_${count}`;
    const next = [...name].slice(0, 64 - suffix.length).join("") + suffix;
    if (!isTaken(next)) return next;
  }
}
