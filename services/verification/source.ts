import { create, type JsonValue, toBinary, toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { type DiagnoseOptions, type Diagnosis, diagnose, diagnoseDocument } from "#anrf/diagnose/diagnose.ts";
import { checkResponse } from "#anrf/diagnose/response.ts";
import type { ImportOptions } from "#anrf/import/python.ts";
import { readArtifact } from "#anrf/program/artifact.ts";
import type { Program } from "#anrf/program/program.ts";
import { jsonFromProto } from "#anrf/program/proto-json.ts";
import { functionOf, type Type } from "#anrf/program/type.ts";
import { parseType } from "#anrf/program/type-text.ts";
import { argsFromJson, valueFromJson } from "#anrf/program/value-json.ts";
import { valueToProto } from "#anrf/program/value-proto.ts";
import type { Example as ApiExample } from "#gen/anrf/api/v1/example_pb.ts";
import type { Signature } from "#gen/anrf/api/v1/signature_pb.ts";
import { type Example, ExampleSchema } from "#gen/anrf/v1/artifact_pb.ts";
import { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";
import {
  type CheckProgramRequest,
  CheckProgramResponseSchema,
} from "#gen/anrf/verification/v1/verification_service_pb.ts";

/** Why a request cannot be answered: a field of it is at fault, not the program. */
export interface SourceFault {
  readonly field: string;
  readonly description: string;
  readonly reason: "EXAMPLE_INVALID" | "ARTIFACT_UNREADABLE" | "INPUT_TOO_DEEP" | "SIGNATURE_INVALID";
}

/** The answer, or the field that is at fault. */
export type SourceAnswer = { readonly response: Uint8Array } | { readonly fault: SourceFault };

/** Ends the reading of a request. */
class FaultError extends Error {
  readonly fault: SourceFault;

  constructor(fault: SourceFault) {
    super(fault.description);
    this.fault = fault;
  }
}

/** Says all that can be said of a program that somebody wrote. What is wrong with the program is in the response. */
export async function checkSource(request: CheckProgramRequest, mayRun: boolean): Promise<SourceAnswer> {
  try {
    const diagnosis = await read(request, mayRun);
    const file = request.source.case === "artifact" ? request.source.value : undefined;
    const response = checkResponse(diagnosis, file);
    return { response: toBinary(CheckProgramResponseSchema, response) };
  } catch (error) {
    if (error instanceof FaultError) return { fault: error.fault };
    throw error;
  }
}

async function read(
  { source, signature, examples }: CheckProgramRequest,
  mayRun: boolean,
): Promise<Diagnosis> {
  const wanted = signature === undefined ? undefined : signatureText(signature);
  const options: DiagnoseOptions = {
    ...(mayRun ? { limits: {} } : {}),
    more: (program, names) => examples.map((one, index) => exampleOf(one, index, program, names)),
    ...(wanted === undefined ? {} : { signature: wanted }),
  };
  switch (source.case) {
    case "text":
      return diagnose(source.value, options);
    case "artifact": {
      const { document, fault } = readArtifact(source.value);
      if (document !== undefined) return diagnoseDocument(document, options);
      const description = `${fault.message} (${fault.reason})`;
      throw new FaultError({ field: "artifact", description, reason: "ARTIFACT_UNREADABLE" });
    }
    // The importers are many files: a worker loads them when a source asks for them.
    case "python": {
      const { diagnosePython } = await import("#anrf/diagnose/imported.ts");
      return diagnosePython(source.value, { ...options, imports: importsOf(signature, examples) });
    }
    case "typescript": {
      const { diagnoseTypeScript } = await import("#anrf/diagnose/imported.ts");
      return diagnoseTypeScript(source.value, { ...options, imports: importsOf(signature, examples) });
    }
    case undefined:
      throw new Error("a request without a source reached the sandbox");
    default:
      throw new Error(`unreachable: ${source satisfies never}`);
  }
}

/** What an importer is told of types that the source does not say. */
function importsOf(signature: Signature | undefined, examples: readonly ApiExample[]): ImportOptions {
  const plain = examples.flatMap(({ inputs, expected }) =>
    inputs?.kind.case === "listValue" && expected.case === "output"
      ? [{ args: toJson(ValueSchema, inputs) as JsonValue[], result: toJson(ValueSchema, expected.value) }]
      : [],
  );
  const given = signature === undefined ? undefined : givenSignature(signature);
  return {
    ...(plain.length === 0 ? {} : { examples: plain }),
    ...(given === undefined ? {} : { signature: given }),
  };
}

function givenSignature({ params, returns }: Signature): ImportOptions["signature"] {
  if (returns === "") return undefined;
  const read = (text: string, field: string): Type => {
    const type = parseType(text);
    if (!("error" in type)) return type;
    const description = `${type.error} (at ${type.at})`;
    throw new FaultError({ field: `signature.${field}`, description, reason: "SIGNATURE_INVALID" });
  };
  return {
    params: params.map(({ name, type }, index) => ({ name, type: read(type, `params[${index}].type`) })),
    returns: read(returns, "returns"),
  };
}

/** The type of the entry that a signature asks for; undefined for one without a result. */
function signatureText({ params, returns }: Signature): string | undefined {
  const read = (text: string): string | Type => {
    const type = parseType(text);
    return "error" in type ? text.replace(/\s+/g, " ").trim() : type;
  };
  if (returns === "") return undefined;
  const parts = [...params.map((param) => param.type), returns].map(read);
  const types = parts.filter((one) => typeof one !== "string");
  const result = types.at(-1);
  if (types.length === parts.length && result !== undefined)
    return functionOf(types.slice(0, -1), result).text;
  // It names a type that the program declares: then its spelling decides.
  const texts = parts.map((one) => (typeof one === "string" ? one : one.text));
  return `(${texts.slice(0, -1).join(", ")}) -> ${texts.at(-1)}`;
}

/** An example of the request with the types of the entry. */
function exampleOf(
  example: ApiExample,
  index: number,
  { entry, nominals }: Program,
  names: readonly string[],
): Example {
  const path = `examples[${index}]`;
  const refuse = (
    field: string,
    description: string,
    reason: SourceFault["reason"] = "EXAMPLE_INVALID",
  ): never => {
    throw new FaultError({ field: `${path}.${field}`, description, reason });
  };
  const inputs = example.inputs === undefined ? undefined : jsonFromProto(example.inputs);
  if (inputs === undefined) return refuse("inputs", "nests more than 32 levels", "INPUT_TOO_DEEP");
  const params = entry.params.map((type, at) => ({ name: names[at] || `arg${at}`, type }));
  const reading = argsFromJson(inputs, params, nominals);
  if (reading.problem !== undefined) return refuse(reading.problem.path, reading.problem.message);
  const args = reading.args.map((value, at) =>
    valueToProto(value, entry.params[at] ?? entry.result, nominals),
  );
  const made = create(ExampleSchema, { args });
  if (example.tolerance !== undefined) made.absTolerance = example.tolerance;
  const { expected } = example;
  if (expected.case === "trap") {
    const code = TrapCode[expected.value as keyof typeof TrapCode];
    if (code === undefined || code === TrapCode.UNSPECIFIED)
      return refuse("trap", `${expected.value} is no trap`);
    made.expected = { case: "trap", value: code };
    return made;
  }
  const output = expected.case === "output" ? jsonFromProto(expected.value) : undefined;
  if (output === undefined) return refuse("output", "is missing, or nests more than 32 levels");
  const value = valueFromJson(output, entry.result, nominals, "output");
  if (value.problem !== undefined) return refuse(value.problem.path, value.problem.message);
  made.expected = { case: "result", value: valueToProto(value.value, entry.result, nominals) };
  return made;
}
