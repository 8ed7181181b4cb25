import { applyEdits } from "#anrf/diagnose/apply.ts";
import { type Diagnosis, diagnose } from "#anrf/diagnose/diagnose.ts";
import { type Document, readArtifact, writeArtifact } from "#anrf/program/artifact.ts";
import { moduleBytes } from "#anrf/program/canonical.ts";
import { hasErrors } from "#anrf/program/diagnostic.ts";
import { moduleDigest, nodeHash } from "#anrf/program/digest.ts";
import { positionsOf } from "#anrf/program/positions.ts";
import { parse } from "#anrf/text/parse.ts";
import { print } from "#anrf/text/print.ts";
import type { PatchAnrfRequest, PatchAnrfResponse } from "#gen/anrf/registry/v1/registry_service_pb.ts";
import type { Diagnostic, TextEdit } from "#gen/anrf/v1/diagnostic_pb.ts";
import type { Queries } from "#platform/data/database.ts";
import type { Call } from "#platform/rpc/call.ts";
import { aborted, dataLoss, exhausted, invalidField, permissionDenied } from "#platform/rpc/error.ts";
import { find, load } from "./get.ts";
import { put, type RegistryDeps, type StoredAnrf } from "./put.ts";

/** What a patch may be asked for, without the key of the request. */
export type Patch = Pick<PatchAnrfRequest, "anrfId" | "baseDigest" | "edits" | "text" | "dryRun">;
/** What came of it. */
export type Patched = Omit<PatchAnrfResponse, "$typeName" | "$unknown">;

/** Most bytes of a text that is edited here: it is read in the process that serves. */
const MAX_TEXT_BYTES = 256 * 1024;
/** Most nodes whose hashes are looked through. */
const MAX_HASHED_NODES = 10_000;
const PRODUCER = { producer: "anrf registry", producerVersion: "1" };

/**
 * Edits the newest version of a program. What the edits break is told, with its place in the edited text; the rules of
 * PutAnrf decide whether the program is stored, as the child of the version that was edited. `settle` runs in the
 * transaction of the new row.
 */
export async function patch(
  source: Patch,
  deps: RegistryDeps,
  call: Call,
  settle: (trx: Queries, patched: Patched) => Promise<void>,
): Promise<Patched> {
  const { anrfId } = source;
  const row = await find({ anrfId, version: 0, alias: "" }, deps, call);
  if (row.clientId !== call.client.clientId) {
    throw permissionDenied(
      "NOT_OWNER",
      `anrf ${anrfId} is PUBLIC and another client's: store your version as a new program`,
    );
  }
  if (row.digest !== source.baseDigest) {
    throw aborted(
      "CONFLICT",
      `anrf ${anrfId}@${row.version} has the digest ${row.digest}: make the edits for it`,
      {
        metadata: { newest: String(row.version), digest: row.digest },
      },
    );
  }
  const { document } = readArtifact((await load(row, deps)).bytes);
  if (document === undefined) throw dataLoss(`the stored file of ${anrfId}@${row.version} cannot be read`);
  const base = print(document);
  const text = editedText(source, document, base);
  const diagnosis = diagnose(text);
  const patched = { anrfId, version: 0, ...outcomeOf(diagnosis, text, diagnose(base).diagnostics) };
  if (source.dryRun || !patched.ok || diagnosis.program === undefined) return patched;
  const artifact = writeArtifact({ ...withOrigin(diagnosis.program, document), ...PRODUCER });
  const next = {
    anrfId,
    artifact,
    parentVersion: row.version,
    expectedVersion: row.version,
    generationId: "",
    visibility: undefined,
  };
  const answer = (stored: StoredAnrf): Patched => ({
    ...patched,
    version: stored.version,
    digest: stored.digest,
  });
  return answer(await put(next, deps, call, (trx, stored) => settle(trx, answer(stored))));
}

/** What the text cannot say and the edits do not touch: whose intent it was, and in which language. */
function withOrigin(program: NonNullable<Diagnosis["program"]>, { spec }: Document) {
  const { intentId, languageTag } = spec;
  return { ...program, spec: { ...program.spec, intentId, languageTag } };
}

