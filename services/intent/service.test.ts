import { create, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ExampleSchema } from "#gen/anrf/api/v1/example_pb.ts";
import { FeedbackService } from "#gen/anrf/feedback/v1/feedback_service_pb.ts";
import { IntentService } from "#gen/anrf/intent/v1/intent_service_pb.ts";
import { uuidv7 } from "#platform/process/ids.ts";
import type { Started, Target } from "#platform/process/target.ts";
import type { Call } from "#platform/rpc/call.ts";
import { notFound, unavailable } from "#platform/rpc/error.ts";
import { type Client, type Handlers, serve } from "#platform/rpc/handlers.ts";
import { startTestHost, type TestHost } from "../../tests/host.ts";
import { target } from "./target.ts";

const CONTENT = {
  signature: { params: [{ name: "cart", type: "map<string, int>" }], returns: "int" },
  functions: [{ name: "price_of", anrf_id: "0190f2b8-0000-7000-8000-000000000000" }],
};

/** Stands for the feedback service: one module, one that is down. */
const contexts: Target = {
  name: "feedback",
  start: async (): Promise<Started> => {
    const handlers = {
      getContext: async (request: { module: string; function: string }) => {
        if (request.module === "down") throw unavailable("feedback does not answer");
        if (request.module !== "shop" || request.function !== "") throw missing();
        return { context: { contextId, module: "shop", function: "", content: CONTENT, etag: "e" } };
      },
    };
    const all = Object.fromEntries(
      FeedbackService.methods.map((method) => [method.localName, async () => Promise.reject(missing())]),
    );
    return {
      serves: [
        serve(FeedbackService, { ...all, ...handlers } as unknown as Handlers<typeof FeedbackService>),
      ],
      ready: async () => [],
      [Symbol.asyncDispose]: async () => {},
    };
  },
};

const contextId = uuidv7();
let system: TestHost;
let intents: Client<typeof IntentService>;
let call: Call;
let other: Call;

beforeAll(async () => {
  system = await startTestHost([contexts, target]);
  intents = system.host.client(IntentService, "edge");
  call = await system.newCall();
  other = await system.newCall();
  await system.database.db
    .insertInto("contexts")
    .values({
      id: contextId,
      client_id: call.client.clientId,
      module: "shop",
      function: "",
      content: JSON.stringify(CONTENT),
      etag: "e",
    })
    .execute();
});
afterAll(() => system[Symbol.asyncDispose]());

function missing(): Error {
  return notFound("context", "");
}

function example(inputs: JsonValue, output: JsonValue) {
  return create(ExampleSchema, {
    inputs: fromJson(ValueSchema, inputs),
    expected: { case: "output", value: fromJson(ValueSchema, output) },
  });
}

