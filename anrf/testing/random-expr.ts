import type { ArmExpr, Expr, FunctionExpr, Local } from "#anrf/build/expr.ts";
import {
  BOOL,
  functionOf,
  INT,
  optionOf,
  STRING,
  sameType,
  substitute,
  type Type,
  tupleOf,
} from "#anrf/program/type.ts";
import type { Value } from "#anrf/program/value.ts";
import { type Builtin, CATALOGUE, knownBuiltin } from "#anrf/std/catalogue.ts";
import { type Bindings, classMisfit, matchType } from "#anrf/std/unify.ts";
import type { Random } from "./random.ts";
import { cornerScalar, plainConstant, randomConstant } from "./random-constants.ts";
import { type Forms, type Go, randomLoop, randomMatch } from "./random-forms.ts";
import type { ProgramOptions, RandomNominals } from "./random-program.ts";
import { randomScalar, randomType } from "./random-value.ts";

const MAX_DEPTH = 40;

/** A call that a function may make of itself, or of one that calls it: its first argument is `bound`, less one. */
export interface RecursiveCall {
  readonly function: string;
  /** The types of the parameters behind the first. */
  readonly others: readonly Type[];
  readonly result: Type;
  readonly bound: Local;
}

/** Makes well-typed expressions for one function; it lives as long as the making of that function. */
export class RandomExpr {
  readonly #random: Random;
  readonly #made: RandomNominals;
  readonly #functions: readonly FunctionExpr[];
  readonly #options: ProgramOptions;
  readonly #local: (type: Type) => Local;
  readonly #builtins: readonly Builtin[];
  readonly #used = new Set<Local>();
  /** Calls of functions that call themselves, each by the parameter that bounds it. */
  readonly #recursive: readonly RecursiveCall[];
  #left = 0;
  #canFail = true;

  /** `local` makes a fresh binder of a type. */
  constructor(
    random: Random,
    made: RandomNominals,
    functions: readonly FunctionExpr[],
    options: ProgramOptions,
    local: (type: Type) => Local,
    recursive: readonly RecursiveCall[] = [],
  ) {
    this.#recursive = recursive;
    this.#random = random;
    this.#made = made;
    this.#functions = functions;
    this.#options = options;
    this.#local = local;
    this.#builtins = CATALOGUE.filter((one) => isAllowed(one, options));
  }

  /** An expression of that type over those locals, of about `size` nodes. */
  make(type: Type, scope: readonly Local[], size: number, canFail: boolean): Expr {
    this.#left = size;
    this.#canFail = canFail;
    return this.#expr(type, scope, 0);
  }

  /** True when an expression made so far refers to the local. */
  hasUsed(local: Local): boolean {
    return this.#used.has(local);
  }

