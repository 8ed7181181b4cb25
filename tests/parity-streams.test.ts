import { connect } from "node:http2";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ExecutionService } from "#gen/anrf/execution/v1/execution_service_pb.ts";
import { GenerationService } from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { findTool } from "../scripts/tools.ts";
import { type FaultProxy, startProxy } from "./faults.ts";
import { type Gateways, startGateways } from "./gateways.ts";
import { doubles, FAULTS, ODD_TEXT, pause, Seen } from "./parity/doubles.ts";
import { raw } from "./parity/raw.ts";
import { ask, GATEWAYS, type Gateway, type Outcome, type Way, wayName, waysTo } from "./parity/ways.ts";
import type { Json } from "./rest.ts";

const hasEnvoy = (await findTool("envoy")) !== undefined;
const gateways: readonly Gateway[] = hasEnvoy ? GATEWAYS : ["edge"];
const reason = hasEnvoy ? "" : " (the edge alone: there is no Envoy here)";
const NOBODY = "018f0000-0000-7000-8000-000000000000";
const { generateStream } = GenerationService.method;
const { execute } = ExecutionService.method;
const { getAnrf } = RegistryService.method;

let behind: Gateways;
const seen = new Seen();
/** Between Envoy and the generation service: when it ends, that service is gone for Envoy. */
const link = { port: 0 };
const edgeLog: Json[] = [];
let proxy: FaultProxy;
beforeAll(async () => {
  proxy = await startProxy(link);
  behind = await startGateways({
    doubles: doubles(seen),
    lines: (line) => edgeLog.push(JSON.parse(line) as Json),
    settings: { streamIdleSeconds: 4 },
    through: (target, port) => {
      if (target !== "generation") return port;
      link.port = port;
      return proxy.port;
    },
  });
}, 180_000);
afterAll(async () => {
  await behind?.[Symbol.asyncDispose]();
  await proxy?.[Symbol.asyncDispose]();
});

const url = (gateway: Gateway): string => behind.urls[gateway] ?? "";
/** Every way of a stream once: the paths with and without /v1 are the same route. */
const WAYS = waysTo(generateStream).filter(({ binding }) => binding?.template.startsWith("/v1") !== true);
const CASES = gateways.flatMap((gateway) =>
  WAYS.map((way) => ({ gateway, way, name: `${wayName(way)} (${gateway})` })),
);

function stream(
  gateway: Gateway,
  way: Way,
  word: string,
  more: { signal?: AbortSignal; headers?: Record<string, string> } = {},
): Promise<Outcome> {
  return ask(way, generateStream, { model: word }, { url: url(gateway), key: behind.key, ...more });
}

/** The lines of Envoy's access log, as far as they are written. */
function accessLog(): readonly Json[] {
  return (behind.envoy?.output() ?? "")
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Json);
}

/** Tries until it holds; says what it wanted where it never does. */
async function eventually(what: string, holds: () => boolean, ms = 15_000): Promise<void> {
  for (const end = Date.now() + ms; !holds(); await pause(50)) {
    if (Date.now() > end) throw new Error(`never: ${what}`);
  }
}

const namesOf = (outcome: Outcome): readonly string[] =>
  outcome.answers.map((event) =>
    Object.keys(event)
      .filter((key) => !["generationId", "sequence", "createTime"].includes(key))
      .join(),
  );

