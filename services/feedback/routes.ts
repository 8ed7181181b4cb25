import {
  create,
  type DescMessage,
  fromBinary,
  fromJson,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { ExampleSchema } from "#gen/anrf/api/v1/example_pb.ts";
import {
  type ContextSchema,
  CreateContextRequestSchema,
  CreateContextResponseSchema,
  CreateFeedbackRequestSchema,
  CreateFeedbackResponseSchema,
  Feedback_Kind,
  type FeedbackSchema,
  FeedbackService,
} from "#gen/anrf/feedback/v1/feedback_service_pb.ts";
import { IdempotencyConflict, once, type Settle } from "#platform/data/idempotency.ts";
import type { Call } from "#platform/rpc/call.ts";
import { alreadyExists } from "#platform/rpc/error.ts";
import type { Handlers } from "#platform/rpc/handlers.ts";
import {
  createContext,
  deleteContext,
  type FeedbackDeps,
  getContext,
  listContexts,
  updateContext,
} from "./contexts.ts";
import { createFeedback, getFeedback, listFeedback } from "./feedback.ts";
import type { ContextRow, FeedbackRow } from "./store.ts";

/** The RPCs of contexts and feedback. */
export function routes(deps: FeedbackDeps): Handlers<typeof FeedbackService> {
  return {
    createContext: (request, call) =>
      answeredOnce(
        "CreateContext",
        request,
        CreateContextRequestSchema,
        CreateContextResponseSchema,
        deps,
        call,
        async () => {
          const row = await createContext(request, deps, call);
          return toBinary(
            CreateContextResponseSchema,
            create(CreateContextResponseSchema, { context: contextMessage(row) }),
          );
        },
      ),

    listContexts: async (request, call) => {
      const { rows, nextPageToken } = await listContexts(request, deps, call);
      return { contexts: rows.map(contextMessage), nextPageToken };
    },

    getContext: async (request, call) => ({ context: contextMessage(await getContext(request, deps, call)) }),

    updateContext: async (request, call) => {
      const paths = request.updateMask?.paths ?? [];
      return {
        context: contextMessage(
          await updateContext({ ...request, content: request.content, paths }, deps, call),
        ),
      };
    },

    deleteContext: async (request, call) => {
      await deleteContext(request, deps, call);
      return {};
    },

    createFeedback: (request, call) =>
      answeredOnce(
        "CreateFeedback",
        request,
        CreateFeedbackRequestSchema,
        CreateFeedbackResponseSchema,
        deps,
        call,
        (settle) =>
          createFeedback(request, deps, call, settle, (row) =>
            toBinary(
              CreateFeedbackResponseSchema,
              create(CreateFeedbackResponseSchema, { feedback: feedbackMessage(row) }),
            ),
          ),
      ),

    listFeedback: async (request, call) => {
      const { rows, nextPageToken } = await listFeedback(request, deps, call);
      return { feedback: rows.map(feedbackMessage), nextPageToken };
    },

    getFeedback: async (request, call) => ({
      feedback: feedbackMessage(await getFeedback(request.feedbackId, deps, call)),
    }),
  };
}

/** The first answer for a key stands for 24 hours. */
async function answeredOnce<In extends DescMessage, Out extends DescMessage>(
  rpc: string,
  request: MessageShape<In> & { readonly idempotencyKey: string },
  input: In,
  output: Out,
  deps: FeedbackDeps,
  call: Call,
  work: (settle: Settle) => Promise<Uint8Array>,
): Promise<MessageShape<Out>> {
  const keyed = {
    clientId: call.client.clientId,
    rpc: `${FeedbackService.typeName}/${rpc}`,
    key: request.idempotencyKey,
    body: toBinary(input, { ...request, idempotencyKey: "" }),
  };
  try {
    return fromBinary(output, await once(deps.database.db, keyed, work, call.signal));
  } catch (error) {
    if (error instanceof IdempotencyConflict) throw alreadyExists("IDEMPOTENCY_CONFLICT", error.message);
    throw error;
  }
}

function contextMessage(row: ContextRow): MessageInitShape<typeof ContextSchema> {
  return {
    contextId: row.id,
    module: row.module,
    function: row.function,
    content: row.content,
    etag: row.etag,
    createTime: timestampFromDate(row.createTime),
    updateTime: timestampFromDate(row.updateTime),
  };
}

function feedbackMessage(row: FeedbackRow): MessageInitShape<typeof FeedbackSchema> {
  const kinds: Readonly<Record<string, Feedback_Kind>> = Feedback_Kind;
  return {
    feedbackId: row.id,
    anrfId: row.anrfId,
    version: row.version,
    kind: kinds[row.kind] ?? Feedback_Kind.KIND_UNSPECIFIED,
    ...(row.score === undefined ? {} : { score: row.score }),
    ...(row.comment === "" ? {} : { comment: row.comment }),
    ...(row.node === undefined ? {} : { node: row.node }),
    ...(row.correctedExample === undefined
      ? {}
      : { correctedExample: fromJson(ExampleSchema, row.correctedExample) }),
    generationId: row.generationId,
    createTime: timestampFromDate(row.createTime),
  };
}