  #expr(type: Type, scope: readonly Local[], depth: number): Expr {
    this.#left--;
    const found = this.#random.chance(0.25) ? this.#fromScope(type, scope) : undefined;
    if (found !== undefined) return found;
    if (type.kind === "function") return this.#lambda(type, scope, depth);
    if (this.#left <= 0 || depth >= MAX_DEPTH) return this.#leaf(type, scope);
    const go = (part: Type, inner: readonly Local[] = scope): Expr => this.#expr(part, inner, depth + 1);
    const applied =
      this.#options.hasAll && this.#random.chance(0.3) ? this.#applied(type, scope, go) : undefined;
    if (applied !== undefined) return applied;
    switch (this.#random.below(14)) {
      case 0:
        return this.#let(type, scope, go);
      case 1:
        return { kind: "if", condition: go(BOOL), whenTrue: go(type), whenFalse: go(type), type };
      case 2:
        return this.#options.hasAll
          ? randomMatch(type, this.#forms(scope, go))
          : this.#match(type, scope, go);
      case 3:
        if (this.#options.hasAll) return randomLoop(type, this.#forms(scope, go));
        return this.#loop(type, scope, go);
      case 4:
        return this.#again(type, scope, go) ?? this.#call(type, go) ?? this.#data(type, scope, go);
      case 5:
        return this.#part(type, go);
      case 6:
      case 7:
      case 8:
        return this.#data(type, scope, go);
      case 9:
        return this.#rare(type, scope, go);
      default:
        return this.#builtin(type, go) ?? this.#data(type, scope, go);
    }
  }

  #fromScope(type: Type, scope: readonly Local[]): Expr | undefined {
    const fitting = scope.filter((one) => sameType(one.type, type));
    if (fitting.length > 0) return this.#ref(this.#random.pick(fitting));
    const tuples = scope.flatMap((local) =>
      local.type.kind === "tuple" ? local.type.items.map((item, field) => ({ local, item, field })) : [],
    );
    const parts = tuples.filter((one) => sameType(one.item, type));
    if (parts.length === 0) return undefined;
    const { local, field } = this.#random.pick(parts);
    return { kind: "field", target: this.#ref(local), field, type };
  }

  #ref(local: Local): Expr {
    this.#used.add(local);
    return { kind: "local", local, type: local.type };
  }

  #leaf(type: Type, scope: readonly Local[]): Expr {
    const found = this.#fromScope(type, scope);
    if (found !== undefined && this.#random.chance(0.7)) return found;
    return this.#data(type, scope, (part, inner = scope) =>
      part.kind === "function" ? this.#lambda(part, inner, MAX_DEPTH) : this.#leaf(part, inner),
    );
  }

