import { create, fromJson, type JsonValue, toBinary } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { afterEach, describe, expect, it } from "vitest";
import { ExecuteResponseSchema, ExecutionService } from "#gen/anrf/execution/v1/execution_service_pb.ts";
import { GenerationService } from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { RegistryService } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import { ViewService } from "#gen/anrf/view/v1/view_service_pb.ts";
import { BadRequestSchema } from "#gen/google/rpc/error_details_pb.ts";
import type { Call, Principal } from "./call.ts";
import { Code } from "./codes.ts";
import { cancelled, findDetail, invalidField, notFound, RpcError, reasonOf } from "./error.ts";
import { type AnyHandler, type Handlers, type Served, serve } from "./handlers.ts";
import { opaqueBytes, setOpaque } from "./opaque.ts";
import {
  type Ask,
  type Backend,
  connect,
  createBackend,
  EVERYTHING,
  grpc,
  local,
  standstill,
  type Way,
} from "./testing/transports.ts";

const MIB = 1024 * 1024;
const ID = "018f0000-0000-7000-8000-0000000000aa";

const WAYS: Readonly<Record<string, (backend: Backend) => Promise<Way>>> = {
  "in process": local,
  "grpc-js": grpc,
  Connect: connect("connect"),
  "Connect JSON": connect("connect-json"),
  "gRPC-Web": connect("grpc-web"),
  "gRPC through Connect": connect("grpc"),
};

// A service of which a test needs one function; the others would be a mistake of the test.
function only<S extends Parameters<typeof serve>[0]>(service: S, handlers: Partial<Handlers<S>>): Served {
  const rest = service.methods.map((method): [string, AnyHandler] => [
    method.localName,
    () => Promise.reject(new Error(`${method.name} is not part of this test`)),
  ]);
  return serve(service, { ...Object.fromEntries(rest), ...handlers } as unknown as Handlers<S>);
}

type View = Handlers<typeof ViewService>["view"];
type Watch = Handlers<typeof GenerationService>["watchGeneration"];

