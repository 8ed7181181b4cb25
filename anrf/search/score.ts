import { type Expr, exprParts, type FunctionExpr, type Local } from "#anrf/build/expr.ts";
import { compareValues, type Value } from "#anrf/program/value.ts";
import { builtinByNumber } from "#anrf/std/catalogue.ts";
import type { GivenConstant } from "./constants.ts";
import type { Hint } from "./guide.ts";
import type { Callable } from "./library.ts";

/** What a program leaves out of what it was asked for, in bits that stand beside its cost. */
export interface Score {
  /** Cost and all penalties: the lower the better. */
  readonly total: number;
  /** Parameters that the program never reads. */
  readonly unusedParams: number;
  /** Constants of the words that it never names. */
  readonly unusedConstants: number;
  /** Groups of hints of which it follows none. */
  readonly unusedHints: number;
  /** The part of the words that stands for functions which it calls, 0 to 1. */
  readonly named: number;
}

const PARAM_BITS = 5;
const CONSTANT_BITS = 2;
const HINT_BITS = 3;
/** Bits of a function that the words name by all of their words. */
const NAME_BITS = 7;
/** Bits of a number that neither the words nor habit give. */
const FOREIGN_BITS = 2;
/** Bits of a number beside the one that the words name: a bound may be meant so, a value hardly ever. */
const NEAR_BITS = 0.5;

/** What a score is measured against. */
export interface Asked {
  readonly params: readonly Local[];
  readonly hints: readonly Hint[];
  readonly constants: readonly GivenConstant[];
  /** How many examples were shown. */
  readonly examples: number;
  /** Builtins that the search could use: hints of others are not held against a program. */
  readonly available: ReadonlySet<string>;
  /** What the words name, that programs may call. */
  readonly functions?: readonly Callable[];
  /** The program is a reading of the words as a whole: what single words of them suggest counts for half. */
  readonly isSaid?: boolean;
}

/** The score of a body: words and parameters that it ignores count against it, all the more where few examples speak. */
export function scoreOf(body: Expr, cost: number, asked: Asked): Score {
  const { params, hints, constants, examples, available } = asked;
  const seen: Seen = { locals: new Set(), builtins: new Set(), calls: new Set(), literals: [] };
  look(body, seen);
  const { named, unnamed } = namesOf(seen, asked.functions ?? []);
  const unusedParams = params.filter((param) => !seen.locals.has(param)).length;
  const unusedConstants = saidConstants(constants).filter((one) => !isNamed(one, seen)).length;
  const groups = new Map<number, { weight: number; followed: number }>();
  for (const { builtin, weight, group } of hints) {
    if (group === undefined || weight < 0.3 || !available.has(builtin)) continue;
    const known = groups.get(group) ?? { weight: 0, followed: 0 };
    known.weight = Math.max(known.weight, weight);
    if (seen.builtins.has(builtin) || seen.builtins.has(TWINS[builtin] ?? ""))
      known.followed = Math.max(known.followed, weight);
    groups.set(group, known);
  }
  let unusedHints = 0;
  let hintBits = 0;
  for (const { weight, followed } of groups.values()) {
    if (followed === 0) unusedHints++;
    hintBits += HINT_BITS * Math.max(0, weight - followed);
  }
  // Few examples of true or false tell next to nothing, so the words count for more.
  const isVague = body.type.kind === "bool" && examples <= 4;
  const trust = isVague ? 1.5 : examples <= 3 ? 1 : examples <= 6 ? 0.6 : 0.3;
  const said = asked.isSaid === true ? 0.5 : 1;
  const penalty =
    PARAM_BITS * unusedParams +
    NAME_BITS * unnamed +
    Math.min(8, CONSTANT_BITS * unusedConstants) * said +
    Math.min(12, hintBits) * said +
    // The numbers of a reading are those of the words by the way it was made.
    (asked.isSaid === true ? 0 : foreignBits(seen, constants)) +
    (isVague && isUntoldRemainder(seen, hints) ? REMAINDER_BITS : 0) +
    oddnessOf(body);
  return { total: cost + penalty * trust, unusedParams, unusedConstants, unusedHints, named };
}

