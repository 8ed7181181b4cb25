import { DecimalNumber, type Value } from "#anrf/program/value.ts";
import { literalKind, literalValue } from "#anrf/program/value-proto.ts";
import type { FunctionDef, MatchArm, MatchOn, Pattern } from "#gen/anrf/v1/ir_pb.ts";
import type { Findings } from "./findings.ts";
import { literalProblem } from "./literals.ts";
import { type TypeTable, textOf } from "./types.ts";

/** V12 for one match, with the arity and types of its binders (V13, V08). */
export function checkMatch(
  table: TypeTable,
  def: FunctionDef,
  match: MatchOn,
  id: number,
  findings: Findings,
): void {
  const type = def.nodes[match.subject]?.type ?? -1;
  const covered = new Covered();
  match.arms.forEach((arm, index) => {
    const pattern = arm.pattern;
    if (pattern === undefined) return;
    const problem = coverProblem(table, type, pattern, covered);
    if (problem !== undefined) findings.add("V12", `arm ${index + 1} ${problem}`, id);
    if (pattern.kind.case === "wildcard" && index < match.arms.length - 1) {
      findings.add("V12", `arm ${index + 1} takes everything and is not the last`, id);
    }
    checkBinders(table, def, type, arm, id, findings);
  });
  const missing = missingCases(table, type, covered);
  if (missing.length > 0)
    findings.add("V12", `the match does not cover ${missing.slice(0, 8).join(", ")}`, id, missing);
}

/** What earlier arms took. */
class Covered {
  readonly cases = new Set<number>();
  readonly scalars = new Set<Value>();
  some = false;
  none = false;
  rest = false;
}

function coverProblem(
  table: TypeTable,
  type: number,
  pattern: Pattern,
  covered: Covered,
): string | undefined {
  const kind = pattern.kind;
  const subject = table.types[type]?.kind;
  switch (kind.case) {
    case "wildcard":
      if (covered.rest) return "is a second wildcard";
      covered.rest = true;
      return undefined;
    case "variantCase": {
      const count = casesOf(table, type).length;
      if (subject !== "variant" || kind.value >= count)
        return `names case ${kind.value}, which ${textOf(table, type)} does not have`;
      if (covered.cases.has(kind.value)) return `takes case ${kind.value} a second time`;
      covered.cases.add(kind.value);
      return undefined;
    }
    case "optionSome": {
      if (subject !== "option") return `asks for an option, and the subject is ${textOf(table, type)}`;
      const taken = kind.value ? covered.some : covered.none;
      if (kind.value) covered.some = true;
      else covered.none = true;
      return taken ? `takes ${kind.value ? "some" : "none"} a second time` : undefined;
    }
    case "literal": {
      if (literalKind(kind.value) !== subject) return `has a constant that is no ${textOf(table, type)}`;
      return literalProblem(kind.value) ?? repeated(literalValue(kind.value), covered);
    }
    case undefined:
      return "has no pattern";
    default:
      throw new Error(`unreachable: ${kind satisfies never}`);
  }
}

function repeated(value: Value, covered: Covered): string | undefined {
  if (Number.isNaN(value)) return "has the constant NaN, which equals nothing";
  const key = value instanceof DecimalNumber ? `${value.coefficient}e-${value.scale}` : value;
  if (covered.scalars.has(key)) return "has a constant that an earlier arm has";
  covered.scalars.add(key);
  return undefined;
}

function casesOf(
  table: TypeTable,
  type: number,
): readonly { readonly name: string; readonly payload: readonly number[] }[] {
  const kind = table.module.types[type]?.kind;
  return kind?.case === "variantRef" ? (table.module.variants[kind.value]?.cases ?? []) : [];
}

function missingCases(table: TypeTable, type: number, covered: Covered): readonly string[] {
  if (covered.rest) return [];
  switch (table.types[type]?.kind) {
    case "variant":
      return casesOf(table, type).flatMap((one, index) => (covered.cases.has(index) ? [] : [one.name]));
    case "option":
      return [...(covered.some ? [] : ["some"]), ...(covered.none ? [] : ["none"])];
    case "bool":
      return [true, false].filter((value) => !covered.scalars.has(value)).map(String);
    case "unit":
      return covered.scalars.has(null) ? [] : ["()"];
    default:
      return ["_"];
  }
}

function checkBinders(
  table: TypeTable,
  def: FunctionDef,
  type: number,
  arm: MatchArm,
  id: number,
  findings: Findings,
): void {
  const wanted = payloadOf(table, type, arm.pattern);
  if (wanted.length !== arm.binders.length) {
    findings.add(
      "V13",
      `an arm binds ${arm.binders.length} values, its pattern carries ${wanted.length}`,
      id,
    );
    return;
  }
  arm.binders.forEach((binder, index) => {
    const found = def.locals[binder]?.type ?? -1;
    const expected = wanted[index] ?? -1;
    if (found === expected) return;
    findings.add(
      "V08",
      `binder ${index + 1} has type ${textOf(table, found)}, expected ${textOf(table, expected)}`,
      id,
    );
  });
}

function payloadOf(table: TypeTable, type: number, pattern: Pattern | undefined): readonly number[] {
  const kind = pattern?.kind;
  if (kind?.case === "variantCase") return casesOf(table, type)[kind.value]?.payload ?? [];
  return kind?.case === "optionSome" && kind.value ? (table.parts[type] ?? []) : [];
}
