import type { Json } from "./any.ts";

/** One thing that Envoy accepts and production punishes. */
export interface Finding {
  /** Where: names of objects and indices of lists. */
  readonly path: string;
  readonly problem: string;
}

type Rule = (node: Json, path: string) => string | undefined;

/**
 * Looks for what `--mode validate` lets pass (mesh.md §5.1): each rule stands for an outage that such a setting
 * has caused.
 */
export function lint(config: Json): readonly Finding[] {
  const findings: Finding[] = [];
  const pending: [unknown, string][] = [[config, ""]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [node, path] = next;
    if (Array.isArray(node))
      pending.push(...node.map((item, index): [unknown, string] => [item, `${path}[${index}]`]));
    else if (typeof node === "object" && node !== null) {
      const object = node as Json;
      for (const rule of RULES) {
        const problem = rule(object, path);
        if (problem !== undefined) findings.push({ path, problem });
      }
      for (const [key, value] of Object.entries(object))
        pending.push([value, path === "" ? key : `${path}.${key}`]);
    }
  }
  return [...findings, ...orderFindings(config)].sort((a, b) => (a.path < b.path ? -1 : 1));
}

const RULES: readonly Rule[] = [
  (node) => {
    const match = node["match"] as Json | undefined;
    const isCatchAll = match?.["prefix"] === "/" && match["headers"] === undefined;
    if (isCatchAll && node["direct_response"] !== undefined) {
      return "a direct_response catch-all switches the CORS filter off: preflights get 401; send it to a cluster";
    }
    return undefined;
  },
  (node) => {
    const action = node["route"] as Json | undefined;
    if (action === undefined || action["max_stream_duration"] === undefined) return undefined;
    const timeout = action["timeout"];
    if (timeout === undefined || timeout === "0s") return undefined;
    return "timeout is ignored beside max_stream_duration: leave one of them";
  },
  (node) => {
    const action = node["route"] as Json | undefined;
    if (action === undefined || action["timeout"] !== undefined || action["cluster"] === "admin")
      return undefined;
    return "a route without timeout cuts every stream after 15 s: write 0s";
  },
  (node) => {
    if (!typeIs(node, "LocalRateLimit")) return undefined;
    for (const key of ["filter_enabled", "filter_enforced"]) {
      const value = (node[key] as Json | undefined)?.["default_value"] as Json | undefined;
      if (value?.["numerator"] !== 100 || value["denominator"] !== "HUNDRED")
        return `${key} is below 100 %: nobody is limited`;
    }
    if (!(Number(node["max_dynamic_descriptors"]) >= 1000))
      return "max_dynamic_descriptors keeps 20 buckets: set thousands";
    if (node["rate_limited_as_resource_exhausted"] !== true)
      return "a refusal is UNAVAILABLE, which clients retry at once";
    return undefined;
  },
  (node) => {
    if (!typeIs(node, "ExtAuthz")) return undefined;
    if (node["failure_mode_allow"] === true) return "an outage of auth lets everybody in";
    if (node["status_on_error"] === undefined)
      return "an outage of auth looks like a denial: set status_on_error";
    return undefined;
  },
  (node, path) => {
    if (!/static_resources\.clusters\[\d+\]$/.test(path) || node["health_checks"] === undefined)
      return undefined;
    const thresholds =
      ((node["circuit_breakers"] as Json | undefined)?.["thresholds"] as readonly Json[] | undefined) ?? [];
    if (thresholds.every((one) => one["max_requests"] === undefined))
      return "max_requests is 1024, and an open stream is a request";
    const checks = node["health_checks"] as readonly Json[];
    if (checks.some((one) => one["no_traffic_interval"] === undefined))
      return "no_traffic_interval is 60 s until the first request";
    const panic = (node["common_lb_config"] as Json | undefined)?.["healthy_panic_threshold"] as
      | Json
      | undefined;
    return panic?.["value"] === 0
      ? undefined
      : "a lone host that is unhealthy gets traffic: set healthy_panic_threshold 0";
  },
  (node) => {
    const http = node["explicit_http_config"] as Json | undefined;
    if (!typeIs(node, "HttpProtocolOptions") || http?.["http2_protocol_options"] === undefined)
      return undefined;
    const common = node["common_http_protocol_options"] as Json | undefined;
    const age = Number.parseFloat(String(common?.["max_connection_duration"] ?? "Infinity"));
    return age < SERVICES_AGE_SECONDS
      ? undefined
      : "services end their connections first, and refuse what is on its way: set max_connection_duration below 270 s";
  },
  (node, path) => {
    if (path !== "admin") return undefined;
    const address = ((node["address"] as Json | undefined)?.["socket_address"] as Json | undefined)?.[
      "address"
    ];
    if (address !== "127.0.0.1" && address !== "::1")
      return "the admin interface has no authentication: loopback only";
    return node["allow_paths"] === undefined
      ? "the admin interface answers every path: set allow_paths"
      : undefined;
  },
  (node) =>
    node["stats_for_all_methods"] === true
      ? "stats_for_all_methods lets strangers make up metric names"
      : undefined,
  (node) => {
    if (!typeIs(node, "GrpcJsonTranscoder")) return undefined;
    const services = node["services"] as readonly unknown[] | undefined;
    if (services === undefined || services.length === 0)
      return "an empty list of services transcodes nothing";
    const options = (node["request_validation_options"] as Json | undefined) ?? {};
    const wanted = [
      "reject_unknown_method",
      "reject_unknown_query_parameters",
      "reject_binding_body_field_collisions",
    ];
    const missing = wanted.find((name) => options[name] !== true);
    return missing === undefined ? undefined : `${missing} is off: what nobody reads is accepted in silence`;
  },
];

/** The least age at which a service takes no new calls on a connection. */
const SERVICES_AGE_SECONDS = 270;

function typeIs(node: Json, name: string): boolean {
  return typeof node["@type"] === "string" && node["@type"].endsWith(`.${name}`);
}

/** Filters whose order matters: the first of a pair has to come first. */
const ORDER: readonly (readonly [string, string, string])[] = [
  ["compressor", "lua", "Lua would read compressed bodies"],
  ["lua", "ext_authz", "refusals would not know the caller's protocol"],
  ["cors", "ext_authz", "preflights would need a key"],
  ["ext_authz", "grpc_json_transcoder", "auth would not see the REST path"],
  ["grpc_web", "grpc_json_transcoder", "gRPC-Web would be taken for JSON"],
];

function orderFindings(config: Json): readonly Finding[] {
  const lists = filterLists(config);
  return lists.flatMap(({ path, names }) =>
    ORDER.flatMap(([first, second, why]): readonly Finding[] => {
      const a = names.indexOf(first);
      const b = names.indexOf(second);
      return a >= 0 && b >= 0 && a > b
        ? [{ path, problem: `${first} has to stand before ${second}: ${why}` }]
        : [];
    }),
  );
}

function filterLists(
  node: unknown,
  path = "",
): readonly { readonly path: string; readonly names: readonly string[] }[] {
  if (typeof node !== "object" || node === null) return [];
  if (Array.isArray(node)) return node.flatMap((item, index) => filterLists(item, `${path}[${index}]`));
  return Object.entries(node).flatMap(([key, value]) => {
    const here = path === "" ? key : `${path}.${key}`;
    if (key !== "http_filters") return filterLists(value, here);
    const names = (value as readonly Json[]).map((filter) =>
      String(filter["name"]).replace("envoy.filters.http.", ""),
    );
    return [{ path: here, names }];
  });
}