describe("AnalyzeIntent", () => {
  it("answers and stores what GetIntent reads back", async () => {
    const request = {
      inputText: "Sum the even numbers of a list.",
      examples: [example({ xs: [1, 2, 4] }, 6)],
    };
    const answer = await intents.analyzeIntent(request, call);
    expect(answer.structuredIntent?.signature?.params[0]).toMatchObject({ name: "xs", type: "list<int>" });
    const { intent } = await intents.getIntent({ analysisId: answer.analysisId }, call);
    expect(intent).toMatchObject({ inputText: request.inputText, languageTag: "en" });
    expect(intent?.structuredIntent).toEqual(answer.structuredIntent);
    expect(intent?.createTime).toBeDefined();
  });

  it("repeats the constraints at top level", async () => {
    const answer = await intents.analyzeIntent({ inputText: "Double a positive integer n." }, call);
    expect(answer.constraints).toEqual(answer.structuredIntent?.constraints);
    expect(answer.constraints[0]?.clauses).toEqual(["n > 0"]);
  });

  it("stores nothing when it only validates", async () => {
    const before = (await intents.listIntents({}, call)).intents.length;
    const answer = await intents.analyzeIntent({ inputText: "Double a number.", validateOnly: true }, call);
    expect(answer.analysisId).toBe("");
    expect((await intents.listIntents({}, call)).intents).toHaveLength(before);
  });

  it("tells the outbox, without a word of the text", async () => {
    const { analysisId } = await intents.analyzeIntent({ inputText: "Triple a secret number." }, call);
    const rows = await system.database.db
      .selectFrom("outbox")
      .selectAll()
      .where("type", "=", "intent.analyzed")
      .execute();
    const texts = rows.map((row) => JSON.stringify(row.data));
    expect(texts.filter((text) => text.includes(analysisId))).toHaveLength(1);
    expect(texts.join()).not.toContain("secret");
  });

  it("gives a repeat with the same key the first answer, and refuses another text", async () => {
    const first = await intents.analyzeIntent({ inputText: "Double a number.", idempotencyKey: "k" }, call);
    expect(await intents.analyzeIntent({ inputText: "Double a number.", idempotencyKey: "k" }, call)).toEqual(
      first,
    );
    const changed = intents.analyzeIntent({ inputText: "Halve a number.", idempotencyKey: "k" }, call);
    await expect(changed).rejects.toMatchObject({
      code: 6,
      message: expect.stringContaining("choose a new key"),
    });
  });

  it.each([
    [{ inputText: "" }, "says nothing"],
    [{ inputText: "f", signature: { params: [], returns: "liszt<int>" } }, "liszt"],
    [{ inputText: "f", examples: [example([1], 1), example([1, 2], 1)] }, "does not fit the parameters"],
  ])("refuses %j", async (request, message) => {
    await expect(intents.analyzeIntent(request, call)).rejects.toMatchObject({
      code: 3,
      message: expect.stringContaining(message),
    });
  });

  it("keeps odd text as it was sent", async () => {
    const inputText = "\u202ereverse\u202c 👍 “a” → “b”\ttab \u0001";
    const { analysisId } = await intents.analyzeIntent({ inputText }, call);
    expect((await intents.getIntent({ analysisId }, call)).intent?.inputText).toBe(inputText);
  });
});

describe("a stored context", () => {
  it("changes an analysis, the module's where the function has none", async () => {
    const inputText = "How many pieces are in it?";
    const alone = await intents.analyzeIntent({ inputText }, call);
    const context = { module: "shop", function: "pieces" };
    const answer = await intents.analyzeIntent({ inputText, context }, call);
    expect(alone.structuredIntent?.signature?.params[0]?.type).not.toBe("map<string, int>");
    expect(answer.structuredIntent?.signature?.params[0]).toMatchObject({
      name: "cart",
      type: "map<string, int>",
    });
    expect(answer.structuredIntent?.contextRefs.map((ref) => ref.usedFor)).toEqual(["signature", "call"]);
    const { intent } = await intents.getIntent({ analysisId: answer.analysisId }, call);
    expect(intent?.context).toMatchObject(context);
  });

  it.each([
    ["unknown", "no context is stored"],
    ["down", "does not answer"],
  ])("is a warning when it is %s", async (module, message) => {
    const answer = await intents.analyzeIntent(
      { inputText: "Double a number.", context: { module, function: "" } },
      call,
    );
    expect(answer.structuredIntent?.warnings[0]?.message).toContain(message);
  });
});

describe("GetIntent and ListIntents", () => {
  it("hide the analyses of other clients", async () => {
    const { analysisId } = await intents.analyzeIntent({ inputText: "Double a number." }, call);
    await expect(intents.getIntent({ analysisId }, other)).rejects.toMatchObject({ code: 5 });
    expect((await intents.listIntents({}, other)).intents).toEqual([]);
  });

  it("pages newest first, and refuses a token of another client", async () => {
    const ids: string[] = [];
    const mine = await system.newCall();
    for (const text of ["one more", "two more", "three more"]) {
      ids.unshift((await intents.analyzeIntent({ inputText: `Add ${text} to a number.` }, mine)).analysisId);
    }
    const first = await intents.listIntents({ pageSize: 2 }, mine);
    const rest = await intents.listIntents({ pageSize: 2, pageToken: first.nextPageToken }, mine);
    expect([...first.intents, ...rest.intents].map((intent) => intent.analysisId)).toEqual(ids);
    expect(rest.nextPageToken).toBe("");
    const stolen = intents.listIntents({ pageSize: 2, pageToken: first.nextPageToken }, other);
    await expect(stolen).rejects.toMatchObject({ code: 3 });
  });
});
