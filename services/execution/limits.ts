import type { KeyLimits } from "#gen/anrf/api/v1/key_limits_pb.ts";
import type { ExecutionLimits } from "#gen/anrf/execution/v1/execution_service_pb.ts";
import { type FieldViolation, invalid } from "#platform/rpc/error.ts";

/** What one run may use. */
export interface Limits {
  /** Steps. */
  readonly fuel: number;
  /** Bytes. */
  readonly memory: number;
  /** Units of depth. */
  readonly depth: number;
  /** Milliseconds. */
  readonly wallMs: number;
  /** Bytes of the encoded output. */
  readonly outputBytes: number;
  readonly logLines: number;
}

const PAGE_BYTES = 64 * 1024;

/** What a run gets unless it asks for something else: those of an engine that interprets. */
export const DEFAULTS: Limits = {
  fuel: 10_000_000,
  memory: 1024 * PAGE_BYTES,
  depth: 250_000,
  wallMs: 10_000,
  outputBytes: 3 * 1024 * 1024,
  logLines: 100,
};

/** The most that a run may ask for. */
export const MAXIMA: Limits = {
  fuel: 10_000_000_000,
  memory: 8192 * PAGE_BYTES,
  depth: 1_000_000,
  wallMs: 30_000,
  outputBytes: 8 * 1024 * 1024,
  logLines: 1000,
};

/** The limits of a run. One above its maximum, or above the key's, is refused as LIMIT_TOO_HIGH, never lowered in silence. */
export function limitsOf(asked: ExecutionLimits | undefined, key: KeyLimits | undefined): Limits {
  const violations: FieldViolation[] = [];
  const pick = (field: string, value: number | undefined, byDefault: number, maximum: number): number => {
    if (value !== undefined && value > maximum) {
      violations.push({ field: `limits.${field}`, description: `may be at most ${maximum}, not ${value}` });
    }
    return Math.min(value ?? byDefault, maximum);
  };
  const maxFuel = Math.min(MAXIMA.fuel, Number(key?.maxFuel ?? MAXIMA.fuel));
  const maxWall = Math.min(MAXIMA.wallMs, key?.maxWallMs ?? MAXIMA.wallMs);
  const fuel = asked?.fuel === undefined ? undefined : Number(asked.fuel);
  const limits = {
    fuel: pick("fuel", fuel, DEFAULTS.fuel, maxFuel),
    memory:
      PAGE_BYTES *
      pick("memoryPages", asked?.memoryPages, DEFAULTS.memory / PAGE_BYTES, MAXIMA.memory / PAGE_BYTES),
    depth: pick("depth", asked?.depth, DEFAULTS.depth, MAXIMA.depth),
    wallMs: pick("wallMs", asked?.wallMs, DEFAULTS.wallMs, maxWall),
    outputBytes: pick("outputBytes", asked?.outputBytes, DEFAULTS.outputBytes, MAXIMA.outputBytes),
    logLines: pick("logLines", asked?.logLines, DEFAULTS.logLines, MAXIMA.logLines),
  };
  if (violations.length > 0) throw invalid(violations, "LIMIT_TOO_HIGH");
  return limits;
}
