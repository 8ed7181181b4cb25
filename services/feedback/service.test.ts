import { create, fromJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ExampleSchema } from "#gen/anrf/api/v1/example_pb.ts";
import { Feedback_Kind, FeedbackService } from "#gen/anrf/feedback/v1/feedback_service_pb.ts";
import { uuidv7 } from "#platform/process/ids.ts";
import type { Call } from "#platform/rpc/call.ts";
import type { Client } from "#platform/rpc/handlers.ts";
import { startTestHost, type TestHost } from "../../tests/host.ts";
import { target } from "./target.ts";

let system: TestHost;
let feedback: Client<typeof FeedbackService>;
let call: Call;
let other: Call;

beforeAll(async () => {
  system = await startTestHost([target]);
  feedback = system.host.client(FeedbackService, "edge");
  call = await system.newCall();
  other = await system.newCall();
});
afterAll(() => system[Symbol.asyncDispose]());

let made = 0;
function fresh() {
  made += 1;
  return { module: "shop", function: `f${made}`, content: { doc: "Adds up." } };
}

/** A version of a program, as the registry would have stored it. */
async function version(owner: Call, visibility = "PRIVATE"): Promise<string> {
  const id = uuidv7();
  const { db } = system.database;
  await db.insertInto("anrfs").values({ id, client_id: owner.client.clientId, visibility }).execute();
  await db
    .insertInto("anrf_versions")
    .values({
      anrf_id: id,
      version: 1,
      client_id: owner.client.clientId,
      digest: "anrf1:0",
      file_sha256: Buffer.alloc(32),
      object_key: `anrf/${id}/1.anrf`,
      size: 1,
      min_reader_minor: 0,
      name: "f",
      summary: "",
      tags: [],
      signature: "{}",
      signature_key: "",
      node_count: 1,
      builtins: [],
    })
    .execute();
  return id;
}

