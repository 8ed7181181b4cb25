import type { Json } from "../rest.ts";

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
const KEY = /anrf_[0-9a-f-]{36}_[\w-]{40,}/g;
/** Fields that measure, or that are drawn: they are there, and that is all. */
const DRAWN = /(Seconds|Ms|Token|^etag|^keyId|^memoryBytes|^versionEtag|^prefix)$/;

/** What has to be equal through every way: ids, times, secrets and measurements become words. */
export function normal(value: unknown, varies: ReadonlySet<string> = new Set()): unknown {
  if (Array.isArray(value)) return value.map((item) => normal(item, varies));
  if (typeof value === "string")
    return value.replace(KEY, "<key>").replace(UUID, "<uuid>").replace(TIME, "<time>");
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, one]): [string, unknown] => {
    const drawn = varies.has(name) || (DRAWN.test(name) && one !== "" && typeof one !== "object");
    return [name, drawn ? "<any>" : normal(one, varies)];
  });
  return Object.fromEntries(entries);
}

const PASSING = ["queued", "progress", "heartbeat"];

/** The events that no way may leave out, without the numbers that depend on those that may. */
export function lasting(answers: readonly Json[]): readonly Json[] {
  if (!answers.every((one) => typeof one["sequence"] === "number")) return answers;
  return answers
    .filter((event) => PASSING.every((name) => !(name in event)))
    .map(({ sequence: _, ...event }) => event);
}
