import { randomBytes } from "node:crypto";
import type { JsonObject } from "@bufbuild/protobuf";
import type { Database } from "#platform/data/database.ts";
import { uuidv7 } from "#platform/process/ids.ts";
import type { Call } from "#platform/rpc/call.ts";
import { aborted, alreadyExists, invalidField, notFound } from "#platform/rpc/error.ts";
import { cutPage, type Rows, readPage } from "#platform/rpc/paging.ts";
import { validContent } from "./content.ts";
import * as store from "./store.ts";

/** What contexts and feedback need. */
export interface FeedbackDeps {
  readonly database: Database;
}

/** Makes a context; a living one of the same name is ALREADY_EXISTS. */
export async function createContext(
  request: { readonly module: string; readonly function: string; readonly content?: JsonObject | undefined },
  { database }: FeedbackDeps,
  call: Call,
): Promise<store.ContextRow> {
  const { module, function: name } = request;
  if (module === "" && name === "")
    throw invalidField("module", "is empty, and so is function: name one of them");
  for (const [field, text] of [
    ["module", module],
    ["function", name],
  ] as const) {
    if (text.includes("\0")) throw invalidField(field, "holds the character U+0000; leave it out");
  }
  const content = validContent(request.content);
  const id = uuidv7();
  const { clientId } = call.client;
  const made = await store.insertContext(database.db, {
    id,
    clientId,
    module,
    function: name,
    content,
    etag: newEtag(),
  });
  if (!made) {
    const message = `there is a context of module ${JSON.stringify(module)}, function ${JSON.stringify(name)}: update it`;
    throw alreadyExists("RESOURCE_EXISTS", message, { metadata: { module, function: name } });
  }
  return read(database, clientId, id);
}

/** The context of that id; without an id, of that name. */
export async function getContext(
  request: { readonly contextId: string; readonly module: string; readonly function: string },
  { database }: FeedbackDeps,
  call: Call,
): Promise<store.ContextRow> {
  const key =
    request.contextId === ""
      ? { module: request.module, function: request.function }
      : { id: request.contextId };
  const row = await store.findContext(database.db, call.client.clientId, key);
  if (row !== undefined) return row;
  throw notFound(
    "context",
    request.contextId === "" ? `${request.module}.${request.function}` : request.contextId,
  );
}

/** Contexts, newest first. */
export async function listContexts(
  request: { readonly pageSize: number; readonly pageToken: string; readonly module: string },
  { database }: FeedbackDeps,
  call: Call,
): Promise<Rows<store.ContextRow>> {
  const { clientId } = call.client;
  const binding = ["contexts", clientId, request.module];
  const page = readPage(request, binding);
  return cutPage(
    await store.listContexts(database.db, clientId, request.module, page),
    page,
    binding,
    (row) => row.id,
  );
}

/** Replaces the content, which is all of a context that can change. A stale etag is ABORTED. */
export async function updateContext(
  request: {
    readonly contextId: string;
    readonly content?: JsonObject | undefined;
    readonly etag: string;
    readonly paths: readonly string[];
  },
  { database }: FeedbackDeps,
  call: Call,
): Promise<store.ContextRow> {
  const { contextId, etag } = request;
  for (const path of request.paths) {
    if (path !== "content" && path !== "*")
      throw invalidField("updateMask", `cannot change ${JSON.stringify(path)}: only content changes`);
  }
  const { clientId } = call.client;
  if (request.paths.length === 0 && request.content === undefined) return read(database, clientId, contextId);
  const change = { id: contextId, from: etag, to: newEtag(), content: validContent(request.content) };
  if (!(await store.updateContext(database.db, clientId, change)))
    await refuseStale(database, clientId, contextId);
  return read(database, clientId, contextId);
}

/** Hides a context. A stale etag is ABORTED. */
export async function deleteContext(
  request: { readonly contextId: string; readonly etag: string },
  { database }: FeedbackDeps,
  call: Call,
): Promise<void> {
  const { clientId } = call.client;
  if (await store.deleteContext(database.db, clientId, request.contextId, request.etag)) return;
  await refuseStale(database, clientId, request.contextId);
}

async function refuseStale(database: Database, clientId: string, id: string): Promise<never> {
  const row = await read(database, clientId, id);
  throw aborted("ETAG_MISMATCH", `the context ${id} has changed: read it again and repeat`, {
    metadata: { etag: row.etag },
  });
}

async function read(database: Database, clientId: string, id: string): Promise<store.ContextRow> {
  const row = await store.findContext(database.db, clientId, { id });
  if (row === undefined) throw notFound("context", id);
  return row;
}

const newEtag = (): string => randomBytes(8).toString("hex");
