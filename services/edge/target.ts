import type { DescService } from "@bufbuild/protobuf";
import { AuthService } from "#gen/anrf/auth/v1/auth_service_pb.ts";
import { Authorization } from "#gen/envoy/service/auth/v3/external_auth_pb.ts";
import { readCertificate, watchCertificate } from "#platform/process/certificate.ts";
import type { Host, Started, Target } from "#platform/process/target.ts";
import { Code } from "#platform/rpc/codes.ts";
import { RpcError } from "#platform/rpc/error.ts";
import type { Client } from "#platform/rpc/handlers.ts";
import { HttpRoutes, httpBindings } from "#platform/rpc/http-rules.ts";
import { readImage } from "#platform/rpc/reflection.ts";
import { createAdmission } from "./admit.ts";
import { createBodyWorker } from "./body-worker.ts";
import { type EdgeTls, readEdgeConfig } from "./config.ts";
import { forward } from "./forward.ts";
import { createGate, invokeBy } from "./gate.ts";
import { type Listener, listen, type TlsOptions } from "./listen.ts";
import { PUBLIC_SERVICES, REGISTRY } from "./public.ts";
import { restError } from "./rest-error.ts";

/** The contract, for reflection. */
const IMAGE = new URL("../../gen/anrf.binpb", import.meta.url);

/** The gateway of the one-command run: REST, server-sent events, gRPC, gRPC-Web and Connect on one port. */
export const target: Target = {
  name: "edge",
  start: async (host: Host): Promise<Started & { readonly port: number; readonly tlsPort: number }> => {
    const config = readEdgeConfig(host.env);
    const worker = createBodyWorker();
    const image = readImage(IMAGE);
    const admission = createAdmission({
      auth: host.client(Authorization),
      peerRate: config.peerRate,
      limitLoopback: config.limitLoopback,
      now: () => performance.now(),
    });
    const client = clientsOf(host, admission.forget);
    const gate = createGate({
      routes: new HttpRoutes(httpBindings(PUBLIC_SERVICES)),
      invoke: invokeBy(client),
      worker,
      admission,
      log: host.log,
      tracer: host.tracer,
      corsOrigins: config.corsOrigins,
      shutdown: host.shutdown,
      seconds: (path) => host.seconds(path),
      pages: (request) => host.pages(request),
    });
    const names = new Set(["", ...PUBLIC_SERVICES.map((service) => service.typeName)]);
    const rpc = forward({
      services: PUBLIC_SERVICES,
      client,
      callOf: gate.callOf,
      serving: (service) => (names.has(service) ? !host.shutdown.aborted : undefined),
      image,
      log: host.log,
    });
    let listener: Listener | undefined;
    let certificate: Disposable | undefined;
    host.shutdown.addEventListener("abort", () => {
      listener?.drain().catch(() => {});
    });
    return {
      get port() {
        return listener?.port ?? 0;
      },
      get tlsPort() {
        return listener?.tlsPort ?? 0;
      },
      serves: [],
      ready: async () => [],
      // Nobody is let in before the services behind the gateway run.
      open: async () => {
        const { address, port, tls } = config;
        const opened = await listen({
          address,
          port,
          tls: tlsOptions(tls),
          answer: gate.answer(rpc),
          refusal,
        });
        listener = opened;
        const tlsUrl = tls === undefined ? undefined : `https://${address}:${opened.tlsPort}`;
        host.log.info({ url: `http://${address}:${opened.port}`, tlsUrl }, "edge is open");
        if (tls === undefined) return;
        certificate = watchCertificate(tls, {
          changed: (fresh) => {
            opened.setCertificate(fresh);
            host.log.info({ certFile: tls.certFile }, "a new certificate is in use");
          },
          failed: (err) =>
            host.log.error({ err }, "the certificate was changed and cannot be used; the old one stays"),
        });
      },
      [Symbol.asyncDispose]: async () => {
        certificate?.[Symbol.dispose]();
        await lastBytes(listener);
        await listener?.close();
        await worker[Symbol.asyncDispose]();
      },
    };
  },
};

function tlsOptions(tls: EdgeTls | undefined): TlsOptions | undefined {
  if (tls === undefined) return undefined;
  return { port: tls.port, certificate: readCertificate(tls), clientSans: tls.clientSans };
}

/** The clients of services; by auth's, a revocation is felt here at once. */
function clientsOf(host: Host, forget: () => void): <S extends DescService>(service: S) => Client<S> {
  const { revokeApiKey, ...rest } = host.client(AuthService);
  const auth: Client<typeof AuthService> = {
    ...rest,
    revokeApiKey: async (request, call) => {
      const answer = await revokeApiKey(request, call);
      forget();
      return answer;
    },
  };
  return <S extends DescService>(service: S) =>
    service.typeName === AuthService.typeName ? (auth as unknown as Client<S>) : host.client(service);
}

/** The answers have been given by now; their last bytes may still be under way. */
async function lastBytes(listener: Listener | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, LAST_BYTES_MS);
  });
  await Promise.race([listener?.drain(), over]);
  clearTimeout(timer);
}

const LAST_BYTES_MS = 1_000;

/** What HTTP itself refused, in the form of every other error. */
function refusal(status: number, message: string): string {
  const code = status === 408 ? Code.DEADLINE_EXCEEDED : Code.INVALID_ARGUMENT;
  return restError(new RpcError(code, message), null, REGISTRY).body;
}