function outcomeOf(
  { diagnostics, program, text }: Diagnosis,
  edited: string,
  before: readonly Diagnostic[],
): Omit<Patched, "anrfId" | "version"> {
  const ok = !hasErrors(diagnostics) && program !== undefined;
  const digest = ok && program !== undefined ? moduleDigest(moduleBytes(program.module)) : "";
  return { diagnostics: introduced(diagnostics, before), ok, digest, text: text ?? edited };
}

/** Diagnostics that there were not as many of before. */
function introduced(now: readonly Diagnostic[], before: readonly Diagnostic[]): Diagnostic[] {
  const left = new Map<string, number>();
  const key = (one: Diagnostic): string => `${one.code} ${one.message}`;
  for (const one of before) left.set(key(one), (left.get(key(one)) ?? 0) + 1);
  return now.filter((one) => {
    const count = left.get(key(one)) ?? 0;
    left.set(key(one), count - 1);
    return count <= 0;
  });
}

function editedText(source: Patch, document: Document, base: string): string {
  if (source.text !== "") {
    if (source.edits.length > 0) throw invalidField("text", "stands in place of edits: give one of both");
    return source.text;
  }
  if (source.edits.length === 0) throw invalidField("edits", "is empty, and so is text: say what to change");
  const size = Buffer.byteLength(base);
  if (size > MAX_TEXT_BYTES) {
    const message = `the text of the program has ${size} bytes, and at most ${MAX_TEXT_BYTES} are edited here: use PutAnrf`;
    throw exhausted("MESSAGE_TOO_LARGE", message, { metadata: { limit: String(MAX_TEXT_BYTES) } });
  }
  const hashed = source.edits.some((one) => one.target.case === "nodeHash");
  const ranges = hashed ? rangesByHash(document, base) : new Map<string, readonly Range[]>();
  const edits = source.edits.map((one, index) => rangeEdit(one, index, ranges));
  const made = applyEdits(base, edits);
  if ("error" in made) throw invalidField("edits", made.error);
  return made.text;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** The edit with the range that its node hash stands for. */
function rangeEdit(edit: TextEdit, index: number, ranges: ReadonlyMap<string, readonly Range[]>): TextEdit {
  const path = `edits[${index}]`;
  if (edit.target.case === "range") return edit;
  if (edit.target.case === undefined) throw invalidField(path, "names neither a range nor a node_hash");
  const found = ranges.get(Buffer.from(edit.target.value).toString("hex")) ?? [];
  const [only] = found;
  if (only === undefined) throw invalidField(`${path}.nodeHash`, "no node of the program has this hash");
  if (found.length > 1)
    throw invalidField(`${path}.nodeHash`, `${found.length} nodes have this hash: give a range of the text`);
  const value = { $typeName: "anrf.v1.TextRange" as const, line: 0, column: 0, ...only };
  // In parentheses it stays one expression, whatever stands around it; printing drops those that nothing needs.
  return { ...edit, target: { case: "range", value }, text: `(${edit.text})` };
}

/** Where the nodes of the program stand in its canonical text, by the hex of their hashes. */
function rangesByHash({ module }: Document, base: string): ReadonlyMap<string, readonly Range[]> {
  const nodes = module.functions.reduce((sum, fn) => sum + fn.nodes.length, 0);
  if (nodes > MAX_HASHED_NODES)
    throw invalidField(
      "edits",
      `a program of ${nodes} nodes is edited by ranges of its text, not by node hashes`,
    );
  const read = parse(base);
  if (!read.ok)
    throw dataLoss(`the canonical text of a stored program is not read: ${read.diagnostics[0]?.message}`);
  const positions = positionsOf(base);
  const ranges = new Map<string, Range[]>();
  read.program.module.functions.forEach((fn, index) => {
    fn.nodes.forEach((_, id) => {
      const place = read.places.functions[index]?.nodes[id];
      if (place === undefined) return;
      const key = Buffer.from(nodeHash(read.program.module, index, id)).toString("hex");
      const { start, end } = positions.range(place);
      const known = ranges.get(key);
      if (known === undefined) ranges.set(key, [{ start, end }]);
      else known.push({ start, end });
    });
  });
  return ranges;
}
