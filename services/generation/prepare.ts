import { randomBytes } from "node:crypto";
import { CHECKS, type CheckName, isCheck } from "#anrf/verify/verify.ts";
import type { KeyLimits } from "#gen/anrf/api/v1/key_limits_pb.ts";
import {
  type GenerateRequest,
  GenerateRequest_OnDisconnect,
  GenerateRequest_Profile,
} from "#gen/anrf/generation/v1/generation_service_pb.ts";
import type { IntentService } from "#gen/anrf/intent/v1/intent_service_pb.ts";
import type { ModelService } from "#gen/anrf/models/v1/models_service_pb.ts";
import type { RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import type { Database } from "#platform/data/database.ts";
import { secondsToNextDay, spent } from "#platform/data/usage.ts";
import type { Call } from "#platform/rpc/call.ts";
import {
  exhausted,
  type FieldViolation,
  invalid,
  invalidField,
  permissionDenied,
  quotaExceeded,
} from "#platform/rpc/error.ts";
import type { Client } from "#platform/rpc/handlers.ts";
import type { Source } from "./artifact.ts";
import { type Group, groupOf } from "./confidence.ts";
import { chooseModel, type ModelChoice } from "./model/choice.ts";
import type { LlmBudget } from "./model/lane.ts";
import { readTask, type TaskReading } from "./task.ts";

/** What Generate and GenerateStream ask for. */
export type Asked = Omit<GenerateRequest, "$typeName" | "$unknown">;

/** A request that can be run: everything that could be refused was. */
export interface Prepared {
  readonly source: Source;
  readonly reading: TaskReading;
  readonly group: Group;
  readonly budget: GenerationBudget;
  readonly llm: LlmPlan;
  readonly checks: readonly CheckName[];
  readonly seed: bigint;
  readonly pace: number;
  readonly minConfidence: number | undefined;
  /** The program that gets a new version, with the one it builds on; undefined: a new program. */
  readonly parent: { readonly anrfId: string; readonly version: number } | undefined;
  readonly survivesDisconnect: boolean;
}

/** What a model does in a generation. */
export type LlmPlan = ModelChoice & { readonly budget: LlmBudget };

/** The services that a request is looked up in. */
export interface PrepareDeps {
  readonly intents: Client<typeof IntentService>;
  readonly registry: Client<typeof RegistryService>;
  readonly models: Client<typeof ModelService>;
  /** The model that takes part where the request names none; "" for the newest, `none` for none. */
  readonly defaultModel: string;
}

/** Programs that the search runs for each token of a model: about what a core runs while another makes one. */
const PACE = 16_384;

/** Reads a request; what is wrong with it is thrown before any event. */
export async function prepare(asked: Asked, deps: PrepareDeps, call: Call): Promise<Prepared> {
  const budget = budgetOf(asked, call.client.limits);
  const checks = checksOf(asked.verify?.checks ?? []);
  const pace = asked.pace ?? PACE;
  if ((pace & (pace - 1)) !== 0) throw invalidField("pace", `is a power of two, not ${pace}`);
  const source = await sourceOf(asked, deps, call);
  const reading = readTask(source.intent, source.constraints);
  const { goal, examples } = source.intent;
  const hasWords = (goal?.summary.trim() ?? "") !== "" || (goal?.hints.length ?? 0) > 0;
  const llm = await llmOf(asked, hasWords, reading, deps, call);
  return {
    source,
    reading,
    group: groupOf(hasWords, reading.task?.examples.length ?? examples.length),
    budget: withModelTime(budget, asked, llm),
    llm,
    checks,
    seed: asked.seed ?? randomBytes(8).readBigUInt64BE(),
    pace,
    minConfidence: asked.minConfidence,
    parent: asked.anrfId === "" ? undefined : await parentOf(asked.anrfId, deps, call),
    survivesDisconnect: asked.onDisconnect === GenerateRequest_OnDisconnect.CONTINUE,
  };
}

/** Which model takes part, and how much it may write. */
async function llmOf(
  asked: Asked,
  hasWords: boolean,
  reading: TaskReading,
  deps: PrepareDeps,
  call: Call,
): Promise<LlmPlan> {
  const profile = LLM_PROFILES[asked.profile] ?? LLM_STANDARD;
  const tokens = asked.budget?.tokens ?? profile.tokens;
  if (tokens > MOST_TOKENS)
    throw invalid(
      [{ field: "budget.tokens", description: `may be at most ${MOST_TOKENS}, not ${tokens}` }],
      "LIMIT_TOO_HIGH",
    );
  const budget = { samples: profile.samples, tokens, repair: true };
  const choice = await chooseModel(asked.model ?? "", deps.defaultModel, deps.models, call);
  const off = (why: string): LlmPlan => ({ off: why, budget });
  if (choice.model === undefined) return { ...choice, budget };
  if (reading.task === undefined) return off("programs of these types are not searched for");
  if (!hasWords) return off("there are no words that a model could read");
  if (tokens === 0) return off("the budget has no tokens");
  return { ...choice, budget };
}

/** A model takes its time: what the profile gives a search alone would cut it off. */
function withModelTime(budget: GenerationBudget, asked: Asked, llm: LlmPlan): GenerationBudget {
  if (llm.model === undefined || asked.budget?.wallSeconds !== undefined) return budget;
  return { ...budget, wallSeconds: (LLM_PROFILES[asked.profile] ?? LLM_STANDARD).wallSeconds };
}

function checksOf(names: readonly string[]): readonly CheckName[] {
  if (names.length === 0) return CHECKS;
  return names.map((name, index) => {
    if (isCheck(name)) return name;
    throw invalidField(
      `verify.checks[${index}]`,
      `is one of ${CHECKS.join(", ")}, not ${JSON.stringify(name)}`,
    );
  });
}

/** The intent of the request, or the one of its analysis, which must be the caller's either way. */
async function sourceOf(asked: Asked, deps: PrepareDeps, call: Call): Promise<Source> {
  const { analysisId } = asked;
  const stored = analysisId === "" ? undefined : (await deps.intents.getIntent({ analysisId }, call)).intent;
  const intent = asked.structuredIntent ?? stored?.structuredIntent;
  if (intent === undefined) {
    throw invalidField("structuredIntent", "is needed: send the intent, or the analysisId of a stored one");
  }
  const constraints = asked.constraints.length > 0 ? asked.constraints : intent.constraints;
  return { intent, constraints, analysisId, text: stored?.inputText ?? "" };
}

async function parentOf(anrfId: string, deps: PrepareDeps, call: Call): Promise<Prepared["parent"]> {
  const { version, owned } = await deps.registry.getAnrf({ anrfId }, call);
  if (owned) return { anrfId, version };
  throw permissionDenied("NOT_OWNER", `anrf ${anrfId} is another client's: generate a new program instead`);
}

/** How much one generation may do. */
export interface GenerationBudget {
  /** Programs evaluated: the bound that replays. */
  readonly programs: number;
  /** CPU seconds of the search thread: a guard. */
  readonly cpuSeconds: number;
  /** Seconds from request to last event: a guard. */
  readonly wallSeconds: number;
  readonly candidates: number;
}

const STANDARD: GenerationBudget = { programs: 10_000_000, cpuSeconds: 10, wallSeconds: 30, candidates: 16 };
const PROFILES: Readonly<Record<number, GenerationBudget>> = {
  [GenerateRequest_Profile.QUICK]: { programs: 2_000_000, cpuSeconds: 2, wallSeconds: 5, candidates: 8 },
  [GenerateRequest_Profile.DEEP]: { programs: 60_000_000, cpuSeconds: 60, wallSeconds: 180, candidates: 24 },
};
const LLM_STANDARD = { samples: 8, tokens: 2_048, wallSeconds: 120 };
const LLM_PROFILES: Readonly<Record<number, typeof LLM_STANDARD>> = {
  [GenerateRequest_Profile.QUICK]: { samples: 2, tokens: 512, wallSeconds: 30 },
  [GenerateRequest_Profile.DEEP]: { samples: 24, tokens: 8_192, wallSeconds: 280 },
};
const MOST_TOKENS = 100_000;

/** The most that a request may ask for, unless its key allows less. */
const MAXIMA: GenerationBudget = {
  programs: 1_000_000_000,
  cpuSeconds: 280,
  wallSeconds: 280,
  candidates: 100,
};

/** The budget of a request. A part above its maximum, or the key's, is refused as LIMIT_TOO_HIGH. */
export function budgetOf(
  asked: Pick<GenerateRequest, "profile" | "budget" | "candidates">,
  key: KeyLimits | undefined,
): GenerationBudget {
  const profile = PROFILES[asked.profile] ?? STANDARD;
  const violations: FieldViolation[] = [];
  const pick = (field: string, value: number | undefined, byDefault: number, maximum: number): number => {
    if (value !== undefined && value > maximum) {
      violations.push({ field, description: `may be at most ${maximum}, not ${value}` });
    }
    return Math.min(value ?? byDefault, maximum);
  };
  const { budget } = asked;
  const cpu = Math.min(MAXIMA.cpuSeconds, key?.maxCpuSeconds ?? MAXIMA.cpuSeconds);
  const made = {
    programs: pick("budget.programs", budget?.programs, profile.programs, MAXIMA.programs),
    cpuSeconds: pick("budget.cpuSeconds", budget?.cpuSeconds, profile.cpuSeconds, cpu),
    wallSeconds: pick("budget.wallSeconds", budget?.wallSeconds, profile.wallSeconds, MAXIMA.wallSeconds),
    candidates: pick("candidates", asked.candidates, profile.candidates, MAXIMA.candidates),
  };
  if (violations.length > 0) throw invalid(violations, "LIMIT_TOO_HIGH");
  return made;
}

/** A key that has spent its CPU seconds of the day is refused before anything runs. */
export async function checkQuota(database: Database, call: Call): Promise<void> {
  const perDay = call.client.limits?.cpuSecondsPerDay;
  if (perDay === undefined) return;
  const now = new Date();
  const { clientId, keyId } = call.client;
  const used = await spent(database.db, { clientId, keyId }, "cpu_ms", now);
  if (Number(used) < perDay * 1000) return;
  throw quotaExceeded(`key:${keyId}`, `${perDay} CPU seconds a day`, secondsToNextDay(now));
}

const REMEMBERED = 64;
/** What a search is thought to take before any has ended. */
const FIRST_GUESS_SECONDS = 2;

/** Guesses how long a generation has to wait, by the median of those before it. */
export class WaitGuess {
  readonly #seconds: number[] = [];

  /** A search took so long. */
  note(seconds: number): void {
    this.#seconds.push(seconds);
    if (this.#seconds.length > REMEMBERED) this.#seconds.shift();
  }

  /** Seconds until a place is free for one that comes now. */
  of(load: { readonly running: number; readonly queued: number; readonly workers: number }): number {
    // Those that wait come first, also while a worker that was lost is being replaced.
    if (load.running + load.queued < load.workers) return 0;
    const sorted = [...this.#seconds].sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? FIRST_GUESS_SECONDS;
    return ((load.queued + 1) * median) / load.workers;
  }

  /** Refuses one whose wait is longer than the time that it has. */
  admit(load: Parameters<WaitGuess["of"]>[0], secondsLeft: number): void {
    const wait = this.of(load);
    if (wait > secondsLeft) throw queueFull(load.queued, wait);
  }
}

/** RESOURCE_EXHAUSTED, never UNAVAILABLE: proxies would take the node out. */
export function queueFull(queued: number, retrySeconds: number): Error {
  return exhausted("QUEUE_FULL", `cannot take the generation: ${queued} wait already; try again later`, {
    retrySeconds: Math.max(1, Math.ceil(retrySeconds)),
    metadata: { queued: String(queued) },
  });
}
