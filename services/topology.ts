import { AuthService } from "#gen/anrf/auth/v1/auth_service_pb.ts";
import { ExecutionService } from "#gen/anrf/execution/v1/execution_service_pb.ts";
import { FeedbackService } from "#gen/anrf/feedback/v1/feedback_service_pb.ts";
import { GenerationService } from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { InferenceService } from "#gen/anrf/inference/v1/inference_service_pb.ts";
import { IntentService } from "#gen/anrf/intent/v1/intent_service_pb.ts";
import { ModelService } from "#gen/anrf/models/v1/models_service_pb.ts";
import { RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { VerificationService } from "#gen/anrf/verification/v1/verification_service_pb.ts";
import { ViewService } from "#gen/anrf/view/v1/view_service_pb.ts";
import { Authorization } from "#gen/envoy/service/auth/v3/external_auth_pb.ts";
import type { Seconds, TargetPlan } from "#platform/process/target.ts";

const MIB = 1024 * 1024;

// Seconds without a deadline of the caller's, and at most.
// A gateway says how long it waits for Check: in a burst the answers come late, and none of them is a refusal.
const CHECK: Seconds = { default: 1, cap: 30 };
const READ: Seconds = { default: 5, cap: 10 };
const FETCH: Seconds = { default: 10, cap: 30 };
const LIST: Seconds = { default: 10, cap: 20 };
const WRITE: Seconds = { default: 15, cap: 30 };
// The last piece of a large model is put together and hashed.
const UPLOAD: Seconds = { default: 300, cap: 900 };
const ANALYZE: Seconds = { default: 30, cap: 60 };
const RUN: Seconds = { default: 40, cap: 60 };
const VERIFY: Seconds = { default: 60, cap: 300 };
// Generation shortens it to the wall time of the profile or budget.
const LONG: Seconds = { default: 300, cap: 300 };

/**
 * All targets: where they listen, what they serve and for how long, whom they may call. Callers stand before callees:
 * in this order they are stopped.
 */
export const TOPOLOGY = [
  {
    name: "edge",
    port: 8080,
    gateway: true,
    services: [],
    callees: [
      "generation",
      "intent",
      "view",
      "verification",
      "execution",
      "registry",
      "models",
      "feedback",
      "auth",
      "web",
    ],
  },
  {
    name: "generation",
    port: 50052,
    services: [
      {
        service: GenerationService,
        deadlines: {
          generate: LONG,
          generateStream: LONG,
          watchGeneration: LONG,
          cancelGeneration: READ,
          getGeneration: READ,
          listGenerations: READ,
        },
      },
    ],
    callees: ["inference", "intent", "registry", "models"],
  },
  {
    name: "inference",
    port: 50053,
    services: [{ service: InferenceService, deadlines: { infer: LONG, getNode: READ } }],
    callees: [],
  },
  {
    name: "intent",
    port: 50051,
    services: [
      { service: IntentService, deadlines: { analyzeIntent: ANALYZE, getIntent: READ, listIntents: READ } },
    ],
    callees: ["feedback"],
  },
  {
    name: "view",
    port: 50055,
    services: [{ service: ViewService, deadlines: { view: LIST } }],
    callees: ["registry"],
  },
  {
    name: "verification",
    port: 50056,
    services: [
      {
        service: VerificationService,
        deadlines: { verify: VERIFY, checkProgram: ANALYZE, getVerification: READ },
      },
    ],
    callees: ["registry"],
  },
  {
    name: "execution",
    port: 50057,
    services: [
      {
        service: ExecutionService,
        deadlines: { execute: RUN, getExecution: READ, listExecutions: READ },
        messageBytes: 32 * MIB,
      },
    ],
    callees: ["registry"],
  },
  {
    name: "registry",
    port: 50054,
    services: [
      {
        service: RegistryService,
        deadlines: {
          putAnrf: WRITE,
          patchAnrf: WRITE,
          setAnrfAlias: WRITE,
          getAnrf: FETCH,
          downloadAnrf: FETCH,
          listAnrfs: LIST,
          listVersions: LIST,
          deleteAnrf: LIST,
        },
      },
    ],
    callees: [],
  },
  {
    name: "models",
    port: 50058,
    services: [
      {
        service: ModelService,
        deadlines: {
          importModel: UPLOAD,
          uploadBlobPart: UPLOAD,
          listModels: LIST,
          getModel: LIST,
          listVersions: LIST,
          getVersion: LIST,
          deleteModelVersion: LIST,
          setAlias: LIST,
          deleteAlias: LIST,
          resolveAlias: LIST,
        },
      },
    ],
    callees: [],
  },
  {
    name: "feedback",
    port: 50060,
    services: [
      {
        service: FeedbackService,
        deadlines: {
          createContext: READ,
          listContexts: READ,
          getContext: READ,
          updateContext: READ,
          deleteContext: READ,
          createFeedback: READ,
          listFeedback: READ,
          getFeedback: READ,
        },
      },
    ],
    callees: [],
  },
  {
    name: "auth",
    port: 50059,
    services: [
      {
        service: AuthService,
        deadlines: { createApiKey: READ, listApiKeys: READ, revokeApiKey: READ, getSelf: READ },
      },
      { service: Authorization, deadlines: { check: CHECK } },
    ],
    callees: [],
  },
  {
    name: "web",
    port: 50062,
    pages: true,
    services: [],
    callees: [],
  },
] as const satisfies readonly TargetPlan[];

/** The name of a target. */
export type TargetName = (typeof TOPOLOGY)[number]["name"];

/** A process of a platform that is split up, and the targets in it. */
export interface ProcessPlan {
  readonly name: string;
  readonly targets: readonly TargetName[];
  /** Asked for every request that still comes in: it stops when all others have. */
  readonly stopsLast?: boolean;
}

/** The processes behind a gateway that is none of ours; each target keeps its port. */
export const PROCESSES: readonly ProcessPlan[] = [
  { name: "generation", targets: ["generation"] },
  { name: "inference", targets: ["inference"] },
  { name: "intent", targets: ["intent"] },
  { name: "view", targets: ["view"] },
  { name: "verification", targets: ["verification"] },
  { name: "execution", targets: ["execution"] },
  { name: "registry", targets: ["registry"] },
  { name: "control", targets: ["models", "feedback", "web"] },
  { name: "auth", targets: ["auth"], stopsLast: true },
];

/** Processes in the order in which they may stop: whoever is called by another one stands in a later wave. */
export function stopWaves(
  processes: readonly ProcessPlan[] = PROCESSES,
): readonly (readonly ProcessPlan[])[] {
  const isCalled = (plan: ProcessPlan, among: readonly ProcessPlan[]): boolean =>
    among.some((one) => one !== plan && one.targets.some((name) => mayCall(name, plan.targets)));
  const waves: (readonly ProcessPlan[])[] = [];
  const last = processes.filter((plan) => plan.stopsLast === true);
  for (let left = processes.filter((plan) => !last.includes(plan)); left.length > 0; ) {
    const wave = left.filter((plan) => !isCalled(plan, left));
    if (wave.length === 0) throw new Error("the call graph between processes has a circle");
    waves.push(wave);
    left = left.filter((plan) => !wave.includes(plan));
  }
  return last.length === 0 ? waves : [...waves, last];
}

function mayCall(name: TargetName, targets: readonly TargetName[]): boolean {
  const callees: readonly TargetName[] = TOPOLOGY.find((plan) => plan.name === name)?.callees ?? [];
  return callees.some((callee) => targets.includes(callee));
}

/** Whether a text names a target. */
export function isTargetName(name: string): name is TargetName {
  return TOPOLOGY.some((plan) => plan.name === name);
}
