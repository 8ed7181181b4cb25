import { createHash } from "node:crypto";
import { readArtifact } from "#anrf/program/artifact.ts";
import type { ArtifactHeader } from "#gen/anrf/v1/artifact_pb.ts";
import { ObjectError } from "#platform/data/objects.ts";
import type { Call } from "#platform/rpc/call.ts";
import { dataLoss, notFound, outOfRange, unavailable } from "#platform/rpc/error.ts";
import type { RegistryDeps } from "./put.ts";
import * as store from "./store.ts";

/** Which version: by number (0: the newest), or by a name that the owner set. */
export interface VersionChoice {
  readonly anrfId: string;
  readonly version: number;
  /** "": none. */
  readonly alias: string;
}

/** A version with its bytes, checked against its digest. */
export interface LoadedVersion {
  readonly row: store.VersionRow;
  readonly bytes: Uint8Array;
  readonly header: ArtifactHeader | undefined;
}

/** Finds a version that this client may read. A foreign private program is NOT_FOUND, a number past the end OUT_OF_RANGE. */
export async function find(choice: VersionChoice, deps: RegistryDeps, call: Call): Promise<store.VersionRow> {
  const { db } = deps.database;
  const { clientId } = call.client;
  let version = choice.version;
  if (choice.alias !== "") {
    const anrf = await store.findAnrf(db, clientId, choice.anrfId);
    if (anrf === undefined) throw notFound("anrf", choice.anrfId);
    const alias = await store.findAlias(db, anrf.clientId, choice.anrfId, choice.alias);
    if (alias === undefined) throw notFound("alias", choice.alias);
    version = alias.version;
  }
  const row = await store.findVersion(db, clientId, choice.anrfId, version);
  if (row !== undefined) return row;
  const newest = version === 0 ? undefined : await store.findVersion(db, clientId, choice.anrfId, 0);
  if (newest === undefined) throw notFound("anrf", choice.anrfId);
  if (version < newest.version) throw notFound("version", `${choice.anrfId}@${version}`);
  throw outOfRange(
    "VERSION_OUT_OF_RANGE",
    `anrf ${choice.anrfId} has no version ${version}; its newest is ${newest.version}`,
    {
      metadata: { newest: String(newest.version) },
    },
  );
}

/** Reads the bytes of a version; bytes that do not match the stored digest are DATA_LOSS, never served. */
export async function load(row: store.VersionRow, deps: RegistryDeps): Promise<LoadedVersion> {
  const bytes = await readObject(row, deps);
  const { document } = readArtifact(bytes);
  const sum = createHash("sha256").update(bytes).digest();
  if (document?.digest !== row.digest || !sum.equals(row.fileSha256)) {
    throw dataLoss(
      `the stored bytes of ${row.anrfId}@${row.version} do not match their digest ${row.digest}`,
    );
  }
  return { row, bytes, header: document.artifact.header };
}

async function readObject(row: store.VersionRow, deps: RegistryDeps): Promise<Uint8Array> {
  try {
    return await deps.objects.get(row.objectKey);
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error;
    if (error.code === "MISSING")
      throw dataLoss(`the stored bytes of ${row.anrfId}@${row.version} are missing`, { cause: error });
    throw unavailable("cannot read the program: the object store does not answer", { cause: error });
  }
}
