import { ModelService } from "#gen/anrf/models/v1/models_service_pb.ts";
import { pingDatabase } from "#platform/data/database.ts";
import { probe } from "#platform/process/readiness.ts";
import type { Host, Started, Target } from "#platform/process/target.ts";
import { serve } from "#platform/rpc/handlers.ts";
import { readModelsConfig } from "./config.ts";
import { routes } from "./routes.ts";
import { sweepTask } from "./sweep.ts";

/** The registry of models. */
export const target: Target = {
  name: "models",
  start: async (host: Host): Promise<Started> => {
    const config = readModelsConfig(host.env);
    const database = await host.database();
    const objects = await host.objects();
    const deps = { database, objects, trust: config.trust };
    host.jobs({ "models-sweep": sweepTask(deps, config.eraseDays) });
    return {
      serves: [serve(ModelService, routes(deps))],
      ready: () =>
        Promise.all([
          probe("database", () => pingDatabase(database)),
          probe("object store", () => objects.ping()),
        ]),
      [Symbol.asyncDispose]: async () => {},
    };
  },
};
