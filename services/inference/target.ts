import { InferenceService } from "#gen/anrf/inference/v1/inference_service_pb.ts";
import { probe } from "#platform/process/readiness.ts";
import type { Host, Readiness, Started, Target } from "#platform/process/target.ts";
import { serve } from "#platform/rpc/handlers.ts";
import { type InferenceConfig, readInferenceConfig } from "./config.ts";
import type { Backend } from "./message.ts";
import { createNodeMetrics } from "./metrics.ts";
import { findBackend } from "./model-process.ts";
import { InferenceNode } from "./node.ts";
import { routes } from "./routes.ts";

/** A node that runs models. */
export const target: Target = {
  name: "inference",
  start: async (host: Host): Promise<Started> => {
    const config = readInferenceConfig(host.env);
    const objects = await host.objects();
    const metrics = createNodeMetrics(host.metrics);
    let backend: Promise<Backend> | undefined;
    const node = new InferenceNode({
      config,
      fetch: {
        objects,
        cacheFolder: config.cacheFolder,
        cacheBytes: config.cacheBytes,
        trust: config.trust,
      },
      log: host.log,
      metrics,
      backend: () => {
        backend ??= findBackend(config.backend);
        return backend;
      },
      now: () => Date.now(),
    });
    node.backend().then(
      (device) => host.log.info({ device, threads: config.threads, slots: config.slots }, "where models run"),
      (error: unknown) => host.log.error({ err: error }, "nothing was found on which models could run"),
    );
    preload(node, config, host);
    return {
      serves: [serve(InferenceService, routes({ node, metrics, remote: config.remote, config }))],
      ready: async () => [
        await probe("object store", () => objects.ping()),
        ...config.preload.map((digest) => loadedOf(node, digest)),
      ],
      [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
    };
  },
};

/** A model that is not there yet, or not signed, may be so soon. */
const PRELOAD_AGAIN_MS = 2_000;

function preload(node: InferenceNode, config: InferenceConfig, host: Host): void {
  const load = (digest: string, isFirst: boolean): void => {
    if (host.shutdown.aborted) return;
    node.open(digest).then(
      ({ runner }) => runner?.warm(),
      (error: unknown) => {
        if (isFirst) host.log.error({ err: error, model: digest }, "a model cannot be loaded; trying on");
        setTimeout(() => load(digest, false), PRELOAD_AGAIN_MS).unref();
      },
    );
  };
  for (const digest of config.preload) load(digest, true);
}

/** A node is ready for balancers when the models that it was told to load are there. */
function loadedOf(node: InferenceNode, digest: string): Readiness {
  const model = node.models.find((one) => one.digest === digest);
  const isThere = model !== undefined && (model.runner === undefined || model.runner.state === "loaded");
  return { name: `model ${digest}`, ok: isThere, details: isThere ? "" : "it is not loaded" };
}