describe(`a stream${reason}`, () => {
  it.each(CASES)("tells a late error after its events: $name", async ({ gateway, way }) => {
    for (const [word, message] of [
      ["late ABORTED", FAULTS.ABORTED.message],
      ["late ODD", ODD_TEXT],
    ] as const) {
      const outcome = await stream(gateway, way, word);
      expect(namesOf(outcome)).toEqual(["started", "failed"]);
      expect(outcome.answers[1]).toMatchObject({ failed: { status: { code: 10, message } } });
      // What HTTP/1.1 cannot say after its headers, the last event has said.
      const silent = way.binding !== undefined;
      expect([outcome.code, outcome.message]).toEqual(silent ? ["OK", ""] : ["ABORTED", message]);
      expect(outcome.details).toHaveLength(silent ? 0 : 1);
    }
  });

  it.each(CASES)("is told not to be held back, and is of its type: $name", async ({ gateway, way }) => {
    const { headers } = await stream(gateway, way, "ticks 2 0");
    const types = {
      sse: "text/event-stream",
      lines: "application/x-ndjson",
      connect: "application/connect+proto",
    };
    const type = types[way.protocol as keyof typeof types];
    if (type !== undefined) expect(headers.get("content-type")).toBe(type);
    if (way.binding !== undefined) expect(headers.get("cache-control")).toBe("no-cache, no-transform");
  });

  it.each(CASES)("that its reader gives up ends at the service: $name", async ({ gateway, way }) => {
    const before = seen.cancelled;
    const leave = new AbortController();
    const left = stream(gateway, way, "hang", { signal: leave.signal }).then(
      (outcome) => outcome.code,
      (error: unknown) => (error instanceof Error ? error.name : "?"),
    );
    await eventually("the stream is open", () => seen.open > 0);
    await pause(100);
    leave.abort();
    expect(["AbortError", "CANCELLED"]).toContain(await left);
    await eventually("the service sees the cancel", () => seen.cancelled > before && seen.open === 0);
  });

  it.each(CASES)("ends at the deadline that its caller sets: $name", async ({ gateway, way }) => {
    const headers: Record<string, string> =
      way.protocol === "connect" ? { "connect-timeout-ms": "700" } : { "grpc-timeout": "700m" };
    const outcome = await stream(gateway, way, "hang", { headers }).catch(() => undefined);
    await eventually("the service sees the end", () => seen.open === 0);
    if (way.binding === undefined) {
      // Whoever is first, the gateway or the service, says it in its own way; a cut of HTTP/1.1 reaches fetch as an error.
      expect(["DEADLINE_EXCEEDED", "INTERNAL", "UNKNOWN", "UNAVAILABLE", undefined]).toContain(outcome?.code);
    }
  });

  // It ends at the service before the gateway breaks it off: a cut would reach the reader as a fault of the connection.
  it("ends at that deadline in words by every way", async () => {
    const ended = await Promise.all(
      CASES.map(({ gateway, way }) => {
        const headers: Record<string, string> =
          way.protocol === "connect" ? { "connect-timeout-ms": "8000" } : { "grpc-timeout": "8S" };
        return stream(gateway, way, "ticks 1000 500", { headers });
      }),
    );
    for (const [index, { code, answers }] of ended.entries()) {
      const { name, way } = CASES[index] ?? {};
      // After its first event REST has no more words for an error than a clean end.
      const expected = way?.binding === undefined ? "DEADLINE_EXCEEDED" : "OK";
      expect([name, code]).toEqual([name, expected]);
      expect(answers.length).toBeGreaterThan(1);
    }
  }, 30_000);

  it.each(gateways)("of Connect in JSON is a documented difference (%s)", async (gateway) => {
    const way: Way = { protocol: "connect-json" };
    const outcome = await stream(gateway, way, "ticks 3 0");
    if (gateway === "edge")
      expect([outcome.code, namesOf(outcome)]).toEqual([
        "OK",
        ["started", "heartbeat", "heartbeat", "completed"],
      ]);
    else expect([outcome.code, outcome.answers]).toEqual(["UNIMPLEMENTED", []]);
  });

  // Longer than the 15 s after which a route without a time-out of its own cuts.
  it("of 20 s survives by every way", async () => {
    const ended = await Promise.all(CASES.map(({ gateway, way }) => stream(gateway, way, "ticks 21 1000")));
    for (const [index, { code, answers }] of ended.entries()) {
      expect([CASES[index]?.name, code, answers.length]).toEqual([CASES[index]?.name, "OK", 22]);
    }
  }, 60_000);
});

