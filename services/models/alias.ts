import { randomUUID } from "node:crypto";
import { transact } from "#platform/data/database.ts";
import { appendEvents } from "#platform/data/outbox.ts";
import type { Call } from "#platform/rpc/call.ts";
import { aborted, failedPrecondition, notFound } from "#platform/rpc/error.ts";
import { versionAliased, versionDeleted } from "./events.ts";
import { type ModelsDeps, notOwner } from "./import.ts";
import { CHAMPION, missingBars } from "./promote.ts";
import * as store from "./store.ts";

/** Lets an alias point to a version; with an etag only from the state that the caller saw. */
export async function setAlias(
  request: {
    readonly name: string;
    readonly alias: string;
    readonly version: number;
    readonly etag: string;
  },
  deps: ModelsDeps,
  call: Call,
): Promise<store.AliasRow> {
  const { name, alias, version, etag } = request;
  const { clientId } = call.client;
  await checkOwner(name, deps, call);
  return transact(deps.database.db, async (trx) => {
    await store.lockModel(trx, clientId, name);
    const row = await store.findVersion(trx, name, version);
    if (row === undefined) throw notFound("model version", `${name}@${version}`);
    const before = (await store.aliases(trx, name)).find((one) => one.alias === alias);
    if (etag !== "" && etag !== before?.etag) {
      throw aborted("ETAG_MISMATCH", `the alias ${alias} has moved since you read it: read it again`, {
        metadata: { etag: before?.etag ?? "" },
      });
    }
    if (alias === CHAMPION) checkBars(row);
    const made = { alias, version, etag: randomUUID() };
    await store.putAlias(trx, clientId, name, made);
    await appendEvents(trx, [versionAliased(clientId, name, alias, version)]);
    return made;
  });
}

function checkBars(row: store.VersionRow): void {
  const missing = missingBars(row.report);
  if (missing.length === 0) return;
  throw failedPrecondition(
    "PROMOTION_REFUSED",
    `${row.name}@${row.version} cannot be ${CHAMPION}: ${missing.join("; ")}`,
    { metadata: Object.fromEntries(missing.map((text, at) => [`bar${at + 1}`, text])) },
  );
}

/** Removes an alias. */
export async function deleteAlias(name: string, alias: string, deps: ModelsDeps, call: Call): Promise<void> {
  await checkOwner(name, deps, call);
  if (!(await store.removeAlias(deps.database.db, call.client.clientId, name, alias)))
    throw notFound("alias", `${name}@${alias}`);
}

/** Where an alias points; a number is a version, `default` is the champion or the newest. */
export async function resolveAlias(name: string, alias: string, deps: ModelsDeps): Promise<store.VersionRow> {
  const { db } = deps.database;
  if ((await store.findModel(db, name)) === undefined) throw notFound("model", name);
  const row = await store.findVersion(db, name, await versionOf(name, alias, deps));
  if (row === undefined) throw notFound("model version", `${name}@${alias}`);
  return row;
}

async function versionOf(name: string, alias: string, deps: ModelsDeps): Promise<number> {
  if (/^[1-9]\d{0,8}$/.test(alias)) return Number(alias);
  const all = await store.aliases(deps.database.db, name);
  if (alias === "default") return all.find((one) => one.alias === CHAMPION)?.version ?? 0;
  const found = all.find((one) => one.alias === alias);
  if (found === undefined) throw notFound("alias", `${name}@${alias}`);
  return found.version;
}

/** Hides a version that no alias points at. */
export async function deleteVersion(
  name: string,
  version: number,
  deps: ModelsDeps,
  call: Call,
): Promise<void> {
  const { clientId } = call.client;
  await checkOwner(name, deps, call);
  await transact(deps.database.db, async (trx) => {
    await store.lockModel(trx, clientId, name);
    if ((await store.findVersion(trx, name, version)) === undefined)
      throw notFound("model version", `${name}@${version}`);
    const pointing = (await store.aliases(trx, name)).filter((one) => one.version === version);
    if (pointing.length > 0) {
      const names = pointing.map((one) => one.alias).join(", ");
      throw failedPrecondition(
        "MODEL_IN_USE",
        `cannot delete ${name}@${version}: the alias ${names} points at it; move or delete the alias first`,
        { metadata: { aliases: names } },
      );
    }
    await store.hideVersion(trx, clientId, name, version);
    await appendEvents(trx, [versionDeleted(clientId, name, version)]);
  });
}

async function checkOwner(name: string, deps: ModelsDeps, call: Call): Promise<void> {
  const model = await store.findModel(deps.database.db, name);
  if (model === undefined) throw notFound("model", name);
  if (model.clientId !== call.client.clientId) throw notOwner(name);
}
