import { describe, expect, it } from "vitest";
import { decodeEvents, EventLog } from "./event-log.ts";

const never = new AbortController().signal;
const sequences = async (log: EventLog, after: number): Promise<readonly number[]> => {
  const seen: number[] = [];
  for await (const event of log.follow(after, never)) seen.push(event.sequence);
  return seen;
};
const end = { case: "completed", value: {} } as const;

describe("EventLog", () => {
  it("numbers events from one and gives each reader what comes after its own sequence", async () => {
    const log = new EventLog("g");
    log.append({ case: "started", value: {} });
    const early = sequences(log, 0);
    log.append({ case: "candidate", value: {} });
    const late = sequences(log, 1);
    log.append(end);
    expect(await early).toEqual([1, 2, 3]);
    expect(await late).toEqual([2, 3]);
    expect(await sequences(log, 3)).toEqual([]);
  });

  it("writes nothing after the last event", async () => {
    const log = new EventLog("g");
    log.append(end);
    log.append({ case: "heartbeat", value: {} });
    expect(await sequences(log, 0)).toEqual([1]);
  });

  it("leaves out passing events alone for a reader that is far behind", async () => {
    const log = new EventLog("g");
    log.append({ case: "started", value: {} });
    for (let count = 0; count < 1000; count++) log.append({ case: "progress", value: { programs: count } });
    log.append({ case: "candidate", value: { digest: "d" } });
    log.append(end);
    const seen = await sequences(log, 0);
    expect(seen).toEqual(expect.arrayContaining([1, 1002, 1003]));
    expect(seen.length).toBeLessThan(100);
  });

  it("lets a reader that goes away leave at once", async () => {
    const log = new EventLog("g");
    const leave = new AbortController();
    const reading = (async () => {
      for await (const _ of log.follow(0, leave.signal));
    })();
    leave.abort(new Error("gone"));
    await expect(reading).rejects.toThrow("gone");
  });

  it("hands out what is not stored yet, a draft included, and reads it back", () => {
    const log = new EventLog("g");
    log.append({ case: "started", value: { seed: 5n } });
    log.append({ case: "heartbeat", value: {} });
    expect(log.unflushed()).toMatchObject({ first: 1, last: 2 });
    log.flushed(2);
    expect(log.unflushed()).toBeUndefined();
    const piece = log.unflushed(log.draft(end));
    expect(piece).toMatchObject({ first: 3, last: 3 });
    expect(decodeEvents(piece?.events ?? new Uint8Array()).map((event) => event.event.case)).toEqual([
      "completed",
    ]);
  });
});
