import { cors } from "@connectrpc/connect";
import { PUBLIC_SERVICES } from "../services/edge/public.ts";
import { any, httpFilter, type Json, seconds } from "./any.ts";
import { luaScript } from "./lua.ts";
import type { EnvoySettings, Rate } from "./settings.ts";
import { transcoder } from "./transcoder.ts";

/** Carries the proof that a request came through the gateway; the secret is in Envoy's environment. */
export const MESH_HEADERS: readonly Json[] = [
  meshHeader("x-anrf-mesh-token", "%ENVIRONMENT(ANRF_MESH_TOKEN)%"),
  meshHeader("x-anrf-caller", "edge"),
];

function meshHeader(key: string, value: string): Json {
  return { header: { key, value }, append_action: "OVERWRITE_IF_EXISTS_OR_ADD" };
}

/** What only the gateway may say: removed from what clients send before any filter sees it. */
export const PRIVATE_HEADERS: readonly string[] = [
  "x-client-id",
  "x-client-key",
  "x-client-scopes",
  "x-client-tier",
  "x-client-limits",
  "x-anrf-mesh-token",
  "x-anrf-caller",
  "x-anrf-kind",
  "x-envoy-original-path",
  "x-envoy-original-method",
];

/** The HTTP filters, in the order in which a request meets them. */
export function httpFilters(settings: EnvoySettings, services: readonly string[]): readonly Json[] {
  return [
    httpFilter("health_check", "health_check.v3.HealthCheck", {
      pass_through_mode: false,
      headers: [{ name: ":path", string_match: { exact: "/healthz" } }],
    }),
    httpFilter("cors", "cors.v3.Cors"),
    compressor(),
    httpFilter("lua", "lua.v3.Lua", { default_source_code: { inline_string: luaScript() } }),
    peerLimit(settings),
    authorization(settings),
    tierLimit(),
    httpFilter("buffer", "buffer.v3.Buffer", { max_request_bytes: 1024 * 1024 }),
    httpFilter("grpc_web", "grpc_web.v3.GrpcWeb"),
    {
      name: "envoy.filters.http.connect_grpc_bridge",
      typed_config: any("extensions.filters.http.connect_grpc_bridge.v3.FilterConfig"),
    },
    httpFilter(
      "grpc_json_transcoder",
      "grpc_json_transcoder.v3.GrpcJsonTranscoder",
      transcoder(settings, services),
    ),
    httpFilter("grpc_stats", "grpc_stats.v3.FilterConfig", {
      individual_method_stats_allowlist: {
        services: PUBLIC_SERVICES.map((one) => ({
          name: one.typeName,
          method_names: one.methods.map(({ name }) => name),
        })),
      },
      enable_upstream_stats: true,
    }),
    httpFilter("router", "router.v3.Router"),
  ];
}

/** JSON only: a compressed stream of events would come in lumps. It stands before Lua, which reads plain bodies. */
function compressor(): Json {
  return httpFilter("compressor", "compressor.v3.Compressor", {
    response_direction_config: {
      common_config: { min_content_length: 1024, content_type: ["application/json"] },
    },
    compressor_library: {
      name: "gzip",
      typed_config: any("extensions.compression.gzip.compressor.v3.Gzip"),
    },
  });
}

function authorization(settings: EnvoySettings): Json {
  return httpFilter("ext_authz", "ext_authz.v3.ExtAuthz", {
    transport_api_version: "V3",
    failure_mode_allow: false,
    // The default, 403, would make an outage look like a denial.
    status_on_error: { code: "ServiceUnavailable" },
    grpc_service: {
      envoy_grpc: { cluster_name: "auth" },
      timeout: seconds(settings.checkSeconds),
      initial_metadata: MESH_HEADERS.map((one) => one["header"]),
    },
  });
}

const TICK_SECONDS = 0.05;
const ALWAYS = { numerator: 100, denominator: "HUNDRED" };
const UNLIMITED = {
  max_tokens: 4_294_967_295,
  tokens_per_fill: 4_294_967_295,
  fill_interval: seconds(TICK_SECONDS),
};

/** Tiers that have a bucket; every other one is unlimited. */
export const TIER_RATES: Readonly<Record<string, Rate>> = {
  basic: { perSecond: 20, burst: 40 },
  standard: { perSecond: 200, burst: 400 },
};

/** One bucket a peer address, before anybody asks for a key. */
function peerLimit(settings: EnvoySettings): Json {
  const loopback = settings.limitLoopback
    ? []
    : ["127.0.0.1", "::1"].map((value) => ({
        entries: [{ key: "remote_address", value }],
        token_bucket: UNLIMITED,
      }));
  return limit(
    "peer",
    [{ actions: [{ remote_address: {} }] }],
    [...loopback, { entries: [{ key: "remote_address" }], token_bucket: bucket(settings.peerRate) }],
  );
}

/** One bucket a client, of the size of its tier. */
function tierLimit(): Json {
  const actions = [
    { request_headers: { header_name: "x-client-tier", descriptor_key: "tier" } },
    { request_headers: { header_name: "x-client-id", descriptor_key: "client" } },
  ];
  const descriptors = Object.entries(TIER_RATES).map(([tier, rate]) => ({
    entries: [{ key: "tier", value: tier }, { key: "client" }],
    token_bucket: bucket(rate),
  }));
  return limit("tier", [{ actions }], descriptors);
}

function limit(name: string, rateLimits: readonly Json[], descriptors: readonly Json[]): Json {
  return httpFilter("local_ratelimit", "local_ratelimit.v3.LocalRateLimit", {
    stat_prefix: name,
    token_bucket: UNLIMITED,
    filter_enabled: { runtime_key: `anrf.${name}_enabled`, default_value: ALWAYS },
    filter_enforced: { runtime_key: `anrf.${name}_enforced`, default_value: ALWAYS },
    rate_limits: rateLimits,
    descriptors,
    // The default keeps the last 20 buckets: of 30 clients none would stay limited.
    max_dynamic_descriptors: 10_000,
    rate_limited_as_resource_exhausted: true,
    // Two filters that both told their bucket would give each header two values.
    ...(name === "tier" ? { enable_x_ratelimit_headers: "DRAFT_VERSION_03" } : {}),
    enable_retry_after_header: true,
  });
}

function bucket(rate: Rate): Json {
  return {
    max_tokens: rate.burst,
    tokens_per_fill: Math.max(1, Math.round(rate.perSecond * TICK_SECONDS)),
    fill_interval: seconds(TICK_SECONDS * Math.max(1, 1 / (rate.perSecond * TICK_SECONDS))),
  };
}

const ALLOW_HEADERS = [
  ...cors.allowedHeaders,
  "authorization",
  "x-api-key",
  "idempotency-key",
  "traceparent",
  "tracestate",
];
const EXPOSE_HEADERS = [...cors.exposedHeaders, "x-request-id", "retry-after"];

/** Which pages may call: methods and headers of REST, Connect and gRPC-Web. */
export function corsPolicy(settings: EnvoySettings): Json {
  return any("extensions.filters.http.cors.v3.CorsPolicy", {
    allow_origin_string_match: settings.corsOrigins.map((origin) =>
      origin === "*" ? { safe_regex: { regex: ".*" } } : { exact: origin },
    ),
    allow_methods: "GET, POST, PATCH, DELETE, OPTIONS",
    allow_headers: ALLOW_HEADERS.join(","),
    expose_headers: EXPOSE_HEADERS.join(","),
    max_age: "7200",
  });
}
