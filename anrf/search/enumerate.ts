import type { Type } from "#anrf/program/type.ts";
import type { Bank } from "./bank.ts";
import type { Constant } from "./constants.ts";
import { literal } from "./express.ts";
import { higherProduction, innerScope, outerLeaves, roleOf } from "./lambda.ts";
import { addPlain, type Instance, leafOf } from "./library.ts";
import type { Production } from "./production.ts";
import type { Scope } from "./scope.ts";

/** What every scope of a search is filled from. */
export interface Library {
  readonly instances: readonly Instance[];
  readonly constants: readonly Constant[];
  /** Deepest nesting of lambdas. */
  readonly depth: number;
}

/** The scope of the bodies of lambdas with these binders, where the scope has made one: "item:int", "char:string". */
export function childOf(scope: Scope, key: string): Scope | undefined {
  return STATES.get(scope)?.children.get(key);
}

/** From which level of a scope on its lambdas are tried: terms below it have given the binders their values. */
const LAMBDA_LEVEL = 4;

interface State {
  readonly library: Library;
  readonly children: Map<string, Scope>;
  hasLambdas: boolean;
}

const STATES = new WeakMap<Scope, State>();

/** Adds leaves and productions to a fresh scope. */
export function fillScope(scope: Scope, library: Library): void {
  STATES.set(scope, { library, children: new Map(), hasLambdas: false });
  scope.locals.forEach((local, position) => {
    scope.productions.push(
      leafOf(scope.bank(local.type), 1, { kind: "binder", position }, local.name, undefined),
    );
  });
  if (scope.depth > 0)
    scope.productions.push(...outerLeaves(scope, scope.depth === 1 ? 5 : 2, scope.depth === 1 ? 6 : 3));
  for (const { value, type, cost } of library.constants) {
    const id = scope.store.of(value, type);
    scope.productions.push(
      leafOf(scope.bank(type), cost, { kind: "constant", id }, "constant", literal(value, type)),
    );
  }
  addPlain(scope, usable(scope, library.instances), 0);
}

/** The instances whose operands can exist in a scope; inside lambdas those that make lists only where lists come in. */
function usable(scope: Scope, instances: readonly Instance[]): readonly Instance[] {
  const known = new Set<string>();
  for (const production of scope.productions) known.add(production.result.type.text);
  const binderLists =
    scope.depth === 0 ||
    scope.locals.some(({ type }) => type.kind !== "int" && type.kind !== "bool" && type.kind !== "float");
  const fitting = instances.filter((one) => binderLists || one.result.kind !== "list");
  const plain = fitting.filter((one) => one.kernel !== undefined);
  for (let grown = true; grown; ) {
    grown = false;
    for (const one of fitting) {
      if (known.has(one.result.text)) continue;
      if (!one.params.every((type) => type.kind === "function" || known.has(type.text))) continue;
      known.add(one.result.text);
      grown = true;
    }
  }
  return plain.filter((one) => one.params.every((type) => known.has(type.text)));
}

/** Adds the productions with lambdas, and makes the scopes of their bodies. */
function addLambdas(scope: Scope, state: State): void {
  state.hasLambdas = true;
  if (scope.depth >= state.library.depth) return;
  const known = new Set<string>();
  for (const bank of scope.banks.values()) if (bank.size > 0) known.add(bank.type.text);
  for (let grown = true; grown; ) {
    grown = false;
    for (const { result, args } of scope.productions) {
      if (known.has(result.type.text) || !args.every((arg) => known.has(arg.type.text))) continue;
      known.add(result.type.text);
      grown = true;
    }
  }
  const isList = (type: Type): boolean => type.kind === "list";
  for (const one of state.library.instances) {
    const type = one.params.find((param) => param.kind === "function");
    if (type?.kind !== "function") continue;
    if (!one.params.every((param) => param.kind === "function" || known.has(param.text))) continue;
    if (
      scope.depth > 0 &&
      (/fold|scan|_indexed|group_by|neighbours|zip|repeat|longest/.test(one.name) ||
        (isList(one.result) && !scope.banks.has(one.result.text)))
    )
      continue;
    const role = roleOf(one.name, type.params);
    const key = `${role}:${type.params.map((param) => param.text).join(",")}`;
    let inner = state.children.get(key);
    if (inner === undefined) {
      inner = innerScope(scope, type.params, role);
      if (inner === undefined) continue;
      state.children.set(key, inner);
      fillScope(inner, state.library);
    }
    const production = higherProduction(scope, inner, one, scope.depth);
    if (production !== undefined) scope.productions.push(production);
  }
}

