import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import type { Seconds } from "#platform/process/target.ts";
import { type HttpBinding, httpBindings } from "#platform/rpc/http-rules.ts";
import { any, type Json, seconds } from "./any.ts";
import type { EnvoySettings } from "./settings.ts";
import { transcoder } from "./transcoder.ts";

/** One RPC that the gateway offers, with the target that serves it. */
export interface PublicRpc {
  readonly service: DescService;
  readonly method: DescMethod;
  readonly target: string;
  readonly seconds: Seconds;
}

const TRANSCODER = "envoy.filters.http.grpc_json_transcoder";
const BRIDGE = "envoy.filters.http.connect_grpc_bridge";
const AUTHZ = "envoy.filters.http.ext_authz";
const BUFFER = "envoy.filters.http.buffer";
const LUA = "envoy.filters.http.lua";
/** Nobody between here and the reader shall hold events back. */
const STREAM_HEADERS: readonly Json[] = [
  {
    header: { key: "cache-control", value: "no-cache, no-transform" },
    append_action: "OVERWRITE_IF_EXISTS_OR_ADD",
  },
  { header: { key: "x-accel-buffering", value: "no" }, append_action: "OVERWRITE_IF_EXISTS_OR_ADD" },
];
/** Where reflection and whatever nobody knows goes: a target that serves public services only. */
const CATCH_ALL = "registry";
/** RPCs whose REST bodies carry programs or their inputs. */
const LARGE_BODIES: ReadonlySet<string> = new Set(["PutAnrf", "Execute"]);
/** Silent while they work: no idle timer may end them. */
const SILENT: ReadonlySet<string> = new Set(["Generate", "Verify", "Execute"]);
const MIB = 1024 * 1024;

/** The routes of the gateway, first match first: RPC paths, pages, REST paths that need their own settings, the rest. */
export function routes(
  settings: EnvoySettings,
  rpcs: readonly PublicRpc[],
  services: readonly string[],
): readonly Json[] {
  return [
    noConnectJsonStreams(),
    ...rpcs.flatMap((rpc) => rpcRoutes(settings, rpc)),
    ...["/openapi.json", "/openapi.yaml"].map(page),
    ...largeBodyRoutes(settings, rpcs, services),
    grpcRoute(settings),
    linesRoute(settings, services),
    {
      name: "rest",
      match: { prefix: "/" },
      route: { cluster: CATCH_ALL, timeout: "0s", idle_timeout: seconds(settings.streamIdleSeconds) },
    },
  ];
}

/** The bridge keeps a codec that no service here speaks. */
function noConnectJsonStreams(): Json {
  return {
    name: "connect-json-streams",
    match: { prefix: "/", headers: [header("content-type", { prefix: "application/connect+json" })] },
    direct_response: { status: 501 },
  };
}

function rpcRoutes(settings: EnvoySettings, rpc: PublicRpc): readonly Json[] {
  const path = `/${rpc.service.typeName}/${rpc.method.name}`;
  const streams = rpc.method.methodKind === "server_streaming";
  const base = {
    route: action(settings, rpc, streams),
    // The limits of RPCs are the services'.
    typed_per_filter_config: { [BUFFER]: perRoute({ disabled: true }) },
    ...(streams ? {} : { request_body_buffer_limit: 8 * MIB }),
  };
  if (streams) {
    const stream = { ...base, response_headers_to_add: STREAM_HEADERS };
    // The transcoder calls JSON lines application/json, and passes through what is not called application/grpc: so the
    // type is set by Lua, behind it.
    const lines = {
      name: `${path} as JSON lines`,
      match: { path, headers: [header("accept", { contains: "application/x-ndjson" })] },
      ...stream,
      metadata: { filter_metadata: { [LUA]: { content_type: "application/x-ndjson" } } },
    };
    return [lines, { name: path, match: { path }, ...stream }];
  }
  // Connect's unary JSON goes through the transcoder, by a binding that only Envoy's descriptors have.
  const json = {
    name: `${path} as Connect JSON`,
    match: { path, headers: [header("content-type", { prefix: "application/json" })] },
    ...base,
    typed_per_filter_config: { ...base.typed_per_filter_config, [BRIDGE]: disabled() },
  };
  return [json, { name: path, match: { path }, ...base }];
}

