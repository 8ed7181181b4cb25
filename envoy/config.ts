import { PUBLIC_SERVICES } from "../services/edge/public.ts";
import { TOPOLOGY } from "../services/topology.ts";
import { any, type Json, seconds } from "./any.ts";
import { clusters, type Upstream } from "./clusters.ts";
import { corsPolicy, httpFilters, MESH_HEADERS, PRIVATE_HEADERS } from "./filters.ts";
import { localReplies } from "./replies.ts";
import { type PublicRpc, routes } from "./routes.ts";
import type { EnvoySettings } from "./settings.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
/** The whole static configuration: listeners, routes and clusters, made of the topology and the contract. */
export function bootstrap(settings: EnvoySettings): Json {
  const names = PUBLIC_SERVICES.map((service) => service.typeName);
  const listeners = [listener("http", settings, settings.port, names), stats(settings)];
  if (settings.tlsFolder !== undefined) listeners.push(listener("https", settings, settings.tlsPort, names));
  return {
    node: { id: "anrf-gateway", cluster: "anrf" },
    admin: admin(settings),
    static_resources: { listeners, clusters: clusters(settings, upstreams(settings)) },
    overload_manager: overload(settings),
    layered_runtime: {
      layers: [
        {
          name: "static",
          static_layer: { "envoy.reloadable_features.grpc_timeout_returns_deadline_exceeded": true },
        },
      ],
    },
  };
}

/** Every RPC of the public services with the target that serves it. */
export function publicRpcs(): readonly PublicRpc[] {
  const names = new Set(PUBLIC_SERVICES.map((service) => service.typeName));
  return TOPOLOGY.flatMap((target) =>
    target.services.flatMap((plan): readonly PublicRpc[] => {
      if (!names.has(plan.service.typeName)) return [];
      const deadlines: Readonly<Record<string, { default: number; cap: number } | undefined>> =
        plan.deadlines;
      return plan.service.methods.map((method) => {
        const limits = deadlines[method.localName];
        if (limits === undefined) throw new Error(`${method.name} has no deadline in the topology`);
        return { service: plan.service, method, target: target.name, seconds: limits };
      });
    }),
  );
}

function upstreams(settings: EnvoySettings): readonly Upstream[] {
  // Inference is called by services alone: the gateway has no way to it.
  const names = new Set(PUBLIC_SERVICES.map((service) => service.typeName));
  const isOpen = (target: (typeof TOPOLOGY)[number]): boolean =>
    target.services.some(
      ({ service }) => !service.typeName.startsWith("anrf.") || names.has(service.typeName),
    );
  const grpc = TOPOLOGY.filter(isOpen).map((target): Upstream => {
    const { host, port } = settings.address(target.name, target.port);
    const health = target.services[0]?.service.typeName ?? "";
    const streams = target.services.some(({ service }) =>
      service.methods.some((one) => one.methodKind !== "unary"),
    );
    return { target: target.name, host, port, health, streams };
  });
  const pages = TOPOLOGY.filter((target) => "pages" in target).map((target): Upstream => {
    const { host, port } = settings.address(target.name, target.port);
    return { target: target.name, host, port, health: undefined, streams: false };
  });
  return [...grpc, ...pages];
}

function listener(name: string, settings: EnvoySettings, port: number, services: readonly string[]): Json {
  const chain = {
    filters: [
      {
        name: "envoy.filters.network.http_connection_manager",
        typed_config: any(
          "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
          connectionManager(settings, services),
        ),
      },
    ],
    ...(name === "https" ? { transport_socket: tls(settings) } : {}),
  };
  return {
    name,
    address: socket(settings.bind, port),
    per_connection_buffer_limit_bytes: 64 * KIB,
    filter_chains: [chain],
  };
}

function connectionManager(settings: EnvoySettings, services: readonly string[]): Json {
  return {
    stat_prefix: "gateway",
    codec_type: "AUTO",
    use_remote_address: true,
    normalize_path: true,
    merge_slashes: true,
    path_with_escaped_slashes_action: "REJECT_REQUEST",
    always_set_request_id_in_response: true,
    max_request_headers_kb: 32,
    server_name: "anrf",
    request_headers_timeout: seconds(settings.headersSeconds),
    stream_idle_timeout: seconds(settings.streamIdleSeconds),
    delayed_close_timeout: "1s",
    drain_timeout: seconds(settings.drainSeconds),
    common_http_protocol_options: {
      idle_timeout: "3600s",
      max_connection_duration: "1800s",
      max_headers_count: 100,
    },
    http2_protocol_options: {
      max_concurrent_streams: 1000,
      initial_stream_window_size: 64 * KIB,
      initial_connection_window_size: MIB,
      // By default a connection ends, with every stream on it, at a thousand cancels and 33 a second.
      stream_reset_burst: 20_000,
      stream_reset_rate: 1_000,
      connection_keepalive: { interval: "30s", timeout: "5s" },
    },
    early_header_mutation_extensions: [
      {
        name: "envoy.http.early_header_mutation.header_mutation",
        typed_config: any("extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation", {
          mutations: PRIVATE_HEADERS.map((remove) => ({ remove })),
        }),
      },
    ],
    http_filters: httpFilters(settings, services),
    local_reply_config: localReplies(),
    access_log: [accessLog("GE", 1, "%RESPONSE_CODE%"), accessLog("EQ", 0, 499)],
    ...(settings.otlp === undefined ? {} : { tracing: tracing(settings.otlp) }),
    route_config: {
      name: "gateway",
      request_headers_to_add: MESH_HEADERS,
      virtual_hosts: [
        {
          name: "gateway",
          domains: ["*"],
          typed_per_filter_config: { "envoy.filters.http.cors": corsPolicy(settings) },
          routes: routes(settings, publicRpcs(), services),
        },
      ],
    },
  };
}

