import { create, fromBinary, fromJson, type JsonValue, type MessageInitShape } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { writeArtifact } from "#anrf/program/artifact.ts";
import { SUPPORTED_MINOR } from "#anrf/program/version.ts";
import {
  GenerateResponse_AbstainReason as AbstainReason,
  Usage_BudgetEnd as BudgetEnd,
  Calibration_Granularity,
  Calibration_Status,
  type GenerateResponse,
  GenerateResponse_Outcome,
  type GenerateResponseSchema,
  GenerationStarted_Determinism,
  type GenerationStartedSchema,
} from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { AnnotationsSchema, GenerationEvidenceSchema, SpecSchema } from "#gen/anrf/v1/artifact_pb.ts";
import { ModuleSchema } from "#gen/anrf/v1/ir_pb.ts";
import { PRODUCER } from "./artifact.ts";
import type { Confidence } from "./confidence.ts";
import { confidenceIn, type Tables } from "./confidence.ts";
import type { JobAnswer, JobBest, JobCandidate, JobSpent } from "./job-message.ts";
import { NO_AGREEMENT } from "./model/agreement.ts";
import { PROMPT_VERSION } from "./model/prompt.ts";
import type { Prepared } from "./prepare.ts";
import { SCORER_VERSION } from "./rank.ts";

/** The answer of Generate, as it is made. */
export type ResponseInit = Exclude<MessageInitShape<typeof GenerateResponseSchema>, GenerateResponse>;

type StartedInit = MessageInitShape<typeof GenerationStartedSchema>;

/** Why nothing is stored, with a sentence. */
export interface Abstention {
  readonly reason: AbstainReason;
  readonly details: string;
}

/** From 8 candidates on, a score is fine. */
const FINE_FROM = 8;

/** Whether the best program is good enough to be stored, or why not. */
export function abstentionOf(
  answer: JobAnswer,
  confidence: Confidence,
  minConfidence: number | undefined,
): Abstention | undefined {
  if (answer.best === undefined) {
    const isWhole = answer.reason === "EXHAUSTED";
    return isWhole
      ? {
          reason: AbstainReason.NO_CANDIDATE,
          details: "no program of the types satisfies the examples and clauses",
        }
      : {
          reason: AbstainReason.BUDGET,
          details:
            "the budget ended before a program was found: use a larger profile, or give another example or words",
        };
  }
  if (answer.isGuess) {
    return {
      reason: AbstainReason.AMBIGUOUS,
      details: "neither words nor examples say what the function does: add an example",
    };
  }
  if (minConfidence !== undefined && confidence.pLow < minConfidence) {
    const why = confidence.explanation === "" ? "" : `: ${confidence.explanation}`;
    return {
      reason: AbstainReason.BELOW_MIN_CONFIDENCE,
      details: `the best program has confidence ${confidence.pLow.toFixed(3)}, below ${minConfidence}${why}`,
    };
  }
  return undefined;
}

/** What the answer says of the programs, stored or not; ids, timings and warnings are the caller's. */
export function responseOf(
  answer: JobAnswer,
  confidence: Confidence,
  abstention: Abstention | undefined,
  examples: number,
): ResponseInit {
  const { best, others, question } = answer;
  const told = {
    ...(best === undefined ? {} : { confidence: confidenceMessage(confidence, answer.candidates) }),
    ...(question === undefined
      ? {}
      : {
          question: {
            text: question.text,
            inputs: fromJson(ValueSchema, question.inputs),
            answers: question.answers.map(({ digest, outcome }) => ({ digest, outcome: outcomeOf(outcome) })),
          },
        }),
  };
  if (abstention !== undefined || best === undefined) {
    const drafts = best === undefined ? others : [best, ...others].slice(0, 3);
    return {
      ...told,
      outcome: GenerateResponse_Outcome.ABSTAINED,
      ...(abstention === undefined
        ? {}
        : { abstainReason: abstention.reason, abstainDetails: abstention.details }),
      alternatives: drafts.map((one) => alternativeOf(one, examples)),
    };
  }
  return {
    ...told,
    outcome: GenerateResponse_Outcome.ACCEPTED,
    digest: best.digest,
    confidenceScore: confidence.pLow,
    alternatives: others.map((one) => alternativeOf(one, examples)),
    overfitRisk: best.overfitRisk,
    pseudocode: best.pseudocode,
  };
}

function alternativeOf(one: JobCandidate, examplesPassed: number) {
  const { digest, pseudocode, text, cost, score, overfitRisk } = one;
  return { digest, pseudocode, text, examplesPassed, cost, score, overfitRisk };
}

