import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { FeedbackService } from "#gen/anrf/feedback/v1/feedback_service_pb.ts";
import {
  type AnalyzeIntentRequest,
  AnalyzeIntentRequestSchema,
  type AnalyzeIntentResponse,
  AnalyzeIntentResponseSchema,
  type IntentService,
  IntentService as Service,
} from "#gen/anrf/intent/v1/intent_service_pb.ts";
import { type Database, transact } from "#platform/data/database.ts";
import { IdempotencyConflict, once, type Settle } from "#platform/data/idempotency.ts";
import { appendEvents } from "#platform/data/outbox.ts";
import { uuidv7 } from "#platform/process/ids.ts";
import type { Call } from "#platform/rpc/call.ts";
import { Code } from "#platform/rpc/codes.ts";
import { alreadyExists, notFound, RpcError } from "#platform/rpc/error.ts";
import type { Client, Handlers } from "#platform/rpc/handlers.ts";
import { cutPage, readPage } from "#platform/rpc/paging.ts";
import { analyze, type Given } from "./analyze.ts";
import { label, readContext } from "./context.ts";
import * as store from "./store.ts";

/** What the RPCs of intents need. */
export interface IntentDeps {
  readonly database: Database;
  /** Where stored contexts are. */
  readonly feedback: Client<typeof FeedbackService>;
}

/** The RPCs of intents. */
export function routes(deps: IntentDeps): Handlers<typeof IntentService> {
  return {
    analyzeIntent: async (request, call) => {
      if (request.validateOnly) return (await analyzed(request, deps, call)).answer;
      return storedOnce(request, deps, call);
    },

    getIntent: async (request, call) => {
      const row = await store.findIntent(deps.database.db, call.client.clientId, request.analysisId);
      if (row === undefined) throw notFound("intent", request.analysisId);
      return { intent: intentMessage(row) };
    },

    listIntents: async (request, call) => {
      const binding = ["intents", call.client.clientId];
      const page = readPage(request, binding);
      const found = await store.listIntents(deps.database.db, call.client.clientId, page);
      const { rows, nextPageToken } = cutPage(found, page, binding, (row) => row.id);
      return { intents: rows.map(intentMessage), nextPageToken };
    },
  };
}

/** The first answer for a key stands for 24 hours. */
async function storedOnce(
  request: AnalyzeIntentRequest,
  deps: IntentDeps,
  call: Call,
): Promise<AnalyzeIntentResponse> {
  const { clientId } = call.client;
  const keyed = {
    clientId,
    rpc: `${Service.typeName}/AnalyzeIntent`,
    key: request.idempotencyKey,
    body: toBinary(
      AnalyzeIntentRequestSchema,
      create(AnalyzeIntentRequestSchema, { ...request, idempotencyKey: "" }),
    ),
  };
  const work = async (settle: Settle): Promise<Uint8Array> => {
    const { answer, contextId } = await analyzed(request, deps, call);
    const id = uuidv7();
    const { structuredIntent } = answer;
    if (structuredIntent === undefined) throw new Error("an analysis has no structured intent");
    const row = {
      id,
      clientId,
      contextId,
      module: request.context?.module ?? "",
      function: request.context?.function ?? "",
      inputText: request.inputText,
      languageTag: structuredIntent.languageTag,
      intent: structuredIntent,
    };
    const response = toBinary(AnalyzeIntentResponseSchema, { ...answer, analysisId: id });
    await transact(deps.database.db, async (trx) => {
      await store.insertIntent(trx, row);
      await appendEvents(trx, [store.intentAnalyzed(clientId, id)]);
      await settle(trx, response);
    });
    return response;
  };
  try {
    return fromBinary(AnalyzeIntentResponseSchema, await once(deps.database.db, keyed, work, call.signal));
  } catch (error) {
    if (error instanceof IdempotencyConflict) throw alreadyExists("IDEMPOTENCY_CONFLICT", error.message);
    throw error;
  }
}

interface Analyzed {
  readonly answer: AnalyzeIntentResponse;
  readonly contextId: string | undefined;
}

async function analyzed(request: AnalyzeIntentRequest, deps: IntentDeps, call: Call): Promise<Analyzed> {
  const { contextId, ...found } = await lookUp(request, deps, call);
  const structuredIntent = analyze(request.inputText, {
    signature: request.signature,
    examples: request.examples,
    constraints: request.constraints,
    languageTag: request.languageTag,
    ...found,
  });
  const answer = create(AnalyzeIntentResponseSchema, {
    structuredIntent,
    constraints: structuredIntent.constraints,
  });
  return { answer, contextId };
}

type LookedUp = Pick<Given, "context" | "warnings"> & { readonly contextId: string | undefined };

/** The context of module and function, else that of the module alone. What cannot be had is a warning, never an error. */
async function lookUp(request: AnalyzeIntentRequest, deps: IntentDeps, call: Call): Promise<LookedUp> {
  const { module, function: name } = request.context ?? { module: "", function: "" };
  if (module === "" && name === "") return { contextId: undefined };
  const asked = name === "" || module === "" ? [name] : [name, ""];
  for (const one of asked) {
    try {
      const { context } = await deps.feedback.getContext({ module, function: one }, call);
      if (context === undefined) break;
      const { content } = context;
      return { contextId: context.contextId, context: readContext(module, one, content ?? {}) };
    } catch (error) {
      const warning = reasonWithout(error);
      if (warning !== undefined) {
        return {
          contextId: undefined,
          warnings: [`the context of ${label(module, name)} was not used: ${warning}`],
        };
      }
    }
  }
  return { contextId: undefined, warnings: [`no context is stored for ${label(module, name)}`] };
}

/** Why an analysis goes on without its context; undefined if there is none. Other errors are not for us to hide. */
function reasonWithout(error: unknown): string | undefined {
  if (!(error instanceof RpcError)) throw error;
  if (error.code === Code.NOT_FOUND) return undefined;
  if (error.code === Code.UNAVAILABLE || error.code === Code.PERMISSION_DENIED) return error.message;
  throw error;
}

function intentMessage(row: store.IntentRow) {
  return {
    analysisId: row.id,
    inputText: row.inputText,
    ...(row.module === "" && row.function === ""
      ? {}
      : { context: { module: row.module, function: row.function } }),
    languageTag: row.languageTag,
    structuredIntent: row.intent,
    createTime: timestampFromDate(row.createTime),
  };
}
