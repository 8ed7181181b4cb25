import type { TaskCase } from "../training/load-tasks.ts";
import { OPERATORS, type Operator } from "./naive-operators.ts";

/** A value of the rival: a string, an int, a bool or a list of them; undefined ends the term. */
export type NaiveValue = string | number | boolean | readonly NaiveValue[];

/** What the rival found: its program, how large it is and what it cost. */
export interface NaiveAnswer {
  readonly size: number;
  readonly text: string;
  readonly evaluated: number;
  run(inputs: readonly unknown[]): unknown;
}

/** A term, and its outputs on the examples. */
interface Term {
  readonly operator: Operator | undefined;
  readonly args: readonly Term[];
  /** Of a leaf without an operator: the input's index, or −1 for a constant. */
  readonly input: number;
  readonly size: number;
  readonly vector: readonly NaiveValue[];
}

const TYPES = new Set(["int", "string", "bool", "list<int>", "list<string>", "list<bool>"]);
const INT_CONSTANTS = [0, 1, 2, 3, -1, 10];
const STRING_CONSTANTS = ["", " ", ",", ".", "-", "/", ":", "_", "@", "(", ")"];
const LONGEST = 256;
const STOP_EVERY = 256;
const MOST_KEPT = 2_000_000;

/** Whether the rival has operators for a task of this signature. */
export function naiveApplies(params: readonly { readonly type: string }[], returns: string): boolean {
  return TYPES.has(returns) && params.length > 0 && params.every((param) => TYPES.has(param.type));
}

/**
 * The naive rival: plain bottom-up enumeration by size with observational equivalence over a fixed set of operators
 * (as in Albarghouthi et al., CAV 2013). No words, no costs, no lambdas, no branches, no goals. `stop` is asked often.
 */
export function naive(
  params: readonly { readonly type: string }[],
  returns: string,
  shown: readonly TaskCase[],
  stop: () => boolean,
): NaiveAnswer | { readonly evaluated: number } {
  const goal = keyOf(shown.map((example) => example.output as NaiveValue));
  const search = new Search(returns, goal, stop);
  const width = shown.length;
  const wanted = shown.map((example) => JSON.stringify(example));
  for (const [input, param] of params.entries()) {
    const vector = shown.map((example) => example.inputs[input] as NaiveValue);
    search.keep(param.type, { operator: undefined, args: [], input, size: 1, vector });
  }
  for (const value of INT_CONSTANTS) search.keep("int", constant(value, width));
  for (const value of STRING_CONSTANTS) {
    const occurs = value === "" || wanted.some((text) => text.includes(value));
    if (occurs) search.keep("string", constant(value, width));
  }
  for (let size = 2; search.open(); size++) search.grow(size);
  const { found, evaluated } = search;
  if (found === undefined) return { evaluated };
  return { size: found.size, text: textOf(found), evaluated, run: (inputs) => evaluate(found, inputs) };
}

function constant(value: NaiveValue, width: number): Term {
  return {
    operator: undefined,
    args: [],
    input: -1,
    size: 1,
    vector: Array.from({ length: Math.max(width, 1) }, () => value),
  };
}

/** One run: the banks by type and size, and what was seen. */
class Search {
  readonly #banks = new Map<string, Term[][]>();
  readonly #seen = new Set<string>();
  readonly #returns: string;
  readonly #goal: string;
  readonly #stop: () => boolean;
  #stopped = false;
  #grown = true;
  evaluated = 0;
  found: Term | undefined;

  constructor(returns: string, goal: string, stop: () => boolean) {
    this.#returns = returns;
    this.#goal = goal;
    this.#stop = stop;
  }

  open(): boolean {
    return this.found === undefined && !this.#stopped && this.#grown;
  }

  keep(type: string, term: Term): void {
    const key = keyOf(term.vector);
    const seen = `${type} ${key}`;
    if (this.#seen.has(seen)) return;
    this.#seen.add(seen);
    if (this.#seen.size >= MOST_KEPT) this.#stopped = true;
    const bySize = this.#banks.get(type) ?? [];
    this.#banks.set(type, bySize);
    for (let s = bySize.length; s <= term.size; s++) bySize.push([]);
    bySize[term.size]?.push(term);
    if (type === this.#returns && key === this.#goal) this.found = term;
  }

  /** All terms of a size, from the smaller ones; a size that has none ends the run. */
  grow(size: number): void {
    let tried = 0;
    for (const operator of OPERATORS) {
      tried += this.#apply(operator, size - 1, []);
      if (this.found !== undefined || this.#stopped) return;
    }
    this.#grown = tried > 0;
  }

  #apply(operator: Operator, left: number, args: readonly Term[]): number {
    const place = args.length;
    const type = operator.params[place];
    if (type === undefined) return left === 0 ? this.#make(operator, args) : 0;
    const after = operator.params.length - place - 1;
    const bySize = this.#banks.get(type) ?? [];
    const least = after === 0 ? left : 1;
    let tried = 0;
    for (let size = least; size <= left - after; size++) {
      for (const term of bySize[size] ?? []) {
        tried += this.#apply(operator, left - size, [...args, term]);
        if (this.found !== undefined || this.#stopped) return tried;
      }
    }
    return tried;
  }

  #make(operator: Operator, args: readonly Term[]): number {
    this.evaluated++;
    if (this.evaluated % STOP_EVERY === 0 && this.#stop()) this.#stopped = true;
    const width = args[0]?.vector.length ?? 0;
    const vector: NaiveValue[] = [];
    for (let column = 0; column < width; column++) {
      const value = applied(
        operator,
        args.map((arg) => arg.vector[column]),
      );
      if (value === undefined) return 1;
      vector.push(value);
    }
    const size = args.reduce((sum, arg) => sum + arg.size, 1);
    this.keep(operator.result, { operator, args, input: -1, size, vector });
    return 1;
  }
}

function applied(operator: Operator, args: readonly unknown[]): NaiveValue | undefined {
  const value = operator.apply(...(args as never[]));
  if (typeof value === "number" && !Number.isSafeInteger(value)) return undefined;
  if (typeof value === "object" || typeof value === "string")
    return value.length > LONGEST ? undefined : value;
  return value;
}

function evaluate(term: Term, inputs: readonly unknown[]): unknown {
  if (term.operator === undefined) return term.input < 0 ? term.vector[0] : inputs[term.input];
  const args = term.args.map((arg) => evaluate(arg, inputs));
  return args.includes(undefined) ? undefined : applied(term.operator, args);
}

function textOf(term: Term): string {
  if (term.operator !== undefined) return `${term.operator.name}(${term.args.map(textOf).join(", ")})`;
  return term.input < 0 ? JSON.stringify(term.vector[0]) : `x${term.input}`;
}

function keyOf(vector: readonly NaiveValue[]): string {
  return JSON.stringify(vector);
}
