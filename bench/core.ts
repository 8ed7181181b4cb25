import { create, fromBinary } from "@bufbuild/protobuf";
import type { Expr } from "#anrf/build/expr.ts";
import { check } from "#anrf/check/check.ts";
import { interpret } from "#anrf/interpret/interpret.ts";
import { planProgram } from "#anrf/interpret/plan.ts";
import { moduleBytes } from "#anrf/program/canonical.ts";
import { INT, listOf } from "#anrf/program/type.ts";
import type { Value } from "#anrf/program/value.ts";
import * as e from "#anrf/testing/exprs.ts";
import { parse } from "#anrf/text/parse.ts";
import { print } from "#anrf/text/print.ts";
import { AnnotationsSchema } from "#gen/anrf/v1/artifact_pb.ts";
import { type Module, ModuleSchema } from "#gen/anrf/v1/ir_pb.ts";

/** One measurement: its name, its unit, and a run that says how much of the unit it did and how long that took. */
export interface BenchCase {
  readonly name: string;
  readonly unit: string;
  run(): { readonly amount: number; readonly milliseconds: number };
}

/** Nodes checked and nodes evaluated per second. */
export const cases: readonly BenchCase[] = [
  checkCase("check/wide", wideModule),
  checkCase("check/functions", () => manyFunctions(200)),
  ...[50_000, 100_000, 200_000, 400_000].map((nodes) =>
    checkCase(`check/${nodes / 1_000}k`, () => sizedModule(nodes)),
  ),
  ...[10_000, 20_000, 40_000].flatMap((nodes) => textCases(nodes)),
  interpretCase("interpret/loop", [loopProgram(), [100_000]]),
  interpretCase("interpret/calls", [fibonacci(), [22]]),
  interpretCase("interpret/lists", [listProgram(), [numbers(50_000)]]),
];

const RUNS = 30;

/** Prints each case with the least time of 30 runs; `names` picks cases by the beginning of their name. */
export async function coreCommand(names: readonly string[]): Promise<number> {
  for (const one of cases) {
    if (names.length > 0 && !names.some((name) => one.name.startsWith(name))) continue;
    const runs = Array.from({ length: RUNS }, () => one.run());
    const best = runs.reduce((least, run) => (run.milliseconds < least.milliseconds ? run : least));
    const perSecond = (best.amount / best.milliseconds / 1_000).toFixed(1);
    console.log(
      `${one.name.padEnd(18)} ${best.milliseconds.toFixed(2).padStart(8)} ms  ${perSecond} M ${one.unit}/s`,
    );
  }
  return 0;
}

/** Made at the first run: a case that is not asked for costs nothing. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function checkCase(name: string, make: () => Module): BenchCase {
  const subject = once(() => {
    const module = make();
    return { nodes: nodesOf(module), decoded: fromBinary(ModuleSchema, moduleBytes(module)) };
  });
  return {
    name,
    unit: "nodes",
    run() {
      const { nodes, decoded } = subject();
      const start = performance.now();
      const found = check(decoded);
      const milliseconds = performance.now() - start;
      if (found.length > 0) throw new Error(`${name}: ${found[0]?.message}`);
      return { amount: nodes, milliseconds };
    },
  };
}

function nodesOf(module: Module): number {
  return module.functions.reduce((sum, fn) => sum + fn.nodes.length, 0);
}

/** Parsing and printing of a program of about so many nodes: linear where the rates of the sizes are alike. */
function textCases(nodes: number): readonly BenchCase[] {
  const subject = once(() => {
    const shown = { module: sizedModule(nodes), annotations: create(AnnotationsSchema) };
    return { shown, amount: nodesOf(shown.module), text: print(shown) };
  });
  const timed = (name: string, isBack: (made: ReturnType<typeof subject>) => boolean): BenchCase => ({
    name: `${name}/${nodes / 1_000}k`,
    unit: "nodes",
    run() {
      const made = subject();
      const start = performance.now();
      if (!isBack(made)) throw new Error(`${name} does not give the program back`);
      return { amount: made.amount, milliseconds: performance.now() - start };
    },
  });
  return [
    timed("parse", ({ text }) => parse(text).ok),
    timed("print", ({ shown, text }) => print(shown).length === text.length),
  ];
}