describe("contexts", () => {
  it("read back by id and by name", async () => {
    const request = {
      ...fresh(),
      content: { doc: "Adds up.", records: { Line: { sku: "string" } }, functions: [] },
    };
    const { context } = await feedback.createContext(request, call);
    expect(context).toMatchObject({ ...request, etag: expect.stringMatching(/^[0-9a-f]{16}$/) });
    const byId = await feedback.getContext({ contextId: context?.contextId ?? "" }, call);
    const byName = await feedback.getContext({ module: request.module, function: request.function }, call);
    expect(byId.context).toEqual(context);
    expect(byName.context).toEqual(context);
  });

  it("are one for a name and client", async () => {
    const request = fresh();
    await feedback.createContext(request, call);
    await expect(feedback.createContext(request, call)).rejects.toMatchObject({ code: 6 });
    expect((await feedback.createContext(request, other)).context?.module).toBe("shop");
  });

  it("change by etag, and a stale one is refused", async () => {
    const { context } = await feedback.createContext(fresh(), call);
    const contextId = context?.contextId ?? "";
    const etag = context?.etag ?? "";
    const changed = await feedback.updateContext({ contextId, etag, content: { doc: "New." } }, call);
    expect(changed.context?.content).toEqual({ doc: "New." });
    expect(changed.context?.etag).not.toBe(etag);
    const stale = feedback.updateContext({ contextId, etag, content: { doc: "Late." } }, call);
    await expect(stale).rejects.toMatchObject({ code: 10 });
    await expect(feedback.deleteContext({ contextId, etag }, call)).rejects.toMatchObject({ code: 10 });
    expect((await feedback.getContext({ contextId }, call)).context?.content).toEqual({ doc: "New." });
  });

  it("refuse a mask that names what cannot change", async () => {
    const { context } = await feedback.createContext(fresh(), call);
    const change = { contextId: context?.contextId ?? "", content: {}, updateMask: { paths: ["module"] } };
    await expect(feedback.updateContext(change, call)).rejects.toMatchObject({ code: 3 });
  });

  it("are gone when deleted, and their name is free again", async () => {
    const request = fresh();
    const { context } = await feedback.createContext(request, call);
    const contextId = context?.contextId ?? "";
    await feedback.deleteContext({ contextId, etag: context?.etag ?? "" }, call);
    await expect(feedback.getContext({ contextId }, call)).rejects.toMatchObject({ code: 5 });
    await expect(feedback.deleteContext({ contextId }, call)).rejects.toMatchObject({ code: 5 });
    expect((await feedback.createContext(request, call)).context?.contextId).not.toBe(contextId);
  });

  it.each([
    [{ wrong: 1 }, "content.wrong"],
    [{ doc: 1 }, "content.doc"],
    [{ signature: { params: [{ name: "x", type: "intt" }], returns: "int" } }, "intt"],
    [{ signature: { params: [], returns: "list<Line>" } }, "Line"],
    [{ functions: [{ name: "f", anrf_id: "no" }] }, "anrf_id"],
    [{ examples: [{ inputs: 5, output: 1 }] }, "content.examples[0].inputs"],
    [{ doc: "x".repeat(300_000) }, "at most 262144"],
  ])("refuse content %j", async (content, message) => {
    const request = { ...fresh(), content: content as never };
    await expect(feedback.createContext(request, call)).rejects.toMatchObject({
      code: 3,
      message: expect.stringContaining(message),
    });
  });

  it("reports every mistake of the content at once", async () => {
    const content = { doc: 1, wrong: 2, functions: [{}] };
    const refused = feedback.createContext({ ...fresh(), content }, call);
    await expect(refused).rejects.toMatchObject({ message: expect.stringContaining("and 3 more") });
  });

  it("are hidden from other clients in every RPC", async () => {
    const { context } = await feedback.createContext(fresh(), call);
    const contextId = context?.contextId ?? "";
    await expect(feedback.getContext({ contextId }, other)).rejects.toMatchObject({ code: 5 });
    await expect(feedback.updateContext({ contextId, content: {} }, other)).rejects.toMatchObject({
      code: 5,
    });
    await expect(feedback.deleteContext({ contextId }, other)).rejects.toMatchObject({ code: 5 });
    const { contexts } = await feedback.listContexts({ module: "shop" }, other);
    expect(contexts.map((one) => one.contextId)).not.toContain(contextId);
  });

  it("page newest first, of one module", async () => {
    const mine = await system.newCall();
    const ids: string[] = [];
    for (const name of ["a", "b", "c"]) {
      const { context } = await feedback.createContext({ module: "m", function: name, content: {} }, mine);
      ids.unshift(context?.contextId ?? "");
    }
    await feedback.createContext({ module: "n", function: "", content: {} }, mine);
    const first = await feedback.listContexts({ module: "m", pageSize: 2 }, mine);
    const rest = await feedback.listContexts(
      { module: "m", pageSize: 2, pageToken: first.nextPageToken },
      mine,
    );
    expect([...first.contexts, ...rest.contexts].map((one) => one.contextId)).toEqual(ids);
    const elsewhere = feedback.listContexts({ module: "n", pageToken: first.nextPageToken }, mine);
    await expect(elsewhere).rejects.toMatchObject({ code: 3 });
  });

  it("give a repeat with the same key the first answer", async () => {
    const request = { ...fresh(), idempotencyKey: "c1" };
    const first = await feedback.createContext(request, call);
    expect(await feedback.createContext(request, call)).toEqual(first);
    const changed = feedback.createContext({ ...request, module: "elsewhere" }, call);
    await expect(changed).rejects.toMatchObject({ code: 6 });
  });
});

