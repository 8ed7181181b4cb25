import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { credentials, Client as GrpcClient, Metadata } from "@grpc/grpc-js";
import { Scope } from "#gen/anrf/api/v1/options_pb.ts";
import {
  CreateFeedbackRequestSchema,
  CreateFeedbackResponseSchema,
  Feedback_Kind,
  FeedbackService,
} from "#gen/anrf/feedback/v1/feedback_service_pb.ts";
import { createLogger } from "#platform/process/log.ts";
import { newTrace } from "#platform/process/trace.ts";
import { metadataOf } from "#platform/rpc/grpc-metadata.ts";
import { methodPath } from "#platform/rpc/handlers.ts";
import { type BenchServer, inParallel, median, startServer } from "./processes.ts";

const CALLERS = 16;
const RUNS = 5;
const TOKEN = "a-token-of-this-bench";
const PATH = methodPath(FeedbackService, FeedbackService.method.createFeedback);
const ID = "018f0000-0000-7000-8000-000000000001";

const REQUEST = toBinary(
  CreateFeedbackRequestSchema,
  create(CreateFeedbackRequestSchema, {
    anrfId: ID,
    version: 3,
    kind: Feedback_Kind.COMMENT,
    comment:
      "the answer is right for every list that I tried, but the empty one deserves a word of its own, I think",
    generationId: ID,
    idempotencyKey: "a key of 13 b",
  }),
);

/** What calls bring beside the message. */
type Headers = () => Metadata;

/** CPU of the server process for one call: our hop, beside a bare grpc-js echo of the same messages. */
export async function hop(args: readonly string[]): Promise<number> {
  const calls = Number(args[0] ?? 4_000);
  const folder = await mkdtemp(join(tmpdir(), "anrf-hop-"));
  const script = new URL("./hop-server.ts", import.meta.url);
  using ours = await startServer(script, ["ours", TOKEN], join(folder, "ours.log"));
  using bare = await startServer(script, ["bare"], join(folder, "bare.log"));
  const rows: readonly { readonly name: string; readonly server: BenchServer; readonly headers: Headers }[] =
    [
      { name: "bare", server: bare, headers: () => new Metadata() },
      { name: "bare, our headers", server: bare, headers: meshHeaders },
      { name: "ours", server: ours, headers: meshHeaders },
    ];
  const found = new Map<string, number[]>(rows.map(({ name }) => [name, []]));
  for (let run = -1; run < RUNS; run++) {
    for (const { name, server, headers } of rows) {
      const used = await measure(server, calls, headers);
      // The first round warms both.
      if (run >= 0) found.get(name)?.push(used);
    }
  }
  await rm(folder, { recursive: true, force: true });
  const base = median(found.get("bare") ?? []);
  console.log(
    `hop: ${REQUEST.length}-byte message, ${CALLERS} callers, ${calls} calls a run, median of ${RUNS} runs`,
  );
  for (const [name, all] of found) {
    const middle = median(all);
    const each = all.map((one) => one.toFixed(0)).join(" ");
    console.log(
      `${name.padEnd(18)} ${middle.toFixed(1)} µs CPU a call  ${(middle / base).toFixed(2)} ×  (${each})`,
    );
  }
  return 0;
}

function meshHeaders(): Metadata {
  const client = {
    clientId: ID,
    keyId: ID,
    scopes: new Set([Scope.ANALYZE, Scope.GENERATE, Scope.VIEW, Scope.VERIFY, Scope.EXECUTE, Scope.FEEDBACK]),
    tier: "unlimited" as const,
    limits: undefined,
  };
  const signal = new AbortController().signal;
  const call = { requestId: ID, client, signal, deadline: Date.now() + 30_000, log: LOG, trace: newTrace() };
  return metadataOf(call, "intent", TOKEN);
}

const LOG = createLogger({ level: "silent" });

async function measure(server: BenchServer, calls: number, headers: Headers): Promise<number> {
  const client = new GrpcClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const same = (bytes: Buffer): Buffer => bytes;
      const options = { deadline: Date.now() + 30_000 };
      client.makeUnaryRequest(PATH, same, same, Buffer.from(REQUEST), headers(), options, (error, answer) => {
        if (error !== null) return reject(error);
        const { feedback } = fromBinary(CreateFeedbackResponseSchema, answer ?? new Uint8Array());
        if (feedback?.anrfId === ID) resolve();
        else reject(new Error("the answer is not what was sent"));
      });
    });
  await inParallel(CALLERS * 4, CALLERS, one);
  const before = await server.cpu();
  await inParallel(calls, CALLERS, one);
  const used = (await server.cpu()) - before;
  client.close();
  return used / calls;
}