describe(`the access log${reason}`, () => {
  it("has one line a REST request, the call of the service within it (edge)", async () => {
    const { requestId } = (
      await raw(`${url("edge")}/execute/${NOBODY}`, {
        method: "POST",
        headers: { "x-api-key": behind.key },
        body: JSON.stringify({ function: "ABORTED" }),
      })
    ).body as { requestId?: string };
    const of = (): readonly Json[] => edgeLog.filter((line) => line["requestId"] === requestId);
    await eventually("its line is written", () => of().some(({ msg }) => msg === "http"));
    expect(of().filter(({ method }) => method !== "/envoy.service.auth.v3.Authorization/Check")).toEqual([
      expect.objectContaining({
        msg: "http",
        status: 409,
        code: "ABORTED",
        method: "/anrf.execution.v1.ExecutionService/Execute",
        traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
      }),
    ]);
  });

  it("has no word of a reader that left, nor has the console (edge)", async () => {
    const spy = vi.spyOn(console, "error").mockImplementation(() => {});
    const before = edgeLog.length;
    for (const way of WAYS.filter(({ binding }) => binding === undefined)) {
      const gone = seen.cancelled;
      const leave = new AbortController();
      const left = stream("edge", way, "ticks 1000 1", { signal: leave.signal }).catch(() => {});
      await eventually("the stream is open", () => seen.open > 0);
      await pause(100);
      leave.abort();
      await left;
      await eventually("the service sees the cancel", () => seen.cancelled > gone && seen.open === 0);
    }
    await pause(100);
    expect(spy.mock.calls).toEqual([]);
    expect(edgeLog.slice(before).filter(({ level }) => level !== "info")).toEqual([]);
    spy.mockRestore();
  });

  /** What both logs call by other names. */
  const isOf = (gateway: Gateway, line: Json): boolean =>
    gateway === "envoy"
      ? line["msg"] === "gateway" && String(line["path"]).startsWith("/execute/")
      : line["msg"] === "http" && line["route"] === "/execute/{anrf_id}";
  const log = (gateway: Gateway): readonly Json[] =>
    (gateway === "envoy" ? accessLog() : edgeLog).filter((line) => isOf(gateway, line));

  it.each(gateways)(
    "says 499 where a call is CANCELLED, and where its client is gone (%s)",
    async (gateway) => {
      const path = `${url(gateway)}/execute/${NOBODY}`;
      const init = (word: string): RequestInit => ({
        method: "POST",
        headers: { "x-api-key": behind.key },
        body: JSON.stringify({ function: word }),
      });
      const told = await raw(path, init("CANCELLED"));
      expect(told.status).toBe(499);
      await eventually("its line is written", () => log(gateway).some(({ status }) => status === 499));
      const before = log(gateway).length;
      const word = gateway === "envoy" ? "slow 5001" : "slow 5002";
      const leave = new AbortController();
      const gone = fetch(path, { ...init(word), signal: leave.signal }).catch(() => {});
      await eventually("the call has begun", () => seen.calls.has(word));
      leave.abort();
      await gone;
      await eventually("its line is written", () => log(gateway).length > before);
      expect(log(gateway).slice(before)).toEqual([expect.objectContaining({ verb: "POST", status: 499 })]);
    },
  );
});

