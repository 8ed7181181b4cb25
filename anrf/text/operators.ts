import { type Builtin, builtinsByText } from "#anrf/std/catalogue.ts";
import { variablesOf } from "#anrf/std/signature.ts";

/** How tightly binary operators bind; a higher number binds tighter. */
export const PRECEDENCE: Readonly<Record<string, number>> = {
  or: 1,
  and: 2,
  "==": 4,
  "!=": 4,
  "<": 4,
  "<=": 4,
  ">": 4,
  ">=": 4,
  "??": 5,
  "|": 6,
  "^": 7,
  "&": 8,
  "<<": 9,
  ">>": 9,
  "+": 10,
  "-": 10,
  "*": 11,
  "/": 11,
  "//": 11,
  "%": 11,
};
/** How tightly `not` binds. */
export const NOT = 3;
/** How tightly comparisons bind; they do not chain. */
export const COMPARISON = 4;
/** How tightly `??` binds; it groups to the right. */
export const DEFAULT = 5;
/** How tightly unary operators and negative literals bind. */
export const UNARY = 12;
/** How tightly `**` binds; it groups to the right. */
export const POWER = 13;
/** Names, literals, calls and whatever stands in brackets. */
export const ATOM = 14;

/** The builtins that are written by that operator with so many operands. */
export function operators(op: string, operands: number): readonly Builtin[] {
  return builtinsByText(op).filter((one) => one.signature.params.length === operands);
}

/**
 * What is known of the first operand's type before it is read (anrf.md §5.3): nothing, the type of the whole, an
 * option of it, or the one type that the operator takes.
 */
export function leftExpectation(
  op: string,
  candidates: readonly Builtin[],
): "none" | "whole" | "option" | "own" {
  if (op === "??") return "option";
  if (op === "[]") return "none";
  if (candidates.length > 1) return "whole";
  const only = candidates[0]?.signature.params[0]?.type;
  return only === undefined || variablesOf(only).length > 0 ? "none" : "own";
}
