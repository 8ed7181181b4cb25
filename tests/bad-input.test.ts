import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Value, ValueSchema } from "@bufbuild/protobuf/wkt";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Scope } from "#gen/anrf/api/v1/options_pb.ts";
import { AuthService, Tier } from "#gen/anrf/auth/v1/auth_service_pb.ts";
import { ExecutionService } from "#gen/anrf/execution/v1/execution_service_pb.ts";
import { RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { ArtifactSchema } from "#gen/anrf/v1/artifact_pb.ts";
import { artifactOf } from "./programs.ts";
import { errorOf, objectAt } from "./rest.ts";
import { type System, startSystem } from "./system.ts";
import { PROTOCOLS, type Protocol, WireFailure } from "./wire.ts";

const { execute } = ExecutionService.method;
const NOBODY = "018f0000-0000-7000-8000-000000000000";
const PROGRAMS = {
  sum: "fn sum(xs: list<int>) -> int { xs.sum() }",
  divide: "fn divide(a: int, b: int) -> int { a // b }",
  spin: "fn spin(n: int) -> int { loop i = 0 while n == n { i + 1 - 1 } }",
  endless: "fn endless(n: int) -> int decreases n { endless(n + 1) + 1 }",
  grow: "fn grow(n: int) -> int { let all = loop xs = [1] while xs.length() < n { xs + xs }; all.length() }",
};

const CONTRADICTION = JSON.stringify({
  inputText: "double x",
  signature: { params: [{ name: "x", type: "int" }], returns: "int" },
  examples: [4, 5].map((output) => ({ inputs: { x: 2 }, output })),
});

let system: System;
const ids = { sum: "", divide: "", spin: "", endless: "", grow: "" };

beforeAll(async () => {
  system = await startSystem({ ANRF_EXECUTION_WORKERS: "2" });
  for (const name of ["sum", "divide", "spin", "endless", "grow"] as const) {
    ids[name] = await system.put(PROGRAMS[name]);
  }
});
afterAll(() => system?.[Symbol.asyncDispose]());

// Whatever came in, the next good request gets its answer.
afterEach(async () => {
  const good = await system.rest().post(`/execute/${ids.sum}`, { inputs: { xs: [1, 2, 3] } });
  expect(good.body["output"]).toEqual({ result: 6 });
});

/** Code and reason of a refusal. */
async function refusal(work: Promise<unknown>): Promise<readonly [number, string]> {
  try {
    await work;
  } catch (error) {
    if (error instanceof WireFailure) return [error.code, error.reason];
    throw error;
  }
  return [0, ""];
}

describe("a key", () => {
  const unknown = `anrf_${NOBODY}_${"a".repeat(43)}`;
  const cases: readonly [string, () => Promise<string | undefined>, string][] = [
    ["that is missing", async () => undefined, "KEY_MISSING"],
    ["that is no key", async () => "nonsense", "KEY_UNKNOWN"],
    ["that nobody has", async () => unknown, "KEY_UNKNOWN"],
    ["with a wrong secret", async () => `${system.key.slice(0, -8)}AAAAAAAA`, "KEY_UNKNOWN"],
    ["past its time", () => expiredKey(), "KEY_EXPIRED"],
    ["that was revoked", () => revokedKey(), "KEY_REVOKED"],
  ];

  it.each(cases)("%s is refused over REST and every protocol", async (_, makeKey, reason) => {
    const key = await makeKey();
    const path = `/execute/${ids.sum}`;
    const answer = await fetch(new URL(path, system.url), {
      method: "POST",
      body: JSON.stringify({ inputs: [[1]] }),
      headers: key === undefined ? {} : { "x-api-key": key },
    });
    expect(answer.status).toBe(401);
    const body = (await answer.json()) as Record<string, unknown>;
    expect(Object.keys(body).sort()).toEqual(["code", "details", "error", "requestId"]);
    expect(body).toMatchObject({ code: "UNAUTHENTICATED", details: [{ reason, domain: "anrf" }] });
    for (const protocol of PROTOCOLS) {
      const bare = system.wire(protocol, key ?? "");
      expect([protocol, ...(await refusal(bare.unary(execute, { anrfId: ids.sum })))]).toEqual([
        protocol,
        16,
        reason,
      ]);
    }
  });

  async function expiredKey(): Promise<string> {
    const { key } = await system.newKey({ expires: new Date(Date.now() + 300) });
    await new Promise((resolve) => setTimeout(resolve, 350));
    return key;
  }

  async function revokedKey(): Promise<string> {
    const { key, keyId } = await system.newKey();
    await system.wire("grpc").unary(AuthService.method.revokeApiKey, { keyId });
    return key;
  }

  it("without the scope is refused, with its name", async () => {
    const { key } = await system.newKey({ scopes: [Scope.VIEW] });
    const answer = await system.rest(key).post(`/execute/${ids.sum}`, { inputs: [[1]] });
    expect(errorOf(answer)).toEqual([403, "PERMISSION_DENIED", "SCOPE_MISSING"]);
    expect(answer.body["error"]).toMatch(/lacks the scope execute/i);
    for (const protocol of PROTOCOLS) {
      const wire = system.wire(protocol, key);
      expect(await refusal(wire.unary(execute, { anrfId: ids.sum }))).toEqual([7, "SCOPE_MISSING"]);
    }
    expect((await system.rest(key).get("/v1/self")).status).toBe(200);
  });

  it("of a tier is refused above its rate, with the time to wait", async () => {
    const { key } = await system.newKey({ newClient: "hurried", tier: Tier.BASIC });
    const rest = system.rest(key);
    const answers = await Promise.all(Array.from({ length: 120 }, () => rest.get("/v1/self")));
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(40);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) {
      expect(errorOf(answer)).toEqual([429, "RESOURCE_EXHAUSTED", "RATE_LIMITED"]);
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    }
    expect((await system.rest().get("/v1/self")).status).toBe(200);
  });
});

