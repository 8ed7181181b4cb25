import { randomUUID } from "node:crypto";
import { GenerationService } from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { InferenceService } from "#gen/anrf/inference/v1/inference_service_pb.ts";
import { IntentService } from "#gen/anrf/intent/v1/intent_service_pb.ts";
import { ModelService } from "#gen/anrf/models/v1/models_service_pb.ts";
import { RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { pingDatabase } from "#platform/data/database.ts";
import { retentionTask } from "#platform/data/retention.ts";
import { probe } from "#platform/process/readiness.ts";
import type { Host, Started, Target } from "#platform/process/target.ts";
import { shuttingDown } from "#platform/rpc/error.ts";
import { serve } from "#platform/rpc/handlers.ts";
import { Sandbox } from "#platform/sandbox/pool.ts";
import { readModelTables, readTable } from "./confidence.ts";
import { type GenerationConfig, readGenerationConfig } from "./config.ts";
import { WaitGuess } from "./prepare.ts";
import { routes } from "./routes.ts";
import { Runs, sweepTask } from "./runs/lease.ts";

/** JavaScript's own memory beside the banks of a search, which count in no heap. */
const HEAP_MB = 1_024;
/** A busy machine loads the search and the importer in several seconds. */
const READY_MS = 60_000;
/** A worker is replaced after so many searches, since banks of old ones may linger. */
const MAX_JOBS = 500;

/** The generation of programs. */
export const target: Target = {
  name: "generation",
  start: async (host: Host): Promise<Started> => {
    const config = readGenerationConfig(host.env);
    const database = await host.database();
    const { leaseMs } = config;
    const sandbox = makeSandbox(config, host);
    const runs = new Runs({ owner: randomUUID(), database, leaseMs, log: host.log });
    const tables = ["generations", "generation_logs"] as const;
    host.jobs({
      "generation-sweep": sweepTask(database, leaseMs),
      "generation-retention": retentionTask(database.db, { generations: config.retentionDays }, tables),
    });
    watchLoad(host, sandbox);
    const deps = {
      database,
      sandbox,
      runs,
      leaseMs,
      waits: new WaitGuess(),
      metrics: host.metrics,
      tables: { search: readTable(), models: readModelTables() },
      memoryBytes: config.memoryMb * 1024 * 1024,
      shutdown: host.shutdown,
      intents: host.client(IntentService),
      registry: host.client(RegistryService),
      models: host.client(ModelService),
      inference: host.client(InferenceService),
      defaultModel: config.model,
    };
    return {
      serves: [serve(GenerationService, routes(deps))],
      ready: async () => [await probe("database", () => pingDatabase(database))],
      [Symbol.asyncDispose]: async () => {
        // Runs that outlived their callers end here, with a last event that says so.
        await runs.end(shuttingDown());
        await runs[Symbol.asyncDispose]();
        await sandbox[Symbol.asyncDispose]();
      },
    };
  },
};

function makeSandbox(config: GenerationConfig, host: Host): Sandbox {
  const sandbox = new Sandbox({
    module: new URL("./job.ts", import.meta.url),
    ...(config.workers > 0 ? { workers: config.workers } : {}),
    heapMb: HEAP_MB,
    readyMs: READY_MS,
    maxJobs: MAX_JOBS,
    queueJobs: config.queue,
    onLoss: (why) => {
      host.metrics
        .counter("anrf_worker_restarts_total", "Sandbox children and workers that were lost.", ["pool"])
        .inc({ pool: "generation" });
      host.log.warn({ why }, "a sandbox worker was lost");
    },
  });
  sandbox.warm();
  return sandbox;
}

function watchLoad(host: Host, sandbox: Sandbox): void {
  const depth = host.metrics.gauge("anrf_generation_queue_depth", "Searches that wait.");
  const look = setInterval(() => depth.set(sandbox.load.queued), 1_000);
  look.unref();
  host.shutdown.addEventListener("abort", () => clearInterval(look), { once: true });
}