describe.each(Object.entries(WAYS))("%s", (_, open) => {
  const opened: Way[] = [];
  afterEach(async () => {
    for (const way of opened.splice(0)) await way[Symbol.asyncDispose]();
  });

  async function reach(served: Served, messageBytes = 8 * MIB) {
    const backend = createBackend([served], { messageBytes });
    const way = await open(backend);
    opened.push(way);
    return { backend, way };
  }
  async function viewer(view: View, ask?: Ask) {
    const { backend, way } = await reach(only(ViewService, { view }));
    return { backend, view: (await way.client(ViewService, ask)).view };
  }
  async function watcher(watchGeneration: Watch, ask?: Ask) {
    const { backend, way } = await reach(only(GenerationService, { watchGeneration }));
    const client = await way.client(GenerationService, ask);
    return { backend, watch: () => client.watchGeneration({ generationId: ID }) };
  }

  it("carries a request and an answer, unset fields with their defaults", async () => {
    const seen: unknown[] = [];
    const { view } = await viewer(async (request, call) => {
      seen.push(request.format, request.version, call.client.clientId, [...call.client.scopes].length > 3);
      return { content: `of ${request.anrfId}` };
    });
    const answer = await view({ anrfId: ID });
    expect(seen).toEqual(["", 0, EVERYTHING.clientId, true]);
    expect(answer).toMatchObject({ content: `of ${ID}`, format: "", version: 0, digest: "" });
  });

  it("shares no object between caller and handler", async () => {
    const kept: { content: string; version: number } = { content: "before", version: 1 };
    const { view } = await viewer(async (request) => {
      request.format = "changed by the handler";
      return kept;
    });
    const request = { anrfId: ID, format: "text" };
    const answer = await view(request);
    kept.content = "after";
    expect(request.format).toBe("text");
    expect(answer.content).toBe("before");
  });

  it("starts the handler after the caller has gone on", async () => {
    const order: string[] = [];
    const { view } = await viewer(async () => {
      order.push("handler");
      return {};
    });
    const pending = view({ anrfId: ID });
    order.push("caller");
    await pending;
    expect(order).toEqual(["caller", "handler"]);
  });

  it("carries code, message and details of an error, and nothing else", async () => {
    const { view } = await viewer(async () => {
      throw Object.assign(notFound("anrf", ID), { secret: "stays here" });
    });
    const error = await failure(view({ anrfId: ID }));
    expect(error.code).toBe(Code.NOT_FOUND);
    expect(error.message).toBe(`no anrf "${ID}"`);
    expect(reasonOf(error)).toBe("RESOURCE_NOT_FOUND");
    expect(error).not.toHaveProperty("secret");
  });

  it.each([
    ["a plain error", () => new Error("password=hunter2"), Code.INTERNAL, "internal error"],
    ["an abort", () => new DOMException("stopped", "AbortError"), Code.CANCELLED, undefined],
    ["a time-out", () => new DOMException("late", "TimeoutError"), Code.DEADLINE_EXCEEDED, undefined],
  ])("turns %s of the handler into its code", async (_name, make, code, message) => {
    const { backend, view } = await viewer(() => Promise.reject(make()));
    const error = await failure(view({ anrfId: ID }));
    expect(error.code).toBe(code);
    if (message !== undefined) expect(error.message).toBe(message);
    expect(`${error.message}${JSON.stringify(error.details)}`).not.toContain("hunter2");
    if (code === Code.INTERNAL) expect(backend.lines.join("")).toContain("hunter2");
  });

  it("ends a call at its deadline, whatever the handler does", async () => {
    const fired = Promise.withResolvers<unknown>();
    const { view } = await viewer((_request, call) => neverEnds(call, fired), { ms: 300 });
    const error = await failure(view({ anrfId: ID }));
    expect(error.code).toBe(Code.DEADLINE_EXCEEDED);
    expect(codeOf(await fired.promise)).toBeOneOf([Code.DEADLINE_EXCEEDED, Code.CANCELLED]);
  });

  it("cancels the handler when the caller gives up", async () => {
    const gone = new AbortController();
    const fired = Promise.withResolvers<unknown>();
    const { view } = await viewer(
      (_request, call) => {
        setTimeout(() => gone.abort(cancelled()), 1);
        return neverEnds(call, fired);
      },
      { signal: gone.signal },
    );
    const error = await failure(view({ anrfId: ID }));
    expect(error.code).toBe(Code.CANCELLED);
    expect(codeOf(await fired.promise)).toBe(Code.CANCELLED);
  });

  it("refuses what breaks a rule, with the field's path", async () => {
    const { view } = await viewer(unreached);
    const error = await failure(view({ anrfId: "7" }));
    expect(error.code).toBe(Code.INVALID_ARGUMENT);
    expect(reasonOf(error)).toBe("FIELD_INVALID");
    expect(findDetail(error, BadRequestSchema)?.fieldViolations.map((one) => one.field)).toEqual(["anrfId"]);
  });

  it.each([
    [31, "echoed"],
    [33, "refused"],
    [60, "refused"],
  ])("answers %i levels of nesting: %s", async (levels, outcome) => {
    const { way } = await reach(only(ExecutionService, { execute: async () => ({ executionId: ID }) }));
    const client = await way.client(ExecutionService);
    // The message itself and the object of inputs are the first two levels.
    const answer = client.execute({ anrfId: ID, inputs: fromJson(ValueSchema, { x: nested(levels - 2) }) });
    if (outcome === "echoed") expect((await answer).executionId).toBe(ID);
    else expect(reasonOf(await failure(answer))).toBe("INPUT_TOO_DEEP");
  });

  it("refuses a request over the limit of its method", async () => {
    const { way } = await reach(only(RegistryService, { putAnrf: unreached }), 64 * 1024);
    const client = await way.client(RegistryService);
    const error = await failure(client.putAnrf({ artifact: new Uint8Array(64 * 1024) }));
    expect(error.code).toBe(Code.RESOURCE_EXHAUSTED);
    expect(reasonOf(error)).toBe("MESSAGE_TOO_LARGE");
  });

  it("refuses an answer over the limit of its method", async () => {
    const { way } = await reach(
      only(ViewService, { view: async () => ({ content: "x".repeat(64 * 1024) }) }),
      64 * 1024,
    );
    const client = await way.client(ViewService);
    expect(reasonOf(await failure(client.view({ anrfId: ID })))).toBe("MESSAGE_TOO_LARGE");
  });

  it.each<[string, Principal, Code, string]>([
    [
      "a key without the scope",
      { ...EVERYTHING, scopes: new Set() },
      Code.PERMISSION_DENIED,
      "SCOPE_MISSING",
    ],
    ["nobody", { ...EVERYTHING, clientId: "" }, Code.UNAUTHENTICATED, "KEY_MISSING"],
  ])("refuses %s", async (_name, as, code, reason) => {
    const { view } = await viewer(unreached, { as });
    const error = await failure(view({ anrfId: ID }));
    expect([error.code, reasonOf(error)]).toEqual([code, reason]);
  });

  it("leaves opaque fields as bytes, in both directions", async () => {
    const seen: Uint8Array[] = [];
    const { way } = await reach(
      only(ExecutionService, {
        execute: async (request) => {
          expect(request.inputs).toBeUndefined();
          seen.push(...opaqueBytes(request, 2));
          const answer = create(ExecuteResponseSchema, { executionId: ID });
          for (const bytes of seen) setOpaque(answer, 1, bytes);
          return answer;
        },
      }),
    );
    const inputs = fromJson(ValueSchema, { xs: [1, 2, 3] });
    const answer = await (await way.client(ExecutionService)).execute({ anrfId: ID, inputs });
    expect(seen.map((bytes) => Buffer.from(bytes).toString("hex"))).toEqual([
      Buffer.from(toBinary(ValueSchema, inputs)).toString("hex"),
    ]);
    expect(answer.output?.kind.case).toBe("structValue");
  });

  it("sends events in order, and a late error after them", async () => {
    const { watch } = await watcher(async function* () {
      yield { sequence: 1 };
      yield { sequence: 2, event: { case: "heartbeat", value: {} } };
      throw invalidField("x", "is wrong after all");
    });
    const got: number[] = [];
    const error = await failure(
      (async () => {
        for await (const event of watch()) got.push(event.sequence);
      })(),
    );
    expect(got).toEqual([1, 2]);
    expect(error.code).toBe(Code.INVALID_ARGUMENT);
    expect(error.message).toBe("x: is wrong after all");
  });

  it("cancels the handler of a stream whose reader leaves", async () => {
    const fired = Promise.withResolvers<unknown>();
    const { watch } = await watcher(async function* (_request, call) {
      const never = neverEnds(call, fired);
      yield { sequence: 1 };
      await never;
    });
    for await (const event of watch()) {
      expect(event.sequence).toBe(1);
      break;
    }
    expect(codeOf(await fired.promise)).toBe(Code.CANCELLED);
  });

  it("ends a stream at its deadline, after the events before it", async () => {
    const { watch } = await watcher(
      async function* () {
        yield { sequence: 1 };
        // Deaf to its signal.
        await new Promise(() => {});
      },
      { ms: 400 },
    );
    const got: number[] = [];
    const error = await failure(
      (async () => {
        for await (const event of watch()) got.push(event.sequence);
      })(),
    );
    expect([got, error.code]).toEqual([[1], Code.DEADLINE_EXCEEDED]);
  });

  it("lets a stream say its last word when the process stops", async () => {
    const { backend, watch } = await watcher(async function* (_request, call) {
      const stopped = new Promise((resolve) => call.signal.addEventListener("abort", resolve));
      yield { sequence: 1 };
      await stopped;
      yield { sequence: 2 };
      throw call.signal.reason;
    });
    const got: number[] = [];
    const error = await failure(
      (async () => {
        for await (const event of watch()) {
          got.push(event.sequence);
          backend.stop();
        }
      })(),
    );
    expect(got).toEqual([1, 2]);
    expect([error.code, reasonOf(error)]).toEqual([Code.UNAVAILABLE, "SHUTTING_DOWN"]);
  });

  it("writes one line for a call, with ids and without texts", async () => {
    const { backend, view } = await viewer(async () => ({ content: "the text of a program" }));
    await view({ anrfId: ID });
    expect(backend.lines).toHaveLength(1);
    expect(JSON.parse(backend.lines[0] ?? "")).toMatchObject({
      method: "/anrf.view.v1.ViewService/View",
      code: "OK",
      anrfId: ID,
      client: EVERYTHING.clientId,
    });
    expect(backend.lines[0]).not.toContain("the text");
  });
});

