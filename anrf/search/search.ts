import type { Expr, FunctionExpr, Local } from "#anrf/build/expr.ts";
import type { Type } from "#anrf/program/type.ts";
import { equalValues, type Value } from "#anrf/program/value.ts";
import { Assembler } from "./assemble.ts";
import type { Bank } from "./bank.ts";
import { type Case, constantsOf, type GivenConstant, isTold } from "./constants.ts";
import { advance, fillScope } from "./enumerate.ts";
import { type Functions, runFunction } from "./evaluate.ts";
import { express, sizeOf } from "./express.ts";
import { type Hint, weightsOf } from "./guide.ts";
import { Store } from "./intern.ts";
import {
  type Callable,
  callInstances,
  choiceInstances,
  instancesOf,
  shapeInstances,
  sketchInstances,
} from "./library.ts";
import { probesOf } from "./probes.ts";
import { calleesOf, freshLocals, inlined } from "./rewrite.ts";
import { Scope } from "./scope.ts";
import { conditionBits, isSupported, scoreOf } from "./score.ts";
import { universeOf } from "./universe.ts";
import { LambdaWitness, watchParts } from "./witness.ts";
import { addFragments, boundFragments, type Chain, chainsOf, type Fragment, overlapsOf } from "./words.ts";
import { Work } from "./work.ts";

/** What to find a program for. */
export interface SearchTask {
  readonly signature: {
    readonly params: readonly { readonly name: string; readonly type: Type }[];
    readonly result: Type;
  };
  readonly examples: readonly Case[];
  readonly hints: readonly Hint[];
  readonly constants: readonly GivenConstant[];
  /** What pieces of the words say as expressions; those of the result's type are tried before all else. */
  readonly fragments?: readonly Fragment[];
  /** What programs may call. */
  readonly functions?: readonly Callable[];
  readonly seed: number;
  readonly limits: { readonly programs: number; readonly memoryBytes: number };
}

/** What the caller decides while a search runs. */
export interface SearchOptions {
  /** Asked after every 1,000 terms run: a reason ends the search. */
  readonly stop?: () => string | undefined;
  /** Name of the function proposed; "f" where left out. */
  readonly name?: string;
  /** How many candidates end the search; without it only budget, grace and `stop` do. */
  readonly candidates?: number;
  /** Terms after which progress is told within a level too, as soon as the search can be left. */
  readonly progressEvery?: number;
}

/** One event of a search, in an order that repeats for the same task. */
export type SearchEvent = ProgressEvent | CandidateEvent | EndEvent;

/** How far the search is; after each level, and as often as was asked for. */
export interface ProgressEvent {
  readonly kind: "progress";
  readonly evaluated: number;
  readonly kept: number;
  /** Most examples that one term solves. */
  readonly solved: number;
  readonly level: number;
}

/** A program that gives every example. */
export interface CandidateEvent {
  readonly kind: "candidate";
  readonly fn: FunctionExpr;
  /** Those that it calls. */
  readonly callees: readonly FunctionExpr[];
  /** Bits. */
  readonly cost: number;
  /** Log probability in bits under the weights: −cost. */
  readonly logp: number;
  /** The cost, and bits for what the program ignores: the lower the better. The best candidate is the one of the least score without overfit risk. */
  readonly score: number;
  readonly unusedParams: number;
  readonly unusedConstants: number;
  readonly unusedHints: number;
  /** The part of the words that stands for functions which it calls, 0 to 1. */
  readonly named: number;
  /** Branches at the top of the body; 1: none. */
  readonly leaves: number;
  /** Nodes. */
  readonly size: number;
  /** For each example of the task, whether the program gives it. */
  readonly solved: readonly boolean[];
  /** The program may only have memorised the examples. */
  readonly overfitRisk: boolean;
  /** Which part of the search found it. */
  readonly origin: Origin;
}

/** Which part of a search found a program. */
export type Origin = "WORDS" | "ENUMERATION" | "CONCATENATION" | "LAMBDA" | "BRANCH" | "SKETCH";

/** The last event. */
export interface EndEvent {
  readonly kind: "end";
  readonly reason: string;
  readonly evaluated: number;
  readonly kept: number;
}

