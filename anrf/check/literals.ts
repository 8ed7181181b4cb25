import { DATE_MAX, DATE_MIN, decimalOf } from "#anrf/program/scalar-text.ts";
import type { Literal } from "#gen/anrf/v1/ir_pb.ts";

/** V18 for a literal: decimals without trailing zeros and in range, days in range, NaN in its one form. */
export function literalProblem({ value: arm }: Literal): string | undefined {
  if (arm.case === "unit" && !arm.value) return "the literal of unit is written as false";
  if (arm.case === "string" && !arm.value.isWellFormed()) return "the string holds a lone surrogate";
  if (arm.case === "days" && (arm.value < DATE_MIN || arm.value > DATE_MAX))
    return "the day lies outside the calendar";
  if (arm.case !== "decimal") return undefined;
  const { coefficient, scale } = arm.value;
  const normal = scale > 18 ? undefined : decimalOf(coefficient, scale);
  return normal?.scale === scale ? undefined : "the decimal is not in its shortest form";
}