describe.each(["in process", "grpc-js"])("%s", (name) => {
  it("does not run far ahead of a reader that stands still", async () => {
    let made = 0;
    const total = 100_000;
    const watchGeneration: Watch = async function* () {
      for (; made < total; made++) yield { sequence: made + 1, generationId: "x".repeat(1024) };
    };
    await using way = await WAYS[name]?.(createBackend([only(GenerationService, { watchGeneration })]));
    const client = await way?.client(GenerationService);
    const reader = client?.watchGeneration({ generationId: ID })[Symbol.asyncIterator]();
    await reader?.next();
    expect(await standstill(() => made)).toBeLessThan(1_000);
    await reader?.return?.();
  });
});

async function failure(answer: Promise<unknown>): Promise<RpcError> {
  try {
    await answer;
  } catch (error) {
    if (error instanceof RpcError) return error;
    throw error;
  }
  throw new Error("the call did not fail");
}

function neverEnds(call: Call, fired: { resolve(reason: unknown): void }): Promise<never> {
  call.signal.addEventListener("abort", () => fired.resolve(call.signal.reason));
  return new Promise(() => {});
}

async function unreached(): Promise<never> {
  throw new Error("the handler was reached");
}

function codeOf(reason: unknown): number {
  return reason instanceof RpcError ? reason.code : -1;
}

function nested(levels: number): JsonValue {
  let value: JsonValue = 1;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}
