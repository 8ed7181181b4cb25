// Execution with its values as bytes: members keep their order and long integers their digits, which plain objects and
// doubles would lose.
import {
  clone,
  createFileRegistry,
  type DescFile,
  type DescMethodUnary,
  type DescService,
  type MessageInitShape,
} from "@bufbuild/protobuf";
import { FieldDescriptorProto_Type, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { isArray, type Json, JsonNumber, JsonObject, parseJson, writeJson } from "#anrf/program/json.ts";
import { readJsonWire, writeJsonWire } from "#anrf/program/json-wire.ts";
import {
  type ExecuteRequestSchema,
  type ExecuteResponse,
  ExecuteResponseSchema,
  ExecutionService,
} from "#gen/anrf/execution/v1/execution_service_pb.ts";
import type { Platform } from "./client.ts";
import { jsonOf } from "./json.ts";

/** Fields that hold a google.protobuf.Value, by message. */
const VALUES: Readonly<Record<string, string>> = { ExecuteRequest: "inputs", ExecuteResponse: "output" };

/** An answer whose output is bytes; empty if there is none. */
export type ExactResponse = Omit<ExecuteResponse, "$typeName" | "output"> & { readonly output: Uint8Array };

/** Runs a program on inputs as they were written. Errors arrive as ConnectError. */
export async function executeExactly(
  platform: Platform,
  request: Omit<MessageInitShape<typeof ExecuteRequestSchema>, "inputs" | "$typeName">,
  inputs: Json,
): Promise<ExactResponse> {
  const client = platform.client(exactExecution());
  const bytes = writeJsonWire(withDigits(inputs));
  return (await client.execute(
    { ...request, inputs: bytes } as never,
    platform.options(),
  )) as unknown as ExactResponse;
}

/**
 * An integer that doubles do not hold for sure travels as its digits, which the platform reads as an int; written as
 * 1e18 it stays a number.
 */
function withDigits(json: Json): Json {
  if (json instanceof JsonObject) return new JsonObject(json.keys, json.values.map(withDigits));
  if (isArray(json)) return json.map(withDigits);
  if (typeof json !== "number" && !(json instanceof JsonNumber)) return json;
  const text = writeJson(json);
  return /^-?\d+$/.test(text) && !Number.isSafeInteger(Number(text)) ? text : json;
}

type ExactService = DescService & { readonly method: { readonly execute: DescMethodUnary } };

/** The same service with bytes for values: on the wire there is no difference. */
function exactExecution(): ExactService {
  const { file } = ExecutionService;
  const proto = clone(FileDescriptorProtoSchema, file.proto);
  for (const message of proto.messageType) {
    const field = message.field.find((one) => one.name === VALUES[message.name]);
    if (field === undefined) continue;
    field.type = FieldDescriptorProto_Type.BYTES;
    field.typeName = "";
  }
  const known = dependenciesOf(file);
  const service = createFileRegistry(proto, (name) => known.get(name)).getService(ExecutionService.typeName);
  if (service === undefined) throw new Error("the execution service has no descriptor");
  return service as ExactService;
}

function dependenciesOf(file: DescFile): ReadonlyMap<string, DescFile> {
  const known = new Map<string, DescFile>();
  const pending = [...file.dependencies];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (known.has(next.proto.name)) continue;
    known.set(next.proto.name, next);
    pending.push(...next.dependencies);
  }
  return known;
}

/** The value under "result"; undefined beside a trap. */
export function resultOf(response: ExactResponse): Json | undefined {
  const output = outputOf(response);
  return output instanceof JsonObject ? output.get("result") : output;
}

/** The whole answer as JSON text, the output as it came. */
export function answerText(response: ExactResponse, indent: number): string {
  const { output: _bytes, ...rest } = response;
  const plain = { ...rest, $typeName: ExecuteResponseSchema.typeName } as ExecuteResponse;
  const reading = parseJson(JSON.stringify(jsonOf(ExecuteResponseSchema, plain)));
  const json = reading.fault === undefined ? reading.json : null;
  const output = outputOf(response);
  if (!(json instanceof JsonObject) || output === undefined) return writeJson(json, indent);
  return writeJson(new JsonObject(["output", ...json.keys], [output, ...json.values]), indent);
}

function outputOf(response: ExactResponse): Json | undefined {
  if (response.output.length === 0) return undefined;
  const { json, fault } = readJsonWire(response.output);
  if (fault !== undefined) throw new Error(`the output of the execution cannot be read: ${fault}`);
  return json;
}
