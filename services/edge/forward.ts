import type { DescService } from "@bufbuild/protobuf";
import { createContextKey, createContextValues, type Interceptor } from "@connectrpc/connect";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { endStreamFlag, endStreamToJson, errorToJson } from "@connectrpc/connect/protocol-connect";
import { AuthService } from "#gen/anrf/auth/v1/auth_service_pb.ts";
import type { Logger } from "#platform/process/log.ts";
import { httpStatus } from "#platform/rpc/codes.ts";
import {
  type Asked,
  type CallOfContext,
  connectAnswer,
  connectErrorOf,
  connectRoutes,
  grpcMessage,
  translateConnectError,
} from "#platform/rpc/connect.ts";
import { asRpcError, unknownMethod } from "#platform/rpc/error.ts";
import type { Client } from "#platform/rpc/handlers.ts";
import { serve } from "#platform/rpc/handlers.ts";
import { healthRoutes, type Image, reflectionRoutes, type Serving } from "#platform/rpc/reflection.ts";
import type { Answer } from "./listen.ts";
import { REGISTRY } from "./public.ts";
import { type EdgeRequest, type EdgeResponse, gone, peerAddress, plainHeaders } from "./request.ts";

/** The peer's address, for a handler of Connect that sees no socket. */
export const PEER_ADDRESS = createContextKey("", { description: "address of the peer" });

/** Execute takes the largest message; a method's own limit is the pipeline's. */
const MAX_MESSAGE_BYTES = 33 * 1024 * 1024;

/** What gRPC, gRPC-Web and Connect need. */
export interface ForwardOptions {
  readonly services: readonly DescService[];
  client<S extends DescService>(service: S): Client<S>;
  readonly callOf: CallOfContext;
  readonly serving: Serving;
  readonly image: Image;
  readonly log: Logger;
}

/** Puts all services behind one handler of gRPC, gRPC-Web and Connect; each call goes to the service's own client. */
export function forward(options: ForwardOptions): Answer {
  const served = options.services.map((service) => serve(service, options.client(service) as never));
  const names = options.services.map((service) => service.typeName);
  const answer = connectAnswer({
    routes: (router) => {
      connectRoutes(served, options.callOf)(router);
      healthRoutes(options.serving)(router);
      reflectionRoutes(options.image, [...names, "grpc.health.v1.Health"])(router);
    },
    interceptors: [translating, keyed(options.callOf)],
    fallback: (request, response) => {
      refuseUnknown(request as EdgeRequest, response as unknown as EdgeResponse, options.callOf).catch(() =>
        response.destroy(),
      );
    },
    contextValues: (request) => createContextValues().set(PEER_ADDRESS, peerAddress(request)),
    failed: (err, path) => options.log.error({ err, path }, "an answer could not be written"),
    readMaxBytes: MAX_MESSAGE_BYTES,
    writeMaxBytes: MAX_MESSAGE_BYTES,
    jsonOptions: { registry: REGISTRY, alwaysEmitImplicit: true, ignoreUnknownFields: true },
  });
  return answer as Answer;
}

/** An unknown method, told in the caller's protocol, and only to a caller with a key. */
async function refuseUnknown(
  request: EdgeRequest,
  response: EdgeResponse,
  callOf: CallOfContext,
): Promise<void> {
  const path = (request.url ?? "").split("?")[0] ?? "";
  let error = unknownMethod(path);
  try {
    await callOf(AuthService.method.getSelf, {
      requestHeader: new Headers(plainHeaders(request)),
      requestMethod: request.method ?? "POST",
      url: new URL(path, "http://edge").href,
      signal: gone(response),
      values: createContextValues().set(PEER_ADDRESS, peerAddress(request)),
      timeoutMs: () => undefined,
    });
  } catch (refusal) {
    error = asRpcError(refusal);
  }
  request.resume();
  const type = request.headers["content-type"] ?? "";
  const told = connectErrorOf(error);
  if (type.startsWith("application/grpc")) {
    const status = { "grpc-status": String(error.code), "grpc-message": grpcMessage(error.message) };
    response.writeHead(200, { "content-type": type, ...status });
    response.end();
  } else if (type.startsWith("application/connect+")) {
    const frame = encodeEnvelope(
      endStreamFlag,
      Buffer.from(JSON.stringify(endStreamToJson(new Headers(), told, undefined))),
    );
    response.writeHead(200, { "content-type": type });
    response.end(frame);
  } else {
    response.writeHead(httpStatus(error.code), { "content-type": "application/json" });
    response.end(JSON.stringify(errorToJson(told, undefined)));
  }
}

const translating: Interceptor = (next) => async (request) => {
  try {
    return await next(request);
  } catch (error) {
    throw translateConnectError(error, new URL(request.url).pathname);
  }
};

/** Health and reflection have no pipeline behind them that would ask who calls. */
function keyed(callOf: CallOfContext): Interceptor {
  return (next) => async (request) => {
    if (!request.service.typeName.startsWith("grpc.")) return next(request);
    try {
      await callOf(request.method, {
        requestHeader: request.header,
        requestMethod: request.requestMethod,
        url: request.url,
        signal: request.signal,
        values: request.contextValues,
        timeoutMs: () => undefined,
      });
    } catch (error) {
      throw connectErrorOf(asRpcError(error));
    }
    return next(request);
  };
}

/** True for a request of gRPC, gRPC-Web or Connect, by the headers that those protocols demand. */
export function isRpc(headers: Readonly<Record<string, string>>, path: string): boolean {
  const type = headers["content-type"] ?? "";
  if (/^application\/(grpc|connect\+|proto)/i.test(type)) return true;
  return headers["connect-protocol-version"] !== undefined || /[?&]connect=v1(&|$)/.test(path);
}

/** Milliseconds that the client gives a call: Connect's header or gRPC's, whichever came; undefined without one. */
export function timeoutOf(headers: Readonly<Record<string, string>>): number | undefined {
  const connect = headers["connect-timeout-ms"];
  if (connect !== undefined && /^\d{1,10}$/.test(connect)) return Number(connect);
  const grpc = /^(\d{1,8})([HMSmun])$/.exec(headers["grpc-timeout"] ?? "");
  if (grpc === null) return undefined;
  return Number(grpc[1]) * (UNIT_MS[grpc[2] ?? ""] ?? 1);
}

const UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

/** Headers of a Connect call, names in lower case. */
export function contextHeaders(context: Asked): Readonly<Record<string, string>> {
  return Object.fromEntries(context.requestHeader);
}
