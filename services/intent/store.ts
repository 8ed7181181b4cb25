import { fromJson, type JsonObject, toJson } from "@bufbuild/protobuf";
import { type StructuredIntent, StructuredIntentSchema } from "#gen/anrf/api/v1/structured_intent_pb.ts";
import type { Queries } from "#platform/data/database.ts";
import type { BusinessEvent } from "#platform/data/outbox.ts";
import type { Page } from "#platform/rpc/paging.ts";

/** One analysed intent as its client stored it. */
export interface IntentRow {
  readonly id: string;
  readonly clientId: string;
  readonly contextId: string | undefined;
  /** The names by which the request asked for a context; both "" if it did not. */
  readonly module: string;
  readonly function: string;
  readonly inputText: string;
  readonly languageTag: string;
  readonly intent: StructuredIntent;
  readonly createTime: Date;
}

/** Keeps an analysis. */
export async function insertIntent(db: Queries, row: Omit<IntentRow, "createTime">): Promise<void> {
  const intent = toJson(StructuredIntentSchema, row.intent) as JsonObject;
  await db
    .insertInto("intents")
    .values({
      id: row.id,
      client_id: row.clientId,
      context_id: row.contextId ?? null,
      input_text: row.inputText,
      language_tag: row.languageTag,
      structured: JSON.stringify({ module: row.module, function: row.function, intent }),
      constraints: JSON.stringify(intent["constraints"] ?? []),
    })
    .execute();
}

/** An intent was understood; the event holds no word of it. */
export function intentAnalyzed(clientId: string, analysisId: string): BusinessEvent {
  return { clientId, type: "intent.analyzed", data: { analysisId } };
}

/** The client's analysis of that id. */
export async function findIntent(db: Queries, clientId: string, id: string): Promise<IntentRow | undefined> {
  const row = await owned(db, clientId).where("id", "=", id).executeTakeFirst();
  return row === undefined ? undefined : intentRow(row);
}

/** The client's analyses, newest first; one more than the page, so that its end shows. */
export async function listIntents(db: Queries, clientId: string, page: Page): Promise<IntentRow[]> {
  let query = owned(db, clientId);
  if (page.after !== undefined) query = query.where("id", "<", page.after);
  const rows = await query
    .orderBy("id", "desc")
    .limit(page.limit + 1)
    .execute();
  return rows.map(intentRow);
}

function owned(db: Queries, clientId: string) {
  return db
    .selectFrom("intents")
    .select(["id", "client_id", "context_id", "input_text", "language_tag", "structured", "create_time"])
    .where("client_id", "=", clientId);
}

type Selected = Awaited<ReturnType<ReturnType<typeof owned>["execute"]>>[number];

interface Stored {
  readonly module: string;
  readonly function: string;
  readonly intent: JsonObject;
}

function intentRow(row: Selected): IntentRow {
  // A json column comes as its text or as what the driver made of it.
  const stored = (typeof row.structured === "string" ? JSON.parse(row.structured) : row.structured) as Stored;
  return {
    id: row.id,
    clientId: row.client_id,
    contextId: row.context_id ?? undefined,
    module: stored.module,
    function: stored.function,
    inputText: row.input_text,
    languageTag: row.language_tag,
    intent: fromJson(StructuredIntentSchema, stored.intent),
    createTime: row.create_time,
  };
}
