import { RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { pingDatabase } from "#platform/data/database.ts";
import { probe } from "#platform/process/readiness.ts";
import type { Host, Started, Target } from "#platform/process/target.ts";
import { serve } from "#platform/rpc/handlers.ts";
import { readRegistryConfig } from "./config.ts";
import { eraseTask } from "./delete.ts";
import { routes } from "./routes.ts";

/** The registry of programs. */
export const target: Target = {
  name: "registry",
  start: async (host: Host): Promise<Started> => {
    const config = readRegistryConfig(host.env);
    const deps = { database: await host.database(), objects: await host.objects() };
    host.jobs({ "registry-erase": eraseTask(deps, config.eraseDays) });
    return {
      serves: [serve(RegistryService, routes(deps))],
      ready: () =>
        Promise.all([
          probe("database", () => pingDatabase(deps.database)),
          probe("object store", () => deps.objects.ping()),
        ]),
      [Symbol.asyncDispose]: async () => {},
    };
  },
};
