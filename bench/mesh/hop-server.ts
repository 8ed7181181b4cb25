// node bench/mesh/hop-server.ts ours | bare: serves one RPC over grpc-js and tells, when it is asked, what CPU it used.
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import {
  type CreateFeedbackRequest,
  CreateFeedbackRequestSchema,
  CreateFeedbackResponseSchema,
  FeedbackService,
} from "#gen/anrf/feedback/v1/feedback_service_pb.ts";
import { createLogger } from "#platform/process/log.ts";
import { createMetrics } from "#platform/process/metrics.ts";
import { startGrpcServer } from "#platform/rpc/grpc-server.ts";
import { methodPath, routesOf } from "#platform/rpc/handlers.ts";
import { createPipeline } from "#platform/rpc/pipeline.ts";

const METHOD = FeedbackService.method.createFeedback;

/** The answer of both: what was asked, in a message of the same size. */
function echo(request: CreateFeedbackRequest): MessageInitShape<typeof CreateFeedbackResponseSchema> {
  const { anrfId, version, kind, generationId } = request;
  const said = request.comment === undefined ? {} : { comment: request.comment };
  return { feedback: { feedbackId: anrfId, anrfId, version, kind, generationId, ...said } };
}

/** A hop as the platform makes it: peer, deadline, scope, depth, rules, metrics, and a line of log. */
async function ours(token: string): Promise<number> {
  const pipeline = createPipeline({
    log: createLogger(),
    metrics: createMetrics(),
    stop: new AbortController().signal,
    isGateway: () => false,
    mayCall: () => true,
  });
  const seconds = { default: 30, cap: 60 };
  const deadlines = Object.fromEntries(FeedbackService.methods.map(({ localName }) => [localName, seconds]));
  const handler = async (request: CreateFeedbackRequest) => echo(request);
  const handlers = Object.fromEntries(FeedbackService.methods.map(({ localName }) => [localName, handler]));
  const served = { service: FeedbackService, handlers };
  const routes = routesOf(served, { service: FeedbackService, deadlines }, "feedback");
  const listen = { port: 0, address: "127.0.0.1", pipeline, routes, meshToken: token, files: [], listed: [] };
  return (await startGrpcServer(listen)).port;
}

/** The rival: grpc-js with nothing around it but the same two messages. */
async function bare(): Promise<number> {
  const server = new Server();
  server.addService(
    {
      createFeedback: {
        path: methodPath(FeedbackService, METHOD),
        requestStream: false,
        responseStream: false,
        requestSerialize: (value: CreateFeedbackRequest) =>
          Buffer.from(toBinary(CreateFeedbackRequestSchema, value)),
        requestDeserialize: (bytes: Buffer) => fromBinary(CreateFeedbackRequestSchema, bytes),
        responseSerialize: (value: MessageInitShape<typeof CreateFeedbackResponseSchema>) =>
          Buffer.from(toBinary(CreateFeedbackResponseSchema, create(CreateFeedbackResponseSchema, value))),
        responseDeserialize: (bytes: Buffer) => fromBinary(CreateFeedbackResponseSchema, bytes),
      },
    },
    {
      createFeedback: (
        call: ServerUnaryCall<CreateFeedbackRequest, unknown>,
        callback: sendUnaryData<unknown>,
      ) => callback(null, echo(call.request)),
    },
  );
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}

const [kind = "", token = ""] = process.argv.slice(2);
process.send?.({ port: kind === "ours" ? await ours(token) : await bare() });
process.on("message", () => process.send?.({ cpu: process.cpuUsage() }));
process.on("disconnect", () => process.exit(0));
