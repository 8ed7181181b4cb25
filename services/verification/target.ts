import { RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { VerificationService } from "#gen/anrf/verification/v1/verification_service_pb.ts";
import { pingDatabase } from "#platform/data/database.ts";
import { retentionTask } from "#platform/data/retention.ts";
import { probe } from "#platform/process/readiness.ts";
import type { Host, Started, Target } from "#platform/process/target.ts";
import { serve } from "#platform/rpc/handlers.ts";
import { Sandbox } from "#platform/sandbox/pool.ts";
import { readVerificationConfig } from "./config.ts";
import { routes } from "./routes.ts";

/** The verification of programs. */
export const target: Target = {
  name: "verification",
  start: async (host: Host): Promise<Started> => {
    const config = readVerificationConfig(host.env);
    const database = await host.database();
    const lost = host.metrics.counter(
      "anrf_worker_restarts_total",
      "Sandbox children and workers that were lost.",
      ["pool"],
    );
    const sandbox = new Sandbox({
      module: new URL("./job.ts", import.meta.url),
      onLoss: (why) => {
        lost.inc({ pool: "verification" });
        host.log.warn({ why }, "a sandbox worker was lost");
      },
    });
    const days = { verifications: config.retentionDays };
    host.jobs({ "verification-retention": retentionTask(database.db, days, ["verifications"]) });
    const deps = { registry: host.client(RegistryService), sandbox, database, wallMs: config.wallMs };
    return {
      serves: [serve(VerificationService, routes(deps))],
      ready: async () => [await probe("database", () => pingDatabase(database))],
      [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
    };
  },
};
