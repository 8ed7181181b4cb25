import { readFileSync } from "node:fs";
import {
  create,
  createFileRegistry,
  type DescFile,
  type FileRegistry,
  fromBinary,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import {
  FileDescriptorProtoSchema,
  type FileDescriptorSet,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import type { ConnectRouter } from "@connectrpc/connect";
import { Health, HealthCheckResponse_ServingStatus } from "#gen/grpc/health/v1/health_pb.ts";
import {
  ServerReflection,
  type ServerReflectionRequest,
  ServerReflectionResponseSchema,
} from "#gen/grpc/reflection/v1/reflection_pb.ts";
import {
  ServerReflection as ServerReflectionAlpha,
  type ServerReflectionRequest as ServerReflectionRequestAlpha,
} from "#gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { Code } from "./codes.ts";
import { connectErrorOf } from "./connect.ts";
import { notFound } from "./error.ts";

/** The contract as data. */
export interface Image {
  readonly set: FileDescriptorSet;
  /** Each file, encoded, imports included. */
  readonly files: readonly Uint8Array[];
}

/** Reads gen/anrf.binpb. */
export function readImage(path: string | URL): Image {
  const set = fromBinary(FileDescriptorSetSchema, readFileSync(path));
  return { set, files: set.file.map((file) => toBinary(FileDescriptorProtoSchema, file)) };
}

type Answer = NonNullable<MessageInitShape<typeof ServerReflectionResponseSchema>["messageResponse"]>;
type Request = ServerReflectionRequest | ServerReflectionRequestAlpha;

/** Serves reflection v1 and v1alpha on a Connect router; `services` are the names that it lists. */
export function reflectionRoutes(image: Image, services: readonly string[]): (router: ConnectRouter) => void {
  const registry = createFileRegistry(image.set);
  const answer = (request: Request): Answer => answerOf(request, registry, services);
  return (router) => {
    router.service(ServerReflection, {
      serverReflectionInfo: async function* (requests) {
        for await (const request of requests) {
          yield create(ServerReflectionResponseSchema, {
            validHost: request.host,
            originalRequest: request,
            messageResponse: answer(request),
          });
        }
      },
    });
    router.service(ServerReflectionAlpha, {
      serverReflectionInfo: async function* (requests) {
        for await (const request of requests) {
          // v1alpha has the same fields under the same numbers; only the package differs.
          yield {
            validHost: request.host,
            originalRequest: request,
            messageResponse: answer(request) as never,
          };
        }
      },
    });
  };
}

function answerOf(request: Request, registry: FileRegistry, services: readonly string[]): Answer {
  const { case: kind, value } = request.messageRequest;
  switch (kind) {
    case "listServices":
      return { case: "listServicesResponse", value: { service: services.map((name) => ({ name })) } };
    case "fileByFilename":
      return filesAnswer(fileByName(registry, value), value);
    case "fileContainingSymbol":
      return filesAnswer(fileOfSymbol(registry, value), value);
    case "fileContainingExtension": {
      const extendee = registry.getMessage(value.containingType);
      const found = extendee && registry.getExtensionFor(extendee, value.extensionNumber);
      return filesAnswer(found?.file, `${value.containingType} [${value.extensionNumber}]`);
    }
    case "allExtensionNumbersOfType": {
      const all = [...registry].flatMap((type) =>
        type.kind === "extension" && type.extendee.typeName === value ? [type.number] : [],
      );
      return { case: "allExtensionNumbersResponse", value: { baseTypeName: value, extensionNumber: all } };
    }
    case undefined:
      return refusal(Code.INVALID_ARGUMENT, "the request asks for nothing");
    default:
      throw new Error(`unreachable: ${kind satisfies never}`);
  }
}

// A name may point to a member of a type: the file of the longest known prefix holds it.
function fileOfSymbol(registry: FileRegistry, name: string): DescFile | undefined {
  for (let end = name.length; end > 0; end = name.lastIndexOf(".", end - 1)) {
    const found = registry.get(name.slice(0, end));
    if (found !== undefined) return found.file;
  }
  return undefined;
}

function fileByName(registry: FileRegistry, name: string): DescFile | undefined {
  // A DescFile's name lacks the suffix; the registry asks with it.
  return registry.getFile(name);
}

function filesAnswer(file: DescFile | undefined, name: string): Answer {
  if (file === undefined) return refusal(Code.NOT_FOUND, `no file for ${name}`);
  const files = new Map<string, DescFile>();
  const pending = [file];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (files.has(next.proto.name)) continue;
    files.set(next.proto.name, next);
    pending.push(...next.dependencies);
  }
  const encoded = [...files.values()].map((one) => toBinary(FileDescriptorProtoSchema, one.proto));
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto: encoded } };
}

function refusal(errorCode: number, errorMessage: string): Answer {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}

/** Whether a service is served: undefined for a name that nobody knows; "" asks for the whole process. */
export type Serving = (service: string) => boolean | undefined;

const POLL_MS = 1_000;

/** Serves grpc.health.v1 on a Connect router. */
export function healthRoutes(serving: Serving): (router: ConnectRouter) => void {
  const statusOf = (service: string): HealthCheckResponse_ServingStatus | undefined => {
    const found = serving(service);
    if (found === undefined) return undefined;
    return found ? HealthCheckResponse_ServingStatus.SERVING : HealthCheckResponse_ServingStatus.NOT_SERVING;
  };
  return (router) => {
    router.service(Health, {
      check: ({ service }) => {
        const status = statusOf(service);
        if (status === undefined) throw connectErrorOf(notFound("service", service));
        return { status };
      },
      watch: async function* ({ service }, context) {
        let last: HealthCheckResponse_ServingStatus | undefined;
        while (!context.signal.aborted) {
          const status = statusOf(service) ?? HealthCheckResponse_ServingStatus.SERVICE_UNKNOWN;
          if (status !== last) yield { status };
          last = status;
          await pause(POLL_MS, context.signal);
        }
      },
    });
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
