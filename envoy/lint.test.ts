import { describe, expect, it } from "vitest";
import type { Json } from "./any.ts";
import { bootstrap } from "./config.ts";
import { lint } from "./lint.ts";
import { DEPLOYED } from "./settings.ts";
import { VARIANTS } from "./variants.ts";

/** A copy with one place changed; the path is that of a finding. */
function changed(
  config: Json,
  find: (node: Json) => boolean,
  change: (node: Record<string, unknown>) => void,
): Json {
  const copy = structuredClone(config);
  const pending: unknown[] = [copy];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (typeof node !== "object" || node === null) continue;
    if (!Array.isArray(node) && find(node as Json)) {
      change(node as Record<string, unknown>);
      return copy;
    }
    pending.push(...Object.values(node));
  }
  throw new Error("nothing to change was found");
}

const isType = (name: string) => (node: Json) => String(node["@type"] ?? "").endsWith(`.${name}`);
const isRest = (node: Json) => node["name"] === "rest" && node["match"] !== undefined;
const isCluster = (node: Json) => node["name"] === "auth" && node["health_checks"] !== undefined;

describe("lint", () => {
  it.each(Object.keys(VARIANTS))("finds nothing in the configuration %s", (name) => {
    expect(lint(bootstrap(VARIANTS[name] ?? DEPLOYED))).toEqual([]);
  });

  it.each<[string, (node: Json) => boolean, (node: Record<string, unknown>) => void]>([
    [
      "a direct_response catch-all",
      isRest,
      (node) => Object.assign(node, { direct_response: { status: 404 }, route: undefined }),
    ],
    [
      "timeout is ignored",
      (node) => (node["route"] as Json | undefined)?.["max_stream_duration"] !== undefined,
      (node) => Object.assign(node["route"] as object, { timeout: "3s" }),
    ],
    [
      "cuts every stream after 15 s",
      isRest,
      (node) => Object.assign(node["route"] as object, { timeout: undefined }),
    ],
    ["nobody is limited", isType("LocalRateLimit"), (node) => delete node["filter_enforced"]],
    ["keeps 20 buckets", isType("LocalRateLimit"), (node) => delete node["max_dynamic_descriptors"]],
    ["clients retry", isType("LocalRateLimit"), (node) => delete node["rate_limited_as_resource_exhausted"]],
    ["looks like a denial", isType("ExtAuthz"), (node) => delete node["status_on_error"]],
    ["lets everybody in", isType("ExtAuthz"), (node) => Object.assign(node, { failure_mode_allow: true })],
    ["an open stream is a request", isCluster, (node) => delete node["circuit_breakers"]],
    [
      "60 s until",
      isCluster,
      (node) => delete (node["health_checks"] as Record<string, unknown>[])[0]?.["no_traffic_interval"],
    ],
    [
      "refuse what is on its way",
      isType("HttpProtocolOptions"),
      (node) =>
        Object.assign(node["common_http_protocol_options"] as object, { max_connection_duration: "300s" }),
    ],
    ["gets traffic", isCluster, (node) => delete node["common_lb_config"]],
    [
      "loopback only",
      (node) => node["allow_paths"] !== undefined,
      (node) => Object.assign(node, { address: { socket_address: { address: "0.0.0.0", port_value: 1 } } }),
    ],
    ["answers every path", (node) => node["allow_paths"] !== undefined, (node) => delete node["allow_paths"]],
    [
      "accepted in silence",
      isType("GrpcJsonTranscoder"),
      (node) => delete node["request_validation_options"],
    ],
    [
      "has to stand before",
      (node) => Array.isArray(node["http_filters"]) && (node["http_filters"] as unknown[]).length > 5,
      (node) => (node["http_filters"] as unknown[]).reverse(),
    ],
  ])("finds that it %s", (problem, find, change) => {
    const found = lint(changed(bootstrap(DEPLOYED), find, change));
    expect(found.map((one) => one.problem).join("\n")).toContain(problem);
  });
});