describe("feedback", () => {
  const correction = () =>
    create(ExampleSchema, {
      inputs: fromJson(ValueSchema, { xs: [1, 2] }),
      expected: { case: "output", value: fromJson(ValueSchema, 3) },
    });

  it("reads back what was said of a version", async () => {
    const anrfId = await version(call);
    const request = {
      anrfId,
      version: 1,
      kind: Feedback_Kind.CORRECTION,
      comment: "Counts one too few.",
      node: "a".repeat(64),
      correctedExample: correction(),
    };
    const created = (await feedback.createFeedback(request, call)).feedback;
    expect(created).toMatchObject({
      anrfId,
      version: 1,
      kind: Feedback_Kind.CORRECTION,
      comment: request.comment,
    });
    expect(created?.correctedExample).toEqual(request.correctedExample);
    const got = await feedback.getFeedback({ feedbackId: created?.feedbackId ?? "" }, call);
    expect(got.feedback).toEqual(created);
    const listed = await feedback.listFeedback({ anrfId }, call);
    expect(listed.feedback).toEqual([created]);
  });

  it("tells the outbox, without a word of the comment", async () => {
    const anrfId = await version(call);
    const request = { anrfId, version: 1, kind: Feedback_Kind.COMMENT, comment: "hush" };
    await feedback.createFeedback(request, call);
    const rows = await system.database.db
      .selectFrom("outbox")
      .selectAll()
      .where("type", "=", "feedback.created")
      .execute();
    const texts = rows.map((row) => JSON.stringify(row.data));
    expect(texts.filter((text) => text.includes(anrfId))).toHaveLength(1);
    expect(texts.join()).not.toContain("hush");
  });

  it("may speak of a PUBLIC program of another client, never of its PRIVATE ones", async () => {
    const kind = Feedback_Kind.THUMB_UP;
    const shown = await version(other, "PUBLIC");
    expect((await feedback.createFeedback({ anrfId: shown, version: 1, kind }, call)).feedback?.anrfId).toBe(
      shown,
    );
    const hidden = await version(other);
    await expect(feedback.createFeedback({ anrfId: hidden, version: 1, kind }, call)).rejects.toMatchObject({
      code: 5,
    });
    await expect(feedback.createFeedback({ anrfId: shown, version: 2, kind }, call)).rejects.toMatchObject({
      code: 5,
    });
  });

  it.each([
    ["a score that is missing", { kind: Feedback_Kind.SCORE }],
    ["a comment that is missing", { kind: Feedback_Kind.COMMENT }],
    ["a correction without its example", { kind: Feedback_Kind.CORRECTION }],
    ["a node that is no hash", { kind: Feedback_Kind.THUMB_UP, node: "n1" }],
    ["an unknown kind", { kind: Feedback_Kind.KIND_UNSPECIFIED }],
  ])("refuses %s", async (_, request) => {
    const anrfId = await version(call);
    await expect(feedback.createFeedback({ anrfId, version: 1, ...request }, call)).rejects.toMatchObject({
      code: 3,
    });
    expect((await feedback.listFeedback({ anrfId }, call)).feedback).toEqual([]);
  });

  it("refuses a generation of another client", async () => {
    const anrfId = await version(call);
    const request = { anrfId, version: 1, kind: Feedback_Kind.THUMB_UP, generationId: uuidv7() };
    await expect(feedback.createFeedback(request, call)).rejects.toMatchObject({ code: 5 });
  });

  it("is hidden from other clients, and pages", async () => {
    const anrfId = await version(call);
    for (const score of [0.1, 0.2, 0.3]) {
      await feedback.createFeedback({ anrfId, version: 1, kind: Feedback_Kind.SCORE, score }, call);
    }
    const first = await feedback.listFeedback({ anrfId, pageSize: 2 }, call);
    const rest = await feedback.listFeedback({ anrfId, pageSize: 2, pageToken: first.nextPageToken }, call);
    expect([...first.feedback, ...rest.feedback].map((one) => one.score)).toEqual([0.3, 0.2, 0.1]);
    expect((await feedback.listFeedback({ anrfId }, other)).feedback).toEqual([]);
    const feedbackId = first.feedback[0]?.feedbackId ?? "";
    await expect(feedback.getFeedback({ feedbackId }, other)).rejects.toMatchObject({ code: 5 });
  });

  it("gives a repeat with the same key the first answer, stored once", async () => {
    const anrfId = await version(call);
    const request = { anrfId, version: 1, kind: Feedback_Kind.THUMB_DOWN, idempotencyKey: "f1" };
    const first = await feedback.createFeedback(request, call);
    expect(await feedback.createFeedback(request, call)).toEqual(first);
    expect((await feedback.listFeedback({ anrfId }, call)).feedback).toHaveLength(1);
  });
});
