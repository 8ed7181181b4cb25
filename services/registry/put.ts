import { createHash } from "node:crypto";
import { type Database, type Queries, transact } from "#platform/data/database.ts";
import { ObjectError, type ObjectStore } from "#platform/data/objects.ts";
import { appendEvents } from "#platform/data/outbox.ts";
import { uuidv7 } from "#platform/process/ids.ts";
import type { Call } from "#platform/rpc/call.ts";
import {
  aborted,
  dataLoss,
  exhausted,
  notFound,
  outOfRange,
  permissionDenied,
  unavailable,
} from "#platform/rpc/error.ts";
import { type Description, describe } from "./describe.ts";
import { versionCreated } from "./events.ts";
import { objectKey } from "./keys.ts";
import { validDocument } from "./program.ts";
import * as store from "./store.ts";

/** What the verbs of the registry need. */
export interface RegistryDeps {
  readonly database: Database;
  readonly objects: ObjectStore;
}

/** What is to be stored. */
export interface NewAnrf {
  /** "": a new program. */
  readonly anrfId: string;
  readonly artifact: Uint8Array;
  readonly parentVersion: number | undefined;
  /** The newest version as the caller knows it. */
  readonly expectedVersion: number | undefined;
  readonly generationId: string;
  /** undefined: PRIVATE for a new program, as it is for a known one. */
  readonly visibility: "PRIVATE" | "PUBLIC" | undefined;
}

/** Where it was stored. */
export interface StoredAnrf {
  readonly anrfId: string;
  readonly version: number;
  readonly digest: string;
}

/**
 * Stores a version: number from the database, object created once, then the row with its event. A crash between
 * the steps leaves a gap in the numbers and an orphan object, never a version without its bytes. `settle` runs in the
 * transaction of the row: a caller that never hears of the commit can still be told of it later.
 */
export async function put(
  source: NewAnrf,
  deps: RegistryDeps,
  call: Call,
  settle: (trx: Queries, stored: StoredAnrf) => Promise<void> = async () => {},
): Promise<StoredAnrf> {
  const document = validDocument(source.artifact);
  const description = describe(document);
  const anrfId = source.anrfId === "" ? uuidv7() : source.anrfId;
  const version = await allocate(source, anrfId, deps, call);
  call.signal.throwIfAborted();
  const key = objectKey(anrfId, version);
  await createObject(deps.objects, key, source.artifact);
  const row = {
    anrfId,
    version,
    clientId: call.client.clientId,
    digest: document.digest,
    objectKey: key,
    size: source.artifact.length,
    fileSha256: createHash("sha256").update(source.artifact).digest(),
    minReaderMinor: document.artifact.header?.minReaderMinor ?? 0,
    parentVersion: source.parentVersion,
    generationId: source.generationId,
    description,
  };
  const stored = { anrfId, version, digest: document.digest };
  await publish(source, row, deps, (trx) => settle(trx, stored));
  return stored;
}

async function allocate(source: NewAnrf, anrfId: string, deps: RegistryDeps, call: Call): Promise<number> {
  const { db } = deps.database;
  const { clientId } = call.client;
  if (source.anrfId === "") {
    if ((source.expectedVersion ?? 0) !== 0 || source.parentVersion !== undefined) {
      throw outOfRange(
        "VERSION_OUT_OF_RANGE",
        "a new program has no version to build on; leave out parent_version and expected_version",
      );
    }
    await store.insertAnrf(db, { id: anrfId, clientId, visibility: source.visibility ?? "PRIVATE" });
  } else {
    const known = await store.findAnrf(db, clientId, anrfId);
    if (known === undefined) throw notFound("anrf", anrfId);
    if (known.clientId !== clientId) {
      throw permissionDenied(
        "NOT_OWNER",
        `anrf ${anrfId} is PUBLIC and another client's: store your version as a new program`,
      );
    }
    const newest = await store.newestVersion(db, anrfId);
    expectNewest(source, newest);
    if (source.parentVersion !== undefined && source.parentVersion > newest) {
      throw outOfRange(
        "VERSION_OUT_OF_RANGE",
        `anrf ${anrfId} has no version ${source.parentVersion}; its newest is ${newest}`,
      );
    }
  }
  const version = await store.takeVersion(db, clientId, anrfId);
  if (version === undefined) throw notFound("anrf", anrfId);
  return version;
}

function expectNewest(source: NewAnrf, newest: number): void {
  if (source.expectedVersion === undefined || source.expectedVersion === newest) return;
  throw aborted(
    "CONFLICT",
    `anrf ${source.anrfId} is at version ${newest}, not ${source.expectedVersion}: read it again`,
    {
      metadata: { newest: String(newest) },
    },
  );
}

async function createObject(objects: ObjectStore, key: string, bytes: Uint8Array): Promise<void> {
  try {
    await objects.create(key, bytes);
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error;
    if (error.code === "FULL")
      throw exhausted("STORAGE_FULL", "cannot store the program: the disk is full", { cause: error });
    if (error.code === "EXISTS")
      throw dataLoss(`cannot store the program: ${key} holds other bytes`, { cause: error });
    throw unavailable("cannot store the program: the object store does not answer", { cause: error });
  }
}

/** The row and its event in one transaction; the expected version is compared again, under a lock. */
async function publish(
  source: NewAnrf,
  row: store.NewVersion & { readonly description: Description },
  deps: RegistryDeps,
  settle: (trx: Queries) => Promise<void>,
): Promise<void> {
  await transact(deps.database.db, async (trx) => {
    const newest = await store.lockNewest(trx, row.clientId, row.anrfId);
    if (newest === undefined) throw notFound("anrf", row.anrfId);
    expectNewest(source, newest);
    await store.insertVersion(trx, row);
    if (source.anrfId !== "" && source.visibility !== undefined) {
      await store.setVisibility(trx, row.clientId, row.anrfId, source.visibility);
    }
    await appendEvents(trx, [versionCreated(row)]);
    await settle(trx);
  });
}
