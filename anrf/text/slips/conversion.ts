import type { Type } from "#anrf/program/type.ts";
import type { Instead, Place } from "#anrf/text/problems.ts";

/** The call that makes one type of another: what a wrong type is offered, for people to look at. */
const CALLS: Readonly<Record<string, string>> = {
  "int string": ".to_string()",
  "float string": ".to_string()",
  "decimal string": ".to_string()",
  "date string": ".to_iso()",
  "float int": ".trunc()",
  "decimal int": ".to_int()",
  "decimal float": ".to_float()",
};

/** What to write for an expression of one type where another is expected; undefined where no single call gives it. */
export function conversion(found: Type, expected: Type, at: Place): Instead | undefined {
  const call = CALLS[`${found.kind} ${expected.kind}`];
  if (call !== undefined) return (source) => `${operand(source(at))}${call}`;
  if (found.kind === "int" && expected.kind === "decimal")
    return (source) => `Decimal.from_int(${source(at)})`;
  if (expected.kind === "option" && expected.item.text === found.text)
    return (source) => `some(${source(at)})`;
  if (found.kind === "option" && found.item.text === expected.text)
    return (source) => `${operand(source(at))}.unwrap()`;
  return undefined;
}

/** In parentheses, but for what a call can follow at once. */
function operand(text: string): string {
  return /^[\p{XIDC}.]+$/u.test(text) || /^[\p{XIDC}.]+\([^()]*\)$/u.test(text) ? text : `(${text})`;
}
