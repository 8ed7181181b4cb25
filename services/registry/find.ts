import { parseType } from "#anrf/program/type-text.ts";
import type { Call } from "#platform/rpc/call.ts";
import { invalidField, notFound } from "#platform/rpc/error.ts";
import { cutPage, type Rows, readPage } from "#platform/rpc/paging.ts";
import type { RegistryDeps } from "./put.ts";
import * as store from "./store.ts";

/** Programs that this client may read, newest first. A signature is compared by its types, whatever its blanks. */
export async function findAnrfs(
  request: {
    readonly pageSize: number;
    readonly pageToken: string;
    readonly query: string;
    readonly signature: string;
  },
  deps: RegistryDeps,
  call: Call,
): Promise<Rows<store.VersionRow>> {
  const binding = ["anrfs", call.client.clientId, request.query, request.signature];
  const page = readPage(request, binding);
  const filter = { query: request.query, signatureKey: signatureKey(request.signature) };
  const rows = await store.listAnrfs(deps.database.db, call.client.clientId, filter, page);
  return cutPage(rows, page, binding, (row) => row.anrfId);
}

function signatureKey(text: string): string {
  if (text.trim() === "") return "";
  const type = parseType(text);
  if ("error" in type)
    throw invalidField("signature", `${type.error} at character ${type.at}`, "SIGNATURE_INVALID");
  if (type.kind !== "function")
    throw invalidField("signature", "write it as (list<int>) -> int", "SIGNATURE_INVALID");
  return type.text;
}

/** Versions of one program, newest first; the page token holds the last version seen. */
export async function findVersions(
  request: { readonly anrfId: string; readonly pageSize: number; readonly pageToken: string },
  deps: RegistryDeps,
  call: Call,
): Promise<Rows<store.VersionRow> & { readonly aliases: ReadonlyMap<number, readonly string[]> }> {
  const { db } = deps.database;
  const anrf = await store.findAnrf(db, call.client.clientId, request.anrfId);
  if (anrf === undefined) throw notFound("anrf", request.anrfId);
  const binding = ["versions", call.client.clientId, request.anrfId];
  const page = readPage(request, binding);
  const before = page.after === undefined ? undefined : versionFromId(page.after);
  const rows = await store.listVersions(db, call.client.clientId, request.anrfId, before, page.limit + 1);
  const cut = cutPage(rows, page, binding, (row) => idFromVersion(row.version));
  return { ...cut, aliases: await store.aliases(db, anrf.clientId, request.anrfId) };
}

// A page token holds a UUID; a version travels in one as its last digits.
const PREFIX = "00000000-0000-0000-0000-";

function idFromVersion(version: number): string {
  return PREFIX + version.toString(16).padStart(12, "0");
}

function versionFromId(id: string): number {
  return Number.parseInt(id.slice(PREFIX.length), 16);
}
