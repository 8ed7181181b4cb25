import { create } from "@bufbuild/protobuf";
import { writeArtifact } from "#anrf/program/artifact.ts";
import { moduleBytes } from "#anrf/program/canonical.ts";
import { hasErrors } from "#anrf/program/diagnostic.ts";
import { moduleDigest } from "#anrf/program/digest.ts";
import { openOrNot, resultOf } from "#anrf/verify/answer.ts";
import { CheckResultSchema } from "#gen/anrf/api/v1/check_result_pb.ts";
import {
  type CheckProgramResponse,
  CheckProgramResponseSchema,
} from "#gen/anrf/verification/v1/verification_service_pb.ts";
import type { Diagnosis } from "./diagnose.ts";

/** Who writes files that are made of a source. */
const PRODUCER = { producer: "anrf check", producerVersion: "1" };

/** The answer of CheckProgram for what was found; `file` is the .anrf file, where the source was one. */
export function checkResponse(diagnosis: Diagnosis, file?: Uint8Array): CheckProgramResponse {
  const { diagnostics, program, text, examples } = diagnosis;
  const ok = !hasErrors(diagnostics);
  const made = create(CheckProgramResponseSchema, { ok, diagnostics: [...diagnostics] });
  if (program === undefined || text === undefined) return made;
  made.text = text;
  made.digest = moduleDigest(moduleBytes(program.module));
  made.artifact = file ?? writeArtifact({ ...program, ...PRODUCER });
  if (examples === undefined) return made;
  const result = create(CheckResultSchema, resultOf(examples, openOrNot(program.module)));
  const firstFailure = result.obligations.find((one) => one.counterexample !== undefined)?.counterexample;
  return create(CheckProgramResponseSchema, {
    ...made,
    results: [result],
    ...(firstFailure === undefined ? {} : { firstFailure }),
  });
}
