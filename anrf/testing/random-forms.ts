import type { ArmExpr, Expr, Local } from "#anrf/build/expr.ts";
import {
  BOOL,
  DATE,
  DECIMAL,
  FLOAT,
  INT,
  optionOf,
  STRING,
  type Type,
  tupleOf,
  UNIT,
} from "#anrf/program/type.ts";
import { DecimalNumber, type Value } from "#anrf/program/value.ts";
import { knownBuiltin } from "#anrf/std/catalogue.ts";
import type { Random } from "./random.ts";
import type { RandomNominals } from "./random-program.ts";
import { randomScalar } from "./random-value.ts";

/** Makes an expression of a type in a place. */
export type Go = (type: Type, scope?: readonly Local[]) => Expr;

/** What the forms need from the maker of expressions. */
export interface Forms {
  readonly random: Random;
  readonly made: RandomNominals;
  readonly scope: readonly Local[];
  readonly go: Go;
  readonly local: (type: Type) => Local;
  /** The value of a local, which then counts as used. */
  readonly ref: (local: Local) => Expr;
  /** A small expression. */
  readonly leaf: (type: Type, scope: readonly Local[]) => Expr;
}

/** A match of any kind of subject and pattern, with and without a wildcard. */
export function randomMatch(type: Type, forms: Forms): Expr {
  const { random, made } = forms;
  const variants = made.types.filter((one) => one.kind === "variant");
  if (variants.length > 0 && random.chance(0.45)) return variantMatch(type, forms, random.pick(variants));
  return random.chance(0.4) ? optionMatch(type, forms) : literalMatch(type, forms);
}

function armOf(
  { local, go, scope }: Forms,
  type: Type,
  pattern: ArmExpr["pattern"],
  types: readonly Type[] = [],
): ArmExpr {
  const binders = types.map(local);
  return { pattern, binders, body: go(type, [...scope, ...binders]) };
}

function variantMatch(type: Type, forms: Forms, of: Type): Expr {
  const { random, made, go } = forms;
  const cases = of.kind === "variant" ? (made.nominals.variants.get(of.name) ?? []) : [];
  const arms = cases.map((one, caseIndex) => armOf(forms, type, { kind: "case", caseIndex }, one.payload));
  if (random.chance(0.3)) arms.splice(random.below(arms.length), 1, armOf(forms, type, { kind: "wildcard" }));
  return { kind: "match", subject: go(of), arms: wildcardLast(arms), type };
}

function optionMatch(type: Type, forms: Forms): Expr {
  const { random, go } = forms;
  const item = random.pick([INT, STRING, ...forms.made.types]);
  const arms = [armOf(forms, type, { kind: "some" }, [item]), armOf(forms, type, { kind: "none" })];
  if (random.chance(0.3)) arms.splice(random.below(2), 1, armOf(forms, type, { kind: "wildcard" }));
  return { kind: "match", subject: go(optionOf(item)), arms: wildcardLast(arms), type };
}

function literalMatch(type: Type, forms: Forms): Expr {
  const { random, go } = forms;
  const of = random.pick([INT, INT, STRING, BOOL, DECIMAL, DATE, FLOAT, UNIT]);
  const values: Value[] = [];
  for (let count = 0; count < 3; count++) {
    const value = of.kind === "bool" ? count === 0 : randomScalar(random, of);
    if (!Number.isNaN(value) && !values.some((one) => isSame(one, value))) values.push(value);
  }
  const arms = values.map((value) => armOf(forms, type, { kind: "literal", value, type: of }));
  const isWhole = of.kind === "unit" || (of.kind === "bool" && values.length === 2);
  if (!isWhole || random.chance(0.3)) arms.push(armOf(forms, type, { kind: "wildcard" }));
  return { kind: "match", subject: go(of), arms, type };
}

/** Equal as constants of a match: −0 is 0, 1.0 is 1.00. */
function isSame(a: Value, b: Value): boolean {
  if (a instanceof DecimalNumber && b instanceof DecimalNumber)
    return a.coefficient === b.coefficient && a.scale === b.scale;
  return a === b;
}

function wildcardLast(arms: readonly ArmExpr[]): readonly ArmExpr[] {
  const isWild = (one: ArmExpr): boolean => one.pattern.kind === "wildcard";
  return [...arms.filter((one) => !isWild(one)), ...arms.filter(isWild)];
}

const numberOf = (id: string): never => knownBuiltin(id).number as never;
const literal = (value: number): Expr => ({ kind: "literal", value, type: INT });

/** A builtin call of two ints. */
function ints(id: string, a: Expr, b: Expr): Expr {
  return { kind: "builtin", builtin: numberOf(id), args: [a, b], type: id === "lt" ? BOOL : INT };
}

/**
 * A loop whose state is a counter and a value, with an invariant and a measure that hold, or any that may not; or a loop
 * of any condition, which only fuel may end.
 */
export function randomLoop(type: Type, forms: Forms): Expr {
  return forms.random.chance(0.2) ? freeLoop(type, forms) : countedLoop(type, forms);
}

function countedLoop(type: Type, { random, scope, go, local, ref, leaf }: Forms): Expr {
  const pair = tupleOf([INT, type]);
  const init: Expr = { kind: "tuple", items: [literal(0), go(type)], type: pair };
  const state = local(pair);
  const inner = [...scope, state];
  const count = (): Expr => ({ kind: "field", target: ref(state), field: 0, type: INT });
  const limit = random.below(5);
  const condition = ints("lt", count(), literal(limit));
  const step: Expr = {
    kind: "tuple",
    items: [ints("int.add", count(), literal(1)), go(type, inner)],
    type: pair,
  };
  const holds = (): Expr => ints("lt", literal(-1), count());
  const invariants = random.some(3, () => (random.chance(0.8) ? holds() : leaf(BOOL, inner)));
  const falling = (): Expr => ints("int.sub", literal(limit), count());
  const measure = random.chance(0.4) ? { decreases: random.chance(0.8) ? falling() : leaf(INT, inner) } : {};
  const loop: Expr = { kind: "loop", state, init, condition, step, invariants, ...measure, type: pair };
  return { kind: "field", target: loop, field: 1, type };
}

function freeLoop(type: Type, { random, scope, go, local, leaf }: Forms): Expr {
  const init = go(type);
  const state = local(type);
  const inner = [...scope, state];
  const [condition, step] = [go(BOOL, inner), go(type, inner)];
  const measure = random.chance(0.3) ? { decreases: leaf(tupleOf([INT, INT]), inner) } : {};
  return { kind: "loop", state, init, condition, step, invariants: [], ...measure, type };
}