function action(settings: EnvoySettings, rpc: PublicRpc, streams: boolean): Json {
  const { default: byDefault, cap } = rpc.seconds;
  const idle = !streams && SILENT.has(rpc.method.name) ? "0s" : seconds(settings.streamIdleSeconds);
  return {
    cluster: rpc.target,
    // Ignored beside max_stream_duration, and 15 s where it is absent from a route without one.
    timeout: "0s",
    idle_timeout: idle,
    max_stream_duration: { max_stream_duration: seconds(byDefault), grpc_timeout_header_max: seconds(cap) },
    retry_policy: retries(rpc.method),
  };
}

/** Reads may be tried again after UNAVAILABLE; the rest only where the request has certainly not arrived. */
function retries(method: DescMethod): Json {
  const isRead = method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
  const isStream = method.methodKind === "server_streaming";
  return {
    retry_on:
      isRead && !isStream ? "connect-failure,refused-stream,unavailable" : "connect-failure,refused-stream",
    num_retries: 2,
    retry_back_off: { base_interval: "0.025s", max_interval: "0.25s" },
    retry_host_predicate: [
      {
        name: "envoy.retry_host_predicates.previous_hosts",
        typed_config: any("extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"),
      },
    ],
    host_selection_retry_max_attempts: 3,
  };
}

/** A page of the web target: plain HTTP, and no key. */
function page(path: string): Json {
  return {
    name: path,
    match: { path },
    route: { cluster: "web", timeout: "15s" },
    typed_per_filter_config: {
      [AUTHZ]: any("extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute", { disabled: true }),
      [TRANSCODER]: disabled(),
    },
  };
}

function largeBodyRoutes(
  settings: EnvoySettings,
  rpcs: readonly PublicRpc[],
  services: readonly string[],
): readonly Json[] {
  const config = {
    [TRANSCODER]: transcoderConfig(settings, services, { largeBodies: true }),
    // The transcoder's own limit does not count what it has read already.
    [BUFFER]: perRoute({ buffer: { max_request_bytes: 8 * MIB } }),
  };
  return rpcs
    .filter((rpc) => LARGE_BODIES.has(rpc.method.name))
    .flatMap((rpc) =>
      httpBindings([rpc.service]).filter((binding) => binding.method.name === rpc.method.name),
    )
    .map((binding) => ({
      name: `${binding.verb} ${binding.template}`,
      match: { ...matchOf(binding), headers: [header(":method", { exact: binding.verb })] },
      route: { cluster: CATCH_ALL, timeout: "0s" },
      typed_per_filter_config: config,
    }));
}

/** A template by its literal beginning, which no other template with a larger limit shares. */
function matchOf(binding: HttpBinding): Json {
  const variable = binding.template.indexOf("{");
  return variable < 0 ? { path: binding.template } : { prefix: binding.template.slice(0, variable) };
}

/** Reflection, whose callers ask as they go: nobody may wait for the end of the request. And methods that nobody knows. */
function grpcRoute(settings: EnvoySettings): Json {
  return {
    name: "grpc",
    match: { prefix: "/", headers: [header("content-type", { prefix: "application/grpc" })] },
    route: { cluster: CATCH_ALL, timeout: "0s", idle_timeout: seconds(settings.streamIdleSeconds) },
    typed_per_filter_config: { [BUFFER]: perRoute({ disabled: true }) },
  };
}

function linesRoute(settings: EnvoySettings, services: readonly string[]): Json {
  return {
    name: "rest as JSON lines",
    match: { prefix: "/", headers: [header("accept", { contains: "application/x-ndjson" })] },
    route: { cluster: CATCH_ALL, timeout: "0s", idle_timeout: seconds(settings.streamIdleSeconds) },
    typed_per_filter_config: { [TRANSCODER]: transcoderConfig(settings, services, { lines: true }) },
  };
}

function transcoderConfig(
  settings: EnvoySettings,
  services: readonly string[],
  options: Parameters<typeof transcoder>[2],
): Json {
  return any(
    "extensions.filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder",
    transcoder(settings, services, options),
  );
}

const perRoute = (fields: Json): Json => any("extensions.filters.http.buffer.v3.BufferPerRoute", fields);
const disabled = (): Json => any("config.route.v3.FilterConfig", { disabled: true });
const header = (name: string, match: Json): Json => ({ name, string_match: match });
