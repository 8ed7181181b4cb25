import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { timestampFromDate, timestampNow } from "@bufbuild/protobuf/wkt";
import {
  GenerateRequestSchema,
  GenerateResponse_Outcome,
  type GenerateResponseSchema,
  Generation_State,
  type GenerationEventSchema,
  type GenerationSchema,
  GenerationService,
} from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { transact } from "#platform/data/database.ts";
import { once } from "#platform/data/idempotency.ts";
import { uuidv7 } from "#platform/process/ids.ts";
import type { Call } from "#platform/rpc/call.ts";
import { notFound, shuttingDown, statusFromError } from "#platform/rpc/error.ts";
import type { Handlers } from "#platform/rpc/handlers.ts";
import { cutPage, readPage } from "#platform/rpc/paging.ts";
import { type GenerateDeps, startRun } from "./generate.ts";
import { type Asked, checkQuota, type Prepared, prepare } from "./prepare.ts";
import { cancelledByRequest, watch } from "./runs/lease.ts";
import * as store from "./runs/store.ts";

/** The RPCs of the generation service. */
export function routes(deps: GenerateDeps): Handlers<typeof GenerationService> {
  return {
    generate: async (request, call) => {
      if (request.validateOnly) return validated(await prepare(request, deps, call));
      const id = await begin(request, deps, call);
      for await (const { event } of watch(id, 0, deps, call))
        if (event.case === "completed") return event.value;
      throw new Error(`generation ${id} ended without its last event`);
    },

    generateStream: async function* (request, call) {
      if (request.validateOnly) yield validatedEvent(await prepare(request, deps, call));
      else yield* watch(await begin(request, deps, call), 0, deps, call);
    },

    watchGeneration: ({ generationId, afterSequence }, call) =>
      watch(generationId, afterSequence, deps, call),

    cancelGeneration: async ({ generationId }, call) => {
      const { clientId } = call.client;
      const row = await found(generationId, deps, call);
      if (row.endTime !== undefined) return { state: Generation_State[row.state] };
      await store.askCancel(deps.database.db, clientId, generationId);
      const run = deps.runs.find(clientId, generationId);
      run?.abort(cancelledByRequest());
      await run?.done;
      return { state: Generation_State[(await found(generationId, deps, call)).state] };
    },

    getGeneration: async ({ generationId }, call) => ({
      generation: messageOf(await found(generationId, deps, call)),
    }),

    listGenerations: async (request, call) => {
      const { clientId } = call.client;
      const binding = ["generations", clientId, request.analysisId];
      const page = readPage(request, binding);
      const rows = await store.listGenerations(deps.database.db, clientId, request.analysisId, page);
      const cut = cutPage(rows, page, binding, (row) => row.id);
      return { generations: cut.rows.map(messageOf), nextPageToken: cut.nextPageToken };
    },
  };
}

/** Begins the generation of a request, or finds the one that its key began; answers with its id. */
async function begin(request: Asked, deps: GenerateDeps, call: Call): Promise<string> {
  if (deps.shutdown.aborted) throw shuttingDown();
  const prepared = await prepare(request, deps, call);
  const { clientId } = call.client;
  const { idempotencyKey, ...rest } = request;
  const keyed = {
    clientId,
    // Both RPCs make the same generation of the same request.
    rpc: `${GenerationService.typeName}/Generate`,
    key: idempotencyKey,
    body: toBinary(GenerateRequestSchema, create(GenerateRequestSchema, { ...fieldsOf(rest) })),
  };
  let isNew = false;
  const work = async (settle: Parameters<Parameters<typeof once>[2]>[0]): Promise<Uint8Array> => {
    await checkQuota(deps.database, call);
    deps.waits.admit(deps.sandbox.load, (call.deadline - Date.now()) / 1000);
    const row = newRow(uuidv7(), prepared, deps, call);
    const answer = new TextEncoder().encode(row.id);
    await transact(deps.database.db, async (trx) => {
      await store.insertGeneration(trx, row);
      if (idempotencyKey !== "") await settle(trx, answer);
    });
    isNew = true;
    return answer;
  };
  const id = new TextDecoder().decode(await once(deps.database.db, keyed, work, call.signal));
  if (isNew) startRun(id, prepared, deps, call);
  return id;
}

// The messages of the two RPCs have the same fields and are named apart.
function fieldsOf(asked: Omit<Asked, "idempotencyKey">): MessageInitShape<typeof GenerateRequestSchema> {
  const {
    $typeName: _,
    $unknown: __,
    ...fields
  } = asked as typeof asked & {
    readonly $typeName?: string;
    readonly $unknown?: unknown;
  };
  return fields;
}

function newRow(id: string, prepared: Prepared, deps: GenerateDeps, call: Call): store.NewGeneration {
  const { budget, seed, pace, checks, minConfidence, parent, group, source } = prepared;
  return {
    id,
    clientId: call.client.clientId,
    keyId: call.client.keyId,
    analysisId: source.analysisId,
    owner: deps.runs.owner,
    leaseMs: deps.leaseMs,
    seed,
    params: { budget, pace, checks, minConfidence, parent, group },
  };
}

async function found(id: string, deps: GenerateDeps, call: Call): Promise<store.GenerationRow> {
  const row = await store.findGeneration(deps.database.db, call.client.clientId, id);
  if (row === undefined) throw notFound("generation", id);
  return row;
}

function messageOf(row: store.GenerationRow): MessageInitShape<typeof GenerationSchema> {
  return {
    generationId: row.id,
    state: Generation_State[row.state],
    analysisId: row.analysisId,
    ...(row.response === undefined ? {} : { result: row.response }),
    ...(row.error === undefined ? {} : { failure: statusFromError(row.error) }),
    seed: row.seed,
    createTime: timestampFromDate(row.createTime),
    ...(row.endTime === undefined ? {} : { endTime: timestampFromDate(row.endTime) }),
  };
}

function validated({ seed, reading }: Prepared): MessageInitShape<typeof GenerateResponseSchema> {
  return { outcome: GenerateResponse_Outcome.VALIDATED, seed, warnings: [...(reading.task?.warnings ?? [])] };
}

function validatedEvent(prepared: Prepared): MessageInitShape<typeof GenerationEventSchema> {
  return {
    sequence: 1,
    createTime: timestampNow(),
    event: { case: "completed", value: validated(prepared) },
  };
}
