import { Worker } from "node:worker_threads";
import type { BodyFault, RestInput } from "./body.ts";
import type { Violation } from "./transcode.ts";

/** What a worker is sent: the route by its place in the list of all routes. */
export interface BodyJob {
  readonly id: number;
  readonly verb: string;
  readonly path: string;
  readonly query: string;
  readonly body: Uint8Array;
}

/** What it answers. */
export type BodyAnswer = { readonly id: number } & (
  | { readonly bytes: Uint8Array }
  | { readonly violations: readonly Violation[] }
  | { readonly fault: BodyFault }
);

/** Parses large bodies beside the event loop. */
export interface BodyWorker extends AsyncDisposable {
  /** Bytes of the message, or what is wrong. */
  parse(
    input: RestInput & { readonly path?: string },
  ): Promise<Uint8Array | { readonly violations: readonly Violation[] } | { readonly fault: BodyFault }>;
}

/** One worker, started with the first large body; a worker that dies fails its jobs and is replaced by the next. */
export function createBodyWorker(): BodyWorker {
  let worker: Worker | undefined;
  let nextId = 0;
  const waiting = new Map<number, PromiseWithResolvers<BodyAnswer>>();
  const fail = (error: Error): void => {
    worker = undefined;
    for (const one of waiting.values()) one.reject(error);
    waiting.clear();
  };
  const start = (): Worker => {
    const made = new Worker(new URL("./body-job.ts", import.meta.url));
    made.on("message", (answer: BodyAnswer) => {
      waiting.get(answer.id)?.resolve(answer);
      waiting.delete(answer.id);
    });
    made.on("error", (error) => fail(error instanceof Error ? error : new Error(String(error))));
    made.on("exit", () => fail(new Error("the worker that parses bodies has stopped")));
    made.unref();
    return made;
  };
  return {
    parse: async (input) => {
      worker ??= start();
      const id = nextId++;
      const answer = Promise.withResolvers<BodyAnswer>();
      waiting.set(id, answer);
      const { binding, variables } = input.match;
      const path =
        fill(binding.segments, variables) + (binding.customVerb === "" ? "" : `:${binding.customVerb}`);
      const job: BodyJob = { id, verb: binding.verb, path, query: input.query.toString(), body: input.body };
      worker.postMessage(job);
      const found = await answer.promise;
      return "bytes" in found ? found.bytes : found;
    },
    [Symbol.asyncDispose]: async () => {
      await worker?.terminate();
    },
  };
}

function fill(
  segments: readonly ({ readonly literal: string } | { readonly field: string })[],
  variables: Readonly<Record<string, string>>,
): string {
  return segments
    .map((one) => `/${"literal" in one ? one.literal : encodeURIComponent(variables[one.field] ?? "")}`)
    .join("");
}