/** A line a request. Status 0: the client was gone before there was an answer, which the golden table calls 499. */
function accessLog(op: "GE" | "EQ", value: number, status: string | number): Json {
  return {
    name: "envoy.access_loggers.stdout",
    filter: {
      status_code_filter: {
        comparison: {
          op,
          value: { default_value: value, runtime_key: `anrf.access_log_${op.toLowerCase()}` },
        },
      },
    },
    typed_config: any("extensions.access_loggers.stream.v3.StdoutAccessLog", {
      log_format: {
        json_format: {
          time: "%START_TIME%",
          msg: "gateway",
          verb: "%REQ(:METHOD)%",
          path: "%PATH(NQ:ORIG)%",
          protocol: "%REQ(X-ANRF-KIND)%",
          status,
          grpcStatus: "%GRPC_STATUS%",
          flags: "%RESPONSE_FLAGS%",
          details: "%RESPONSE_CODE_DETAILS%",
          client: "%REQ(X-CLIENT-ID)%",
          requestId: "%REQ(X-REQUEST-ID)%",
          traceId: "%TRACE_ID%",
          upstream: "%UPSTREAM_CLUSTER%",
          ms: "%DURATION%",
          bytesIn: "%BYTES_RECEIVED%",
          bytesOut: "%BYTES_SENT%",
        },
      },
    }),
  };
}

function tracing({ host, port, ratio }: NonNullable<EnvoySettings["otlp"]>): Json {
  return {
    spawn_upstream_span: true,
    random_sampling: { value: ratio * 100 },
    provider: {
      name: "envoy.tracers.opentelemetry",
      typed_config: any("config.trace.v3.OpenTelemetryConfig", {
        http_service: {
          http_uri: { uri: `http://${host}:${port}/v1/traces`, cluster: "otlp", timeout: "5s" },
        },
        service_name: "anrf-gateway",
      }),
    },
  };
}

/** Certificate and key come from a watched file, and so do the authorities of clients. */
function tls(settings: EnvoySettings): Json {
  const folder = settings.tlsFolder ?? "";
  const secret = (name: string): Json => ({
    name,
    sds_config: {
      path_config_source: { path: `${folder}/${name}.yaml`, watched_directory: { path: folder } },
      resource_api_version: "V3",
    },
  });
  const mutual = settings.clientCa;
  const sans = settings.clientSans.map((exact) => ({ san_type: "URI", matcher: { exact } }));
  return {
    name: "envoy.transport_sockets.tls",
    typed_config: any("extensions.transport_sockets.tls.v3.DownstreamTlsContext", {
      require_client_certificate: mutual,
      common_tls_context: {
        alpn_protocols: ["h2", "http/1.1"],
        tls_params: { tls_minimum_protocol_version: "TLSv1_2" },
        tls_certificate_sds_secret_configs: [secret("certificate")],
        ...(mutual
          ? {
              combined_validation_context: {
                default_validation_context: sans.length > 0 ? { match_typed_subject_alt_names: sans } : {},
                validation_context_sds_secret_config: secret("clients"),
              },
            }
          : {}),
      },
    }),
  };
}

/** The admin interface has no authentication: loopback, and only what operation needs. */
function admin(settings: EnvoySettings): Json {
  const exact = ["/ready", "/healthcheck/fail", "/healthcheck/ok", "/drain_listeners", "/quitquitquit"];
  return {
    address: socket("127.0.0.1", settings.adminPort),
    allow_paths: [
      ...exact.map((one) => ({ exact: one })),
      { prefix: "/stats" },
      { prefix: "/drain_listeners" },
    ],
  };
}

/** For Prometheus and probes from outside: two paths of the admin interface. */
function stats(settings: EnvoySettings): Json {
  const route = (path: string): Json => ({ match: { path }, route: { cluster: "admin" } });
  return {
    name: "stats",
    address: socket(settings.bind, settings.statsPort),
    filter_chains: [
      {
        filters: [
          {
            name: "envoy.filters.network.http_connection_manager",
            typed_config: any("extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", {
              stat_prefix: "stats",
              stream_idle_timeout: "30s",
              request_headers_timeout: "10s",
              http_filters: [
                {
                  name: "envoy.filters.http.router",
                  typed_config: any("extensions.filters.http.router.v3.Router"),
                },
              ],
              route_config: {
                name: "stats",
                virtual_hosts: [
                  { name: "stats", domains: ["*"], routes: [route("/stats/prometheus"), route("/ready")] },
                ],
              },
            }),
          },
        ],
      },
    ],
  };
}

function overload(settings: EnvoySettings): Json {
  return {
    refresh_interval: "0.25s",
    resource_monitors: [
      {
        name: "envoy.resource_monitors.global_downstream_max_connections",
        typed_config: any(
          "extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
          {
            max_active_downstream_connections: settings.maxConnections,
          },
        ),
      },
    ],
  };
}

function socket(address: string, port: number): Json {
  return { socket_address: { address, port_value: port } };
}