const MOST_ACTIVE = 12;
const LEAST_COLUMNS = 8;
/** The same where a column tells one bit only. */
const LEAST_TRUTHS = 20;
const MOST_LEVEL = 60;
/** From this level on terms are put together. */
const ASSEMBLY_LEVEL = 7;
/** Bits of a program that the words say as a whole, beside those of the reading. */
const WHOLE_BITS = 2;
/** Bits of an `if` inside a term. */
const CHOICE_COST = 6;
/** Bits above the best candidate's score up to which others are handed out. */
const SLACK = 8;
/** Candidates after which only better ones are handed out. */
const MANY = 120;
/** Programs that give all active examples and fail another, before the failing example joins and the search restarts. */
const MOST_REFUSALS = 3;

/** Searches for programs, simplest first. Ends with an `end` event. */
export function* search(task: SearchTask, options: SearchOptions = {}): Generator<SearchEvent> {
  const work = new Work(task, options);
  let active = chooseActive(task.examples, MOST_ACTIVE);
  for (;;) {
    const attempt = new Attempt(task, options, work, active);
    yield* attempt.run();
    const { counterexample } = attempt;
    if (counterexample === undefined) break;
    active = [...active, counterexample];
  }
  yield { kind: "end", reason: work.reason, evaluated: work.evaluated, kept: work.kept };
}

/** A search on one set of active examples. */
class Attempt {
  /** An example that every program so far fails: the search has to begin again with it. */
  counterexample: Case | undefined;
  readonly #task: SearchTask;
  readonly #options: SearchOptions;
  readonly #work: Work;
  readonly #scope: Scope;
  readonly #locals: readonly Local[];
  readonly #pending: CandidateEvent[] = [];
  readonly #assembler: Assembler;
  readonly #goal: Int32Array;
  readonly #fragments: ReturnType<typeof boundFragments>;
  readonly #functions: Functions;
  #witness: LambdaWitness | undefined;
  readonly #active: readonly Case[];
  readonly #available: ReadonlySet<string>;
  #refusals = 0;
  #solved = 0;
  #tellAt: number;

