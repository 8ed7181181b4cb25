import type { LocalPlatform, LocalProcess } from "./local-platform.ts";

/** One thing that a target needs. */
export interface Need {
  readonly name: string;
  readonly ok: boolean;
  readonly details: string;
}

/** What the processes of a platform say of themselves. */
export interface Readiness {
  readonly ready: boolean;
  readonly needs: readonly Need[];
}

/** Whether all processes of a platform are ready, and what they need; undefined if none answers. */
export async function readiness(platform: LocalPlatform): Promise<Readiness | undefined> {
  const several = platform.processes.length > 1;
  const answers = await Promise.all(
    platform.processes.map(async (process) => {
      const answer = await (process.opsUrl === "" ? gatewayReady(platform) : processReady(process));
      if (answer !== undefined) return answer;
      const need = { name: process.name, ok: false, details: "its process does not answer" };
      return several ? { ready: false, needs: [need] } : undefined;
    }),
  );
  const said = answers.flatMap((answer) => answer ?? []);
  if (said.length === 0) return undefined;
  return { ready: said.every(({ ready }) => ready), needs: said.flatMap(({ needs }) => needs) };
}

async function processReady({ opsUrl }: LocalProcess): Promise<Readiness | undefined> {
  try {
    const url = new URL("/readyz?verbose=1", opsUrl);
    const response = await fetch(url, { signal: AbortSignal.timeout(3_000) });
    const body = (await response.json()) as { ready: boolean; needs: readonly Need[] };
    return { ready: body.ready, needs: body.needs };
  } catch {
    return undefined;
  }
}

/** A gateway that is none of ours has a path of that name beside its metrics. */
async function gatewayReady(platform: LocalPlatform): Promise<Readiness | undefined> {
  try {
    const url = new URL("/ready", platform.metricsUrl);
    const response = await fetch(url, { signal: AbortSignal.timeout(3_000) });
    await response.arrayBuffer();
    return { ready: response.ok, needs: [] };
  } catch {
    return undefined;
  }
}
