import { create, toBinary } from "@bufbuild/protobuf";
import { CreateFeedbackRequestSchema, FeedbackService } from "#gen/anrf/feedback/v1/feedback_service_pb.ts";
import { createLogger } from "#platform/process/log.ts";
import { createMetrics } from "#platform/process/metrics.ts";
import { newTrace } from "#platform/process/trace.ts";
import { LightAbort } from "#platform/rpc/call.ts";
import { metadataOf, metadataReader, traceFromHeaders } from "#platform/rpc/grpc-metadata.ts";
import { routesOf } from "#platform/rpc/handlers.ts";
import { readPeer } from "#platform/rpc/peer.ts";
import { createPipeline } from "#platform/rpc/pipeline.ts";

const ID = "018f0000-0000-7000-8000-000000000001";
const p = createPipeline({
  log: createLogger(),
  metrics: createMetrics(),
  stop: new AbortController().signal,
  isGateway: () => false,
  mayCall: () => true,
});
const seconds = { default: 30, cap: 60 };
const deadlines = Object.fromEntries(FeedbackService.methods.map(({ localName }) => [localName, seconds]));
const h = async (r: any) => {
  const { anrfId, version, kind, generationId } = r;
  return { feedback: { feedbackId: anrfId, anrfId, version, kind, generationId, comment: r.comment } };
};
const handlers = Object.fromEntries(FeedbackService.methods.map(({ localName }) => [localName, h]));
const routes = routesOf(
  { service: FeedbackService, handlers } as any,
  { service: FeedbackService, deadlines },
  "feedback",
);
const route = routes.find((r) => r.method.name === "CreateFeedback")!;
const bytes = toBinary(
  CreateFeedbackRequestSchema,
  create(CreateFeedbackRequestSchema, {
    anrfId: ID,
    version: 3,
    kind: 1,
    comment: "x".repeat(100),
    generationId: ID,
    idempotencyKey: "a key of 13 b",
  }),
);
const client = {
  clientId: ID,
  keyId: ID,
  scopes: new Set([1, 2, 3, 4]) as any,
  tier: "unlimited" as const,
  limits: undefined,
};
const trace = newTrace();
const md = metadataOf({ requestId: ID, client, trace } as any, trace, "intent", "token");
const T = async (name: string, f: () => any, n = 60000) => {
  for (let i = 0; i < n / 3; i++) await f();
  const a = process.cpuUsage();
  for (let i = 0; i < n; i++) await f();
  const b = process.cpuUsage(a);
  console.error(name, ((b.user + b.system) / n).toFixed(2), "us");
};
await T("null", async () => {});
await T("peer", async () => {
  const hd = metadataReader(md);
  readPeer(hd, "token");
  traceFromHeaders(hd);
});
await T("pipeline", () =>
  p.unary(route, {
    requestId: ID,
    client,
    caller: "intent",
    signal: new LightAbort(),
    deadline: undefined,
    trace,
    bytes,
  }),
);
await T("pipeline", () =>
  p.unary(route, {
    requestId: ID,
    client,
    caller: "intent",
    signal: new LightAbort(),
    deadline: undefined,
    trace,
    bytes,
  }),
);
