import { create, fromJson, toJson } from "@bufbuild/protobuf";
import { type Value, ValueSchema } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KeyLimitsSchema } from "#gen/anrf/api/v1/key_limits_pb.ts";
import {
  Engine,
  ExecuteRequest_Contracts,
  ExecutionService,
} from "#gen/anrf/execution/v1/execution_service_pb.ts";
import { RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import type { Call } from "#platform/rpc/call.ts";
import type { Client } from "#platform/rpc/handlers.ts";
import { startTestHost, type TestHost } from "../../tests/host.ts";
import { artifactOf } from "../../tests/programs.ts";
import { target as registryTarget } from "../registry/target.ts";
import { target } from "./target.ts";

const PROGRAMS = {
  double: "fn double(x: int) -> int { x + x }",
  divide: "fn divide(a: int, b: int) -> int { a // b }",
  total: "fn total(xs: list<int>) -> int { xs.sum() }",
  count: "fn count(n: int) -> list<int> { List.range(0, n) }",
  spin: "fn spin(n: int) -> int { loop i = 0 while n == n { i + 1 - 1 } }",
  endless: "fn endless(n: int) -> int decreases n { endless(n + 1) + 1 }",
  guarded: 'fn guarded(x: int) -> int requires x > 0, "x is positive" { x }',
  grow: "fn grow(n: int) -> int { let all = loop xs = [1] while xs.length() < n { xs + xs }; all.length() }",
  table: "fn table(m: map<string, int>, o: option<int>) -> (int, option<int>) { (m.size(), o) }",
};

let system: TestHost;
let execution: Client<typeof ExecutionService>;
let call: Call;
const ids: Record<string, string> = {};

beforeAll(async () => {
  system = await startTestHost([registryTarget, target], { ANRF_EXECUTION_WORKERS: "2" });
  execution = system.host.client(ExecutionService, "edge");
  const registry = system.host.client(RegistryService, "edge");
  call = await system.newCall();
  for (const [name, text] of Object.entries(PROGRAMS)) {
    ids[name] = (await registry.putAnrf({ artifact: artifactOf(text) }, call)).anrfId;
  }
});
afterAll(() => system[Symbol.asyncDispose]());

const json = (value: unknown): Value => fromJson(ValueSchema, value as never);
const id = (name: keyof typeof PROGRAMS): string => ids[name] ?? "";
const run = (name: keyof typeof PROGRAMS, inputs: unknown, more: object = {}, by: Call = call) =>
  execution.execute({ anrfId: id(name), inputs: json(inputs), ...more }, by);
const result = (output: Value | undefined): unknown =>
  output === undefined ? undefined : toJson(ValueSchema, output);

describe("Execute", () => {
  it.each([
    ["double", { x: 21 }, 42],
    ["double", [21], 42],
    ["double", { x: "4611686018427387903" }, "9223372036854775806"],
    ["total", { xs: [] }, 0],
    ["table", { m: { b: 1, a: 2 }, o: 5 }, [2, 5]],
    ["table", { m: {} }, [0, null]],
  ] as const)("runs %s on %j", async (name, inputs, expected) => {
    const answer = await run(name, inputs);
    expect(result(answer.output)).toEqual({ result: expected });
    expect(answer.trap).toBeUndefined();
    expect(answer.executionId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    ["divide", { a: 1, b: 0 }, {}, "DIV_ZERO"],
    ["double", { x: "9223372036854775807" }, {}, "OVERFLOW"],
    ["spin", { n: 1 }, {}, "FUEL"],
    ["endless", { n: 1 }, {}, "DEPTH"],
    ["grow", { n: 100_000_000 }, { limits: { memoryPages: 16 } }, "MEMORY"],
    ["count", { n: 600_000 }, {}, "OUTPUT"],
    ["spin", { n: 1 }, { limits: { fuel: 10_000_000_000n, wallMs: 300 } }, "TIME"],
    ["guarded", { x: 0 }, { contracts: ExecuteRequest_Contracts.ENFORCE }, "CONTRACT"],
  ] as const)("ends %s on %j with its trap, as an ordinary answer", async (name, inputs, more, code) => {
    const answer = await run(name, inputs, more);
    expect(answer.trap?.code).toBe(code);
    expect(answer.output).toBeUndefined();
    expect(result((await run("double", { x: 1 })).output)).toEqual({ result: 2 });
  });

  it("reports a broken clause and goes on, unless it is to be enforced", async () => {
    const answer = await run("guarded", { x: 0 });
    expect(result(answer.output)).toEqual({ result: 0 });
    expect(answer.logs.map((log) => log.code)).toEqual(["CONTRACT_VIOLATED"]);
  });

  it.each([
    [{ x: "a" }, "inputs.x"],
    [{ x: 1.5 }, "inputs.x"],
    [{ y: 1 }, "inputs.y"],
    [{}, "inputs.x"],
    [[1, 2], "inputs"],
    ["x", "inputs"],
  ])("refuses %j with the field that is wrong", async (inputs, field) => {
    const wrong = run("double", inputs);
    await expect(wrong).rejects.toMatchObject({ code: 3, message: expect.stringContaining(`${field}:`) });
  });

  it.each([
    ["fuel", { limits: { fuel: 10_000_000_001n } }, 3],
    ["wall time", { limits: { wallMs: 30_001 } }, 3],
    ["engine", { engine: Engine.WASM }, 9],
    ["function", { function: "nothing" }, 5],
    ["version", { version: 9 }, 11],
  ])("refuses a %s that it does not have", async (_, more, code) => {
    await expect(run("double", { x: 1 }, more)).rejects.toMatchObject({ code });
  });

  it("hides another client's program and its executions", async () => {
    const other = await system.newCall();
    await expect(run("double", { x: 1 }, {}, other)).rejects.toMatchObject({ code: 5 });
    const { executionId } = await run("double", { x: 1 });
    await expect(execution.getExecution({ executionId }, other)).rejects.toMatchObject({ code: 5 });
    expect((await execution.listExecutions({}, other)).executions).toEqual([]);
  });

  it("keeps a record, with inputs and output if asked", async () => {
    const plain = await run("double", { x: 4 });
    const kept = await run("double", { x: 4 }, { recordIo: true });
    const { execution: first } = await execution.getExecution({ executionId: plain.executionId }, call);
    const { execution: second } = await execution.getExecution({ executionId: kept.executionId }, call);
    expect(first?.inputs).toBeUndefined();
    expect(result(second?.inputs)).toEqual({ x: 4 });
    expect(result(second?.output)).toEqual({ result: 8 });
    expect(second?.inputsSha256).toBe(first?.inputsSha256);
    const page = await execution.listExecutions({ anrfId: id("double"), pageSize: 1 }, call);
    expect(page.executions[0]?.executionId).toBe(kept.executionId);
    const next = await execution.listExecutions(
      { anrfId: id("double"), pageSize: 1, pageToken: page.nextPageToken },
      call,
    );
    expect(next.executions[0]?.executionId).toBe(plain.executionId);
  });

  it("only checks when it is asked to validate", async () => {
    const answer = await run("double", { x: 4 }, { validateOnly: true });
    expect(answer.executionId).toBe("");
    await expect(run("double", { x: "a" }, { validateOnly: true })).rejects.toMatchObject({ code: 3 });
  });

  it("refuses a key whose fuel of the day is spent", async () => {
    const limits = create(KeyLimitsSchema, { fuelPerDay: 5n });
    const poor: Call = {
      ...call,
      client: { ...call.client, keyId: "01890000-0000-7000-8000-000000000000", limits },
    };
    expect((await run("double", { x: 1 }, {}, poor)).fuelUsed).toBeGreaterThan(0n);
    await run("total", { xs: [1, 2, 3, 4, 5, 6] }, {}, poor);
    await expect(run("double", { x: 1 }, {}, poor)).rejects.toMatchObject({ code: 8 });
  });

  it("lets a short run pass a long one", async () => {
    const order: string[] = [];
    const long = run("spin", { n: 1 }, { limits: { fuel: 10_000_000_000n, wallMs: 3_000 } }).then(() =>
      order.push("long"),
    );
    await run("double", { x: 1 }).then(() => order.push("short"));
    await long;
    expect(order).toEqual(["short", "long"]);
  });

  it("stops a run whose caller has gone", async () => {
    const gone = new AbortController();
    const long = run(
      "spin",
      { n: 1 },
      { limits: { fuel: 10_000_000_000n, wallMs: 30_000 } },
      { ...call, signal: gone.signal },
    );
    setTimeout(() => gone.abort(), 100);
    await expect(long).rejects.toMatchObject({ code: 1 });
    expect(result((await run("double", { x: 1 })).output)).toEqual({ result: 2 });
  });
});
