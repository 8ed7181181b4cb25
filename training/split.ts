import { createHash } from "node:crypto";

/** What a task may be used for: fitting, calibrating confidence, or reporting once at the end. */
export type Part = "tune" | "calibrate" | "report";

const TUNE_BELOW = 30;
const CALIBRATE_BELOW = 70;

/**
 * The part a task family belongs to: 30 % tune, 40 % calibrate, 30 % report, by the SHA-256 of the family's
 * name alone. It never depends on the other tasks, so adding tasks moves none.
 */
export function partOf(family: string): Part {
  const digest = createHash("sha256").update(family, "utf8").digest();
  const percentile = digest.readUInt32BE(0) % 100;
  if (percentile < TUNE_BELOW) return "tune";
  return percentile < CALIBRATE_BELOW ? "calibrate" : "report";
}
