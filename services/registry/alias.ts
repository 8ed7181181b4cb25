import { randomUUID } from "node:crypto";
import { transact } from "#platform/data/database.ts";
import { appendEvents } from "#platform/data/outbox.ts";
import type { Call } from "#platform/rpc/call.ts";
import { aborted, notFound, outOfRange, permissionDenied } from "#platform/rpc/error.ts";
import { aliasSet } from "./events.ts";
import type { RegistryDeps } from "./put.ts";
import * as store from "./store.ts";

/** A name and where it points. */
export interface Alias {
  readonly alias: string;
  readonly version: number;
  readonly etag: string;
}

/** Lets a name point to a version. With an etag it moves only from the state that the caller saw. */
export async function setAlias(
  request: {
    readonly anrfId: string;
    readonly alias: string;
    readonly version: number;
    readonly etag: string;
  },
  deps: RegistryDeps,
  call: Call,
): Promise<Alias> {
  const { clientId } = call.client;
  const { anrfId, alias, version } = request;
  const known = await store.findAnrf(deps.database.db, clientId, anrfId);
  if (known === undefined) throw notFound("anrf", anrfId);
  if (known.clientId !== clientId)
    throw permissionDenied("NOT_OWNER", `anrf ${anrfId} is PUBLIC and another client's`);
  return transact(deps.database.db, async (trx) => {
    const newest = await store.lockNewest(trx, clientId, anrfId);
    if (newest === undefined) throw notFound("anrf", anrfId);
    if (version > newest) {
      throw outOfRange(
        "VERSION_OUT_OF_RANGE",
        `anrf ${anrfId} has no version ${version}; its newest is ${newest}`,
      );
    }
    if ((await store.findVersion(trx, clientId, anrfId, version)) === undefined) {
      throw notFound("version", `${anrfId}@${version}`);
    }
    const before = await store.findAlias(trx, clientId, anrfId, alias);
    if (request.etag !== "" && request.etag !== before?.etag) {
      throw aborted("ETAG_MISMATCH", `alias ${alias} has moved since you read it: read it again`, {
        metadata: { etag: before?.etag ?? "" },
      });
    }
    const row = { alias, version, etag: randomUUID() };
    await store.putAlias(trx, clientId, anrfId, row);
    await appendEvents(trx, [aliasSet(clientId, anrfId, alias, version)]);
    return row;
  });
}
