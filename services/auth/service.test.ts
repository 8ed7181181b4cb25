import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Scope } from "#gen/anrf/api/v1/options_pb.ts";
import { AuthService, Tier } from "#gen/anrf/auth/v1/auth_service_pb.ts";
import { Authorization } from "#gen/envoy/service/auth/v3/external_auth_pb.ts";
import { type RunningHost, startHost } from "#platform/process/host.ts";
import { uuidv7 } from "#platform/process/ids.ts";
import { createLogger } from "#platform/process/log.ts";
import { newTrace } from "#platform/process/trace.ts";
import { type Call, NOBODY, type Principal } from "#platform/rpc/call.ts";
import { Code } from "#platform/rpc/codes.ts";
import { RpcError, reasonOf } from "#platform/rpc/error.ts";
import type { Client } from "#platform/rpc/handlers.ts";
import { readPrincipal } from "#platform/rpc/peer.ts";
import { type TestDatabase, testDatabase } from "../../tests/database.ts";
import { TOPOLOGY } from "../topology.ts";
import { target } from "./target.ts";

const log = createLogger({ level: "silent" });

const callAs = (client: Principal): Call => ({
  requestId: uuidv7(),
  client,
  signal: AbortSignal.timeout(30_000),
  deadline: Date.now() + 30_000,
  log,
  trace: newTrace(),
});
const failure = (work: Promise<unknown>): Promise<{ code: Code; reason: string | undefined }> =>
  work.then(
    () => ({ code: Code.OK, reason: undefined }),
    (error: unknown) => {
      if (error instanceof RpcError) return { code: error.code, reason: reasonOf(error) };
      throw error;
    },
  );

let database: TestDatabase;
let folder = "";
let host: RunningHost;
let auth: Client<typeof AuthService>;
let authorization: Client<typeof Authorization>;
let admin: Principal;

const start = (env: Readonly<Record<string, string>> = {}): Promise<RunningHost> =>
  startHost({
    topology: TOPOLOGY,
    targets: [target],
    env: { ANRF_DATA: folder, ...env },
    database,
    log,
    mesh: false,
  });

/** What a gateway learns from a request with these headers: who asks, or why not. */
const checked = async (headers: Record<string, string>) => {
  const answer = await authorization.check(
    { attributes: { request: { http: { headers } } } },
    callAs(NOBODY),
  );
  const { httpResponse } = answer;
  if (httpResponse.case === "deniedResponse") {
    const { status, body, headers: more } = httpResponse.value;
    const named = Object.fromEntries(more.map((one) => [one.header?.key, one.header?.value]));
    return { status: status?.code, body, headers: named, code: answer.status?.code };
  }
  if (httpResponse.case !== "okResponse") throw new Error("neither allowed nor denied");
  const found = new Map(
    httpResponse.value.headers.map((one) => [one.header?.key ?? "", one.header?.value ?? ""]),
  );
  return {
    status: 200,
    removed: httpResponse.value.headersToRemove,
    principal: readPrincipal((name) => found.get(name)),
  };
};
const refusal = (body: RegExp) => ({ status: 401, body: expect.stringMatching(body) });
const principalOf = async (key: string): Promise<Principal> => {
  const { principal } = await checked({ "x-api-key": key });
  if (principal === undefined) throw new Error("the key is not accepted");
  return principal;
};