type OutcomeInit =
  | { readonly case: "trap"; readonly value: string }
  | { readonly case: "output"; readonly value: ReturnType<typeof valueFromText> };

function outcomeOf(text: string): OutcomeInit {
  return text.startsWith("!")
    ? { case: "trap", value: text.slice(1) }
    : { case: "output", value: valueFromText(text) };
}

function valueFromText(text: string) {
  return fromJson(ValueSchema, JSON.parse(text) as JsonValue);
}

function confidenceMessage(confidence: Confidence, candidates: number) {
  const { pCorrect, pLow, pHigh, errorPValue, setSizeFor90, id, group, n, nWrong } = confidence;
  const { scorerVersion, explanation } = confidence;
  return {
    pCorrect,
    pLow,
    pHigh,
    errorPValue,
    setSizeFor90,
    calibration: {
      id,
      scorerVersion,
      group,
      n,
      nWrong,
      status: Calibration_Status[confidence.status],
      granularity: candidates >= FINE_FROM ? Calibration_Granularity.FINE : Calibration_Granularity.COARSE,
      explanation,
    },
  };
}

/** The bytes of the file to be stored, with what stands behind it. */
export function fileBytes(
  best: JobBest,
  confidence: Confidence,
  { seed, llm }: Pick<Prepared, "seed" | "llm">,
): Uint8Array {
  const annotations = fromBinary(AnnotationsSchema, best.annotations);
  annotations.evidence = create(GenerationEvidenceSchema, {
    pCorrect: confidence.pCorrect,
    pLow: confidence.pLow,
    errorPValue: confidence.errorPValue,
    scorerVersion: confidence.scorerVersion,
    modelDigests: llm.model === undefined ? [] : [llm.model.digest],
    calibrationId: confidence.id,
    seed,
  });
  const module = fromBinary(ModuleSchema, best.module);
  return writeArtifact({ module, spec: fromBinary(SpecSchema, best.spec), annotations, ...PRODUCER });
}

/** What was spent, as events and answers say it. */
export function usageOf(spent: JobSpent, tokens: number, budgetEnd: BudgetEnd) {
  return {
    cpuSeconds: spent.cpuSeconds,
    programsEvaluated: spent.evaluated,
    programsKept: spent.kept,
    tokens,
    budgetEnd,
  };
}

/** What ended a search: its own reason, or why it was stopped from outside. */
export function budgetEndOf(reason: string, stopped: BudgetEnd): BudgetEnd {
  if (reason === "STOPPED") return stopped;
  if (reason === "GRACE") return BudgetEnd.GRACE;
  return reason === "TIME" ? BudgetEnd.TIME : BudgetEnd.WORK;
}

/** The first event: what will take part, and within which bounds. */
export function startedOf(prepared: Prepared, tables: Tables): StartedInit {
  const { budget, reading, seed, pace, group, llm } = prepared;
  // What is known before anything was found: the search's table, or the model's where there is one.
  const agreement = llm.model === undefined ? undefined : NO_AGREEMENT;
  const { status, id } = confidenceIn({ best: undefined, agreement }, group, llm.model, tables);
  return {
    seed,
    pace,
    versions: {
      scorer: SCORER_VERSION,
      catalogue: `1.${SUPPORTED_MINOR}`,
      generation: PRODUCER.producerVersion,
      ...(llm.model === undefined ? {} : { model: llm.model.name, prompt: PROMPT_VERSION }),
    },
    modelDigests: llm.model === undefined ? [] : [llm.model.digest],
    lanes: lanesOf(llm),
    budget: {
      cpuSeconds: budget.cpuSeconds,
      wallSeconds: budget.wallSeconds,
      programs: budget.programs,
      tokens: llm.model === undefined ? 0 : llm.budget.tokens,
    },
    determinism: GenerationStarted_Determinism.EXACT,
    calibrationId: id,
    calibrationStatus: Calibration_Status[status],
    warnings: [...(reading.task?.warnings ?? [])],
  };
}

function lanesOf({ model, off }: Prepared["llm"]) {
  const lanes = [
    ["retrieval", "programs of the registry do not take part"],
    ["guide", "there is no guide model"],
    ["enumerator", ""],
    ["decoder", "there is no guide model"],
    ["llm", model === undefined ? off : ""],
  ] as const;
  return lanes.map(([name, reason]) => ({
    name,
    version: name === "llm" && model !== undefined ? model.name : "1",
    enabled: reason === "",
    reason,
  }));
}
