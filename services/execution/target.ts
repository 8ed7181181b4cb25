import { ExecutionService } from "#gen/anrf/execution/v1/execution_service_pb.ts";
import { RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { pingDatabase } from "#platform/data/database.ts";
import { retentionTask } from "#platform/data/retention.ts";
import { probe } from "#platform/process/readiness.ts";
import type { Host, Started, Target } from "#platform/process/target.ts";
import { serve } from "#platform/rpc/handlers.ts";
import { Sandbox } from "#platform/sandbox/pool.ts";
import { readExecutionConfig } from "./config.ts";
import { createPrograms } from "./programs.ts";
import { routes } from "./routes.ts";

/** The execution of programs. */
export const target: Target = {
  name: "execution",
  start: async (host: Host): Promise<Started> => {
    const config = readExecutionConfig(host.env);
    const database = await host.database();
    const sandbox = new Sandbox({
      module: new URL("./job.ts", import.meta.url),
      ...(config.workers > 0 ? { workers: config.workers } : {}),
      onLoss: (why) => {
        host.metrics
          .counter("anrf_worker_restarts_total", "Sandbox children and workers that were lost.", ["pool"])
          .inc({ pool: "execution" });
        host.log.warn({ why }, "a sandbox worker was lost");
      },
    });
    sandbox.warm();
    host.jobs({
      "execution-retention": retentionTask(database.db, { executions: config.retentionDays }, ["executions"]),
    });
    const programs = createPrograms(host.client(RegistryService), () => performance.now());
    return {
      serves: [serve(ExecutionService, routes({ programs, sandbox, database, metrics: host.metrics }))],
      ready: async () => [await probe("database", () => pingDatabase(database))],
      [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
    };
  },
};
