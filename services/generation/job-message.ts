import { deserialize, serialize } from "node:v8";
import type { JsonValue } from "@bufbuild/protobuf";
import type { CheckName } from "#anrf/verify/verify.ts";
import type { AgreementFeatures } from "./model/agreement.ts";
import type { LaneSays } from "./model/lane.ts";
import type { SampleVerdict } from "./model/sample.ts";
import type { Features } from "./rank.ts";
import type { SolveQuestion } from "./solve.ts";

/** One generation, as the sandbox gets it. Messages of the contract travel encoded. */
export interface JobRequest {
  /** anrf.api.v1.StructuredIntent. */
  readonly intent: Uint8Array;
  /** anrf.api.v1.Constraint, each. */
  readonly constraints: readonly Uint8Array[];
  readonly analysisId: string;
  readonly text: string;
  readonly seed: bigint;
  readonly programs: number;
  readonly memoryBytes: number;
  readonly candidates: number;
  readonly cpuSeconds: number;
  readonly checks: readonly CheckName[];
  readonly weights: Features | undefined;
  /** Programs that the search runs in one turn, where a model takes turns with it. */
  readonly programsATurn: number | undefined;
  /** Programs that are run to mend what a model nearly wrote. */
  readonly repairs: number;
}

/** What the job is fed while a model takes turns with the search. */
export type JobFeed = LaneSays;

/** A program as a candidate event tells of it. */
export interface JobCandidate {
  readonly digest: string;
  readonly text: string;
  readonly pseudocode: string;
  readonly cost: number;
  readonly score: number;
  readonly cluster: number;
  readonly lane: string;
  readonly overfitRisk: boolean;
}

/** What was spent so far. */
export interface JobSpent {
  readonly cpuSeconds: number;
  readonly evaluated: number;
  readonly kept: number;
}

/** What the job says before its end. */
export type JobMessage =
  | { readonly kind: "progress"; readonly solved: number; readonly spent: JobSpent }
  | { readonly kind: "candidate"; readonly candidate: JobCandidate }
  | {
      readonly kind: "retracted";
      readonly digest: string;
      readonly reason: "FAILED_CHECK" | "COUNTEREXAMPLE";
      readonly input?: JsonValue;
    }
  | {
      readonly kind: "verdict";
      readonly digest: string;
      readonly check: string;
      readonly status: "PASS" | "FAIL" | "WARN";
      readonly details: string;
    }
  | { readonly kind: "turn"; readonly turn: number }
  | { readonly kind: "sample"; readonly verdict: SampleVerdict };

/** The best program, with the parts of its file. */
export interface JobBest extends JobCandidate {
  readonly features: Features;
  /** anrf.v1.Module, anrf.v1.Spec and anrf.v1.Annotations. */
  readonly module: Uint8Array;
  readonly spec: Uint8Array;
  readonly annotations: Uint8Array;
}

/** How the job ended. */
export interface JobAnswer {
  readonly best: JobBest | undefined;
  /** The next ones, at most 3. */
  readonly others: readonly JobCandidate[];
  /** How many programs passed. */
  readonly candidates: number;
  readonly question: SolveQuestion | undefined;
  readonly warnings: readonly string[];
  readonly spent: JobSpent;
  readonly reason: string;
  readonly isGuess: boolean;
  readonly agreement: AgreementFeatures | undefined;
  readonly searchSeconds: number;
  readonly verifySeconds: number;
}

/** Structured clone on the way to the sandbox and back: both ends are of one build. */
export function encodeMessage(message: JobRequest | JobFeed | JobMessage | JobAnswer): Uint8Array {
  return serialize(message);
}

/** What `encodeMessage` made; the caller knows which. */
export function decodeMessage<T extends JobRequest | JobFeed | JobMessage | JobAnswer>(bytes: Uint8Array): T {
  return deserialize(bytes) as T;
}
