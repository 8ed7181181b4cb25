import { deserialize, serialize } from "node:v8";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { readArtifact } from "#anrf/program/artifact.ts";
import { openOrNot, resultOf } from "#anrf/verify/answer.ts";
import { type CheckName, verify } from "#anrf/verify/verify.ts";
import {
  CheckProgramRequestSchema,
  VerifyResponseSchema,
} from "#gen/anrf/verification/v1/verification_service_pb.ts";
import type { RunJob } from "#platform/sandbox/job.ts";
import { checkSource, type SourceAnswer } from "./source.ts";

/** What the sandbox is asked by Verify. */
export interface VerifyJob {
  readonly artifact: Uint8Array;
  readonly checks: readonly CheckName[];
}

/** The job as bytes. */
export function encodeJob(job: VerifyJob): Uint8Array {
  return serialize(job);
}

/** What came of a job of kind `check`, whose payload is an encoded CheckProgramRequest. */
export function decodeAnswer(bytes: Uint8Array): SourceAnswer {
  return deserialize(bytes) as SourceAnswer;
}

/**
 * What runs inside the sandbox. `verify`: all checks of one file; the answer is an encoded VerifyResponse with its
 * results. `check`: everything about a source that somebody sent; `read`: the same without running its examples.
 */
export const run: RunJob = async (kind, payload) => {
  if (kind === "check" || kind === "read") {
    return serialize(await checkSource(fromBinary(CheckProgramRequestSchema, payload), kind === "check"));
  }
  const { artifact, checks } = deserialize(payload) as VerifyJob;
  const { document, fault } = readArtifact(artifact);
  if (fault !== undefined) throw new Error(`the registry sent a file that cannot be read: ${fault.message}`);
  const program = openOrNot(document.module);
  const results = [...verify(document, checks)].map((outcome) => resultOf(outcome, program));
  return toBinary(VerifyResponseSchema, create(VerifyResponseSchema, { results }));
};
