/**
 * The first seed of a run: the fixed one, unless everything is to be tried (ANRF_FULL). Then it is that of ANRF_SEED, or
 * the fresh one that the test brings; a test prints it in its name, so that a failure can be had again.
 */
export function firstSeed(
  fixed: number,
  fresh: number,
  env: Readonly<Record<string, string | undefined>>,
): number {
  if (env["ANRF_FULL"] !== "1") return fixed;
  const given = Number(env["ANRF_SEED"]);
  return Number.isSafeInteger(given) && given > 0 ? given : fresh;
}
