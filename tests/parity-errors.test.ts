import type { DescMethod, JsonObject } from "@bufbuild/protobuf";
import { toJson } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ExecutionService } from "#gen/anrf/execution/v1/execution_service_pb.ts";
import { GenerationService } from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { type CodeName, HTTP_STATUS } from "#platform/rpc/codes.ts";
import type { RpcError } from "#platform/rpc/error.ts";
import { findTool } from "../scripts/tools.ts";
import { REGISTRY } from "../services/edge/public.ts";
import { type Gateways, startGateways } from "./gateways.ts";
import { doubles, FAULTS, ODD, Seen } from "./parity/doubles.ts";
import {
  ask,
  GATEWAYS,
  type Gateway,
  isRest,
  type Outcome,
  reasonOf,
  type Way,
  wayName,
  waysTo,
} from "./parity/ways.ts";
import { makeWorld, newOwner, type World } from "./parity/world.ts";
import { type Json, restClient } from "./rest.ts";

const hasEnvoy = (await findTool("envoy")) !== undefined;
const gateways: readonly Gateway[] = hasEnvoy ? GATEWAYS : ["edge"];
const reason = hasEnvoy ? "" : " (the edge alone: there is no Envoy here)";
const counted = { input: 0, raised: 0 };
const NOBODY = "018f0000-0000-7000-8000-000000000000";

afterAll(() => {
  process.stdout.write(
    `parity: ${counted.input} errors by input, ${counted.raised} raised by doubles${reason}\n`,
  );
});

/** What an error has to be, by every way. */
interface Golden {
  readonly code: CodeName;
  readonly message: string;
  readonly details: readonly Json[];
  /** Envoy refuses by itself: without details, and over a Connect stream in fixed words. */
  readonly byGateway?: boolean;
}

/** HTTP says nothing of an error in gRPC-Web and Connect streams; REST and Connect's unary calls show the table's status. */
function statusOf(way: Way, method: DescMethod, code: CodeName): number | undefined {
  if (way.protocol === "grpc") return undefined;
  const isStream = method.methodKind === "server_streaming";
  return way.protocol === "grpc-web" || (isStream && way.protocol === "connect") ? 200 : HTTP_STATUS[code];
}

function check(gateway: Gateway, way: Way, method: DescMethod, outcome: Outcome, golden: Golden): void {
  const at = `${gateway} ${wayName(way)}`;
  const isStream = method.methodKind === "server_streaming";
  const fixedWords =
    golden.byGateway === true && gateway === "envoy" && isStream && way.protocol === "connect";
  // Through Envoy the transcoder's answer to unary Connect JSON has none.
  const noDetails = gateway === "envoy" && (golden.byGateway === true || way.protocol === "connect-json");
  expect({
    at,
    code: outcome.code,
    message: outcome.message,
    details: outcome.details,
    status: outcome.status,
    events: outcome.answers.length,
  }).toEqual({
    at,
    code: golden.code,
    message: fixedWords ? expect.stringMatching(/\S/) : golden.message,
    details: noDetails ? [] : golden.details,
    status: statusOf(way, method, golden.code),
    events: 0,
  });
  const id = outcome.headers.get("x-request-id");
  expect([at, id]).toEqual([at, expect.stringMatching(/^[0-9a-f-]{36}$/)]);
  if (!isRest(way.protocol)) return;
  expect([at, outcome.headers.get("content-type")]).toEqual([at, "application/json"]);
  expect([at, Object.keys(outcome.body).sort()]).toEqual([at, ["code", "details", "error", "requestId"]]);
  expect([at, outcome.body["requestId"]]).toEqual([at, id]);
}

function detailsOf(error: RpcError): readonly Json[] {
  return error.details.map(
    (any) => toJson(AnySchema, any, { registry: REGISTRY, alwaysEmitImplicit: true }) as Json,
  );
}

describe(`an error that a service raises${reason}`, () => {
  let behind: Gateways;
  const seen = new Seen();
  beforeAll(async () => {
    behind = await startGateways({ doubles: doubles(seen) });
  }, 180_000);
  afterAll(() => behind?.[Symbol.asyncDispose]());

  const rpcs: readonly (readonly [string, DescMethod, (word: string) => JsonObject])[] = [
    ["unary", ExecutionService.method.execute, (word) => ({ anrfId: NOBODY, function: word })],
    ["stream", GenerationService.method.generateStream, (word) => ({ model: word })],
    ["read", RegistryService.method.getAnrf, (word) => ({ anrfId: NOBODY, version: 1, alias: word })],
  ];
  const table: readonly (readonly [string, RpcError])[] = [...Object.entries(FAULTS), ["ODD", ODD]];
  const rows = table.flatMap(([word, error]) =>
    rpcs.map(([kind, method, request]) => ({ word, error, kind, method, request })),
  );

  it.each(rows)("$word of a $kind is the same by every way", async ({ word, error, method, request }) => {
    const code = (word === "ODD" ? "ABORTED" : word) as CodeName;
    for (const way of waysTo(method)) {
      for (const gateway of gateways) {
        const outcome = await ask(way, method, request(word), {
          url: behind.urls[gateway] ?? "",
          key: behind.key,
        });
        check(gateway, way, method, outcome, { code, message: error.message, details: detailsOf(error) });
        if (isRest(way.protocol)) {
          const wait = code === "RESOURCE_EXHAUSTED" ? "3" : null;
          expect(outcome.headers.get("retry-after")).toBe(wait);
        }
        counted.raised++;
      }
    }
  });
});

