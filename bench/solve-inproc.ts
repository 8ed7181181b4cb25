import { buildProgram } from "#anrf/build/builder.ts";
import type { FunctionExpr } from "#anrf/build/expr.ts";
import { interpret } from "#anrf/interpret/interpret.ts";
import { type Plan, planProgram } from "#anrf/interpret/plan.ts";
import { moduleBytes } from "#anrf/program/canonical.ts";
import { moduleDigest } from "#anrf/program/digest.ts";
import { openProgram } from "#anrf/program/program.ts";
import { jsonToPlain } from "#anrf/program/proto-json.ts";
import { trapName } from "#anrf/program/trap.ts";
import type { Type } from "#anrf/program/type.ts";
import { valueToJson } from "#anrf/program/value-json.ts";
import { type CandidateEvent, type EndEvent, search } from "#anrf/search/search.ts";
import { readValue, searchTaskOf } from "./inproc-task.ts";
import type { Found, Ran, ShownTask, Solved, Solver } from "./solve.ts";

const CANDIDATES = 24;
/** Of the budget: how long the search goes on after its first program (generation.md §3). */
const GRACE_SHARE = 0.2;
const FUEL = 1_000_000;

/** The platform's own functions in this process, in one thread. */
export function inprocSolver(): Solver {
  return {
    versions: { protocol: "inproc" },
    solve: async (task) => solve(task),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function solve(task: ShownTask): Solved {
  const began = cpuNow();
  const asked = searchTaskOf(task);
  const found: CandidateEvent[] = [];
  let first: number | undefined;
  let end: EndEvent | undefined;
  const stop = (): string | undefined => {
    const spent = cpuNow() - began;
    if (spent > task.cpuSeconds) return "TIME";
    return first !== undefined && spent - first > GRACE_SHARE * task.cpuSeconds ? "GRACE" : undefined;
  };
  const events = search(asked, { stop, candidates: CANDIDATES });
  for (const event of events) {
    if (event.kind === "end") end = event;
    if (event.kind !== "candidate") continue;
    first ??= cpuNow() - began;
    found.push(event);
  }
  found.sort((a, b) => Number(a.overfitRisk) - Number(b.overfitRisk) || a.cost - b.cost);
  const { params, result } = asked.signature;
  const types = params.map(({ type }) => type);
  return {
    outcome: found.length > 0 ? "ACCEPTED" : "ABSTAINED",
    reason: found.length > 0 ? undefined : "NO_CANDIDATE",
    ranked: found.map((candidate) => foundOf(candidate, types, result)),
    confidence: undefined,
    cpuSeconds: cpuNow() - began,
    firstCandidateSeconds: first,
    evaluated: end?.evaluated ?? 0,
    kept: end?.kept ?? 0,
    tokens: 0,
    budgetEnd: end?.reason ?? "",
  };
}

function foundOf(candidate: CandidateEvent, params: readonly Type[], result: Type): Found {
  const { digest, plan } = planOf(candidate.fn);
  return {
    digest,
    size: candidate.size,
    lane: `enumerator/${candidate.origin}`,
    overfitRisk: candidate.overfitRisk,
    run: async (all) => all.map((inputs) => runOnce(plan, inputs, params, result)),
  };
}

function planOf(fn: FunctionExpr): { readonly digest: string; readonly plan: Plan } {
  const { module } = buildProgram({ entry: fn.name, functions: [fn] });
  return { digest: moduleDigest(moduleBytes(module)), plan: planProgram(openProgram(module)) };
}

function runOnce(plan: Plan, inputs: readonly unknown[], params: readonly Type[], result: Type): Ran {
  const args = params.map((type, index) => readValue(inputs[index], type));
  const outcome = interpret(plan, args, { fuel: FUEL });
  if (outcome.trap !== undefined) return { trap: trapName(outcome.trap.code) };
  const written = valueToJson(outcome.value, result);
  return written.problem === undefined ? { output: jsonToPlain(written.json) } : { trap: "OUTPUT" };
}

function cpuNow(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
