import { Authorization } from "#gen/envoy/service/auth/v3/external_auth_pb.ts";
import type { Host, Started, Target } from "#platform/process/target.ts";
import { Code } from "#platform/rpc/codes.ts";
import { RpcError } from "#platform/rpc/error.ts";
import { HttpRoutes, httpBindings } from "#platform/rpc/http-rules.ts";
import { readImage } from "#platform/rpc/reflection.ts";
import { createAdmission } from "./admit.ts";
import { createBodyWorker } from "./body-worker.ts";
import { readEdgeConfig } from "./config.ts";
import { forward } from "./forward.ts";
import { createGate, invokeBy } from "./gate.ts";
import { type Listener, listen } from "./listen.ts";
import { PUBLIC_SERVICES, REGISTRY } from "./public.ts";
import { restError } from "./rest-error.ts";

/** The contract, for reflection. */
const IMAGE = new URL("../../gen/anrf.binpb", import.meta.url);

/** The gateway of the one-command run: REST, server-sent events, gRPC, gRPC-Web and Connect on one port. */
export const target: Target = {
  name: "edge",
  start: async (host: Host): Promise<Started & { readonly port: number }> => {
    const config = readEdgeConfig(host.env);
    const worker = createBodyWorker();
    const image = readImage(IMAGE);
    const admission = createAdmission({
      auth: host.client(Authorization),
      peerRate: config.peerRate,
      limitLoopback: config.limitLoopback,
      now: () => performance.now(),
    });
    const gate = createGate({
      routes: new HttpRoutes(httpBindings(PUBLIC_SERVICES)),
      invoke: invokeBy((service) => host.client(service)),
      worker,
      admission,
      log: host.log,
      corsOrigins: config.corsOrigins,
      shutdown: host.shutdown,
      seconds: (path) => host.seconds(path),
      pages: (request) => host.pages(request),
    });
    const names = new Set(["", ...PUBLIC_SERVICES.map((service) => service.typeName)]);
    const rpc = forward({
      services: PUBLIC_SERVICES,
      client: (service) => host.client(service),
      callOf: gate.callOf,
      serving: (service) => (names.has(service) ? !host.shutdown.aborted : undefined),
      image,
    });
    let listener: Listener | undefined;
    host.shutdown.addEventListener("abort", () => {
      listener?.drain().catch(() => {});
    });
    return {
      get port() {
        return listener?.port ?? 0;
      },
      serves: [],
      ready: async () => [],
      // Nobody is let in before the services behind the gateway run.
      open: async () => {
        const { address, port } = config;
        listener = await listen({ address, port, answer: gate.answer(rpc), refusal });
        host.log.info({ url: `http://${address}:${listener.port}` }, "edge is open");
      },
      [Symbol.asyncDispose]: async () => {
        await listener?.close();
        await worker[Symbol.asyncDispose]();
      },
    };
  },
};

/** What HTTP itself refused, in the form of every other error. */
function refusal(status: number, message: string): string {
  const code = status === 408 ? Code.DEADLINE_EXCEEDED : Code.INVALID_ARGUMENT;
  return restError(new RpcError(code, message), null, REGISTRY).body;
}
