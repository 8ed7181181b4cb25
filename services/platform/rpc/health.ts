import type { ConnectRouter } from "@connectrpc/connect";
import { Health, HealthCheckResponse_ServingStatus } from "#gen/grpc/health/v1/health_pb.ts";
import { connectErrorOf } from "./connect.ts";
import { notFound } from "./error.ts";

/** Whether a service is served: undefined for a name that nobody knows; "" asks for the whole process. */
export type Serving = (service: string) => boolean | undefined;

const POLL_MS = 1_000;

/** Serves grpc.health.v1 on a Connect router. */
export function healthRoutes(serving: Serving): (router: ConnectRouter) => void {
  const statusOf = (service: string): HealthCheckResponse_ServingStatus | undefined => {
    const found = serving(service);
    if (found === undefined) return undefined;
    return found ? HealthCheckResponse_ServingStatus.SERVING : HealthCheckResponse_ServingStatus.NOT_SERVING;
  };
  return (router) => {
    router.service(Health, {
      check: ({ service }) => {
        const status = statusOf(service);
        if (status === undefined) throw connectErrorOf(notFound("service", service));
        return { status };
      },
      watch: async function* ({ service }, context) {
        let last: HealthCheckResponse_ServingStatus | undefined;
        while (!context.signal.aborted) {
          const status = statusOf(service) ?? HealthCheckResponse_ServingStatus.SERVICE_UNKNOWN;
          if (status !== last) yield { status };
          last = status;
          await pause(POLL_MS, context.signal);
        }
      },
    });
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