/** The parts of the words that stand for functions: for those which the program calls, and for those which it leaves out. */
function namesOf(
  seen: Seen,
  functions: readonly Callable[],
): { readonly named: number; readonly unnamed: number } {
  const said = new Map<string, number>();
  const unsaid = new Map(functions.flatMap(({ says }) => [...says]));
  for (const { fn, says } of functions) {
    const isCalled = seen.calls.has(fn.name);
    if (!isCalled && !isSpelled(fn, seen)) continue;
    for (const [word, share] of says) {
      unsaid.delete(word);
      if (isCalled) said.set(word, share);
    }
    // What it calls follows the hints of its body.
    look(fn.body, { ...seen, locals: new Set(), literals: [] });
  }
  return { named: sumOf(said), unnamed: sumOf(unsaid) };
}

function sumOf(shares: ReadonlyMap<string, number>): number {
  return [...shares.values()].reduce((sum, share) => sum + share, 0);
}

/** A program with all builtins of a function may do by itself what the function does. */
function isSpelled(fn: FunctionExpr, seen: Seen): boolean {
  const own: Seen = { locals: new Set(), builtins: new Set(), calls: new Set(), literals: [] };
  look(fn.body, own);
  return [...own.builtins].every((builtin) => seen.builtins.has(builtin));
}

/** Bits against numbers that come from nowhere, where the words name some. */
function foreignBits(seen: Seen, constants: readonly GivenConstant[]): number {
  const said = new Set(constants.map((one) => one.value));
  if (said.size === 0) return 0;
  const texts = [...said].filter((value) => typeof value === "string");
  let bits = 0;
  for (const literal of seen.literals) {
    if (said.has(literal)) continue;
    if (typeof literal === "string" && literal.trim() !== "" && texts.length > 0)
      bits += texts.some((value) => value.includes(literal) || literal.includes(value)) ? 0 : FOREIGN_BITS;
    if (typeof literal === "string" && literal.length > 1 && literal.trim() === "") bits += FOREIGN_BITS;
    if (typeof literal !== "number") continue;
    const isNear = said.has(literal - 1) || said.has(literal + 1);
    const isUsual = HABITUAL.has(literal) || said.has(100 - literal) || said.has(literal - 100);
    bits += isUsual ? (isNear ? NEAR_BITS : 0) : isNear ? 2 * NEAR_BITS : FOREIGN_BITS;
  }
  return Math.min(8, bits);
}

/** A remainder tells any few examples apart: where words speak, it has to be one of their things. */
function isUntoldRemainder(seen: Seen, hints: readonly Hint[]): boolean {
  if (hints.length === 0 || !seen.builtins.has("int.mod_floor")) return false;
  return !hints.some((one) => one.builtin === "int.mod_floor" && one.weight >= 0.6);
}

const REMAINDER_BITS = 3;

const HABITUAL: ReadonlySet<number> = new Set([0, 1, 2, 10, 100]);

/** Bits for what people rarely write: operands of kinds that do not belong together. */
export function oddnessOf(expr: Expr): number {
  let bits = 0;
  if (expr.kind === "builtin") {
    const id = builtinByNumber(expr.builtin)?.id ?? "";
    const [first, second] = expr.args;
    if ((id === "int.mod_floor" || id === "int.div_floor") && second !== undefined) {
      if (second.kind === "builtin") bits += 4;
      else if (second.kind === "local" && first?.kind === "builtin") bits += 1;
      if (first?.kind === "builtin" && builtinByNumber(first.builtin)?.id === id) bits += 1;
    }
    if (
      COUNTING.has(id) &&
      second?.kind === "builtin" &&
      MEASURES.has(builtinByNumber(second.builtin)?.id ?? "")
    )
      bits += 3;
    if (id === "int.gcd" || id === "int.pow")
      bits += second?.kind === "literal" || second?.kind === "local" ? 0 : 2;
    if (id === "option.unwrap") bits += 2;
    if (/^string\.(replace|count|split|after|before)/.test(id) && second?.kind === "builtin") bits += 3;
    if (first?.kind === "literal" && second?.kind === "literal") bits += 2;
  }
  if (expr.kind === "if" && expr.whenTrue.kind === "literal" && expr.whenFalse.kind !== "literal") bits += 1;
  for (const part of exprParts(expr)) bits += oddnessOf(part);
  return bits;
}