describe("a REST request", () => {
  const list = (levels: number): string => `${"[".repeat(levels)}1${"]".repeat(levels)}`;
  type Bad = readonly [
    name: string,
    path: string,
    body: string,
    status: number,
    code: string,
    reason: string,
  ];
  const sum = "/execute/{sum}";
  const cases: readonly Bad[] = [
    ["no JSON", sum, "{", 400, "INVALID_ARGUMENT", "MESSAGE_UNREADABLE"],
    ["half a string", sum, '{"inputs": "ab', 400, "INVALID_ARGUMENT", "MESSAGE_UNREADABLE"],
    ["no object", sum, "[]", 400, "INVALID_ARGUMENT", "FIELD_INVALID"],
    ["equal keys", sum, '{"version":1,"version":1}', 400, "INVALID_ARGUMENT", "MESSAGE_UNREADABLE"],
    [
      "equal keys of a map",
      sum,
      '{"inputs":{"xs":[1],"xs":[2]}}',
      400,
      "INVALID_ARGUMENT",
      "MESSAGE_UNREADABLE",
    ],
    ["an unknown field", sum, '{"input":[[1]]}', 400, "INVALID_ARGUMENT", "FIELD_INVALID"],
    ["a field of another type", sum, '{"version":"x"}', 400, "INVALID_ARGUMENT", "FIELD_INVALID"],
    ["a number out of range", sum, '{"version":-1}', 400, "INVALID_ARGUMENT", "FIELD_INVALID"],
    ["an unknown enum value", sum, '{"engine":"STEAM"}', 400, "INVALID_ARGUMENT", "FIELD_INVALID"],
    [
      "an input of another type",
      sum,
      '{"inputs":{"xs":["a"]}}',
      400,
      "INVALID_ARGUMENT",
      "INPUT_TYPE_MISMATCH",
    ],
    ["an input too few", sum, '{"inputs":{}}', 400, "INVALID_ARGUMENT", "INPUT_TYPE_MISMATCH"],
    ["a lone surrogate", sum, '{"function":"\\ud800"}', 400, "INVALID_ARGUMENT", "FIELD_INVALID"],
    ["an unknown id", `/execute/${NOBODY}`, "{}", 404, "NOT_FOUND", "RESOURCE_NOT_FOUND"],
    ["no UUID", "/execute/17", "{}", 400, "INVALID_ARGUMENT", "FIELD_INVALID"],
    ["a version past the newest", sum, '{"version":9}', 400, "OUT_OF_RANGE", "VERSION_OUT_OF_RANGE"],
    [
      "a limit above its maximum",
      sum,
      '{"limits":{"wallMs":900000}}',
      400,
      "INVALID_ARGUMENT",
      "LIMIT_TOO_HIGH",
    ],
    [
      "an engine that is not there",
      sum,
      '{"engine":"WASM"}',
      400,
      "FAILED_PRECONDITION",
      "ENGINE_UNAVAILABLE",
    ],
    [
      "an intent that says nothing",
      "/intent/analyze",
      '{"inputText":""}',
      400,
      "INVALID_ARGUMENT",
      "INTENT_EMPTY",
    ],
    [
      "an intent of blanks",
      "/intent/analyze",
      '{"inputText":" \\n "}',
      400,
      "INVALID_ARGUMENT",
      "INTENT_EMPTY",
    ],
    [
      "an intent too long",
      "/intent/analyze",
      `{"inputText":"${"a ".repeat(10_001)}"}`,
      400,
      "INVALID_ARGUMENT",
      "FIELD_INVALID",
    ],
    [
      "a signature of no type",
      "/intent/analyze",
      '{"inputText":"x","signature":{"returns":"itn"}}',
      400,
      "INVALID_ARGUMENT",
      "SIGNATURE_INVALID",
    ],
    ["nothing to generate", "/generate", "{}", 400, "INVALID_ARGUMENT", "FIELD_INVALID"],
    [
      "a budget above its maximum",
      "/generate",
      '{"budget":{"programs":2000000000}}',
      400,
      "INVALID_ARGUMENT",
      "LIMIT_TOO_HIGH",
    ],
    ["an unknown path", "/nowhere", "{}", 404, "NOT_FOUND", "ROUTE_UNKNOWN"],
    ["an unknown parameter", `${sum}?wersion=1`, "{}", 400, "INVALID_ARGUMENT", "QUERY_PARAMETER_UNKNOWN"],
    ["33 levels", sum, `{"inputs":[${list(33)}]}`, 400, "INVALID_ARGUMENT", "INPUT_TOO_DEEP"],
    ["60 levels", sum, `{"inputs":[${list(60)}]}`, 400, "INVALID_ARGUMENT", "INPUT_TOO_DEEP"],
    ["1,000 levels", sum, `{"inputs":[${list(1000)}]}`, 400, "INVALID_ARGUMENT", "INPUT_TOO_DEEP"],
    [
      "28 levels of the wrong type",
      sum,
      `{"inputs":[${list(28)}]}`,
      400,
      "INVALID_ARGUMENT",
      "INPUT_TYPE_MISMATCH",
    ],
    [
      "9 MiB",
      sum,
      `{"inputs":"${"x".repeat(9 * 1024 * 1024)}"}`,
      413,
      "RESOURCE_EXHAUSTED",
      "MESSAGE_TOO_LARGE",
    ],
    [
      "2 MiB of a small RPC",
      "/v1/keys",
      `{"name":"${"x".repeat(2 ** 21)}"}`,
      413,
      "RESOURCE_EXHAUSTED",
      "MESSAGE_TOO_LARGE",
    ],
  ];

  it.each(cases)("with %s is refused", async (_, path, body, status, code, reason) => {
    const answer = await system.rest().post(path.replace("{sum}", ids.sum), body);
    expect(errorOf(answer)).toEqual([status, code, reason]);
    expect(answer.body["error"]).toMatch(/\S/);
  });

  it("of contradictory examples is told so by the analysis, and refused by the generation", async () => {
    const analysis = await system.rest().post("/intent/analyze", CONTRADICTION);
    expect(JSON.stringify(objectAt(analysis.body, "structuredIntent")["ambiguities"])).toMatch(
      /contradict|differ/i,
    );
    const { analysisId } = analysis.body;
    const answer = await system.rest().post("/generate", { analysisId });
    expect(errorOf(answer)).toEqual([400, "INVALID_ARGUMENT", "EXAMPLES_CONTRADICT"]);
  });

  it("names the field, and a likely spelling of an unknown one", async () => {
    const answer = await system.rest().post(`/execute/${ids.sum}`, { input: [[1]] });
    expect(answer.body["error"]).toBe('input: unknown field; did you mean "inputs"?');
  });

  it("that is not UTF-8 is refused", async () => {
    const response = await fetch(new URL(`/execute/${ids.sum}`, system.url), {
      method: "POST",
      headers: { "x-api-key": system.key },
      body: Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});

describe("an RPC", () => {
  const nested = (levels: number): Value => {
    let value = create(ValueSchema, { kind: { case: "numberValue", value: 1 } });
    for (let level = 0; level < levels; level++) {
      value = create(ValueSchema, { kind: { case: "listValue", value: { values: [value] } } });
    }
    return value;
  };
  const inputs = (value: Value): Value =>
    create(ValueSchema, { kind: { case: "listValue", value: { values: [value] } } });

  it.each(PROTOCOLS)("over %s is refused with the same reasons", async (protocol) => {
    const wire = system.wire(protocol);
    const run = (request: object): Promise<readonly [number, string]> =>
      refusal(wire.unary(execute, { anrfId: ids.sum, ...request }));
    expect(await run({ anrfId: "17" })).toEqual([3, "FIELD_INVALID"]);
    expect(await run({ anrfId: NOBODY })).toEqual([5, "RESOURCE_NOT_FOUND"]);
    expect(await run({ version: 9 })).toEqual([11, "VERSION_OUT_OF_RANGE"]);
    expect(await run({ inputs: inputs(nested(33)) })).toEqual([3, "INPUT_TOO_DEEP"]);
    expect(await run({ inputs: inputs(nested(5)) })).toEqual([3, "INPUT_TYPE_MISMATCH"]);
  });

  it.each(["grpc", "grpc-js", "grpc-web", "connect"] as const)(
    "over %s that nests 60 or 1,000 levels, or is too large, is refused",
    async (protocol: Protocol) => {
      const wire = system.wire(protocol);
      for (const levels of [45, 60]) {
        const request = { anrfId: ids.sum, inputs: inputs(nested(levels)) };
        expect(await refusal(wire.unary(execute, request))).toEqual([3, "INPUT_TOO_DEEP"]);
      }
      const put = { artifact: new Uint8Array(9 * 1024 * 1024) };
      const refused = await refusal(wire.unary(RegistryService.method.putAnrf, put));
      expect(refused[0]).toBe(8);
    },
  );

  it("of bytes that are no message is INVALID_ARGUMENT, deep ones too", async () => {
    const post = (body: Uint8Array<ArrayBuffer>): Promise<Response> =>
      fetch(new URL("/anrf.execution.v1.ExecutionService/Execute", system.url), {
        method: "POST",
        headers: {
          "content-type": "application/proto",
          "connect-protocol-version": "1",
          "x-api-key": system.key,
        },
        body,
      });
    const cut = await post(Uint8Array.of(0x0a, 0x24, 0x30));
    expect([cut.status, await cut.json()]).toMatchObject([400, { code: "invalid_argument" }]);
    const deep = await post(deepRequest(1000));
    expect([deep.status, await deep.json()]).toMatchObject([400, { code: "invalid_argument" }]);
  });

  // Written by hand: a writer of messages recurses, and what is sent here is nobody's message.
  function deepRequest(levels: number): Uint8Array<ArrayBuffer> {
    let bytes: Uint8Array<ArrayBuffer> = Uint8Array.of(0x11, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f);
    const wrap = (tag: number, inner: Uint8Array): Uint8Array<ArrayBuffer> => {
      const length: number[] = [];
      for (let rest = inner.length; ; rest >>>= 7) {
        length.push(rest < 128 ? rest : (rest & 127) | 128);
        if (rest < 128) break;
      }
      return Uint8Array.from([tag, ...length, ...inner]);
    };
    for (let level = 0; level < levels; level++) bytes = wrap(0x32, wrap(0x0a, bytes));
    const id = new TextEncoder().encode(ids.sum);
    return Uint8Array.from([...wrap(0x0a, id), ...wrap(0x12, bytes)]);
  }
});

describe("a .anrf file", () => {
  const put = (bytes: Uint8Array) =>
    system.rest().post("/v1/anrfs", { artifact: Buffer.from(bytes).toString("base64") });
  const whole = artifactOf(PROGRAMS.sum);

  it.each([0, 1, 7, 100])("cut short by %i bytes or to nothing is refused", async (cut) => {
    const bytes = cut === 0 ? whole.subarray(0, 10) : whole.subarray(0, whole.length - cut);
    expect(errorOf(await put(bytes))).toEqual([400, "INVALID_ARGUMENT", "ARTIFACT_UNREADABLE"]);
  });

  it("with one altered byte is refused at every place of the module", async () => {
    const { module } = fromBinary(ArtifactSchema, whole);
    const start = Buffer.from(whole).indexOf(Buffer.from(module));
    expect(start).toBeGreaterThan(0);
    for (let at = start; at < start + module.length; at += Math.ceil(module.length / 12)) {
      const altered = Uint8Array.from(whole);
      altered[at] = (altered[at] ?? 0) ^ 0x15;
      const answer = await put(altered);
      expect([at, answer.status]).toEqual([at, 400]);
    }
  });

  it("from a newer version is refused as such", async () => {
    const file = fromBinary(ArtifactSchema, whole);
    if (file.header === undefined) throw new Error("the file has no header");
    file.header.minReaderMinor = 99;
    const answer = await put(toBinary(ArtifactSchema, file));
    expect(errorOf(answer)).toEqual([400, "FAILED_PRECONDITION", "ANRF_MINOR_UNSUPPORTED"]);
  });
});

describe("a program that goes wrong", () => {
  const run = async (id: string, inputs: object, limits: object = {}) =>
    (await system.rest().post(`/execute/${id}`, { inputs, limits })).body;

  it("ends in its trap: an ordinary answer without output", async () => {
    const answer = await run(ids.divide, { a: 1, b: 0 });
    expect(answer).toMatchObject({ trap: { code: "DIV_ZERO", function: "divide" } });
    expect(answer).not.toHaveProperty("output");
    expect(answer["executionId"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    ["an endless loop", "spin", {}, "FUEL"],
    ["endless recursion", "endless", { fuel: "10000000000" }, "DEPTH"],
    ["endless growth", "grow", { fuel: "10000000000" }, "MEMORY"],
    ["an endless loop with all the fuel there is", "spin", { fuel: "10000000000", wallMs: 300 }, "TIME"],
  ] as const)("%s ends by a limit", async (_, name, limits, code) => {
    expect(await run(ids[name], { n: 1_000_000_000 }, limits)).toMatchObject({ trap: { code } });
  });
});

describe("a million ints", () => {
  it("are executed while other requests go on", async () => {
    const xs = Array.from({ length: 1_000_000 }, (_, index) => index % 1000);
    let done = false;
    const big = system
      .rest()
      .post(`/execute/${ids.sum}`, { inputs: { xs }, limits: { wallMs: 30_000, fuel: "100000000" } })
      .finally(() => {
        done = true;
      });
    let others = 0;
    while (!done) {
      const small = await system.rest().post(`/execute/${ids.divide}`, { inputs: { a: 12, b: 3 } });
      expect(small.body["output"]).toEqual({ result: 4 });
      if (!done) others++;
    }
    expect((await big).body).toMatchObject({ output: { result: 499_500_000 } });
    expect(others).toBeGreaterThan(5);
  });
});
