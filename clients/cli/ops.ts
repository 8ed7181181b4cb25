/** One thing that a target needs. */
export interface Need {
  readonly name: string;
  readonly ok: boolean;
  readonly details: string;
}

/** What the ops port says of a platform; undefined if it does not answer. */
export async function readiness(
  metricsUrl: string,
): Promise<{ readonly ready: boolean; readonly needs: readonly Need[] } | undefined> {
  try {
    const url = new URL("/readyz?verbose=1", metricsUrl);
    const response = await fetch(url, { signal: AbortSignal.timeout(3_000) });
    const body = (await response.json()) as { ready: boolean; needs: readonly Need[] };
    return { ready: body.ready, needs: body.needs };
  } catch {
    return undefined;
  }
}
