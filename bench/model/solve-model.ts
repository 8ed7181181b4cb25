import { readFile } from "node:fs/promises";
import { fromBinary } from "@bufbuild/protobuf";
import { planProgram } from "#anrf/interpret/plan.ts";
import { openProgram } from "#anrf/program/program.ts";
import { CHECKS } from "#anrf/verify/verify.ts";
import { ModuleSchema } from "#gen/anrf/v1/ir_pb.ts";
import { Sandbox } from "#platform/sandbox/pool.ts";
import {
  confidenceIn,
  groupOf,
  MODEL_SCORER,
  readModelTables,
  readTable,
} from "../../services/generation/confidence.ts";
import type { JobAnswer, JobSpent } from "../../services/generation/job-message.ts";
import { type Prepared, WaitGuess } from "../../services/generation/prepare.ts";
import { Proposers } from "../../services/generation/proposers.ts";
import { type Asked, ask, runPlain } from "../ask.ts";
import type { Found, ModelOptions, ShownTask, Solved, Solver } from "../solve.ts";
import { NOTHING } from "../solve-inproc.ts";
import { openModel } from "./open-model.ts";
import { SampleCache } from "./sample-cache.ts";

const PACE = 16_384;
const TOKENS_A_SAMPLE = 256;

/** The platform's lanes with a model in this process's children; samples are kept, so that a run can go on. */
export async function modelSolver(options: ModelOptions): Promise<Solver> {
  const stack = new AsyncDisposableStack();
  const opened = stack.use(await openModel(options));
  const { inference, call, name, digest, weights } = opened;
  const sandbox = stack.use(
    new Sandbox({
      module: new URL("../../services/generation/job.ts", import.meta.url),
      heapMb: 1_024,
      workers: 1,
      readyMs: 60_000,
    }),
  );
  const cpu = async (): Promise<number> => {
    const { models } = await inference.getNode({}, { ...call, signal: new AbortController().signal });
    const process = models.find((one) => one.modelDigest === digest)?.process ?? 0;
    return process === 0 ? 0 : cpuOfProcess(process);
  };
  const cache = new SampleCache(
    options.cache,
    weights,
    (request, signal) => inference.infer(request, { ...call, signal, deadline: Date.now() + 600_000 }),
    cpu,
  );
  const tables = { search: readTable(), models: readModelTables() };
  const deps = {
    sandbox,
    waits: new WaitGuess(),
    tables,
    memoryBytes: 2 ** 29,
    inference: {
      ...inference,
      infer: (request: never, { signal }: { signal: AbortSignal }) => cache.infer(request, signal),
    },
  } as unknown as ConstructorParameters<typeof Proposers>[0]["deps"];
  const model = { name: `${name}@1`, digest, weights };
  const solve = async (task: ShownTask): Promise<Solved> => {
    const asked = ask(task);
    if (asked === undefined) return NOTHING;
    const before = cache.spent;
    const prepared = preparedOf(asked, task, options, model);
    let spent: JobSpent | undefined;
    const end = new AbortController();
    const proposers = new Proposers({
      prepared,
      deps,
      call: { ...call, deadline: Date.now() + 900_000 },
      signal: end.signal,
      stop: new AbortController().signal,
      hear: {
        queued: () => {},
        started: () => {},
        progress: (message) => {
          spent = message.spent;
        },
        reading: () => {},
        token: () => {},
        event: () => {},
      },
    });
    const answer = await proposers.run();
    for (const warning of proposers.warnings) console.error(`${task.id}: ${warning}`);
    const confidence = answer.best && confidenceIn(answer, prepared.group, model, tables);
    const cpuSeconds = (spent ?? answer.spent).cpuSeconds + cache.spent - before;
    return solvedOf(answer, asked, confidence && { ...confidence, score: confidence.pLow }, {
      cpuSeconds,
      tokens: proposers.tokens,
    });
  };
  const { samples, repair, search } = options;
  return {
    versions: {
      protocol: "model",
      scorer: MODEL_SCORER,
      model: weights.slice(0, 12),
      lanes: `${samples} samples${repair ? ", repair" : ""}${search ? ", search" : ""}`,
    },
    solve,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function preparedOf(
  { synth, source }: Asked,
  task: ShownTask,
  { samples, repair, search }: ModelOptions,
  model: { readonly name: string; readonly digest: string; readonly weights: string },
): Prepared {
  return {
    source,
    reading: { task: synth },
    group: groupOf(task.text !== "", synth.examples.length),
    budget: {
      programs: search ? 10_000_000 : 0,
      cpuSeconds: task.cpuSeconds,
      wallSeconds: 900,
      candidates: 24,
    },
    llm: { model, budget: { samples, repair, tokens: (samples + 1) * TOKENS_A_SAMPLE } },
    checks: CHECKS,
    seed: BigInt(task.seed),
    pace: PACE,
    minConfidence: undefined,
    parent: undefined,
    survivesDisconnect: false,
  };
}

function solvedOf(
  answer: JobAnswer,
  asked: Asked,
  confidence: Solved["confidence"],
  { cpuSeconds, tokens }: Pick<Solved, "cpuSeconds" | "tokens">,
): Solved {
  const { best, reason, spent, agreement } = answer;
  const isShown = best !== undefined && !answer.isGuess;
  return {
    outcome: isShown ? "ACCEPTED" : "ABSTAINED",
    reason: isShown ? undefined : best === undefined ? "NO_CANDIDATE" : "AMBIGUOUS",
    ranked: isShown ? [foundOf(best, asked)] : [],
    confidence,
    cpuSeconds,
    firstCandidateSeconds: undefined,
    evaluated: spent.evaluated,
    kept: spent.kept,
    tokens,
    budgetEnd: reason,
    ...(agreement === undefined ? {} : { agreement }),
  };
}

function foundOf(best: NonNullable<JobAnswer["best"]>, { synth }: Asked): Found {
  const program = openProgram(fromBinary(ModuleSchema, best.module));
  const plan = planProgram(program, "off");
  return {
    digest: best.digest,
    size: undefined,
    lane: best.lane,
    overfitRisk: best.overfitRisk,
    run: async (all) => all.map((inputs) => runPlain(plan, inputs, synth.params, synth.result)),
  };
}

/** CPU seconds of a process so far; 0 where the system does not tell. */
async function cpuOfProcess(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  return Number.isFinite(user + system) ? (user + system) / 100 : 0;
}
