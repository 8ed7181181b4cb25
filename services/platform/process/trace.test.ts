import { describe, expect, it } from "vitest";
import { childTrace, newTrace, readTrace, traceparent } from "./trace.ts";

describe("readTrace", () => {
  it("reads what traceparent writes", () => {
    const trace = { ...childTrace(newTrace()), sampled: true, state: "a=1" };
    expect(readTrace(traceparent(trace), "a=1")).toEqual(trace);
  });

  it("accepts a later version with more parts", () => {
    const header = `01-${"a".repeat(32)}-${"b".repeat(16)}-01-more`;
    expect(readTrace(header, undefined)).toMatchObject({ traceId: "a".repeat(32), sampled: true });
  });

  it.each([
    undefined,
    "",
    `00-${"a".repeat(32)}-${"b".repeat(16)}`,
    `00-${"a".repeat(32)}-${"b".repeat(16)}-01-more`,
    `ff-${"a".repeat(32)}-${"b".repeat(16)}-01`,
    `00-${"0".repeat(32)}-${"b".repeat(16)}-01`,
    `00-${"a".repeat(32)}-${"0".repeat(16)}-01`,
    `00-${"A".repeat(32)}-${"b".repeat(16)}-01`,
  ])("refuses %j", (header) => {
    expect(readTrace(header, undefined)).toBeUndefined();
  });

  it("writes a valid header for a trace in which nothing was done yet", () => {
    expect(readTrace(traceparent(newTrace()), undefined)?.spanId).toMatch(/^[0-9a-f]{16}$/);
  });

  it("keeps the trace and changes the span from hop to hop", () => {
    const trace = childTrace(newTrace());
    const child = childTrace(trace);
    expect(child.traceId).toBe(trace.traceId);
    expect(child.spanId).not.toBe(trace.spanId);
  });
});
