import type { DescService } from "@bufbuild/protobuf";
import { GenerationService } from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import type { Target } from "#platform/process/target.ts";
import type { Call } from "#platform/rpc/call.ts";
import { type AnyHandler, serve } from "#platform/rpc/handlers.ts";

/** A target that serves some RPCs of a service and refuses the others: what is measured is the way to it. */
export function standIn(
  name: string,
  service: DescService,
  some: Readonly<Record<string, AnyHandler>>,
): Target {
  const refuse: AnyHandler = () => Promise.reject(new Error("this RPC is not served here"));
  const handlers = Object.fromEntries(
    service.methods.map(({ localName }) => [localName, some[localName] ?? refuse]),
  );
  return {
    name,
    start: async () => ({
      serves: [serve(service, handlers as never)],
      ready: async () => [],
      [Symbol.asyncDispose]: async () => {},
    }),
  };
}

/** `model` of a stream that stays open and silent after its first event; otherwise it is "TOKENS MS". */
export const SILENT = "silent";

/** GetAnrf, which answers at once, and GenerateStream, which sends events at a pace. */
export function standIns(): readonly Target[] {
  return [
    standIn("registry", RegistryService, {
      getAnrf: (async (request: { readonly anrfId: string }) => ({
        anrfId: request.anrfId,
        version: 3,
        digest: `anrf1:${"0".repeat(64)}`,
        name: "prefix_within",
      })) as unknown as AnyHandler,
    }),
    standIn("generation", GenerationService, {
      generateStream: ((request: { readonly model: string }, call: Call) =>
        tokens(request.model, call)) as unknown as AnyHandler,
    }),
  ];
}

async function* tokens(model: string, call: Call): AsyncGenerator<unknown, void, undefined> {
  yield { sequence: 1, event: { case: "started", value: { seed: 7n } } };
  if (model === SILENT) await pause(600_000, call.signal);
  const [count = 0, ms = 0] = model.split(" ").map(Number);
  const value = { pseudocode: "count the even ones, then add them up" };
  for (let sequence = 2; sequence <= count + 1; sequence++) {
    if (ms > 0) await pause(ms, call.signal);
    yield { sequence, event: { case: "candidate", value } };
  }
}

/** Waits; ends early, without a word, when the signal fires. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
  });
}
