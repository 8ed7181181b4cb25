const IDENTIFIER = /^[\p{XIDS}_][\p{XIDC}]*$/u;
const IGNORABLE = /\p{DI}/u;
const CAPITAL = /^[\p{Lu}\p{Lt}]/u;
const MAX_LENGTH = 64;

/** Families of the catalogue: `Int.parse` must never be a case of a variant. */
const FAMILIES: ReadonlySet<string> = new Set([
  "Bool",
  "Date",
  "Decimal",
  "Float",
  "Int",
  "List",
  "Map",
  "Option",
  "Regex",
  "String",
  "Unit",
]);

/** True for an identifier of anrf.md §5.1: XID, NFC, at most 64 code points, nothing invisible. */
export function isIdentifier(name: string): boolean {
  if (name.length > 2 * MAX_LENGTH || !IDENTIFIER.test(name) || IGNORABLE.test(name)) return false;
  return (name.length <= MAX_LENGTH || [...name].length <= MAX_LENGTH) && name.normalize("NFC") === name;
}

/** True for a name of a case: an identifier that begins with a capital. */
export function isCaseName(name: string): boolean {
  return CAPITAL.test(name) && isIdentifier(name);
}

/** True for a name of a record or variant: a capital first, and no family of the catalogue. */
export function isTypeName(name: string): boolean {
  return isCaseName(name) && !FAMILIES.has(name);
}

/** True for a name of an extension: a lower-case identifier. */
export function isExtensionName(name: string): boolean {
  return isIdentifier(name) && name.toLowerCase() === name;
}
