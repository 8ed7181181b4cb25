import { describe, expect, it } from "vitest";
import { callLogger, createLogger, infoLines } from "./log.ts";

function logged(write: (log: ReturnType<typeof createLogger>) => void): string {
  let text = "";
  write(
    createLogger({
      destination: {
        write: (line) => {
          text += line;
        },
      },
    }),
  );
  return text;
}

describe("createLogger", () => {
  it.each([
    ["a key", { apiKey: "hunter2" }],
    ["a header", { headers: { "x-api-key": "hunter2", authorization: "Bearer hunter2" } }],
    ["a text of people", { request: { inputText: "hunter2" } }],
    ["a password", { config: { password: "hunter2" } }],
    ["inputs of a program", { inputs: { x: "hunter2" } }],
  ])("censors %s", (_, fields) => {
    const text = logged((log) => log.info(fields, "something happened"));
    expect(text).toContain("something happened");
    expect(text).not.toContain("hunter2");
  });

  it("writes one JSON object a line, with the level by name", () => {
    const text = logged((log) => log.warn({ a: 1 }, "careful"));
    expect(JSON.parse(text)).toMatchObject({ level: "warn", a: 1, msg: "careful" });
    expect(text.endsWith("\n")).toBe(true);
  });
});

describe("infoLines", () => {
  it("writes what the logger itself would", () => {
    const fields = { requestId: 'a "quoted"\n id', ms: 1.5, client: null, error: undefined };
    const [direct, usual] = [
      logged((log) => infoLines(log.child({ target: "view" }))(fields, "rpc")),
      logged((log) => log.child({ target: "view" }).info(fields, "rpc")),
    ].map((text) => ({ ...JSON.parse(text), time: 0 }));
    expect(direct).toEqual(usual);
    expect(Object.keys(direct)).toEqual(Object.keys(usual));
  });

  it("is silent where the logger is", () => {
    expect(
      logged((log) => {
        log.level = "warn";
        infoLines(log)({ ms: 1 }, "rpc");
      }),
    ).toBe("");
  });
});

describe("callLogger", () => {
  it("writes what a child would, and censors as well", () => {
    const fields = { ms: 1.5, password: "hunter2" };
    const ids = { requestId: 'a "quoted" id', traceId: "ab".repeat(16) };
    const [quick, usual] = [
      logged((log) =>
        callLogger(log.child({ target: "view" }), ids.requestId, ids.traceId).warn(fields, "x"),
      ),
      logged((log) => log.child({ target: "view" }).child(ids).warn(fields, "x")),
    ].map((text) => ({ ...JSON.parse(text), time: 0 }));
    expect(quick).toEqual(usual);
    expect(quick.password).toBe("[redacted]");
  });

  it("can have children of its own", () => {
    const text = logged((log) => callLogger(log, "r", "t").child({ step: 1 }).info({}, "x"));
    expect(JSON.parse(text)).toMatchObject({ requestId: "r", traceId: "t", step: 1 });
  });
});