  constructor(task: SearchTask, options: SearchOptions, work: Work, active: readonly Case[]) {
    this.#task = task;
    this.#options = options;
    this.#work = work;
    this.#active = active;
    this.#functions = new Map((task.functions ?? []).map(({ fn }) => [fn.name, fn]));
    this.#tellAt = work.evaluated + (options.progressEvery ?? Number.POSITIVE_INFINITY);
    const { params, result } = task.signature;
    const types = params.map((param) => param.type);
    this.#locals = params.map(({ name, type }) => ({ name, type }));
    const least = result.kind === "bool" ? LEAST_TRUTHS : LEAST_COLUMNS;
    const count = Math.max(2, least - active.length);
    const columns = [
      ...active.map((one) => one.args),
      ...probesOf(types, task.examples, task.constants, task.seed, count),
    ];
    const store = new Store(limitsOf(task.examples));
    const bindings = columns.flatMap((args) => args.map((arg, i) => store.of(arg, types[i] ?? result)));
    this.#scope = new Scope({
      store,
      meter: work,
      locals: this.#locals,
      bindings: Int32Array.from(bindings),
      width: columns.length,
      goalWidth: active.length === 0 ? columns.length : active.length,
    });
    work.bytes = () => this.#scope.bytes + store.bytes;
    const weights = weightsOf(task.hints);
    const universe = universeOf(types, result, weights);
    const instances = [
      ...instancesOf(store, universe, weights),
      ...shapeInstances(store, universe),
      ...sketchInstances(store, universe, weights),
      ...callInstances(store, universe, task.functions ?? []),
      ...choiceInstances(choiceTypes(result), universe, CHOICE_COST),
    ];
    this.#available = new Set([
      ...instances.map((one) => one.name.replace(/\.(unwrap|or)$/, "")),
      ...(types.some((type) => type.kind !== "bool") ? ["gt", "ge"] : []),
    ]);
    fillScope(this.#scope, {
      instances,
      constants: constantsOf(types, result, task.examples, task.constants).filter((one) =>
        universe.has(one.type.text),
      ),
      depth: 2,
    });
    this.#fragments = boundFragments(task.fragments ?? [], this.#locals);
    addFragments(this.#scope, this.#fragments, columns, (type) => universe.has(type.text), this.#functions);
    this.#goal = Int32Array.from(active, (one) => store.of(one.result, result));
    this.#assembler = new Assembler(
      this.#scope,
      result,
      this.#goal,
      (bank, row) => this.#express(bank, row),
      undefined,
      (condition) => conditionBits(condition, task.constants),
    );
    this.#watch(result);
  }

  *run(): Generator<SearchEvent> {
    this.#proposeWords();
    while (!this.#ends() && this.#scope.level < MOST_LEVEL) {
      for (const _ of advance(this.#scope)) {
        if (this.#pending.length > 0) yield* this.#drain();
        if (this.#ends()) return;
        if (this.#work.evaluated >= this.#tellAt) yield this.#progress();
      }
      if (this.#scope.level >= ASSEMBLY_LEVEL) this.#assemble();
      yield* this.#drain();
      yield this.#progress();
      this.#work.finished(this.#scope.level);
    }
  }

  #progress(): ProgressEvent {
    const { evaluated, kept } = this.#work;
    this.#tellAt = evaluated + (this.#options.progressEvery ?? Number.POSITIVE_INFINITY);
    return { kind: "progress", evaluated, kept, solved: this.#solved, level: this.#scope.level };
  }

  /** What the words say as a whole, and what the order of their constants suggests, where it gives all examples. */
  #proposeWords(): void {
    const { examples, signature, constants } = this.#task;
    const hasExamples = examples.length > 0;
    const whole = this.#fragments.filter(({ body }) => body.type.text === signature.result.text);
    for (const { body, cost, origin } of [
      ...whole.map(({ body, bits }) => ({ body, cost: WHOLE_BITS + bits, origin: "WORDS" as const })),
      ...(hasExamples ? guessed(overlapsOf(this.#locals, signature.result)) : []),
      ...(hasExamples ? guessed(chainsOf(this.#locals, signature.result, constants)) : []),
    ]) {
      this.#work.charge(1);
      if (this.#ends()) return;
      const gives = ({ args, result }: Case): boolean =>
        sameResult(
          runFunction(
            { name: "f", params: this.#locals, result: signature.result, body },
            args,
            this.#functions,
          ),
          result,
        );
      if (examples.every(gives)) this.#propose(body, cost, origin, 1);
    }
  }

  #ends(): boolean {
    return this.#work.halted || this.counterexample !== undefined;
  }

  *#drain(): Generator<SearchEvent> {
    for (let next = this.#pending.shift(); next !== undefined; next = this.#pending.shift()) {
      yield next;
      this.#work.handedOut(next);
    }
  }

  #watch(result: Type): void {
    const full = this.#active.length;
    this.#scope.watch(this.#scope.bank(result), (from, row) => {
      const solved = bitCount(this.#assembler.meet(from, row));
      if (solved > this.#solved) this.#solved = solved;
      if (solved === full)
        this.#propose(this.#express(from, row), from.cost[row] as number, "ENUMERATION", 1);
    });
    if (full === 0) return;
    if (result.kind === "list") {
      this.#scope.watch(this.#scope.bank(result.item), (from, row) => this.#assembler.meetItem(from, row));
    }
    if (result.kind === "tuple") {
      watchParts(
        this.#scope,
        result,
        this.#goal,
        (bank, row) => this.#express(bank, row),
        (body, cost) => this.#propose(body, cost, "ENUMERATION", 1),
      );
    }
  }

  #assemble(): void {
    for (const { body, cost, leaves, origin } of this.#assembler.assemble(this.#scope.level + 40)) {
      this.#propose(body, cost, origin, leaves);
    }
    if (this.#active.length === 0) return;
    this.#witness ??= new LambdaWitness(this.#scope, this.#task.signature.result, this.#goal, this.#locals);
    for (const { body, cost, isGuess } of this.#witness.assemble(this.#scope.level + 30)) {
      this.#propose(body, cost, "LAMBDA", isGuess ? this.#active.length + 1 : 1);
    }
  }

  #express(bank: Bank, row: number): Expr {
    return express(this.#scope, bank, row, new Map([[this.#scope, this.#locals]]));
  }

  /** Runs a program on all examples; one that gives them all becomes a candidate. */
  #propose(made: Expr, cost: number, origin: Origin, leaves: number): void {
    const { examples, signature } = this.#task;
    const fn: FunctionExpr = {
      name: this.#options.name ?? "f",
      params: this.#locals,
      result: signature.result,
      body: inlined(freshLocals(made), this.#functions),
    };
    const failed = examples.find(
      (one) => !sameResult(runFunction(fn, one.args, this.#functions), one.result),
    );
    if (failed !== undefined) {
      const isKnown = this.#active.includes(failed);
      if (!isKnown && ++this.#refusals >= MOST_REFUSALS) this.counterexample = failed;
      return;
    }
    const digest = digestOf(fn.body);
    if (this.#work.digests.has(digest)) return;
    const { hints, constants } = this.#task;
    const score = scoreOf(made, cost, {
      params: this.#locals,
      hints,
      constants: constants.filter((one) => !isTold(one, examples)),
      examples: examples.length,
      available: this.#available,
      isSaid: origin === "WORDS",
      functions: this.#task.functions ?? [],
    });
    const { best, found } = this.#work;
    if (score.total > (found + this.#pending.length < MANY ? best + SLACK : best - 0.01)) return;
    this.#work.digests.add(digest);
    this.#pending.push({
      kind: "candidate",
      fn,
      callees: calleesOf(fn.body, this.#functions),
      cost,
      logp: -cost,
      score: score.total,
      unusedParams: score.unusedParams,
      unusedConstants: score.unusedConstants,
      unusedHints: score.unusedHints,
      named: score.named,
      leaves,
      size: sizeOf(fn.body),
      solved: examples.map(() => true),
      overfitRisk:
        leaves > 1 &&
        leaves > examples.length / 2 &&
        !(leaves <= examples.length && isSupported(fn.body, constants)),
      origin,
    });
  }
}

function* guessed(chains: Iterable<Chain>): Generator<Chain & { readonly origin: Origin }> {
  for (const chain of chains) yield { ...chain, origin: "SKETCH" };
}

/** Two bodies with equal digests are the same but for the names of binders. */
function digestOf(body: Expr): string {
  return JSON.stringify(body, (key, value: unknown) =>
    key === "name" ? undefined : typeof value === "bigint" ? `${value}n` : value,
  );
}

function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** A choice is asked for where the result is made, or an item of it. */
function choiceTypes(result: Type): readonly Type[] {
  return result.kind === "list" || result.kind === "option" ? [result, result.item] : [result];
}

function sameResult(found: Value | undefined, wanted: Value): boolean {
  if (found === undefined) return false;
  return equalValues(found, wanted) || (Number.isNaN(found) && Number.isNaN(wanted));
}

/** Values four times as long as any shown, and a little more, are traps. */
function limitsOf(examples: readonly Case[]): { items: number; units: number } {
  let items = 0;
  let units = 0;
  const visit = (value: Value): void => {
    if (typeof value === "string") units = Math.max(units, value.length);
    if (Array.isArray(value)) {
      items = Math.max(items, value.length);
      value.forEach(visit);
    }
  };
  for (const { args, result } of examples) {
    args.forEach(visit);
    visit(result);
  }
  return { items: 4 * items + 64, units: 4 * units + 64 };
}

/** The cases that a search runs on: all where they are few, else spread by the size of their inputs. */
function chooseActive(cases: readonly Case[], most: number): readonly Case[] {
  const seen = new Set<string>();
  const distinct = cases.filter((one) => {
    const key = JSON.stringify(one.args, (_, value: unknown) =>
      typeof value === "bigint" ? `${value}n` : value,
    );
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
  if (distinct.length <= most) return distinct;
  return Array.from({ length: most }, (_, i) => distinct[Math.floor((i * distinct.length) / most)]).filter(
    (one) => one !== undefined,
  );
}
