import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findTool } from "../scripts/tools.ts";
import { type Raw, raw, rawBytes, said } from "./parity/raw.ts";
import { GATEWAYS, type Gateway } from "./parity/ways.ts";
import { made, makeWorld, newOwner, type World } from "./parity/world.ts";
import { objectAt, restClient } from "./rest.ts";

const ORIGIN = "https://app.example";
const hasEnvoy = (await findTool("envoy")) !== undefined;
const gateways: readonly Gateway[] = hasEnvoy ? GATEWAYS : ["edge"];
const reason = hasEnvoy ? "" : " (the edge alone: there is no Envoy here)";
const counted = { rows: 0, different: 0 };

let world: World;
beforeAll(async () => {
  world = await makeWorld({
    env: { ANRF_EDGE_CORS_ORIGINS: ORIGIN },
    settings: { corsOrigins: [ORIGIN] },
  });
}, 180_000);
afterAll(async () => {
  process.stdout.write(
    `parity: ${counted.rows} rows of HTTP, ${counted.different} documented differences${reason}\n`,
  );
  await world?.[Symbol.asyncDispose]();
});

type Send = (url: string, key: string) => Promise<Pick<Raw, "status" | "body"> & Partial<Raw>>;
type Golden = readonly [status: number, code: string, reason: string];
/** One golden answer, or what each gateway answers where they differ on purpose. */
type Expected = Golden | Readonly<Record<Gateway, Golden>>;

const post =
  (path: string, body: string | object, headers: Readonly<Record<string, string>> = {}): Send =>
  (url, key) =>
    raw(`${url}${at(path)}`, {
      method: "POST",
      body: typeof body === "string" ? at(body) : JSON.stringify(body),
      headers: { "x-api-key": key, "content-type": "application/json", ...headers },
    });
const send =
  (method: string, path: string, headers: Readonly<Record<string, string>> = {}): Send =>
  (url, key) =>
    raw(`${url}${at(path)}`, { method, headers: { "x-api-key": key, ...headers } });
/** With the ids of the world in place of their names. */
const at = (path: string): string =>
  path.replace(
    /\{(\w+)\}/g,
    (all, name: string) => (world.ids as Readonly<Record<string, string>>)[name] ?? all,
  );

