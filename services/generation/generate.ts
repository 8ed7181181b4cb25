import { create, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { CheckResult_Status } from "#gen/anrf/api/v1/check_result_pb.ts";
import {
  GenerateResponse_AbstainReason as AbstainReason,
  Usage_BudgetEnd as BudgetEnd,
  type GenerateResponse,
  GenerateResponse_Outcome,
  GenerateResponseSchema,
  GenerationRetracted_Reason,
  GenerationProgress_Phase as Phase,
} from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { type Database, transact } from "#platform/data/database.ts";
import { charge } from "#platform/data/usage.ts";
import { type Metrics, SECONDS_BUCKETS } from "#platform/process/metrics.ts";
import type { Call } from "#platform/rpc/call.ts";
import { Code } from "#platform/rpc/codes.ts";
import {
  asRpcError,
  deadlineExceeded,
  type RpcError,
  statusFromError,
  unavailable,
} from "#platform/rpc/error.ts";
import type { Confidence } from "./confidence.ts";
import { confidenceIn } from "./confidence.ts";
import { withTypeHints } from "./hinted.ts";
import type { JobAnswer, JobSpent } from "./job-message.ts";
import type { PrepareDeps, Prepared, WaitGuess } from "./prepare.ts";
import { type ProposerDeps, Proposers, type ToldMessage } from "./proposers.ts";
import {
  abstentionOf,
  budgetEndOf,
  fileBytes,
  type ResponseInit,
  responseOf,
  startedOf,
  usageOf,
} from "./response.ts";
import { type EventBody, EventLog } from "./runs/event-log.ts";
import type { Run, Runs } from "./runs/lease.ts";
import * as store from "./runs/store.ts";

/** What generating needs. */
export interface GenerateDeps extends PrepareDeps, ProposerDeps {
  readonly database: Database;
  readonly runs: Runs;
  readonly waits: WaitGuess;
  readonly metrics: Metrics;
  readonly leaseMs: number;
  /** Fires when nothing new is to be begun. */
  readonly shutdown: AbortSignal;
}

/** Time of the caller that is kept for the last event. */
const LAST_EVENT_MS = 100;
/** Time that verifying and storing take at most, of a long and of a short deadline. */
const STORE_MS = 1_000;
const STORE_SHARE = 0.2;

/**
 * Begins a generation whose row is there. It goes on by itself, writes its log and ends with `completed` or `failed`,
 * whoever reads; the caller's deadline and, unless the request survives it, the caller's going away end it.
 */
export function startRun(id: string, prepared: Prepared, deps: GenerateDeps, call: Call): Run {
  const generation = new Generation(id, prepared, deps, call);
  const run: Run = {
    id,
    clientId: call.client.clientId,
    log: generation.log,
    abort: (reason) => generation.abort(reason),
    done: generation.run(),
  };
  deps.runs.add(run);
  return run;
}

/** The state of one run. */
class Generation {
  readonly log: EventLog;
  readonly #id: string;
  #prepared: Prepared;
  readonly #deps: GenerateDeps;
  readonly #call: Call;
  readonly #abort = new AbortController();
  /** Asks the search for what it has. */
  readonly #stop = new AbortController();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #begin = performance.now();
  #stoppedBy: BudgetEnd = BudgetEnd.TIME;
  #spent: JobSpent = { cpuSeconds: 0, evaluated: 0, kept: 0 };
  #startedAt: number | undefined;
  #firstCandidateAt: number | undefined;
  #storeSeconds = 0;
  #evidence: unknown = {};
  #candidates = 0;
  #tokens = 0;
  #warnings: readonly string[] = [];

  constructor(id: string, prepared: Prepared, deps: GenerateDeps, call: Call) {
    this.#id = id;
    this.log = new EventLog(id);
    this.#prepared = prepared;
    this.#deps = deps;
    const { signal } = this.#abort;
    // The search and the registry get the run's own end, not the caller's: a run may outlive its caller.
    this.#call = { ...call, signal, deadline: call.deadline - LAST_EVENT_MS };
    this.#watchTime();
    const onCaller = (): void => this.#callerGone(call.signal);
    call.signal.addEventListener("abort", onCaller);
    signal.addEventListener("abort", () => call.signal.removeEventListener("abort", onCaller));
    if (call.signal.aborted) onCaller();
  }

  abort(reason: RpcError): void {
    this.#abort.abort(reason);
  }

  async run(): Promise<void> {
    const { metrics, tables } = this.#deps;
    this.log.append({ case: "started", value: startedOf(this.#prepared, tables) });
    runningGauge(metrics).inc();
    try {
      await this.#end({ response: await this.#produce() });
    } catch (error) {
      await this.#end({ error: this.#failureOf(error) });
    } finally {
      for (const timer of this.#timers) clearTimeout(timer);
      runningGauge(metrics).dec();
      this.#abort.abort(unavailable("the generation has ended"));
    }
  }

  #watchTime(): void {
    const after = (ms: number, act: () => void): void => {
      const timer = setTimeout(act, Math.max(0, ms));
      timer.unref();
      this.#timers.push(timer);
    };
    const left = this.#call.deadline - Date.now();
    const searchLeft = left - Math.min(STORE_MS, left * STORE_SHARE);
    const wall = this.#prepared.budget.wallSeconds * 1000;
    after(Math.min(wall, searchLeft), () => {
      this.#stoppedBy = wall <= searchLeft ? BudgetEnd.TIME : BudgetEnd.DEADLINE;
      this.#stop.abort();
    });
    after(left, () => this.abort(deadlineExceeded("the deadline passed before a program was found")));
  }

  #callerGone(signal: AbortSignal): void {
    const reason = asRpcError(signal.reason);
    if (this.#prepared.survivesDisconnect && reason.code === Code.CANCELLED) return;
    this.abort(reason);
  }

  async #produce(): Promise<GenerateResponse> {
    await this.#askForTypes();
    const { reading, group, minConfidence, parent } = this.#prepared;
    const { registry } = this.#deps;
    if (reading.task === undefined) return this.#unsupported(reading.unsupported);
    const answer = await this.#search();
    if (answer.best === undefined && this.#stoppedBy === BudgetEnd.DEADLINE && this.#stop.signal.aborted) {
      throw deadlineExceeded("the deadline passed before a program was found");
    }
    const confidence = confidenceIn(answer, group, this.#prepared.llm.model, this.#deps.tables);
    const abstention = abstentionOf(answer, confidence, minConfidence);
    this.#evidence = {
      score: answer.best?.score,
      features: answer.best?.features,
      agreement: answer.agreement,
      candidates: answer.candidates,
      confidence,
    };
    const response = responseOf(answer, confidence, abstention, reading.task.examples.length);
    const { best } = answer;
    if (abstention !== undefined || best === undefined) return this.#complete(response, answer);
    this.#progress(Phase.STORE, 0);
    const begin = performance.now();
    const request = {
      artifact: fileBytes(best, confidence, this.#prepared),
      generationId: this.#id,
      idempotencyKey: `generation ${this.#id}`,
      ...(parent === undefined ? {} : { anrfId: parent.anrfId, parentVersion: parent.version }),
    };
    const { anrfId, version } = await registry.putAnrf(request, this.#call);
    this.#storeSeconds = (performance.now() - begin) / 1000;
    return this.#complete({ ...response, anrfId, version }, answer, confidence);
  }

  async #askForTypes(): Promise<void> {
    const { inference } = this.#deps;
    const { prepared, tokens, warnings } = await withTypeHints(
      this.#prepared,
      inference,
      this.#call,
      this.#abort.signal,
    );
    this.#prepared = prepared;
    this.#tokens = tokens;
    this.#warnings = warnings;
  }

  #unsupported(type: string): GenerateResponse {
    return this.#complete({
      outcome: GenerateResponse_Outcome.ABSTAINED,
      abstainReason: AbstainReason.UNSUPPORTED_TYPE,
      abstainDetails: `programs with the type ${type} are not searched for: use int, float, string, bool, list, map, option and tuples`,
    });
  }

  #complete(response: ResponseInit, answer?: JobAnswer, confidence?: Confidence): GenerateResponse {
    const { reading, seed } = this.#prepared;
    const since = (at: number | undefined): number => (at === undefined ? 0 : (at - this.#begin) / 1000);
    if (confidence !== undefined) {
      this.#deps.metrics
        .histogram(
          "anrf_conformal_set_size",
          "Candidates that hold a right one in 90 of 100 tasks; 0: not reachable.",
          [0, 1, 2, 3, 5, 8, 16, 32],
        )
        .observe(confidence.setSizeFor90);
      this.#deps.metrics
        .histogram(
          "anrf_generation_confidence",
          "Confidence of stored programs.",
          [0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95],
        )
        .observe(confidence.pLow);
    }
    return create(GenerateResponseSchema, {
      ...response,
      generationId: this.#id,
      seed,
      warnings: [...(reading.task?.warnings ?? []), ...(answer?.warnings ?? []), ...this.#warnings],
      usage: usageOf(
        this.#spent,
        this.#tokens,
        answer === undefined ? BudgetEnd.WORK : budgetEndOf(answer.reason, this.#stoppedBy),
      ),
      timings: {
        queueSeconds: since(this.#startedAt),
        ...(this.#firstCandidateAt === undefined
          ? {}
          : { firstCandidateSeconds: since(this.#firstCandidateAt) }),
        searchSeconds: answer?.searchSeconds ?? 0,
        verifySeconds: answer?.verifySeconds ?? 0,
        storeSeconds: this.#storeSeconds,
        totalSeconds: since(performance.now()),
      },
    });
  }

  async #search(): Promise<JobAnswer> {
    const { waits, database } = this.#deps;
    const proposers = new Proposers({
      prepared: this.#prepared,
      deps: this.#deps,
      call: this.#call,
      signal: this.#abort.signal,
      stop: this.#stop.signal,
      hear: {
        queued: (value) => this.log.append({ case: "queued", value }),
        started: () => {
          this.#startedAt = performance.now();
          queueHistogram(this.#deps.metrics).observe((this.#startedAt - this.#begin) / 1000);
          // The state is for those who ask; the end of the run does not wait for it.
          store.markRunning(database.db, this.#call.client.clientId, this.#id).catch((error: unknown) => {
            this.#call.log.warn(
              { err: error, generationId: this.#id },
              "a generation could not be marked as running",
            );
          });
        },
        progress: (message) => {
          this.#spent = message.spent;
          this.#progress(Phase.SEARCH, message.solved);
        },
        reading: () => this.#progress(Phase.DECODE, 0),
        token: ({ sample, ids, text, logprob, forced }) => {
          this.#tokens += ids.length;
          const value = { lane: "llm", tokenIds: [...ids], text, logprob, forced, sample };
          this.log.append({ case: "token", value });
        },
        event: (message) => this.log.append(this.#eventOf(message)),
      },
    });
    const before = this.#tokens;
    const answer = await proposers.run();
    this.#spent = answer.spent;
    this.#tokens = before + proposers.tokens;
    this.#warnings = [...this.#warnings, ...proposers.warnings];
    waits.note((performance.now() - (this.#startedAt ?? this.#begin)) / 1000);
    return answer;
  }

  #eventOf(message: ToldMessage): EventBody {
    const examples = this.#prepared.reading.task?.examples.length ?? 0;
    switch (message.kind) {
      case "candidate": {
        this.#firstCandidateAt ??= performance.now();
        this.#candidates++;
        const { digest, pseudocode, cost, score, cluster, lane } = message.candidate;
        const value = { digest, pseudocode, cost, score, cluster, lane, examples, examplesPassed: examples };
        return { case: "candidate", value };
      }
      case "retracted": {
        const { digest, reason, input } = message;
        const shown = input === undefined ? {} : { input: fromJson(ValueSchema, input as JsonValue) };
        return { case: "retracted", value: { digest, reason: GenerationRetracted_Reason[reason], ...shown } };
      }
      case "verdict": {
        const { digest, check, status, details } = message;
        return { case: "verdict", value: { digest, check, status: CheckResult_Status[status], details } };
      }
      default:
        throw new Error(`unreachable: ${message satisfies never}`);
    }
  }

  #progress(phase: Phase, solved: number): void {
    const examples = this.#prepared.reading.task?.examples.length ?? 0;
    const value = { phase, programs: this.#spent.evaluated, solved, examples };
    this.log.append({ case: "progress", value });
  }

  #failureOf(error: unknown): RpcError {
    const failure = asRpcError(this.#abort.signal.aborted ? this.#abort.signal.reason : error);
    if (failure.code === Code.INTERNAL) {
      this.#call.log.error({ err: failure.cause ?? failure, generationId: this.#id }, "a generation failed");
    }
    return failure;
  }

  /** Row, log and purse in one transaction, then the last event is shown. */
  async #end(result: store.Ending["result"]): Promise<void> {
    const { database, runs } = this.#deps;
    const { clientId, keyId } = this.#call.client;
    const usage = "response" in result ? result.response.usage : this.#usageOfFailure(result.error);
    const last = this.log.draft(lastBody(result, this.#usageOfFailure.bind(this)));
    let shown = last;
    try {
      const isOurs = await transact(database.db, async (trx) => {
        const ending = { usage: plainUsage(usage), evidence: this.#evidence, result };
        if (!(await store.endGeneration(trx, clientId, this.#id, runs.owner, ending))) return false;
        const piece = this.log.unflushed(last);
        if (piece !== undefined) await store.insertLog(trx, clientId, this.#id, piece);
        const cpuMs = BigInt(Math.round(this.#spent.cpuSeconds * 1000));
        await charge(trx, { clientId, keyId }, { cpu_ms: cpuMs }, new Date());
        return true;
      });
      if (!isOurs) {
        const gone = unavailable("the generation was given up by its lease; try again", {
          reason: "GENERATION_ORPHANED",
        });
        shown = this.log.draft(lastBody({ error: gone }, this.#usageOfFailure.bind(this)));
      }
    } catch (error) {
      this.#call.log.error(
        { err: error, generationId: this.#id },
        "the end of a generation could not be stored",
      );
      const lost = asRpcError(error);
      const failure =
        lost.code === Code.UNAVAILABLE ? lost : unavailable("the generation could not be stored; try again");
      shown = this.log.draft(lastBody({ error: failure }, this.#usageOfFailure.bind(this)));
    }
    this.#observe(result);
    this.log.publish(shown);
  }

  #usageOfFailure(error: RpcError) {
    const end =
      error.code === Code.DEADLINE_EXCEEDED
        ? BudgetEnd.DEADLINE
        : error.code === Code.CANCELLED
          ? BudgetEnd.CANCELLED
          : BudgetEnd.BUDGET_END_UNSPECIFIED;
    return usageOf(this.#spent, this.#tokens, end);
  }

  #observe(result: store.Ending["result"]): void {
    const { metrics } = this.#deps;
    const outcome =
      "error" in result
        ? "failed"
        : result.response.outcome === GenerateResponse_Outcome.ACCEPTED
          ? "accepted"
          : "abstained";
    metrics
      .counter("anrf_generation_outcome_total", "Generations by how they ended.", ["outcome"])
      .inc({ outcome });
    const lane = { lane: "enumerator" };
    metrics
      .counter("anrf_search_evaluated_total", "Programs run on the examples.", ["lane"])
      .inc(lane, this.#spent.evaluated);
    metrics
      .counter("anrf_search_kept_total", "Programs with a new meaning.", ["lane"])
      .inc(lane, this.#spent.kept);
    metrics
      .counter("anrf_search_candidates_total", "Programs that pass.", ["lane"])
      .inc(lane, this.#candidates);
    if (this.#firstCandidateAt === undefined) return;
    metrics
      .histogram("anrf_search_first_solution_seconds", "Time to the first candidate.", SECONDS_BUCKETS, [
        "lane",
      ])
      .observe(lane, (this.#firstCandidateAt - this.#begin) / 1000);
  }
}

function lastBody(
  result: store.Ending["result"],
  usageOfFailure: (error: RpcError) => ReturnType<typeof usageOf>,
): EventBody {
  if ("response" in result) return { case: "completed", value: result.response };
  const { error } = result;
  return { case: "failed", value: { status: statusFromError(error), usage: usageOfFailure(error) } };
}

function plainUsage(
  usage:
    | { readonly cpuSeconds: number; readonly programsEvaluated: number; readonly programsKept: number }
    | undefined,
) {
  return {
    cpuSeconds: usage?.cpuSeconds ?? 0,
    programsEvaluated: usage?.programsEvaluated ?? 0,
    programsKept: usage?.programsKept ?? 0,
  };
}

function runningGauge(metrics: Metrics) {
  return metrics.gauge("anrf_generation_running", "Generations that have begun and not ended.");
}

function queueHistogram(metrics: Metrics) {
  return metrics.histogram(
    "anrf_generation_queue_wait_seconds",
    "Time until a search begins.",
    SECONDS_BUCKETS,
  );
}
