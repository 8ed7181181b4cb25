import { check } from "#anrf/check/check.ts";
import { type Document, readArtifact } from "#anrf/program/artifact.ts";
import { type Diagnostic, DiagnosticSeverity } from "#gen/anrf/v1/diagnostic_pb.ts";
import { Code } from "#platform/rpc/codes.ts";
import { exhausted, failedPrecondition, rpcError } from "#platform/rpc/error.ts";

/** Most diagnostics that an error tells of. */
const MAX_TOLD = 10;

/** A document that passes every rule of the language that a registry insists on, or the error that says why not. */
export function validDocument(bytes: Uint8Array): Document {
  const { document, fault } = readArtifact(bytes);
  if (fault !== undefined) {
    const metadata = { ...fault.metadata };
    const message = `cannot store the file: ${fault.message}`;
    if (fault.reason === "MESSAGE_TOO_LARGE") throw exhausted(fault.reason, message, { metadata });
    if (fault.reason === "ARTIFACT_UNREADABLE")
      throw rpcError(Code.INVALID_ARGUMENT, fault.reason, message, { metadata });
    throw failedPrecondition(fault.reason, message, { metadata });
  }
  const errors = check(document.module, { bytes: document.moduleBytes }).filter(refused);
  if (errors.length > 0) throw invalidProgram(errors);
  return document;
}

/** V16 is a WARN of the checks and V21 a FAIL of them: neither keeps a program out. */
function refused(diagnostic: Diagnostic): boolean {
  return diagnostic.severity === DiagnosticSeverity.ERROR && !["V16", "V21"].includes(diagnostic.code);
}

function invalidProgram(errors: readonly Diagnostic[]): Error {
  const told = errors.slice(0, MAX_TOLD).map((one) => {
    const place = one.node === undefined ? "" : ` at node ${one.node} of function ${one.function ?? 0}`;
    return `${one.code}${place}: ${one.message}`;
  });
  const more = errors.length > MAX_TOLD ? ` (and ${errors.length - MAX_TOLD} more)` : "";
  return failedPrecondition("PROGRAM_INVALID", `cannot store the program: ${told.join("; ")}${more}`, {
    metadata: { rule: errors[0]?.code ?? "", errors: String(errors.length) },
  });
}
