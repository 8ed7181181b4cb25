import { RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { ViewService } from "#gen/anrf/view/v1/view_service_pb.ts";
import type { Host, Started, Target } from "#platform/process/target.ts";
import { serve } from "#platform/rpc/handlers.ts";
import { routes } from "./routes.ts";

/** The views of programs. */
export const target: Target = {
  name: "view",
  start: async (host: Host): Promise<Started> => ({
    serves: [serve(ViewService, routes({ registry: host.client(RegistryService) }))],
    ready: async () => [],
    [Symbol.asyncDispose]: async () => {},
  }),
};