/** What the words name themselves: not 90, 110 and 100 beside the 10 of "10 %", which only help to compute it. */
function saidConstants(constants: readonly GivenConstant[]): readonly GivenConstant[] {
  const strong = constants.filter((one) => one.weight >= 0.5 && typeof one.value !== "boolean");
  const values = new Set(strong.map((one) => one.value));
  const isShare = (value: Value): boolean =>
    typeof value === "number" &&
    value > 0 &&
    value < 100 &&
    (values.has(100 - value) || values.has(100 + value));
  const hasShare = values.has(100) && strong.some((one) => isShare(one.value));
  return strong.filter(({ value }) => {
    if (typeof value !== "number" || !hasShare) return true;
    return (
      value !== 100 && !(value > 50 && values.has(100 - value)) && !(value > 100 && values.has(value - 100))
    );
  });
}

/** Bits against a condition whose literals are not those of the words, where the words name any. */
export function conditionBits(condition: Expr, constants: readonly GivenConstant[]): number {
  const said = saidConstants(constants).map((one) => one.value);
  if (said.length === 0) return 0;
  const seen: Seen = { locals: new Set(), builtins: new Set(), calls: new Set(), literals: [] };
  look(condition, seen);
  let bits = 0;
  for (const literal of seen.literals) {
    if (said.includes(literal)) continue;
    const isNext = typeof literal === "number" && (said.includes(literal - 1) || said.includes(literal + 1));
    bits += isNext ? 1 : literal === 0 || literal === 1 ? 2 : 3;
  }
  return bits + oddnessOf(condition);
}

/** Builtins whose second operand is a count or a place. */
const COUNTING: ReadonlySet<string> = new Set([
  "list.take",
  "list.drop",
  "list.get",
  "list.remove_at",
  "string.take",
  "string.drop",
  "string.repeat",
  "list.repeat",
]);

/** Builtins that give a value of a list, not a place in it. */
const MEASURES: ReadonlySet<string> = new Set([
  "option.unwrap",
  "option.get_or",
  "list.get",
  "list.sum_int",
  "list.product_int",
  "int.mod_floor",
  "int.gcd",
  "int.isqrt",
]);

/** True where every condition of the branches at the top names a constant of the words, or only parameters. */
export function isSupported(body: Expr, constants: readonly GivenConstant[]): boolean {
  if (body.kind !== "if") return true;
  const seen: Seen = { locals: new Set(), builtins: new Set(), calls: new Set(), literals: [] };
  look(body.condition, seen);
  const given = seen.literals.filter((literal) =>
    constants.some((one) => one.weight >= 0.5 && isNamed(one, { ...seen, literals: [literal] })),
  );
  const isSaid = given.length === seen.literals.length && given.length > 0;
  return isSaid && isSupported(body.whenTrue, constants) && isSupported(body.whenFalse, constants);
}

/** The same comparison, its operands turned. */
const TWINS: Readonly<Record<string, string>> = {
  lt: "gt",
  gt: "lt",
  le: "ge",
  ge: "le",
  "list.count": "list.filter",
  "list.first": "list.get",
  "list.last": "list.get",
};

interface Seen {
  readonly locals: Set<Local>;
  readonly builtins: Set<string>;
  /** Functions by name. */
  readonly calls: Set<string>;
  readonly literals: Value[];
}

function look(expr: Expr, seen: Seen): void {
  if (expr.kind === "local") seen.locals.add(expr.local);
  if (expr.kind === "literal") seen.literals.push(expr.value);
  if (expr.kind === "call") seen.calls.add(expr.function);
  if (expr.kind === "builtin") seen.builtins.add(builtinByNumber(expr.builtin)?.id ?? "");
  for (const part of exprParts(expr)) look(part, seen);
}

function isNamed({ value }: GivenConstant, seen: Seen): boolean {
  // Who takes digits need not name ten.
  if (value === 10 && seen.builtins.has("int.digits")) return true;
  return seen.literals.some((literal) => {
    if (typeof literal === "number" && typeof value === "number") {
      return (
        literal === value ||
        literal === value - 1 ||
        literal === value + 1 ||
        literal === 100 - value ||
        literal === 100 + value
      );
    }
    if (typeof literal === "string" && typeof value === "string") return literal.includes(value);
    return typeof literal === typeof value && compareValues(literal, value) === 0;
  });
}
