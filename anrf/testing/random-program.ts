import type { ClauseExpr, FunctionExpr, Local, ProgramExpr } from "#anrf/build/expr.ts";
import { BOOL, INT, type NominalTypes, recordOf, STRING, type Type, variantOf } from "#anrf/program/type.ts";
import type { Builtin } from "#anrf/std/catalogue.ts";
import { Random } from "./random.ts";
import { RandomExpr } from "./random-expr.ts";
import { calling, recursiveFunctions } from "./random-recursion.ts";
import { randomScalar, randomType } from "./random-value.ts";

/** What a random program may hold. */
export interface ProgramOptions {
  /** About how many nodes a function has; 40 without it. */
  readonly size?: number;
  /** Decimals, dates and their builtins too; false without it. */
  readonly hasDecimals?: boolean;
  /** Which builtins; all that the other options allow without it. */
  readonly allows?: (builtin: Builtin) => boolean;
  /** `fail` and `hole`, rarely; true without it. */
  readonly hasFailures?: boolean;
  /** requires, ensures and decreases, sometimes; true without it. */
  readonly hasClauses?: boolean;
  /**
   * Everything that the language has: decimals, dates, host builtins, every pattern, loops without a bound, functions
   * that call themselves and each other; false without it.
   */
  readonly hasAll?: boolean;
  /** Extensions that it may call, which no build runs; none without it. */
  readonly extensions?: readonly {
    readonly name: string;
    readonly urn: string;
    readonly version: string;
    readonly params: readonly Type[];
    readonly result: Type;
  }[];
}

const NAMES =
  "x,y,xs,total,i,a,key,result,if,N,größe,_,_7,,no name,x_2,(a, b),null,return,const,True,len,requires,trap,for".split(
    /,(?! )/,
  );

/**
 * A well-typed program, the same for the same seed and options: every rule of the checker holds. Unless it has all, its
 * loops end after a few rounds and no function calls itself, so a run ends; it may trap. Names of locals are hostile on
 * purpose.
 */
export function randomProgram(seed: number, given: ProgramOptions = {}): ProgramExpr {
  const options = given.hasAll ? { ...given, hasDecimals: true } : given;
  const random = new Random(seed);
  const made = randomNominals(random, options);
  const functions: FunctionExpr[] = [];
  const recursive =
    options.hasAll && random.chance(0.3) ? recursiveFunctions(random, made, options, NAMES) : [];
  functions.push(...recursive);
  const count = random.chance(0.3) ? 1 + random.below(3) : 1;
  for (let index = 0; index < count; index++) {
    functions.push(randomFunction(random, `f${index}`, functions, made, options));
  }
  const last = functions.at(-1);
  if (last === undefined) throw new Error("a program has a function");
  const entry =
    recursive[0] === undefined
      ? last
      : calling(random, last, recursive[0], made, options, random.pick(NAMES));
  functions[functions.length - 1] = entry;
  const records = [...made.nominals.records].map(([name, fields]) => ({ name, fields }));
  const variants = [...made.nominals.variants].map(([name, cases]) => ({ name, cases }));
  const { extensions } = options;
  return {
    entry: entry.name,
    functions,
    records,
    variants,
    ...(extensions === undefined ? {} : { extensions }),
  };
}

/** The nominal types of a random program. */
export interface RandomNominals {
  readonly nominals: NominalTypes;
  /** The types that refer to them. */
  readonly types: readonly Type[];
}

function randomNominals(random: Random, options: ProgramOptions): RandomNominals {
  const records = new Map<string, { name: string; type: Type }[]>();
  const variants = new Map<string, { name: string; payload: Type[] }[]>();
  const types: Type[] = [];
  const part = (): Type => randomType(random, 2, types, options);
  if (random.chance(0.4)) {
    records.set("Line", [
      { name: "sku", type: part() },
      { name: "if", type: part() },
    ]);
    types.push(recordOf("Line"));
  }
  if (random.chance(0.4)) {
    const node = variantOf("Tree");
    const cases = [
      { name: random.pick(["Leaf", "None", "True"]), payload: [] },
      { name: random.pick(["Held", "Some"]), payload: [part()] },
    ];
    variants.set("Tree", random.chance(0.5) ? [...cases, { name: "Fork", payload: [node, INT] }] : cases);
    types.push(node);
  }
  return { nominals: { records, variants }, types };
}

function randomFunction(
  random: Random,
  name: string,
  functions: readonly FunctionExpr[],
  made: RandomNominals,
  options: ProgramOptions,
): FunctionExpr {
  const local = (type: Type): Local => ({ name: random.pick(NAMES), type });
  const params = random.some(4, () => local(randomType(random, 3, made.types, options)));
  const result = randomType(random, 3, made.types, options);
  const makes = new RandomExpr(random, made, functions, options, local);
  const label = () => (random.chance(0.3) ? String(randomScalar(random, STRING)) : "");
  const clause = (scope: readonly Local[]): ClauseExpr => ({
    expr: makes.make(BOOL, scope, 8, false),
    label: label(),
  });
  const hasClauses = options.hasClauses !== false && random.chance(0.3);
  const requires = hasClauses ? random.some(3, () => clause(params)) : [];
  const resultLocal: Local = { name: "", type: result };
  const ensures = hasClauses ? random.some(3, () => clause([...params, resultLocal])) : [];
  const decreases = hasClauses && random.chance(0.3) ? { decreases: makes.make(INT, params, 6, false) } : {};
  const body = makes.make(result, params, options.size ?? 40, options.hasFailures !== false);
  const usesResult = makes.hasUsed(resultLocal) ? { resultLocal } : {};
  return { name, params, result, requires, ensures, ...usesResult, ...decreases, body };
}
