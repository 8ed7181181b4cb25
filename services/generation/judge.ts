import { type BuiltProgram, buildProgram } from "#anrf/build/builder.ts";
import type { FunctionExpr, Local } from "#anrf/build/expr.ts";
import { check } from "#anrf/check/check.ts";
import { interpret, type Outcome } from "#anrf/interpret/interpret.ts";
import { missingBuiltins, type Plan, planProgram } from "#anrf/interpret/plan.ts";
import { moduleBytes } from "#anrf/program/canonical.ts";
import { hasErrors } from "#anrf/program/diagnostic.ts";
import { moduleDigest } from "#anrf/program/digest.ts";
import { writeJson } from "#anrf/program/json.ts";
import { openProgram } from "#anrf/program/program.ts";
import { trapName } from "#anrf/program/trap.ts";
import type { Type } from "#anrf/program/type.ts";
import { equalValues, Some, SortedMap, type Value } from "#anrf/program/value.ts";
import { valueToJson } from "#anrf/program/value-json.ts";
import { probesOf } from "#anrf/search/probes.ts";
import { builtinByNumber } from "#anrf/std/catalogue.ts";
import { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";
import { boundClauses, type Clause, predicateOf } from "./clauses.ts";
import { callText } from "./model/prompt.ts";
import { pythonValue } from "./model/python-text.ts";
import type { Failure } from "./model/sample.ts";
import type { SynthTask, TaskExample } from "./task.ts";

/** How many inputs tell programs apart. */
export const PROBES = 64;
/** Those of them that hold edge values: empty, zero, one. */
const EDGE_INPUTS = 8;
const EXAMPLE_FUEL = 1_000_000;
/** A probe that takes more counts as FUEL, which is an outcome like another. */
const PROBE_FUEL = 200_000;
const CLAUSE_FUEL = 100_000;

/** A program that a lane proposes. */
export interface Proposal {
  /** All its functions; the one that bears the task's name is the entry. */
  readonly functions: readonly FunctionExpr[];
  readonly lane: LaneName;
  readonly cost: number;
  /** See `Judged.bits`. */
  readonly bits: number;
  readonly size: number;
  readonly overfitRisk: boolean;
  /** The part of the words that stands for functions of the textbook which it uses, 0 to 1. */
  readonly named: number;
}

/** Who proposes programs. */
export type LaneName = "enumerator" | "llm" | "repair";

/** A program that gives every example and breaks no clause on any probe. */
export interface Judged {
  readonly digest: string;
  readonly built: BuiltProgram;
  readonly moduleBytes: Uint8Array;
  /** Bits of the program itself, as the search counts. */
  readonly cost: number;
  /** Those, and bits for what the words and the signature speak of and the program leaves out. */
  readonly bits: number;
  /** Nodes of the body. */
  readonly size: number;
  readonly overfitRisk: boolean;
  /** As in the proposal. */
  readonly named: number;
  readonly lane: LaneName;
  /** Programs with equal outcomes on all probes share a number. */
  readonly cluster: number;
  /** JSON of each probe's output, or `!TRAP`. */
  readonly outcomes: readonly string[];
  /** Share of probes that trap. */
  readonly trapShare: number;
  /** Whether all probes have one outcome. */
  readonly isConstant: boolean;
  readonly builtins: ReadonlySet<string>;
  /** Indices of parameters that the program reads. */
  readonly reads: ReadonlySet<number>;
  /** Scalar literals in the program, as text. */
  readonly literals: ReadonlySet<string>;
  /** Share of probes on which the soft clauses hold. */
  readonly softShare: number;
}

/** What became of a candidate. */
export type Judgement =
  | { readonly kind: "kept"; readonly judged: Judged }
  | { readonly kind: "known"; readonly digest: string }
  | {
      readonly kind: "failed";
      readonly digest: string;
      readonly details: string;
      /** Of the task's examples, the first that it does not give, with what came out. */
      readonly example?: { readonly at: number; readonly outcome: Outcome };
      /** How many examples it gives. */
      readonly solved: number;
    }
  | { readonly kind: "refuted"; readonly judged: Judged; readonly input: readonly Value[] };

/** Undefined: the clause itself traps, so it says nothing. */
type Predicate = (args: readonly Value[], result: Value | undefined) => boolean | undefined;

/** Runs candidates of one task: examples first, then probes; it keeps what it has seen. */
export class Judge {
  readonly probes: readonly (readonly Value[])[];
  /** Clauses that an example breaks: they only rank, since examples outrank words. */
  readonly demoted: readonly Clause[];
  readonly #task: SynthTask;
  readonly #clauses: readonly Clause[];
  readonly #ensures: Predicate | undefined;
  /** Those of the clauses that say what comes out. */
  readonly #cases: Predicate | undefined;
  readonly #soft: Predicate | undefined;
  readonly #seen = new Set<string>();
  readonly #clusters = new Map<string, number>();
  readonly #clusterByDigest = new Map<string, number>();

  constructor(task: SynthTask, seed: number) {
    this.#task = task;
    this.#clauses = task.clauses.filter((clause) => holdsOnExamples(clause, task));
    this.demoted = task.clauses.filter((clause) => !this.#clauses.includes(clause));
    const requires = predicate(this.#clauses, "requires", task);
    this.#ensures = predicate(this.#clauses, "ensures", task);
    this.#cases = predicate(
      this.#clauses.filter((clause) => clause.isCase === true),
      "ensures",
      task,
    );
    this.#soft = predicate([...task.soft, ...this.demoted], "ensures", task);
    this.probes = makeProbes(task, seed).filter(
      (args) => requires === undefined || requires(args, undefined) === true,
    );
  }

  /** Clauses that every program of the task carries. */
  get clauses(): readonly Clause[] {
    return this.#clauses;
  }

  judge(proposal: Proposal): Judgement {
    const { cost, bits, size, overfitRisk, named, lane } = proposal;
    const entry = this.#task.name;
    const functions = proposal.functions.map((fn) => (fn.name === entry ? this.#withClauses(fn) : fn));
    const built = buildProgram({ entry, functions });
    const bytes = moduleBytes(built.module);
    const digest = moduleDigest(bytes);
    if (this.#seen.has(digest)) return { kind: "known", digest };
    this.#seen.add(digest);
    if (hasErrors(check(built.module)))
      return { kind: "failed", digest, details: "it breaks a rule of the language", solved: 0 };
    const program = openProgram(built.module);
    if (missingBuiltins(program).length > 0)
      return { kind: "failed", digest, details: "it uses a builtin that this build does not run", solved: 0 };
    // Clauses are asked apart: a program's outcome on a probe is what it computes, not whether a clause holds.
    const plan = planProgram(program, "off");
    const failed = this.#failure(plan, digest, lane === "llm");
    if (failed !== undefined) return failed;
    const runs = this.probes.map((args) => interpret(plan, [...args], { fuel: PROBE_FUEL }));
    const outcomes = runs.map((run) => this.#outcomeText(run));
    const softHolds = runs.filter((run, at) => holds(this.#soft, this.probes[at], run)).length;
    const judged: Judged = {
      digest,
      built,
      moduleBytes: bytes,
      cost,
      bits,
      size,
      overfitRisk,
      named,
      lane,
      cluster: this.#clusterOf(outcomes),
      outcomes,
      trapShare: outcomes.filter((one) => one.startsWith("!")).length / Math.max(1, outcomes.length),
      isConstant: outcomes.length > 1 && new Set(outcomes).size === 1,
      ...partsOf(built),
      softShare: runs.length === 0 ? 1 : softHolds / runs.length,
    };
    const input = this.probes.find((args, at) => !this.#keepsClauses(args, runs[at]));
    if (input !== undefined) return { kind: "refuted", judged, input };
    this.#clusterByDigest.set(digest, judged.cluster);
    return { kind: "kept", judged };
  }

  #keepsClauses(args: readonly Value[], run: Outcome | undefined): boolean {
    if (run === undefined) return true;
    if (run.trap === undefined || this.#cases === undefined || isExhausted(run.trap.code))
      return holds(this.#ensures, args, run);
    return !asksForValue(this.#cases, args, this.#task.result);
  }

  /** What is wrong with a program on the examples; it is run on all of them only where that is asked for. */
  #failure(plan: Plan, digest: string, all: boolean): Judgement | undefined {
    const { examples } = this.#task;
    let first: { readonly at: number; readonly outcome: Outcome } | undefined;
    let solved = 0;
    for (const [at, one] of examples.entries()) {
      const outcome = interpret(plan, [...one.args], { fuel: EXAMPLE_FUEL });
      if (gives(outcome, one)) solved++;
      else first ??= { at, outcome };
      if (first !== undefined && !all) break;
    }
    if (first === undefined) return undefined;
    return {
      kind: "failed",
      digest,
      details: `it does not give example ${first.at}`,
      example: first,
      solved,
    };
  }

  /** The cluster of a program that was kept; undefined for any other. */
  clusterOf(digest: string): number | undefined {
    return this.#clusterByDigest.get(digest);
  }

  /** The function under the task's name, with the clauses as its contracts. */
  #withClauses(fn: FunctionExpr): FunctionExpr {
    const { name, summary } = this.#task;
    const result: Local = { name: "", type: fn.result };
    const of = (kind: Clause["kind"]) =>
      boundClauses(
        this.#clauses.filter((clause) => clause.kind === kind),
        { params: fn.params, result },
      );
    const ensures = of("ensures");
    return {
      ...fn,
      name,
      doc: summary,
      requires: of("requires"),
      ensures,
      ...(ensures.length > 0 ? { resultLocal: result } : {}),
    };
  }

  #clusterOf(outcomes: readonly string[]): number {
    const key = outcomes.join("\n");
    const cluster = this.#clusters.get(key) ?? this.#clusters.size;
    this.#clusters.set(key, cluster);
    return cluster;
  }

  #outcomeText(run: Outcome): string {
    if (run.trap !== undefined) return `!${trapName(run.trap.code)}`;
    const written = valueToJson(run.value, this.#task.result);
    return written.problem === undefined ? writeJson(written.json) : "!OUTPUT";
  }
}

function makeProbes(task: SynthTask, seed: number): readonly (readonly Value[])[] {
  const cases = task.examples.map(({ args, expected }) => ({
    args,
    result: "value" in expected ? expected.value : null,
  }));
  const types = task.params.map((param) => param.type);
  const made = [...edgeInputs(types), ...probesOf(types, cases, task.constants, seed, PROBES - EDGE_INPUTS)];
  const texts = new Set<string>();
  return made.filter((args) => {
    const text = JSON.stringify(args, (_, value: unknown) =>
      typeof value === "bigint" ? `${value}n` : value,
    );
    const isNew = !texts.has(text);
    texts.add(text);
    return isNew;
  });
}

/** Inputs of edge values, small ones first, paired so that two parameters are not always equal. */
function edgeInputs(types: readonly Type[]): readonly (readonly Value[])[] {
  const edges = types.map((type) => edgesOf(type));
  return Array.from({ length: EDGE_INPUTS }, (_, round) =>
    edges.map((values, index) => values[(round * (index + 1) + index) % values.length] ?? null),
  );
}

function edgesOf(type: Type): readonly Value[] {
  switch (type.kind) {
    case "bool":
      return [false, true];
    case "int":
      return [0, 1, 3, -1, 10];
    case "float":
      return [0, 1, 2.5, -1];
    case "string":
      return ["", "a", "Ab", "a b"];
    case "list": {
      const items = edgesOf(type.item);
      return [[], items.slice(1, 2), items.slice(0, 3), [...items.slice(0, 2), ...items.slice(0, 1)]];
    }
    case "option":
      return [null, ...edgesOf(type.item).map((value) => new Some(value))];
    case "map":
      return [SortedMap.EMPTY];
    case "tuple": {
      const parts = type.items.map(edgesOf);
      return [0, 1, 2].map((at) => parts.map((values) => values[at % values.length] ?? null));
    }
    default:
      throw new Error(`no program is sought for the type ${type.text}`);
  }
}

function predicate(all: readonly Clause[], kind: Clause["kind"], task: SynthTask): Predicate | undefined {
  const clauses = all.filter((clause) => clause.kind === kind);
  if (clauses.length === 0) return undefined;
  const fn = predicateOf(clauses, task.params, task.result);
  const shown = kind === "requires" ? { ...fn, params: fn.params.slice(0, -1) } : fn;
  const plan = planProgram(openProgram(buildProgram({ entry: fn.name, functions: [shown] }).module), "off");
  return (args, result) => {
    const run = interpret(plan, kind === "requires" ? [...args] : [...args, result ?? null], {
      fuel: CLAUSE_FUEL,
    });
    return run.trap === undefined ? run.value === true : undefined;
  };
}

/** A run that traps has no result that a clause could speak of. */
function holds(clause: Predicate | undefined, args: readonly Value[] | undefined, run: Outcome): boolean {
  return (
    clause === undefined || args === undefined || run.trap !== undefined || clause(args, run.value) === true
  );
}

/** Whether a clause has something to say of an input: then some value would break it, and so does a trap. */
function asksForValue(clause: Predicate, args: readonly Value[], type: Type): boolean {
  return edgesOf(type).some((value) => clause(args, value) === false);
}

/** A run that was cut off might still have come to a value. */
function isExhausted(code: TrapCode): boolean {
  return code === TrapCode.FUEL || code === TrapCode.MEMORY || code === TrapCode.DEPTH;
}

function holdsOnExamples(clause: Clause, task: SynthTask): boolean {
  const ask = predicate([clause], clause.kind, task);
  return task.examples.every(({ args, expected }) => {
    if (ask === undefined) return true;
    if ("trap" in expected) return clause.isCase !== true || !asksForValue(ask, args, task.result);
    return ask(args, expected.value) === true;
  });
}

/** Whether a run ends as an example says. */
export function gives(run: Outcome, { expected, tolerance }: TaskExample): boolean {
  if ("trap" in expected) {
    return run.trap !== undefined && (expected.trap === "ANY" || trapName(run.trap.code) === expected.trap);
  }
  return run.trap === undefined && sameValue(run.value, expected.value, tolerance);
}

/** Equality as an example means it: NaN is NaN, and floats may differ by the tolerance. */
export function sameValue(found: Value, wanted: Value, tolerance: number): boolean {
  if (equalValues(found, wanted)) return true;
  if (typeof found === "number" && typeof wanted === "number") {
    return (Number.isNaN(found) && Number.isNaN(wanted)) || Math.abs(found - wanted) <= tolerance;
  }
  if (Array.isArray(found) && Array.isArray(wanted)) {
    return (
      found.length === wanted.length &&
      found.every((one, at) => sameValue(one, wanted[at] ?? null, tolerance))
    );
  }
  if (found instanceof Some && wanted instanceof Some) return sameValue(found.value, wanted.value, tolerance);
  if (found instanceof SortedMap && wanted instanceof SortedMap) {
    return equalValues(found.keys, wanted.keys) && sameValue(found.values, wanted.values, tolerance);
  }
  return false;
}

function partsOf({ module }: BuiltProgram): Pick<Judged, "builtins" | "reads" | "literals"> {
  const builtins = new Set<string>();
  const reads = new Set<number>();
  const literals = new Set<string>();
  for (const [index, { nodes, paramCount }] of module.functions.entries()) {
    for (const { kind } of nodes) {
      if (kind.case === "builtinCall") builtins.add(builtinByNumber(kind.value.builtin)?.id ?? "");
      else if (kind.case === "literal" && kind.value.value.case !== undefined)
        literals.add(String(kind.value.value.value));
      else if (index === module.entry && kind.case === "localRef" && kind.value.local < paramCount)
        reads.add(kind.value.local);
    }
  }
  return { builtins, reads, literals };
}

/** What is wrong with a program that was read, as one would tell the one who wrote it. */
export function failureOf(judgement: Judgement, task: SynthTask): Failure {
  if (judgement.kind !== "failed")
    return { wrong: "It breaks a condition that the words state.", solved: task.examples.length };
  const { example, details, solved } = judgement;
  const shown = example === undefined ? undefined : task.examples[example.at];
  if (example === undefined || shown === undefined)
    return { wrong: `It cannot be used: ${details}.`, solved };
  const { trap, value } = example.outcome;
  const got = trap === undefined ? pythonValue(value, task.result) : `an error (${trapName(trap.code)})`;
  const wanted = "value" in shown.expected ? pythonValue(shown.expected.value, task.result) : "an exception";
  return { wrong: `${callText(shown.args, task)} gives ${got}, but it should give ${wanted}.`, solved };
}
