import type { ViewService } from "#gen/anrf/view/v1/view_service_pb.ts";
import type { Handlers } from "#platform/rpc/handlers.ts";
import { type ViewDeps, view } from "./render.ts";

/** The RPC of the view service. */
export function routes(deps: ViewDeps): Handlers<typeof ViewService> {
  return { view: (request, call) => view(request, deps, call) };
}
