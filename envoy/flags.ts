import type { EnvoySettings } from "./settings.ts";

/** How the binary is started on a configuration. */
export function envoyFlags(configPath: string, settings: EnvoySettings): readonly string[] {
  return [
    "-c",
    configPath,
    "--concurrency",
    "2",
    "--disable-hot-restart",
    "--drain-time-s",
    String(settings.drainSeconds),
    "--log-level",
    "warning",
  ];
}

/** Stops taking new work in the way that balancers and clients notice; what runs goes on. */
export async function drainEnvoy(adminPort: number): Promise<void> {
  for (const path of ["healthcheck/fail", "drain_listeners?graceful"]) {
    const response = await fetch(`http://127.0.0.1:${adminPort}/${path}`, {
      method: "POST",
      signal: AbortSignal.timeout(2_000),
    });
    await response.arrayBuffer();
  }
}

/** Requests from outside that have no answer yet, open streams among them. */
export async function openRequests(adminPort: number): Promise<number> {
  const url = `http://127.0.0.1:${adminPort}/stats?filter=^http.gateway.downstream_rq_active$`;
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  return Number(/: (\d+)/.exec(await response.text())?.[1] ?? 0);
}

/** Clusters of which not every host passes its health checks. */
export async function unhealthyClusters(adminPort: number): Promise<readonly string[]> {
  const url = `http://127.0.0.1:${adminPort}/stats?filter=membership_(healthy|total)$`;
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  const hosts = new Map<string, { healthy?: number; total?: number }>();
  for (const [, cluster = "", kind, count] of (await response.text()).matchAll(
    /^cluster\.(.+)\.membership_(healthy|total): (\d+)$/gm,
  )) {
    hosts.set(cluster, { ...hosts.get(cluster), [kind === "healthy" ? "healthy" : "total"]: Number(count) });
  }
  return [...hosts].filter(([, { healthy, total }]) => healthy !== total).map(([cluster]) => cluster);
}
