import {
  Determinism,
  type InferenceService,
  NodeModel_State,
} from "#gen/anrf/inference/v1/inference_service_pb.ts";
import type { Handlers } from "#platform/rpc/handlers.ts";
import type { InferenceConfig } from "./config.ts";
import { type InferDeps, infer } from "./infer.ts";

/** The RPCs of inference. */
export function routes(
  deps: InferDeps & { readonly config: InferenceConfig },
): Handlers<typeof InferenceService> {
  const { node, config } = deps;
  return {
    infer: (request, call) => infer(request, deps, call),

    getNode: async () => {
      const backend = await node.backend();
      const determinism = node.isExact(backend) ? Determinism.EXACT : Determinism.BEST_EFFORT;
      return {
        backend,
        memoryLimit: BigInt(config.memoryBytes),
        memoryUsed: BigInt(Math.ceil(node.memoryUsed)),
        models: node.models.map(({ digest, runner }) =>
          runner === undefined
            ? { modelDigest: digest, state: NodeModel_State.REMOTE, determinism: Determinism.BEST_EFFORT }
            : {
                modelDigest: digest,
                state:
                  runner.state === "loaded"
                    ? NodeModel_State.LOADED
                    : runner.state === "loading"
                      ? NodeModel_State.LOADING
                      : NodeModel_State.UNLOADED,
                slots: config.slots,
                ...runner.load,
                memory: BigInt(Math.ceil(runner.memory)),
                contextTokens: runner.contextTokens,
                tokensPerSecond: runner.speed,
                process: runner.pid,
                determinism,
              },
        ),
      };
    },
  };
}