/** Runs all terms of the next level of a scope, those of inner scopes first. Yields between rows, so that it can end. */
export function* advance(scope: Scope): Generator<undefined> {
  const state = STATES.get(scope);
  if (state === undefined) throw new Error("the scope was never filled");
  const level = scope.level + 1;
  if (level > LAMBDA_LEVEL && !state.hasLambdas) addLambdas(scope, state);
  yield* advanceChildren(scope, state, level);
  if (scope.meter.halted) return;
  scope.open(level);
  scope.level = level;
  for (let index = 0; index < scope.productions.length; index++) {
    const production = scope.productions[index];
    if (production === undefined || production.cost > level) continue;
    if (production.args.length === 0) {
      if (production.cost === level) scope.addLeaf(production, index);
      continue;
    }
    yield* combine(scope, production, index, level - production.cost);
    if (scope.meter.halted) return;
  }
}

function* advanceChildren(scope: Scope, state: State, level: number): Generator<undefined> {
  for (const inner of state.children.values()) {
    let least = 99;
    for (const production of scope.productions)
      if (production.inner === inner) least = Math.min(least, production.cost);
    while (inner.level < level - least - 1 && !scope.meter.halted) yield* advance(inner);
  }
}

/** All operands whose costs add up to `rest`. */
function* combine(scope: Scope, production: Production, index: number, rest: number): Generator<undefined> {
  const [a, b, c] = production.args;
  if (a === undefined) return;
  if (b === undefined) {
    yield* unary(scope, production, index, a, rest);
    return;
  }
  for (let ca = 1; ca < rest; ca++) {
    if (a.end(ca) === a.start(ca)) continue;
    if (c === undefined) {
      yield* binary(scope, production, index, a, ca, b, rest - ca);
    } else {
      for (let cb = 1; cb < rest - ca; cb++) {
        if (b.end(cb) !== b.start(cb))
          yield* ternary(scope, production, index, [a, ca], [b, cb], [c, rest - ca - cb]);
      }
    }
    if (scope.meter.halted) return;
  }
}

function* unary(
  scope: Scope,
  production: Production,
  index: number,
  a: Bank,
  cost: number,
): Generator<undefined> {
  const end = a.end(cost);
  const higher = production.lambda >= 0;
  for (let row = a.start(cost); row < end; row++) {
    if (higher) scope.tryHigher(production, index, row, 0, 0);
    else if (a.uses[row] !== 0) scope.tryPlain(production, index, row, 0, 0);
    if ((row & 63) === 0) yield;
    if (scope.meter.halted) return;
  }
}

function* binary(
  scope: Scope,
  production: Production,
  index: number,
  a: Bank,
  costA: number,
  b: Bank,
  costB: number,
): Generator<undefined> {
  const endA = a.end(costA);
  const endB = b.end(costB);
  if (b.start(costB) === endB) return;
  if (production.commutative && costA > costB) return;
  const diagonal = production.commutative && costA === costB;
  const { lambda, inner } = production;
  const binderBits = inner?.binderBits ?? 0;
  for (let row = a.start(costA); row < endA; row++) {
    const first = diagonal ? row : b.start(costB);
    if (lambda >= 0) {
      for (let other = first; other < endB && !scope.meter.halted; other++) {
        const body = lambda === 0 ? (a.uses[row] as number) : (b.uses[other] as number);
        if ((body & binderBits) !== 0) scope.tryHigher(production, index, row, other, 0);
      }
    } else {
      const isConstant = a.uses[row] === 0;
      for (let other = first; other < endB && !scope.meter.halted; other++) {
        if (!isConstant || b.uses[other] !== 0) scope.tryPlain(production, index, row, other, 0);
      }
    }
    yield;
    if (scope.meter.halted) return;
  }
}

function* ternary(
  scope: Scope,
  production: Production,
  index: number,
  [a, costA]: readonly [Bank, number],
  [b, costB]: readonly [Bank, number],
  [c, costC]: readonly [Bank, number],
): Generator<undefined> {
  const endC = c.end(costC);
  const startC = c.start(costC);
  if (startC === endC) return;
  const { lambda, inner } = production;
  const binderBits = inner?.binderBits ?? 0;
  for (let x = a.start(costA); x < a.end(costA); x++) {
    for (let y = b.start(costB); y < b.end(costB); y++) {
      const body =
        lambda < 0 ? 0 : lambda === 1 ? (b.uses[y] as number) : lambda === 0 ? (a.uses[x] as number) : 0;
      if (lambda >= 0 && lambda < 2 && (body & binderBits) === 0) continue;
      const isConstant = a.uses[x] === 0 && b.uses[y] === 0;
      for (let z = startC; z < endC && !scope.meter.halted; z++) {
        if (lambda < 0) {
          if (!isConstant || c.uses[z] !== 0) scope.tryPlain(production, index, x, y, z);
        } else if (lambda !== 2 || ((c.uses[z] as number) & binderBits) !== 0) {
          scope.tryHigher(production, index, x, y, z);
        }
      }
      yield;
      if (scope.meter.halted) return;
    }
  }
}
