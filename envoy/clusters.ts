import type { TargetName } from "../services/topology.ts";
import { any, type Json, seconds } from "./any.ts";
import type { EnvoySettings } from "./settings.ts";

/** A target that Envoy talks to. */
export interface Upstream {
  readonly target: TargetName;
  readonly host: string;
  readonly port: number;
  /** gRPC health checks ask for this service; undefined: plain HTTP/1.1 without checks. */
  readonly health: string | undefined;
  /** Whether it holds streams open, each of which counts as a request. */
  readonly streams: boolean;
}

const KIB = 1024;

/** One cluster a target. */
export function clusters(settings: EnvoySettings, upstreams: readonly Upstream[]): readonly Json[] {
  const admin = endpoint("admin", "127.0.0.1", settings.adminPort);
  const otlp = settings.otlp;
  return [
    ...upstreams.map((one) => (one.health === undefined ? httpCluster(one) : grpcCluster(settings, one))),
    { name: "admin", connect_timeout: "1s", load_assignment: admin },
    ...(otlp === undefined
      ? []
      : [
          {
            name: "otlp",
            connect_timeout: "1s",
            ...dns(),
            load_assignment: endpoint("otlp", otlp.host, otlp.port),
          },
        ]),
  ];
}

function grpcCluster(settings: EnvoySettings, upstream: Upstream): Json {
  const { target, host, port, health, streams } = upstream;
  return {
    name: target,
    connect_timeout: "1s",
    per_connection_buffer_limit_bytes: 64 * KIB,
    ...dns(),
    load_balancing_policy: {
      policies: [
        {
          typed_extension_config: {
            name: "least_request",
            typed_config: any("extensions.load_balancing_policies.least_request.v3.LeastRequest"),
          },
        },
      ],
    },
    ...http2(settings),
    circuit_breakers: {
      thresholds: [
        {
          max_connections: 1024,
          max_pending_requests: 4096,
          max_requests: streams ? 10_000 : 4096,
          // A connection that ends refuses all that is on its way at that moment.
          retry_budget: { budget_percent: { value: 20 }, min_retry_concurrency: 100 },
        },
      ],
    },
    outlier_detection: {
      consecutive_5xx: 5,
      interval: "5s",
      base_ejection_time: "5s",
      max_ejection_percent: 50,
    },
    health_checks: [
      {
        timeout: "2s",
        interval: "5s",
        // Until the first request the default is 60 s.
        no_traffic_interval: "5s",
        no_traffic_healthy_interval: "5s",
        unhealthy_interval: "1s",
        unhealthy_threshold: 2,
        healthy_threshold: 1,
        grpc_health_check: { service_name: health },
      },
    ],
    close_connections_on_host_health_failure: true,
    ignore_health_on_host_removal: true,
    // A lone host that is unhealthy would get traffic all the same.
    common_lb_config: { healthy_panic_threshold: { value: 0 } },
    load_assignment: endpoint(target, host, port),
  };
}

function httpCluster({ target, host, port }: Upstream): Json {
  return { name: target, connect_timeout: "1s", ...dns(), load_assignment: endpoint(target, host, port) };
}

function dns(): Json {
  return {
    cluster_type: {
      name: "envoy.clusters.dns",
      typed_config: any("extensions.clusters.dns.v3.DnsCluster", { dns_lookup_family: "V4_PREFERRED" }),
    },
  };
}

function http2(settings: EnvoySettings): Json {
  const options = {
    max_concurrent_streams: 1000,
    initial_stream_window_size: 64 * KIB,
    initial_connection_window_size: 1024 * KIB,
    connection_keepalive: { interval: "30s", timeout: "5s" },
  };
  return {
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": any(
        "extensions.upstreams.http.v3.HttpProtocolOptions",
        {
          explicit_http_config: { http2_protocol_options: options },
          common_http_protocol_options: {
            idle_timeout: "3600s",
            max_connection_duration: seconds(settings.upstreamSeconds),
          },
        },
      ),
    },
  };
}

function endpoint(name: string, host: string, port: number): Json {
  const address = { socket_address: { address: host, port_value: port } };
  return { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] };
}