const nested = (levels: number): string => `${"[".repeat(levels)}1${"]".repeat(levels)}`;
const many = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-many-${index}`, "1"]));
const RUN = "/execute/{anrfId}";
const BAD = (edge: string): Readonly<Record<Gateway, Golden>> => ({
  edge: [400, "INVALID_ARGUMENT", edge],
  envoy: [400, "INVALID_ARGUMENT", ""],
});
const GOOD: Golden = [200, "", ""];
/** The gateway's own refusals: Envoy writes them without details. */
const own = (status: number, code: string, edge: string): Readonly<Record<Gateway, Golden>> => ({
  edge: [status, code, edge],
  envoy: [status, code, ""],
});

const ROWS: Readonly<Record<string, readonly [Send, Expected]>> = {
  "an unknown path": [send("GET", "/nowhere"), own(404, "NOT_FOUND", "ROUTE_UNKNOWN")],
  "an unknown path without a key": [
    send("GET", "/nowhere", { "x-api-key": "" }),
    own(401, "UNAUTHENTICATED", "KEY_MISSING"),
  ],
  "a wrong verb": [send("PUT", "/view/{anrfId}"), own(404, "NOT_FOUND", "ROUTE_UNKNOWN")],
  HEAD: [send("HEAD", "/view/{anrfId}"), [404, "", ""]],
  "OPTIONS without an origin": [send("OPTIONS", "/view/{anrfId}"), own(404, "NOT_FOUND", "ROUTE_UNKNOWN")],
  "a trailing slash": [send("GET", "/view/{anrfId}/"), GOOD],
  "doubled slashes": [send("GET", "//view//{anrfId}"), GOOD],
  "dots in the path": [send("GET", "/verify/../view/{anrfId}"), GOOD],
  "no JSON": [post(RUN, "{"), BAD("MESSAGE_UNREADABLE")],
  "no object": [post(RUN, "[]"), BAD("FIELD_INVALID")],
  "an empty body": [post("/verify/{anrfId}", ""), GOOD],
  "a body called text/plain": [post(RUN, { inputs: { x: 1 } }, { "content-type": "text/plain" }), GOOD],
  "a field of another type": [post(RUN, { version: "x" }), BAD("FIELD_INVALID")],
  "a number out of range": [post(RUN, { version: -1 }), [400, "INVALID_ARGUMENT", "FIELD_INVALID"]],
  "an unknown enum value": [post(RUN, { engine: "STEAM" }), BAD("FIELD_INVALID")],
  "an enum in lower case": [post(RUN, { inputs: { x: 1 }, contracts: "enforce" }), GOOD],
  "an enum in lower case in the query": [send("GET", "/v1/anrfs/{anrfId}?view=basic"), GOOD],
  "a name in snake_case": [
    post("/v1/feedback", '{"anrf_id":"{anrfId}","version":1,"kind":"THUMB_UP"}'),
    GOOD,
  ],
  "an unknown query parameter": [send("GET", "/view/{anrfId}?colour=red"), BAD("QUERY_PARAMETER_UNKNOWN")],
  "a bad number in the query": [send("GET", "/view/{anrfId}?version=two"), BAD("FIELD_INVALID")],
  "a path variable in the body": [post(RUN, '{"anrfId":"{anrfId}","inputs":{"x":1}}'), GOOD],
  "another path variable in the body": [
    post(RUN, '{"anrf_id":"{writerAnrfId}","inputs":{"x":1}}'),
    BAD("FIELD_INVALID"),
  ],
  // The transcoder compares names of the contract only; whose program it is, is asked of what was decoded.
  "another path variable in the body, in camelCase": [
    post(RUN, '{"anrfId":"{writerAnrfId}","inputs":{"x":1}}'),
    { edge: [400, "INVALID_ARGUMENT", "FIELD_INVALID"], envoy: GOOD },
  ],
  "33 levels": [post(RUN, `{"inputs":[${nested(33)}]}`), [400, "INVALID_ARGUMENT", "INPUT_TOO_DEEP"]],
  "1,000 levels": [post(RUN, `{"inputs":[${nested(1000)}]}`), BAD("INPUT_TOO_DEEP")],
  "equal keys of a map": [
    post("/v1/contexts", '{"function":"dup","content":{"a":1,"a":2}}'),
    BAD("MESSAGE_UNREADABLE"),
  ],
  "equal message fields": [
    post(RUN, '{"version":9,"version":1,"inputs":{"x":1}}'),
    { edge: [400, "INVALID_ARGUMENT", "MESSAGE_UNREADABLE"], envoy: GOOD },
  ],
  "an unknown field": [
    post(RUN, { inputs: { x: 1 }, colour: "red" }),
    { edge: [400, "INVALID_ARGUMENT", "FIELD_INVALID"], envoy: GOOD },
  ],
  "2 MiB of a small RPC": [
    post("/v1/keys", `{"name":"${"x".repeat(2 ** 21)}"}`),
    own(413, "RESOURCE_EXHAUSTED", "MESSAGE_TOO_LARGE"),
  ],
  "9 MiB of a large one": [
    post(RUN, `{"inputs":"${"x".repeat(9 * 2 ** 20)}"}`),
    own(413, "RESOURCE_EXHAUSTED", "MESSAGE_TOO_LARGE"),
  ],
  "101 headers": [send("GET", "/v1/self", many(101)), [431, "INVALID_ARGUMENT", ""]],
  "40 KiB of headers": [
    (url, key) =>
      rawBytes(
        url,
        `GET /v1/self HTTP/1.1\r\nhost: a\r\nx-api-key: ${key}\r\nx-long: ${"y".repeat(40_960)}\r\n\r\n`,
      ),
    [431, "INVALID_ARGUMENT", ""],
  ],
  "no HTTP": [(url) => rawBytes(url, "HELLO\r\n\r\n"), [400, "INVALID_ARGUMENT", ""]],
  "no host": [
    (url, key) => rawBytes(url, `GET /v1/self HTTP/1.1\r\nx-api-key: ${key}\r\nconnection: close\r\n\r\n`),
    [400, "INVALID_ARGUMENT", ""],
  ],
  "an escaped slash": [send("GET", "/view/a%2Fb"), BAD("FIELD_INVALID")],
};

describe(`over HTTP${reason}`, () => {
  it.each(Object.entries(ROWS))("%s has its golden answer", async (_, [ask, expected]) => {
    const differs = "edge" in expected;
    for (const gateway of gateways) {
      const answer = await ask(world.url(gateway), world.reader.key);
      const golden = differs ? expected[gateway] : (expected as Golden);
      expect([gateway, ...said(answer)]).toEqual([gateway, ...golden]);
      if (golden[0] >= 400 && golden[1] !== "") {
        expect(Object.keys(answer.body).sort()).toEqual(["code", "details", "error", "requestId"]);
      }
      counted.rows++;
    }
    if (differs) counted.different++;
  });

  it.each(gateways)("a query parameter overrides the path variable of its name (%s)", async (gateway) => {
    const other = world.ids.writerAnrfId;
    const path = `${world.url(gateway)}/v1/anrfs/${other}?anrfId=${world.ids.anrfId}`;
    const answer = await raw(path, { headers: { "x-api-key": world.reader.key } });
    expect([answer.status, answer.body["anrfId"]]).toEqual([200, world.ids.anrfId]);
  });

  it.each(gateways)("a body on a rule without one is read as the whole message (%s)", async (gateway) => {
    const { context } = await made(world.writer.rest, "/v1/contexts", {
      function: `body-${gateway}`,
      content: {},
    });
    const { contextId } = objectAt({ context }, "context");
    const init = {
      method: "DELETE",
      headers: { "x-api-key": world.writer.key, "content-type": "application/json" },
    };
    const stale = await raw(`${world.url(gateway)}/v1/contexts/${contextId}`, {
      ...init,
      body: '{"etag":"stale"}',
    });
    expect(said(stale)).toEqual([409, "ABORTED", "ETAG_MISMATCH"]);
    const garbage = await raw(`${world.url(gateway)}/v1/contexts/${contextId}`, { ...init, body: "garbage" });
    expect(garbage.status).toBe(400);
  });

  it.each(gateways)("names in the answer are the same whatever the request accepts (%s)", async (gateway) => {
    for (const accept of ["text/event-stream", "application/x-ndjson", "*/*"]) {
      const answer = await raw(`${world.url(gateway)}/v1/self`, {
        headers: { "x-api-key": world.reader.key, accept },
      });
      expect([accept, answer.status, answer.headers.get("content-type")]).toEqual([
        accept,
        200,
        "application/json",
      ]);
      expect(answer.body).toMatchObject({ clientId: world.reader.clientId });
    }
  });

  it.each(gateways)(
    "an error is readable, and a long answer, where gzip is accepted (%s)",
    async (gateway) => {
      const headers = { "x-api-key": world.reader.key, "accept-encoding": "gzip" };
      const refused = await raw(`${world.url(gateway)}/v1/anrfs/${world.ids.writerAnrfId}`, { headers });
      expect(said(refused)).toEqual([404, "NOT_FOUND", "RESOURCE_NOT_FOUND"]);
      const long = await raw(`${world.url(gateway)}/openapi.json`, { headers });
      expect([long.status, long.body["openapi"]]).toEqual([200, "3.1.0"]);
      const intents = await raw(`${world.url(gateway)}/v1/intents`, { headers });
      expect(intents.body["intents"]).toHaveLength(1);
    },
  );
});

describe(`who asks${reason}`, () => {
  const spoofed = (id: string): Record<string, string> => ({
    "x-client-id": id,
    "x-client-key": id,
    "x-client-scopes": "admin",
    "x-client-tier": "unlimited",
    "x-anrf-caller": "edge",
    "x-anrf-mesh-token": "guessed",
    "x-anrf-kind": "grpc",
    "x-envoy-original-path": "/healthz",
  });

  it.each(gateways)("is told by the key alone (%s)", async (gateway) => {
    const headers = spoofed(world.writer.clientId);
    const self = await raw(`${world.url(gateway)}/v1/self`, {
      headers: { ...headers, "x-api-key": world.reader.key },
    });
    expect(self.body).toMatchObject({
      clientId: world.reader.clientId,
      keyId: world.reader.keyId,
      tier: "UNLIMITED",
    });
    const nobody = await raw(`${world.url(gateway)}/v1/self`, { headers });
    expect(said(nobody).slice(0, 2)).toEqual([401, "UNAUTHENTICATED"]);
    expect(nobody.headers.get("www-authenticate")).toBe('Bearer realm="anrf"');
  });

  it.each(gateways)("may say the key as a bearer too (%s)", async (gateway) => {
    const headers = { authorization: `Bearer ${world.reader.key}` };
    expect((await raw(`${world.url(gateway)}/v1/self`, { headers })).status).toBe(200);
  });

  it.each(gateways)("gets an id for the request that is not the client's (%s)", async (gateway) => {
    const id = "018f0000-0000-7000-8000-000000000001";
    const headers = { "x-api-key": world.reader.key, "x-request-id": id };
    const [one, two] = [
      await raw(`${world.url(gateway)}/v1/self`, { headers }),
      await raw(`${world.url(gateway)}/v1/self`, { headers }),
    ];
    const ids = [one.headers.get("x-request-id"), two.headers.get("x-request-id")];
    expect(new Set([...ids, id, null]).size).toBe(4);
    // UUIDs of version 7 at the edge, of version 4 by Envoy.
    expect(ids.map((made) => made?.charAt(14))).toEqual(gateway === "edge" ? ["7", "7"] : ["4", "4"]);
  });

  it.each(gateways)("needs no key for the contract and for health (%s)", async (gateway) => {
    for (const path of ["/openapi.json", "/openapi.yaml", "/healthz"]) {
      expect([path, (await raw(`${world.url(gateway)}${path}`)).status]).toEqual([path, 200]);
    }
  });
});

describe(`a page of another origin${reason}`, () => {
  const words = (text: string | null): readonly string[] => (text ?? "").toLowerCase().split(/, */).sort();
  const preflight = (gateway: Gateway, origin: string, asks: string, method = "POST"): Promise<Raw> =>
    raw(`${world.url(gateway)}/anrf.view.v1.ViewService/View`, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": method, "access-control-request-headers": asks },
    });

  it.each([
    ["REST", "content-type,x-api-key,idempotency-key,traceparent"],
    ["gRPC-Web", "content-type,x-api-key,x-grpc-web,grpc-timeout,x-user-agent"],
    ["Connect", "content-type,authorization,connect-protocol-version,connect-timeout-ms"],
  ])("may ask by %s without a key", async (_, asks) => {
    const answers = await Promise.all(gateways.map((gateway) => preflight(gateway, ORIGIN, asks)));
    const seen = answers.map(({ status, headers }) => ({
      status,
      origin: headers.get("access-control-allow-origin"),
      methods: words(headers.get("access-control-allow-methods")),
      headers: words(headers.get("access-control-allow-headers")),
      age: headers.get("access-control-max-age"),
    }));
    for (const one of seen) {
      expect(one).toEqual(seen[0]);
      expect(one).toMatchObject({ status: 200, origin: ORIGIN });
      expect(one.headers).toEqual(expect.arrayContaining(asks.split(",")));
    }
  });

  it.each(gateways)("that is not listed is told nothing (%s)", async (gateway) => {
    const answer = await preflight(gateway, "https://evil.example", "x-api-key");
    expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([401, null]);
  });

  it.each([
    [200, "/v1/self", true],
    [401, "/v1/self", false],
    [404, "/nowhere", true],
  ])("reads an answer of status %i", async (status, path, keyed) => {
    const key: Record<string, string> = keyed ? { "x-api-key": world.reader.key } : {};
    const answers = await Promise.all(
      gateways.map((gateway) => raw(`${world.url(gateway)}${path}`, { headers: { ...key, origin: ORIGIN } })),
    );
    for (const { status: got, headers } of answers) {
      expect([got, headers.get("access-control-allow-origin")]).toEqual([status, ORIGIN]);
      const exposed = words(headers.get("access-control-expose-headers"));
      expect(exposed).toEqual(words(answers[0]?.headers.get("access-control-expose-headers") ?? null));
      expect(exposed).toEqual(
        expect.arrayContaining([
          "grpc-status",
          "grpc-message",
          "grpc-status-details-bin",
          "x-request-id",
          "retry-after",
        ]),
      );
    }
  });
});

describe(`a rate${reason}`, () => {
  const limited = async (name: string): Promise<string> => {
    const admin = restClient(world.gateways.urls.edge, world.gateways.key);
    return (await newOwner(world.gateways, admin, name, { tier: "BASIC" })).key;
  };

  it.each(gateways)(
    "of 21 clients is kept in 21 buckets (%s)",
    async (gateway) => {
      const keys = await Promise.all(
        Array.from({ length: 21 }, (_, index) => limited(`bucket-${gateway}-${index}`)),
      );
      const ask = (key: string): Promise<Raw> =>
        raw(`${world.url(gateway)}/v1/self`, { headers: { "x-api-key": key } });
      for (const key of keys) await Promise.all(Array.from({ length: 70 }, () => ask(key)));
      // A bucket that had been dropped would be full, and let 40 more through; in the meantime it refills by 20 a second.
      const start = performance.now();
      const again = await Promise.all(
        keys.slice(-3).flatMap((key) => Array.from({ length: 120 }, () => ask(key))),
      );
      const seconds = (performance.now() - start) / 1000;
      const refused = again.filter(({ status }) => status === 429);
      expect(refused.length).toBeGreaterThan(3 * (120 - 40 - 20 * (seconds + 30)));
      expect(refused.length).toBeGreaterThan(0);
      for (const answer of refused) {
        expect(said(answer).slice(0, 2)).toEqual([429, "RESOURCE_EXHAUSTED"]);
        expect(Number(answer.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
      }
    },
    120_000,
  );
});
