import { setTimeout as sleep } from "node:timers/promises";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  Answer_Finish,
  InferEventSchema,
  InferenceService,
  type InferRequest,
} from "#gen/anrf/inference/v1/inference_service_pb.ts";
import { ModelService } from "#gen/anrf/models/v1/models_service_pb.ts";
import type { Target } from "#platform/process/target.ts";
import { notFound, unavailable } from "#platform/rpc/error.ts";
import { type Handlers, serve } from "#platform/rpc/handlers.ts";

/** What a scripted model does. */
export interface Script {
  /** The body of the function that is sample `index` of a request; the question is its messages. */
  readonly answer: (index: number, request: InferRequest) => string;
  /** Waits before a token, as a node that others use too would. */
  readonly delayMs?: () => number;
  /** Tokens after which it breaks off. */
  readonly failAfter?: number;
}

/** A model that writes what it was told to, with counts of what it did. */
export interface ScriptedModel {
  readonly targets: readonly Target[];
  script: Script;
  /** Tokens made, and those made after the request was called off. */
  readonly counts: { tokens: number; late: number; requests: number; ended: number };
}

const NAME = "scripted";
const DIGEST = `sha256:${"5".repeat(64)}`;

/** Doubles of the model registry and of inference, as targets. */
export function scriptedModel(script: Script): ScriptedModel {
  const counts = { tokens: 0, late: 0, requests: 0, ended: 0 };
  const made: ScriptedModel = {
    script,
    counts,
    targets: [
      target("models", ModelService, {
        listModels: async () => ({
          models: [{ name: NAME, version: 1, digest: DIGEST, notation: "python" }],
        }),
        resolveAlias: async ({ name }) => {
          if (name !== NAME) throw notFound("model", name);
          return { name, version: 1, digest: DIGEST, notation: "python" };
        },
        getVersion: async ({ name }) => ({
          version: { name, version: 1, digest: DIGEST, manifest: { files: [{ sha256: "5".repeat(64) }] } },
        }),
      }),
      target("inference", InferenceService, {
        infer: async function* (request, call) {
          counts.requests++;
          try {
            yield { event: { case: "started", value: {} } };
            for (let answer = 0; answer < (request.sampling?.n ?? 1); answer++) {
              const pieces = made.script.answer(answer, request).match(/.{1,5}/gs) ?? [];
              for (const [at, piece] of pieces.entries()) {
                if (made.script.failAfter === counts.tokens) throw unavailable("the node went away");
                await sleep(made.script.delayMs?.() ?? 0);
                counts.tokens++;
                if (call.signal.aborted) counts.late++;
                yield tokens(answer, at, piece);
              }
              yield { event: { case: "answer", value: { answer, finish: Answer_Finish.STOP } } };
            }
            yield { event: { case: "completed", value: {} } };
          } finally {
            counts.ended++;
          }
        },
      }),
    ],
  };
  return made;
}

function tokens(answer: number, at: number, piece: string): MessageInitShape<typeof InferEventSchema> {
  const value = { answer, ids: [at], text: new TextEncoder().encode(piece), logprobs: [-0.25] };
  return create(InferEventSchema, { event: { case: "tokens", value } });
}

function target<S extends typeof ModelService | typeof InferenceService>(
  name: string,
  service: S,
  handlers: Partial<Handlers<S>>,
): Target {
  const whole = Object.fromEntries(
    service.methods.map(({ localName }) => [
      localName,
      (handlers as Record<string, unknown>)[localName] ??
        (() => {
          throw unavailable(`the double of ${name} has no ${localName}`);
        }),
    ]),
  );
  return {
    name,
    start: async () => ({
      serves: [serve(service, whole as Handlers<S>)],
      ready: async () => [],
      [Symbol.asyncDispose]: async () => {},
    }),
  } as Target;
}