beforeAll(async () => {
  database = await testDatabase();
  folder = await mkdtemp(join(tmpdir(), "anrf-auth-"));
  host = await start();
  auth = host.client(AuthService, "edge");
  authorization = host.client(Authorization, "edge");
  admin = await principalOf((await readFile(join(folder, "keys", "first-key"), "utf8")).trim());
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

describe("the first key", () => {
  it("lies in a file for its owner alone, may do everything, and is the same after a restart", async () => {
    const file = join(folder, "keys", "first-key");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const before = await readFile(file, "utf8");
    await (await start())[Symbol.asyncDispose]();
    expect(await readFile(file, "utf8")).toBe(before);
    expect(admin.tier).toBe("unlimited");
    expect([...admin.scopes].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 10]);
    expect((await auth.listApiKeys({}, callAs(admin))).apiKeys.map(({ name }) => name)).toEqual([
      "first key",
    ]);
  });
});

describe("Check", () => {
  it("finds who asks by either header, and takes the key out of the request", async () => {
    const { key } = await auth.createApiKey({ name: "check" }, callAs(admin));
    for (const headers of [
      { "x-api-key": key },
      { authorization: `Bearer ${key}` },
      { authorization: `bearer  ${key}` },
    ]) {
      const found = await checked(headers);
      expect(found.removed).toEqual(["x-api-key", "authorization"]);
      expect(found.principal).toMatchObject({ clientId: admin.clientId, tier: "basic", limits: undefined });
      expect(found.principal?.scopes.has(Scope.ADMIN)).toBe(false);
    }
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ["no key", {}, /no API key/],
    ["an empty one", { "x-api-key": " " }, /no API key/],
    ["another scheme", { authorization: "Basic abc" }, /no API key/],
    ["nonsense", { "x-api-key": "nonsense" }, /unknown API key/],
    ["a key nobody made", { "x-api-key": `anrf_${uuidv7()}_${"A".repeat(43)}` }, /unknown API key/],
  ])("denies %s with 401, a reason and how to ask", async (_name, headers, body) => {
    const denied = await checked(headers);
    expect(denied).toMatchObject({
      status: 401,
      code: Code.UNAUTHENTICATED,
      body: expect.stringMatching(body),
    });
    expect(denied.headers?.["www-authenticate"]).toMatch(/Bearer/);
  });

  it("denies a right id with a wrong secret, an expired key, a revoked one, and one of a disabled client", async () => {
    const { key, apiKey } = await auth.createApiKey({ name: "denied" }, callAs(admin));
    expect(await checked({ "x-api-key": `${key.slice(0, -4)}AAAA` })).toMatchObject(refusal(/unknown/));
    const old = await auth.createApiKey({ name: "old" }, callAs(admin));
    await database.db
      .updateTable("api_keys")
      .set({ expire_time: new Date(1) })
      .where("id", "=", old.apiKey?.keyId ?? "")
      .execute();
    expect(await checked({ "x-api-key": old.key })).toMatchObject(refusal(/expired at 1970/));
    await auth.revokeApiKey({ keyId: apiKey?.keyId ?? "" }, callAs(admin));
    expect(await checked({ "x-api-key": key })).toMatchObject(refusal(/revoked/));
    const other = await auth.createApiKey({ name: "other", newClient: "disabled" }, callAs(admin));
    const clientId = other.apiKey?.clientId ?? "";
    await database.db
      .updateTable("clients")
      .set({ disable_time: new Date() })
      .where("id", "=", clientId)
      .execute();
    expect(await checked({ "x-api-key": other.key })).toMatchObject(refusal(/revoked/));
  });

  it("tells gRPC-Web its reason in a header that may stand there", async () => {
    const denied = await checked({ "x-anrf-kind": "grpc-web" });
    expect(denied.headers?.["grpc-message"]).toMatch(/^no%20API%20key/);
  });
});

describe("keys", () => {
  it("are made for a new client, with scopes, tier, limits and an end", async () => {
    const expireTime = timestampFromMs(Date.now() + 3_600_000);
    const asked = {
      name: "robot",
      newClient: "factory",
      scopes: [Scope.EXECUTE, Scope.VIEW],
      tier: Tier.STANDARD,
      limits: { fuelPerDay: 12n ** 12n, maxWallMs: 500 },
      expireTime,
    };
    const { key, apiKey } = await auth.createApiKey(asked, callAs(admin));
    expect(apiKey).toMatchObject({ name: "robot", clientName: "factory", tier: Tier.STANDARD, expireTime });
    const principal = await principalOf(key);
    expect(principal.clientId).not.toBe(admin.clientId);
    expect(principal).toMatchObject({ tier: "standard", scopes: new Set(asked.scopes) });
    expect(principal.limits).toMatchObject(asked.limits);
    const self = await auth.getSelf({}, callAs(principal));
    expect(self).toMatchObject({
      clientId: principal.clientId,
      keyId: apiKey?.keyId,
      scopes: [Scope.VIEW, Scope.EXECUTE],
      tier: Tier.STANDARD,
    });
    expect(self.limits).toMatchObject(asked.limits);
  });

  it("cannot be managed without the scope", async () => {
    const { key } = await auth.createApiKey({ name: "plain" }, callAs(admin));
    const call = callAs(await principalOf(key));
    const denied = { code: Code.PERMISSION_DENIED, reason: "SCOPE_MISSING" };
    expect(await failure(auth.createApiKey({ name: "x" }, call))).toEqual(denied);
    expect(await failure(auth.listApiKeys({}, call))).toEqual(denied);
    expect(await failure(auth.revokeApiKey({ keyId: admin.keyId }, call))).toEqual(denied);
    expect(await failure(auth.getSelf({}, call))).toMatchObject({ code: Code.OK });
    expect((await failure(auth.getSelf({}, callAs(NOBODY)))).code).toBe(Code.UNAUTHENTICATED);
  });

  it.each([
    ["no name", { name: "" }],
    ["two clients", { name: "x", newClient: "a", clientId: "019b0000-0000-7000-8000-000000000000" }],
    ["an end that has passed", { name: "x", expireTime: timestampFromMs(1) }],
    ["a scope that is none", { name: "x", scopes: [77 as Scope] }],
    ["a client id that is no UUID", { name: "x", clientId: "me" }],
  ])("are refused with %s", async (_name, request) => {
    expect((await failure(auth.createApiKey(request, callAs(admin)))).code).toBe(Code.INVALID_ARGUMENT);
  });

  it("of an unknown client or with an unknown id are not found", async () => {
    for (const work of [
      () => auth.createApiKey({ name: "x", clientId: uuidv7() }, callAs(admin)),
      () => auth.revokeApiKey({ keyId: uuidv7() }, callAs(admin)),
      () => auth.revokeApiKey({ keyId: "nonsense" }, callAs(admin)),
    ]) {
      expect((await failure(work())).code).toBe(Code.NOT_FOUND);
    }
  });

  it("are made once per idempotency key, and lie nowhere in the database", async () => {
    const asked = { name: "once", newClient: "once", idempotencyKey: "make it once" };
    const first = await auth.createApiKey(asked, callAs(admin));
    const second = await auth.createApiKey(asked, callAs(admin));
    expect(second).toEqual(first);
    expect(first.key).not.toBe("");
    expect(await failure(auth.createApiKey({ ...asked, name: "twice" }, callAs(admin)))).toEqual({
      code: Code.ALREADY_EXISTS,
      reason: "IDEMPOTENCY_CONFLICT",
    });
    const secret = first.key.slice(-43);
    const dump = await sql<{ text: string }>`select (select string_agg(k::text, ' ') from api_keys k)
      || (select string_agg(encode(i.response, 'escape'), ' ') from idempotency i) as text`.execute(
      database.db,
    );
    expect(dump.rows[0]?.text).toContain("once");
    expect(dump.rows[0]?.text).not.toContain(secret);
  });

  it("are listed newest first, page by page, of one client or of all", async () => {
    const { apiKey } = await auth.createApiKey({ name: "1", newClient: "lister" }, callAs(admin));
    const clientId = apiKey?.clientId ?? "";
    for (const name of ["2", "3", "4", "5"]) await auth.createApiKey({ name, clientId }, callAs(admin));
    const names: string[] = [];
    let pageToken = "";
    do {
      const page = await auth.listApiKeys({ clientId, pageSize: 2, pageToken }, callAs(admin));
      expect(page.apiKeys.length).toBeLessThanOrEqual(2);
      names.push(...page.apiKeys.map(({ name }) => name));
      pageToken = page.nextPageToken;
      if (pageToken !== "") {
        const misused = await failure(auth.listApiKeys({ pageSize: 2, pageToken }, callAs(admin)));
        expect(misused).toEqual({ code: Code.INVALID_ARGUMENT, reason: "PAGE_TOKEN_INVALID" });
      }
    } while (pageToken !== "");
    expect(names).toEqual(["5", "4", "3", "2", "1"]);
    const all = await auth.listApiKeys({ pageSize: 1_000 }, callAs(admin));
    expect(all.apiKeys.length).toBeGreaterThan(5);
    expect(all.apiKeys.map(({ keyId }) => keyId)).toEqual(
      all.apiKeys
        .map(({ keyId }) => keyId)
        .sort()
        .reverse(),
    );
  });

  it("keep the time of their first revocation and of their last use", async () => {
    const { key, apiKey } = await auth.createApiKey({ name: "used" }, callAs(admin));
    const keyId = apiKey?.keyId ?? "";
    expect(apiKey?.lastUsedTime).toBeUndefined();
    const other = await start();
    const elsewhere = other.client(Authorization, "edge");
    await elsewhere.check(
      { attributes: { request: { http: { headers: { "x-api-key": key } } } } },
      callAs(NOBODY),
    );
    await other[Symbol.asyncDispose]();
    const first = await auth.revokeApiKey({ keyId }, callAs(admin));
    const again = await auth.revokeApiKey({ keyId }, callAs(admin));
    expect(again.apiKey?.revokeTime).toEqual(first.apiKey?.revokeTime);
    expect(first.apiKey?.lastUsedTime).toBeDefined();
  });
});

describe("the bootstrap key", () => {
  it("counts while it is the only one that may manage keys, and is revoked at the start after", async () => {
    const own = await testDatabase();
    const file = join(folder, "bootstrap");
    const text = `anrf_${uuidv7()}_${"b".repeat(43)}`;
    await writeFile(file, `${text}\n`);
    const env = {
      ANRF_DATABASE_URL: own.url,
      ANRF_BOOTSTRAP_KEY_FILE: file,
      ANRF_DATA: join(folder, "none"),
    };
    const begin = () => startHost({ topology: TOPOLOGY, targets: [target], env, log, mesh: false });
    const ask = (at: RunningHost) =>
      at
        .client(Authorization, "edge")
        .check({ attributes: { request: { http: { headers: { "x-api-key": text } } } } }, callAs(NOBODY));
    for (const expected of ["okResponse", "okResponse", "deniedResponse"]) {
      const running = await begin();
      const answer = await ask(running);
      expect(answer.httpResponse.case).toBe(expected);
      if (expected === "okResponse" && answer.httpResponse.case === "okResponse") {
        const headers = new Map(
          answer.httpResponse.value.headers.map((one) => [one.header?.key, one.header?.value]),
        );
        expect(headers.get("x-client-scopes")).toBe("admin");
        const principal = readPrincipal((name) => headers.get(name));
        const manage = running.client(AuthService, "edge");
        const { apiKeys } = await manage.listApiKeys({}, callAs(principal));
        // At the second start it makes another key that may manage keys.
        if (apiKeys.some(({ name }) => name === "helper")) {
          await manage.createApiKey(
            { name: "next", newClient: "next", scopes: [Scope.ADMIN] },
            callAs(principal),
          );
        } else await manage.createApiKey({ name: "helper" }, callAs(principal));
      }
      await running[Symbol.asyncDispose]();
    }
    await own[Symbol.asyncDispose]();
  });

  it("that is no key is a mistake of the configuration", async () => {
    const file = join(folder, "wrong");
    await writeFile(file, "secret");
    await expect(start({ ANRF_BOOTSTRAP_KEY_FILE: file })).rejects.toThrow(
      /ANRF_BOOTSTRAP_KEY_FILE.*no key/s,
    );
  });
});
