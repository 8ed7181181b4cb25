const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3_600, d: 86_400 };

/** Seconds of a text such as 500ms, 10s, 2m, 12h or 30d; a bare number counts seconds. */
export function secondsOf(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text.trim());
  if (match === null) return undefined;
  return Number(match[1]) * (UNITS[match[2] ?? "s"] ?? 1);
}

/** Seconds for people: 0.4 s, 12 s, 3 min. */
export function timeText(seconds: number): string {
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  return seconds < 120 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds / 60)} min`;
}

/** A count for people: 1,234,567. */
export function countText(count: number | bigint): string {
  return count.toLocaleString("en-US");
}
