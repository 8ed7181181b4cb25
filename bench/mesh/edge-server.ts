// node bench/mesh/edge-server.ts FOLDER: the edge and auth as they are, and one RPC that only answers, in one process.
import { join } from "node:path";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { FeedbackService } from "#gen/anrf/feedback/v1/feedback_service_pb.ts";
import { startHost } from "#platform/process/host.ts";
import type { Target } from "#platform/process/target.ts";
import type { Handlers } from "#platform/rpc/handlers.ts";
import { serve } from "#platform/rpc/handlers.ts";
import { target as auth } from "../../services/auth/target.ts";
import { target as edge } from "../../services/edge/target.ts";
import { TOPOLOGY } from "../../services/topology.ts";

const createFeedback: Handlers<typeof FeedbackService>["createFeedback"] = async (request) => {
  const { anrfId, version, kind, generationId, comment } = request;
  const said = comment === undefined ? {} : { comment };
  const row = {
    feedbackId: anrfId,
    anrfId,
    version,
    kind,
    generationId,
    createTime: timestampNow(),
    ...said,
  };
  return { feedback: row };
};

const only = { createFeedback } as unknown as Handlers<typeof FeedbackService>;
const handlers = new Proxy(only, {
  get: (known, name) =>
    Reflect.get(known, name) ?? (() => Promise.reject(new Error("only CreateFeedback is served here"))),
});

const feedback: Target = {
  name: "feedback",
  start: async () => ({
    serves: [serve(FeedbackService, handlers)],
    ready: async () => [],
    [Symbol.asyncDispose]: async () => {},
  }),
};

const folder = process.argv[2] ?? "";
const host = await startHost({
  topology: TOPOLOGY,
  targets: [edge, feedback, auth],
  mesh: false,
  env: { ANRF_DATA: join(folder, "data"), ANRF_EDGE_PORT: "0", ANRF_DURABLE: "false" },
});
const started = host.started("edge");
process.send?.({ port: started !== undefined && "port" in started ? started.port : 0 });
process.on("message", () => process.send?.({ cpu: process.cpuUsage() }));
process.on("disconnect", () => {
  void host[Symbol.asyncDispose]().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
