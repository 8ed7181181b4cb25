import { writeArtifact } from "#anrf/program/artifact.ts";
import { parse } from "#anrf/text/parse.ts";

/** The .anrf file of a program that a test writes as text; a text that does not parse fails the test. */
export function artifactOf(text: string): Uint8Array {
  const result = parse(text.startsWith("anrf 1") ? text : `anrf 1\n${text}`);
  if (!result.ok) throw new Error(result.diagnostics.map((one) => one.message).join("; "));
  const { module, annotations } = result.program;
  return writeArtifact({ module, annotations, spec: result.spec, producer: "test", producerVersion: "1" });
}