/** One refusal that a request causes; a kind of RPC that cannot cause it is left out. */
interface Row {
  readonly code: CodeName;
  readonly reason: string;
  readonly unary?: JsonObject;
  readonly stream?: JsonObject;
  readonly read?: JsonObject;
  readonly key?: (world: World) => string | undefined;
  readonly byGateway?: boolean;
}

describe(`an error that a request causes${reason}`, () => {
  let world: World;
  let unscoped = "";
  beforeAll(async () => {
    world = await makeWorld();
    const admin = restClient(world.gateways.urls.edge, world.gateways.key);
    unscoped = (await newOwner(world.gateways, admin, "unscoped", { scopes: ["FEEDBACK"] })).key;
  }, 180_000);
  afterAll(() => world?.[Symbol.asyncDispose]());

  const methods = {
    unary: ExecutionService.method.execute,
    stream: GenerationService.method.generateStream,
    read: RegistryService.method.getAnrf,
  } as const;
  const ours = { anrfId: "ours", version: 1 };
  const any = { unary: ours, stream: {}, read: ours };
  const rows: Readonly<Record<string, Row>> = {
    "no key": {
      ...any,
      code: "UNAUTHENTICATED",
      reason: "KEY_MISSING",
      key: () => undefined,
      byGateway: true,
    },
    "an unknown key": {
      ...any,
      code: "UNAUTHENTICATED",
      reason: "KEY_UNKNOWN",
      key: () => `anrf_${NOBODY}_${"a".repeat(43)}`,
      byGateway: true,
    },
    "a key without the scope": {
      ...any,
      code: "PERMISSION_DENIED",
      reason: "SCOPE_MISSING",
      key: () => unscoped,
    },
    "an unknown id": {
      code: "NOT_FOUND",
      reason: "RESOURCE_NOT_FOUND",
      unary: { anrfId: NOBODY },
      stream: { analysisId: NOBODY },
      read: { anrfId: NOBODY, version: 1 },
    },
    "the id of another client": {
      code: "NOT_FOUND",
      reason: "RESOURCE_NOT_FOUND",
      unary: { anrfId: "theirs" },
      stream: { analysisId: "theirs" },
      read: { anrfId: "theirs", version: 1 },
    },
    "no UUID": {
      code: "INVALID_ARGUMENT",
      reason: "FIELD_INVALID",
      unary: { anrfId: "17" },
      stream: { analysisId: "17" },
      read: { anrfId: "17", version: 1 },
    },
    "a version past the newest": {
      code: "OUT_OF_RANGE",
      reason: "VERSION_OUT_OF_RANGE",
      unary: { anrfId: "ours", version: 9 },
      read: { anrfId: "ours", version: 9 },
    },
    "an input of another type": {
      code: "INVALID_ARGUMENT",
      reason: "INPUT_TYPE_MISMATCH",
      unary: { anrfId: "ours", inputs: { x: "one" } },
    },
    "an engine that is not there": {
      code: "FAILED_PRECONDITION",
      reason: "ENGINE_UNAVAILABLE",
      unary: { anrfId: "ours", engine: "WASM" },
    },
  };
  const cases = Object.entries(rows).flatMap(([name, row]) =>
    (["unary", "stream", "read"] as const).flatMap((kind) => {
      const request = row[kind];
      return request === undefined ? [] : [{ name, row, kind, request }];
    }),
  );

  function withIds(request: JsonObject, world: World): JsonObject {
    const { ids } = world;
    const words: Readonly<Record<string, string>> = {
      ours: ids.anrfId,
      "theirs anrfId": ids.writerAnrfId,
      "theirs analysisId": ids.writerAnalysisId,
    };
    const entries = Object.entries(request).map(([name, value]) => [
      name,
      words[String(value)] ?? words[`${value} ${name}`] ?? value,
    ]);
    return Object.fromEntries(entries) as JsonObject;
  }

  it.each(cases)("$name, of a $kind, is the same by every way", async ({ row, kind, request }) => {
    const method = methods[kind];
    const key = row.key === undefined ? world.reader.key : row.key(world);
    let first: Outcome | undefined;
    for (const way of waysTo(method)) {
      for (const gateway of gateways) {
        const outcome = await ask(way, method, withIds(request, world), { url: world.url(gateway), key });
        first ??= outcome;
        const { message, details } = first;
        expect([reasonOf(first), message]).toEqual([row.reason, expect.stringMatching(/\S/)]);
        const byGateway = row.byGateway === true;
        check(gateway, way, method, outcome, { code: row.code, message, details, byGateway });
        counted.input++;
      }
    }
  });
});
