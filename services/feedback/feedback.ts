import { type JsonObject, toJson } from "@bufbuild/protobuf";
import { ExampleSchema } from "#gen/anrf/api/v1/example_pb.ts";
import { type CreateFeedbackRequest, Feedback_Kind } from "#gen/anrf/feedback/v1/feedback_service_pb.ts";
import { transact } from "#platform/data/database.ts";
import type { Settle } from "#platform/data/idempotency.ts";
import { appendEvents } from "#platform/data/outbox.ts";
import { uuidv7 } from "#platform/process/ids.ts";
import type { Call } from "#platform/rpc/call.ts";
import { invalidField, notFound } from "#platform/rpc/error.ts";
import { cutPage, type Rows, readPage } from "#platform/rpc/paging.ts";
import type { FeedbackDeps } from "./contexts.ts";
import { feedbackCreated } from "./events.ts";
import * as store from "./store.ts";

/** Keeps what somebody says of a version that the client may read; `settle` keeps the answer in the same transaction. */
export async function createFeedback(
  request: CreateFeedbackRequest,
  { database }: FeedbackDeps,
  call: Call,
  settle: Settle,
  encode: (row: store.FeedbackRow) => Uint8Array,
): Promise<Uint8Array> {
  const kind = kindName(request.kind);
  refuseIncomplete(request, kind);
  const { clientId } = call.client;
  const id = uuidv7();
  const row: store.FeedbackRow = {
    id,
    clientId,
    anrfId: request.anrfId,
    version: request.version,
    generationId: request.generationId,
    kind,
    score: request.score,
    comment: request.comment ?? "",
    node: request.node,
    correctedExample:
      request.correctedExample === undefined
        ? undefined
        : (toJson(ExampleSchema, request.correctedExample) as JsonObject),
    createTime: new Date(),
  };
  return transact(database.db, async (trx) => {
    if (!(await store.isReadable(trx, clientId, row.anrfId, row.version))) {
      throw notFound("anrf version", `${row.anrfId}/${row.version}`);
    }
    if (row.generationId !== "" && !(await store.isOwnGeneration(trx, clientId, row.generationId))) {
      throw notFound("generation", row.generationId);
    }
    await store.insertFeedback(trx, row);
    await appendEvents(trx, [feedbackCreated(row)]);
    const stored = await store.findFeedback(trx, clientId, id);
    const answer = encode(stored ?? row);
    await settle(trx, answer);
    return answer;
  });
}

/** Feedback of that id. */
export async function getFeedback(
  id: string,
  { database }: FeedbackDeps,
  call: Call,
): Promise<store.FeedbackRow> {
  const row = await store.findFeedback(database.db, call.client.clientId, id);
  if (row === undefined) throw notFound("feedback", id);
  return row;
}

/** Feedback, newest first. */
export async function listFeedback(
  request: { readonly pageSize: number; readonly pageToken: string; readonly anrfId: string },
  { database }: FeedbackDeps,
  call: Call,
): Promise<Rows<store.FeedbackRow>> {
  const { clientId } = call.client;
  const binding = ["feedback", clientId, request.anrfId];
  const page = readPage(request, binding);
  return cutPage(
    await store.listFeedback(database.db, clientId, request.anrfId, page),
    page,
    binding,
    (row) => row.id,
  );
}

/** The name of a kind, as it is stored. */
export function kindName(kind: Feedback_Kind): string {
  const found = Object.entries(Feedback_Kind).find(([, number]) => number === kind)?.[0];
  if (found === undefined || kind === Feedback_Kind.KIND_UNSPECIFIED)
    throw invalidField("kind", "is unknown");
  return found;
}

function refuseIncomplete(request: CreateFeedbackRequest, kind: string): void {
  if (request.comment?.includes("\0") === true)
    throw invalidField("comment", "holds the character U+0000; leave it out");
  if (request.node !== undefined && !/^[0-9a-f]{64}$/u.test(request.node)) {
    throw invalidField("node", "must be a node hash: 64 lower-case hexadecimal digits");
  }
  if (kind === "SCORE" && request.score === undefined)
    throw invalidField("score", "is missing: kind SCORE needs it");
  if (kind === "COMMENT" && (request.comment ?? "") === "")
    throw invalidField("comment", "is missing: kind COMMENT needs it");
  if (kind !== "CORRECTION") return;
  if (request.correctedExample === undefined)
    throw invalidField("correctedExample", "is missing: kind CORRECTION needs it");
  if (request.correctedExample.expected.case === undefined) {
    throw invalidField("correctedExample", "says neither output nor trap; give one of them");
  }
}
