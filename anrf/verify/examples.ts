import { interpret, type Outcome } from "#anrf/interpret/interpret.ts";
import type { RunLimits } from "#anrf/interpret/meter.ts";
import { missingBuiltins, type Plan, planProgram } from "#anrf/interpret/plan.ts";
import type { Program } from "#anrf/program/program.ts";
import { showValue } from "#anrf/program/show.ts";
import { trapName } from "#anrf/program/trap.ts";
import type { Value } from "#anrf/program/value.ts";
import { valueFromProto } from "#anrf/program/value-proto.ts";
import { builtinByNumber } from "#anrf/std/catalogue.ts";
import type { Example } from "#gen/anrf/v1/artifact_pb.ts";
import { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";
import { isWithin, type Tolerance } from "./compare.ts";
import { type CheckOutcome, type Counterexample, type Obligation, type Status, worst } from "./result.ts";
import type { Subject } from "./subject.ts";

/** Traps of the run's limits: they say nothing about the program. */
const LIMIT_TRAPS: ReadonlySet<TrapCode> = new Set([
  TrapCode.FUEL,
  TrapCode.MEMORY,
  TrapCode.DEPTH,
  TrapCode.TIME,
]);

/**
 * V21: each example of the spec gives its result, within its tolerance, or its trap. FAIL where one does not; WARN
 * where there is none, where its arguments are outside `requires`, or where a limit of the run was met.
 */
export function checkExamples(subject: Subject, limits: Partial<RunLimits> = {}): CheckOutcome {
  const { program, spec } = subject;
  if (program === undefined) return unasked("the program is broken, so its examples were not run");
  const [missing] = missingBuiltins(program);
  if (missing !== undefined) {
    return unasked(
      `${builtinByNumber(missing.builtin)?.id ?? "a builtin"} is not run by this build, so no example was run`,
    );
  }
  if (spec.examples.length === 0) return unasked("the program has no examples");
  const plan = planProgram(program, "enforce");
  const obligations = spec.examples.map((example, index) => judge(plan, example, index, limits));
  const status = worst(obligations.map((one) => one.status));
  return { check: "examples", status, details: detailsOf(obligations), obligations };
}

function unasked(details: string): CheckOutcome {
  return { check: "examples", status: "WARN", details, obligations: [] };
}

function detailsOf(obligations: readonly Obligation[]): string {
  const passed = obligations.filter((one) => one.status === "PASS").length;
  const others = obligations.filter((one) => one.status !== "PASS").map((one) => `${one.id}: ${one.reason}`);
  return [`${passed} of ${obligations.length} examples pass`, ...others.slice(0, 10)].join("\n");
}

function judge(plan: Plan, example: Example, index: number, limits: Partial<RunLimits>): Obligation {
  const { program } = plan;
  const read = readExample(program, example);
  if ("reason" in read) return obligation(program, index, read.status, read.reason);
  const outcome = interpret(plan, read.args, limits);
  const verdict = verdictOf(program, read, outcome);
  if (verdict === undefined) return obligation(program, index, "PASS", "as expected");
  const { status, reason } = verdict;
  const got = outcome.trap === undefined ? { value: outcome.value } : { trap: outcome.trap.code };
  const counterexample = { args: read.args, expected: read.expected, got };
  const made = obligation(program, index, status, reason, outcome.trap?.node);
  return status === "FAIL" ? { ...made, counterexample } : made;
}

interface TypedExample {
  readonly args: readonly Value[];
  readonly expected: Counterexample["expected"] & object;
  readonly tolerance: Tolerance;
}

/** The example as values of the entry's types, or why it is none (V21). */
function readExample(
  program: Program,
  example: Example,
): TypedExample | { readonly status: Status; readonly reason: string } {
  const { entry, nominals } = program;
  if (example.args.length !== entry.params.length) {
    const reason = `V21: the example has ${example.args.length} arguments, "${entry.def.name}" takes ${entry.params.length}`;
    return { status: "FAIL", reason };
  }
  const args: Value[] = [];
  for (const [index, type] of entry.params.entries()) {
    const message = example.args[index];
    const reading =
      message === undefined ? undefined : valueFromProto(message, type, nominals, `args[${index}]`);
    if (reading?.value === undefined)
      return { status: "FAIL", reason: `V21: ${problemText(reading?.problem)}` };
    args.push(reading.value);
  }
  const tolerance = { absolute: example.absTolerance ?? 0, relative: example.relTolerance ?? 0 };
  switch (example.expected.case) {
    case "trap":
      return { args, expected: { trap: example.expected.value }, tolerance };
    case "result": {
      const reading = valueFromProto(example.expected.value, entry.result, nominals, "result");
      if (reading.problem !== undefined)
        return { status: "FAIL", reason: `V21: ${problemText(reading.problem)}` };
      return { args, expected: { value: reading.value }, tolerance };
    }
    case undefined:
      return {
        status: "WARN",
        reason: "not evaluated: the example is of a kind that this version does not know",
      };
    default:
      throw new Error(`unreachable: ${example.expected satisfies never}`);
  }
}

function problemText(problem: { readonly path: string; readonly message: string } | undefined): string {
  return problem === undefined ? "the example lacks an argument" : `${problem.path}: ${problem.message}`;
}

/** Undefined where the outcome is the expected one. */
function verdictOf(
  program: Program,
  { expected, tolerance }: TypedExample,
  { value, trap }: Outcome,
): { readonly status: Status; readonly reason: string } | undefined {
  if (trap !== undefined) {
    if ("trap" in expected && expected.trap === trap.code) return undefined;
    if (LIMIT_TRAPS.has(trap.code))
      return { status: "WARN", reason: `a limit of the run was met: ${trap.message}` };
    if (trap.code === TrapCode.CONTRACT && isOutsideRequires(program, trap)) {
      return { status: "WARN", reason: `the arguments are outside requires: ${trap.message}` };
    }
  }
  const got =
    trap === undefined
      ? showValue(value, program.entry.result, program.nominals)
      : `trap ${trapName(trap.code)}: ${trap.message}`;
  if ("trap" in expected)
    return { status: "FAIL", reason: `expected trap ${trapName(expected.trap)}, got ${got}` };
  const { result } = program.entry;
  if (trap === undefined && isWithin(value, expected.value, result, program.nominals, tolerance))
    return undefined;
  return {
    status: "FAIL",
    reason: `expected ${showValue(expected.value, result, program.nominals)}, got ${got}`,
  };
}

function isOutsideRequires(
  { entry }: Program,
  trap: { readonly function: number; readonly node: number },
): boolean {
  return trap.function === entry.index && entry.def.requires.some((clause) => clause.root === trap.node);
}

function obligation(
  program: Program,
  index: number,
  status: Status,
  reason: string,
  node?: number,
): Obligation {
  return {
    id: `example-${index + 1}`,
    kind: "example",
    function: program.entry.def.name,
    node,
    status,
    tier: "SAMPLED",
    reason,
    engine: "interpreter",
  };
}
