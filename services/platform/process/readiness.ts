import type { Readiness } from "./target.ts";

/** Asks something that a target needs; whatever it throws is the reason for not being ready. */
export async function probe(name: string, ask: () => Promise<unknown>): Promise<Readiness> {
  try {
    await ask();
    return { name, ok: true, details: "" };
  } catch (error) {
    return { name, ok: false, details: error instanceof Error ? error.message : String(error) };
  }
}