  #lambda(type: Extract<Type, { kind: "function" }>, scope: readonly Local[], depth: number): Expr {
    const params = type.params.map(this.#local);
    return { kind: "lambda", params, body: this.#expr(type.result, [...scope, ...params], depth + 1), type };
  }

  /** A literal, or data of the type's own form. */
  #data(type: Type, scope: readonly Local[], go: Go): Expr {
    const isSmall = this.#left <= 0;
    const count = isSmall ? 1 : 4;
    switch (type.kind) {
      case "list":
        return { kind: "list", items: this.#random.some(count, () => go(type.item)), type };
      case "option":
        return isSmall || this.#random.chance(0.3)
          ? { kind: "option", type }
          : { kind: "option", some: go(type.item), type };
      case "map":
        return {
          kind: "map",
          items: this.#random.some(count, () => [go(type.key), go(type.value)]).flat(),
          type,
        };
      case "tuple":
        return { kind: "tuple", items: type.items.map((item) => go(item)), type };
      case "record":
        return {
          kind: "record",
          items: (this.#made.nominals.records.get(type.name) ?? []).map((one) => go(one.type)),
          type,
        };
      case "variant": {
        const cases = this.#made.nominals.variants.get(type.name) ?? [];
        const caseIndex = isSmall ? 0 : this.#random.below(cases.length);
        return {
          kind: "variant",
          caseIndex,
          args: (cases[caseIndex]?.payload ?? []).map((one) => go(one)),
          type,
        };
      }
      case "function":
        return this.#lambda(type, scope, MAX_DEPTH);
      case "var":
        throw new Error(`a program has no variable ${type.name}`);
      default:
        return {
          kind: "literal",
          value: this.#options.hasAll ? cornerScalar(this.#random, type) : randomScalar(this.#random, type),
          type,
        };
    }
  }

  #type(depth = 2): Type {
    return randomType(this.#random, depth, this.#made.types, this.#options);
  }

  #let(type: Type, scope: readonly Local[], go: Go): Expr {
    const called = this.#options.hasAll && this.#random.chance(0.3) ? this.#anyBuiltin(go) : undefined;
    if (called !== undefined) {
      const local = this.#local(called.type);
      return { kind: "let", local, value: called, body: go(type, [...scope, local]), type };
    }
    const bound = this.#random.chance(0.15)
      ? functionOf(
          this.#random.some(3, () => this.#type()),
          this.#type(),
        )
      : this.#type(3);
    const value = go(bound);
    const local = this.#local(bound);
    return { kind: "let", local, value, body: go(type, [...scope, local]), type };
  }

  #match(type: Type, scope: readonly Local[], go: Go): Expr {
    const arm = (pattern: ArmExpr["pattern"], types: readonly Type[]): ArmExpr => {
      const binders = types.map(this.#local);
      return { pattern, binders, body: go(type, [...scope, ...binders]) };
    };
    const variants = this.#made.types.filter((one) => one.kind === "variant");
    if (variants.length > 0 && this.#random.chance(0.5)) {
      const of = this.#random.pick(variants);
      const subject = go(of);
      const cases = of.kind === "variant" ? (this.#made.nominals.variants.get(of.name) ?? []) : [];
      const arms = cases.map((one, caseIndex) => arm({ kind: "case", caseIndex }, one.payload));
      return { kind: "match", subject, arms, type };
    }
    if (this.#random.chance(0.6)) {
      const item = this.#type();
      const subject = go(optionOf(item));
      return {
        kind: "match",
        subject,
        arms: [arm({ kind: "some" }, [item]), arm({ kind: "none" }, [])],
        type,
      };
    }
    const of = this.#random.pick([INT, STRING]);
    const subject = go(of);
    const first = randomScalar(this.#random, of);
    const second = randomScalar(this.#random, of);
    const values = first === second ? [first] : [first, second];
    const arms = values.map((value: Value) => arm({ kind: "literal", value, type: of }, []));
    return { kind: "match", subject, arms: [...arms, arm({ kind: "wildcard" }, [])], type };
  }

  /** `loop (n, state) = (0, …) while n < k { (n + 1, …) }`, then its second part. */
  #loop(type: Type, scope: readonly Local[], go: Go): Expr {
    if (type.kind === "function") return go(type);
    const pair = tupleOf([INT, type]);
    const init: Expr = { kind: "tuple", items: [literal(0), go(type)], type: pair };
    const state = this.#local(pair);
    const inner = [...scope, state];
    const count = (): Expr => ({ kind: "field", target: this.#ref(state), field: 0, type: INT });
    const limit = literal(this.#random.below(4));
    const condition: Expr = { kind: "builtin", builtin: numberOf("lt"), args: [count(), limit], type: BOOL };
    const next: Expr = {
      kind: "builtin",
      builtin: numberOf("int.add"),
      args: [count(), literal(1)],
      type: INT,
    };
    const step: Expr = { kind: "tuple", items: [next, go(type, inner)], type: pair };
    const measure = this.#random.chance(0.2) ? { decreases: this.#leaf(INT, inner) } : {};
    const loop: Expr = { kind: "loop", state, init, condition, step, invariants: [], ...measure, type: pair };
    return { kind: "field", target: loop, field: 1, type };
  }

  #call(type: Type, go: Go): Expr | undefined {
    const fitting = this.#functions.filter((one) => sameType(one.result, type));
    if (fitting.length === 0) return undefined;
    const called = this.#random.pick(fitting);
    return { kind: "call", function: called.name, args: called.params.map((param) => go(param.type)), type };
  }

  #forms(scope: readonly Local[], go: Go): Forms {
    return {
      random: this.#random,
      made: this.#made,
      scope,
      go,
      local: this.#local,
      ref: (local) => this.#ref(local),
      leaf: (type, inner) => this.#leaf(type, inner),
    };
  }

  /** `f(n - 1, …)` inside f, where the type fits and n is in scope. */
  #again(type: Type, scope: readonly Local[], go: Go): Expr | undefined {
    const fitting = this.#recursive.filter((one) => sameType(one.result, type) && scope.includes(one.bound));
    if (fitting.length === 0) return undefined;
    const called = this.#random.pick(fitting);
    const less: Expr = {
      kind: "builtin",
      builtin: numberOf("int.sub"),
      args: [this.#ref(called.bound), literal(1)],
      type: INT,
    };
    return {
      kind: "call",
      function: called.function,
      args: [less, ...called.others.map((one) => go(one))],
      type,
    };
  }

  /** A call of an extension of the program; it is read and printed, and no build runs it. */
  #extension(type: Type, go: Go): Expr | undefined {
    const fitting = (this.#options.extensions ?? []).filter((one) => sameType(one.result, type));
    if (fitting.length === 0) return undefined;
    const called = this.#random.pick(fitting);
    return { kind: "extension", extension: called.name, args: called.params.map((one) => go(one)), type };
  }

  #part(type: Type, go: Go): Expr {
    if (type.kind === "function") return go(type);
    const isFirst = this.#random.chance(0.5);
    const other = this.#type();
    const target = go(tupleOf(isFirst ? [type, other] : [other, type]));
    return { kind: "field", target, field: isFirst ? 0 : 1, type };
  }

  #rare(type: Type, scope: readonly Local[], go: Go): Expr {
    const extension = this.#extension(type, go);
    if (extension !== undefined) return extension;
    if (this.#canFail && this.#random.chance(0.15)) {
      return {
        kind: this.#random.pick(["fail", "hole"] as const),
        message: String(randomScalar(this.#random, STRING)),
        type,
      };
    }
    const params = this.#random.some(3, () => this.#type());
    const callee = this.#expr(functionOf(params, type), scope, MAX_DEPTH - 3);
    return { kind: "apply", callee, args: params.map((param) => go(param)), type };
  }

  /** The call of a local that is a function of that result, if one is in scope. */
  #applied(type: Type, scope: readonly Local[], go: Go): Expr | undefined {
    const fitting = scope.filter((one) => one.type.kind === "function" && sameType(one.type.result, type));
    if (fitting.length === 0) return undefined;
    const callee = this.#random.pick(fitting);
    const args = parameters(callee.type).map((one) => go(one));
    return { kind: "apply", callee: this.#ref(callee), args, type };
  }

  #builtin(type: Type, go: Go): Expr | undefined {
    const fitting = this.#builtins.filter((one) => matchType(one.signature.result, type, new Map()));
    if (fitting.length === 0) return undefined;
    const chosen = this.#random.pick(fitting);
    const bindings: Bindings = new Map();
    matchType(chosen.signature.result, type, bindings);
    return this.#callOf(chosen, bindings, go);
  }

  /** A call of any builtin, all alike likely: so the rare ones come too. */
  #anyBuiltin(go: Go): Expr | undefined {
    const chosen = this.#random.pick(this.#builtins);
    return this.#callOf(chosen, new Map(), go);
  }

  /** The call with its open variables chosen; undefined where a type is not of the class that is asked for. */
  #callOf(chosen: Builtin, bindings: Bindings, go: Go): Expr | undefined {
    const { signature } = chosen;
    for (const [name, variable] of signature.vars) {
      const isKey = variable.kind === "var" && variable.class === "key";
      if (!bindings.has(name)) bindings.set(name, isKey ? this.#random.pick([INT, STRING]) : this.#type());
    }
    if (classMisfit(signature, bindings, this.#made.nominals) !== undefined) return undefined;
    const args = signature.params.map((param): Expr => {
      if (param.mark === "const")
        return {
          kind: "literal",
          value: this.#options.hasAll
            ? randomConstant(this.#random, chosen.family)
            : plainConstant(chosen.family),
          type: STRING,
        };
      return go(substitute(param.type, bindings));
    });
    const type = substitute(signature.result, bindings);
    return { kind: "builtin", builtin: chosen.number as never, args, type };
  }
}

function parameters(type: Type): readonly Type[] {
  return type.kind === "function" ? type.params : [];
}

function literal(value: number): Expr {
  return { kind: "literal", value, type: INT };
}

function numberOf(id: string): never {
  return knownBuiltin(id).number as never;
}

function isAllowed(builtin: Builtin, { hasAll, hasDecimals, allows }: ProgramOptions): boolean {
  if (allows !== undefined && !allows(builtin)) return false;
  if (hasAll) return true;
  const isExtra = /decimal|date|regex/.test(builtin.id) || /decimal|date/.test(builtin.signature.text);
  return builtin.tier !== "host" && (hasDecimals === true || !isExtra);
}
