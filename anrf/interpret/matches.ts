import { DecimalNumber, Some, type Value, type Variant } from "#anrf/program/value.ts";
import { literalValue } from "#anrf/program/value-proto.ts";
import type { MatchArm, MatchOn } from "#gen/anrf/v1/ir_pb.ts";
import { type Code, charged, codeAt, type Frame, type Site } from "./code.ts";

/** A choice by pattern; the checker has made sure that some arm fits. */
export function matchCode(site: Site, { subject, arms }: MatchOn): Code {
  const value = codeAt(site, subject);
  const pattern = arms[0]?.pattern?.kind.case;
  if (arms.some((arm) => arm.pattern?.kind.case === "variantCase")) return variantMatch(site, value, arms);
  if (arms.some((arm) => arm.pattern?.kind.case === "optionSome")) return optionMatch(site, value, arms);
  if (pattern === "literal") return literalMatch(site, value, arms);
  const only = arms[0];
  if (only === undefined) throw new Error("a match has no arm");
  const body = charged(site, only.body);
  return (frame) => {
    value(frame);
    return body(frame);
  };
}

function wildcardOf(site: Site, arms: readonly MatchArm[]): Code | undefined {
  const arm = arms.find((one) => one.pattern?.kind.case === "wildcard");
  return arm === undefined ? undefined : charged(site, arm.body);
}

function noArm(): never {
  throw new Error("no arm of a match fits: the program was not checked");
}

function variantMatch(site: Site, value: Code, arms: readonly MatchArm[]): Code {
  const rest = wildcardOf(site, arms) ?? noArm;
  const bodies: Code[] = [];
  const binders: (readonly number[])[] = [];
  for (const arm of arms) {
    if (arm.pattern?.kind.case !== "variantCase") continue;
    bodies[arm.pattern.kind.value] = charged(site, arm.body);
    binders[arm.pattern.kind.value] = arm.binders;
  }
  return (frame) => {
    const { caseIndex, payload } = value(frame) as Variant;
    const body = bodies[caseIndex];
    if (body === undefined) return rest(frame);
    bindAll(frame, binders[caseIndex] ?? [], payload);
    return body(frame);
  };
}

function bindAll(frame: Frame, binders: readonly number[], payload: readonly Value[]): void {
  for (let i = 0; i < binders.length; i++) frame[binders[i] as number] = payload[i] as Value;
}

function optionMatch(site: Site, value: Code, arms: readonly MatchArm[]): Code {
  const armOf = (isSome: boolean): MatchArm | undefined =>
    arms.find((arm) => arm.pattern?.kind.case === "optionSome" && arm.pattern.kind.value === isSome);
  const rest = wildcardOf(site, arms) ?? noArm;
  const someArm = armOf(true);
  const noneArm = armOf(false);
  const whenSome = someArm === undefined ? rest : charged(site, someArm.body);
  const whenNone = noneArm === undefined ? rest : charged(site, noneArm.body);
  const binder = someArm?.binders[0];
  return (frame) => {
    const found = value(frame);
    if (!(found instanceof Some)) return whenNone(frame);
    if (binder !== undefined) frame[binder] = found.value;
    return whenSome(frame);
  };
}

function literalMatch(site: Site, value: Code, arms: readonly MatchArm[]): Code {
  const rest = wildcardOf(site, arms) ?? noArm;
  const bodies = new Map<Value, Code>();
  for (const arm of arms) {
    if (arm.pattern?.kind.case !== "literal") continue;
    bodies.set(keyOf(literalValue(arm.pattern.kind.value)), charged(site, arm.body));
  }
  return (frame) => (bodies.get(keyOf(value(frame))) ?? rest)(frame);
}

/** Equal constants of one type have equal keys; a map takes 0 and −0 as one, and no pattern is NaN. */
function keyOf(value: Value): Value {
  return value instanceof DecimalNumber ? `${value.coefficient}e-${value.scale}` : value;
}