describe.skipIf(!hasEnvoy)(`Envoy${hasEnvoy ? "" : " (skipped: there is none here)"}`, () => {
  it("tries a read again that was UNAVAILABLE, and nothing else", async () => {
    const way: Way = { protocol: "grpc" };
    const how = { url: url("envoy"), key: behind.key };
    const read = await ask(way, getAnrf, { anrfId: NOBODY, alias: "flaky 3" }, how);
    expect([read.code, seen.calls.get("flaky 3")]).toEqual(["OK", 3]);
    const run = await ask(way, execute, { anrfId: NOBODY, function: "flaky 2" }, how);
    expect([run.code, seen.calls.get("flaky 2")]).toEqual(["UNAVAILABLE", 1]);
  });

  it("passes trace context on", async () => {
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
    for (const gateway of gateways) {
      await ask(
        { protocol: "grpc" },
        getAnrf,
        { anrfId: NOBODY, alias: `traced ${gateway}` },
        { url: url(gateway), key: behind.key, headers },
      );
      expect([gateway, seen.last?.trace.traceId]).toEqual([gateway, traceId]);
    }
  });

  it("cuts a stream that is silent for too long, and none that works in silence", async () => {
    const silent = await ask(
      { protocol: "grpc" },
      generateStream,
      { model: "ticks 2 9000" },
      { url: url("envoy"), key: behind.key },
    );
    expect(silent.code).not.toBe("OK");
    const unary = await ask(
      { protocol: "grpc" },
      execute,
      { anrfId: NOBODY, function: "slow 6000" },
      { url: url("envoy"), key: behind.key },
    );
    expect(unary.code).toBe("OK");
  }, 60_000);

  it("sends on answers of 2 MiB by every way", async () => {
    for (const way of waysTo(execute)) {
      const outcome = await ask(
        way,
        execute,
        { anrfId: NOBODY, function: `big ${2 * 2 ** 20}` },
        { url: url("envoy"), key: behind.key },
      );
      expect([wayName(way), outcome.code]).toEqual([wayName(way), "OK"]);
    }
  });

  it("keeps its administration to itself", async () => {
    const admin = behind.envoyAdmin;
    expect((await raw(`${admin}/ready`)).status).toBe(200);
    for (const path of ["/config_dump", "/clusters", "/certs", "/logging?level=debug"]) {
      expect([path, (await raw(`${admin}${path}`)).status]).toEqual([path, 403]);
    }
    expect((await raw(`${behind.envoyStats}/stats/prometheus`)).text).toContain(
      "envoy_cluster_upstream_rq_total",
    );
    expect((await raw(`${behind.envoyStats}/quitquitquit`, { method: "POST" })).status).toBe(404);
  });

  it("holds more than 1,024 streams of one service", async () => {
    const count = 1100;
    const sessions = [connect(url("envoy")), connect(url("envoy"))];
    const statuses: number[] = [];
    // They tick, so that none is cut for its silence while the last ones are opened on a busy machine.
    const body = '{"model":"ticks 300 2000"}';
    const headers = {
      ":method": "POST",
      ":path": "/generate/stream",
      "x-api-key": behind.key,
      "content-type": "application/json",
    };
    try {
      for (let at = 0; at < count; at++) {
        const request = sessions[at % 2]?.request(headers);
        request?.on("response", (answer) => statuses.push(Number(answer[":status"])));
        request?.on("error", () => {});
        request?.end(body);
        if (at % 50 === 49)
          await eventually(`${at + 1} streams have begun`, () => statuses.length > at - 50, 30_000);
      }
      await eventually("all have begun", () => statuses.length === count, 30_000);
      expect(new Set(statuses)).toEqual(new Set([200]));
      expect(seen.open).toBe(count);
    } finally {
      for (const session of sessions) session.destroy();
    }
    await eventually("the service has seen them go", () => seen.open === 0, 30_000);
  }, 120_000);

  it("says by every protocol that a service died in mid-stream", async () => {
    const ended = WAYS.map((way) =>
      stream("envoy", way, "ticks 30 1000").then(
        ({ code, answers }) => [way.protocol, code, answers.length > 0] as const,
        (error: unknown) => [way.protocol, error instanceof Error ? error.message : "?", true] as const,
      ),
    );
    await eventually("all streams are open", () => seen.open === WAYS.length);
    await pause(500);
    await proxy[Symbol.asyncDispose]();
    const cut = expect.stringMatching(/terminated|UNKNOWN|INTERNAL|UNAVAILABLE|ABORTED/);
    for (const [protocol, how, begun] of await Promise.all(ended))
      expect([protocol, how, begun]).toEqual([protocol, cut, true]);
    const later = await Promise.all(WAYS.map((way) => stream("envoy", way, "ticks 2 0")));
    for (const { code, answers } of later) expect([code, answers]).toEqual(["UNAVAILABLE", []]);
  }, 60_000);

  it("let no error of Lua into its log", () => {
    expect(
      behind.envoy
        ?.output()
        .split("\n")
        .filter((line) => /script log|lua/i.test(line) && !line.startsWith("{")),
    ).toEqual([]);
  });
});