function interpretCase(name: string, [module, args]: readonly [Module, readonly Value[]]): BenchCase {
  const plan = planProgram(e.opened(module));
  return {
    name,
    unit: "fuel",
    run() {
      const start = performance.now();
      const outcome = interpret(plan, args, { fuel: 1e10, memory: 1e12 });
      const milliseconds = performance.now() - start;
      if (outcome.trap !== undefined) throw new Error(`${name}: ${outcome.trap.message}`);
      return { amount: outcome.fuelUsed, milliseconds };
    },
  };
}

/** One function of about 64,000 nodes with every common kind in it. */
function wideModule(): Module {
  const n = e.slot("n", INT);
  const parts = Array.from({ length: 2_800 }, (_, index) => mixed(e.use(n), index));
  return e.programOf([e.fn("f", [n], e.list(INT, parts))]).module;
}

function mixed(n: Expr, index: number): Expr {
  const m = e.slot("m", INT);
  const items = e.list(INT, [e.use(m), e.int(index)]);
  const total = e.call("list.fold", [items, e.int(0), addition()]);
  const bound = e.bind(m, e.call("int.add", [n, e.int(index)]), total);
  return e.branch(e.call("lt", [n, e.int(index)]), bound, e.part(e.tuple([n, e.int(1)]), 0));
}

function addition(): Expr {
  const sum = e.slot("sum", INT);
  const item = e.slot("item", INT);
  return e.lambda(
    [sum, item],
    e.call("int.add", [e.use(sum), e.call("int.mul", [e.use(item), e.use(item)])]),
  );
}

/** As many functions of about 2,000 nodes as make so many nodes together. */
function sizedModule(nodes: number): Module {
  return manyFunctions(Math.round(nodes / 2_000), 87);
}

function manyFunctions(count: number, parts = 12): Module {
  const functions = Array.from({ length: count }, (_, index) => {
    const n = e.slot("n", INT);
    const next = index + 1 < count ? e.invoke(`f${index + 1}`, INT, [e.use(n)]) : e.int(0);
    const items = Array.from({ length: parts }, (_unused, part) => mixed(e.use(n), part));
    return e.fn(`f${index}`, [n], e.call("int.add", [next, e.call("list.sum_int", [e.list(INT, items)])]));
  });
  return e.programOf(functions).module;
}

function loopProgram(): Module {
  const n = e.slot("n", INT);
  const start = e.tuple([e.int(0), e.int(0)]);
  const state = e.slot("state", start.type);
  const i = e.part(e.use(state), 0);
  const step = e.tuple([
    e.call("int.add", [i, e.int(1)]),
    e.call("int.mod_floor", [
      e.call("int.add", [e.part(e.use(state), 1), e.call("int.mul", [i, i])]),
      e.int(1_000_003),
    ]),
  ]);
  return e.programOf([e.fn("f", [n], e.part(e.loop(state, start, e.call("lt", [i, e.use(n)]), step), 1))])
    .module;
}

function fibonacci(): Module {
  const n = e.slot("n", INT);
  const before = (distance: number): Expr =>
    e.invoke("fib", INT, [e.call("int.sub", [e.use(n), e.int(distance)])]);
  const sum = e.call("int.add", [before(1), before(2)]);
  return e.programOf([e.fn("fib", [n], e.branch(e.call("lt", [e.use(n), e.int(2)]), e.use(n), sum))]).module;
}

function listProgram(): Module {
  const xs = e.slot("xs", listOf(INT));
  const even = e.each(INT, (x) => e.call("eq", [e.call("int.mod_floor", [x, e.int(2)]), e.int(0)]));
  const squares = e.call("list.map", [
    e.call("list.filter", [e.use(xs), even]),
    e.each(INT, (x) => e.call("int.mul", [x, x])),
  ]);
  return e.programOf([e.fn("f", [xs], e.call("list.fold", [squares, e.int(0), addition()]))]).module;
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index % 1_000);
}
