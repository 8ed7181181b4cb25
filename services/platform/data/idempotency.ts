import { createHash, randomUUID } from "node:crypto";
import { sql } from "kysely";
import { alreadyExists, RpcError } from "../rpc/error.ts";
import type { Queries } from "./database.ts";
import { isUnavailable } from "./database-error.ts";

/** A request that may come twice: the same client, RPC and key mean the same answer. */
export interface KeyedRequest {
  readonly clientId: string;
  /** The RPC's full name, such as "anrf.registry.v1.RegistryService/PutAnrf". */
  readonly rpc: string;
  /** What the caller chose; "" means that the request is not keyed. */
  readonly key: string;
  /** The request without its key, encoded: the same bytes are the same request. */
  readonly body: Uint8Array;
}

/** Where a keyed request stands. */
export type Claim =
  /** It is the first: do the work, then `settle` with the answer, in the work's own transaction if it has one. */
  | { readonly state: "new"; readonly settle: Settle; readonly release: () => Promise<void> }
  /** It was answered before, with these bytes. */
  | { readonly state: "done"; readonly response: Uint8Array }
  /** An earlier one with the same key is still at work. */
  | { readonly state: "running" };

/** Keeps the answer, encoded, for 24 hours. */
export type Settle = (db: Queries, response: Uint8Array) => Promise<void>;

/** The key was used before, for a request with another body: ALREADY_EXISTS `IDEMPOTENCY_CONFLICT`. */
export class IdempotencyConflict extends RpcError {
  constructor(key: string) {
    const { code, message, details } = alreadyExists(
      "IDEMPOTENCY_CONFLICT",
      `the idempotency key ${JSON.stringify(key)} belongs to a request with another body; choose a new key`,
    );
    super(code, message, details);
    this.name = "IdempotencyConflict";
  }
}

/** How long answers are kept and how long a claim holds without an answer. */
export interface IdempotencyOptions {
  readonly keepMs?: number;
  /** After this time a claim of a process that died is open to a repeat; longer than any deadline. */
  readonly leaseMs?: number;
}

const KEEP_MS = 24 * 60 * 60 * 1000;
const LEASE_MS = 6 * 60 * 1000;

/**
 * Claims a key for this request, or says what became of the earlier one. Throws IdempotencyConflict if the key belongs
 * to another body. Call it outside of transactions: the claim must be seen by others at once.
 */
export async function claim(
  db: Queries,
  request: KeyedRequest,
  options: IdempotencyOptions = {},
): Promise<Claim> {
  const id = randomUUID();
  const hash = createHash("sha256").update(request.body).digest();
  const keep = sql<Date>`now() + make_interval(secs => ${(options.keepMs ?? KEEP_MS) / 1000})`;
  const lease = sql<Date>`now() + make_interval(secs => ${(options.leaseMs ?? LEASE_MS) / 1000})`;
  // One statement decides: a new row, or one whose time or whose owner has gone, becomes ours.
  const won = await db
    .insertInto("idempotency")
    .values({
      client_id: request.clientId,
      rpc: request.rpc,
      idempotency_key: request.key,
      body_sha256: hash,
      claim: id,
      lease_time: lease,
      expire_time: keep,
    })
    .onConflict((conflict) =>
      conflict
        .columns(["client_id", "rpc", "idempotency_key"])
        .doUpdateSet({
          body_sha256: hash,
          claim: id,
          lease_time: lease,
          expire_time: keep,
          status: null,
          response: null,
        })
        .where(sql<boolean>`idempotency.expire_time < now() or
          (idempotency.status is null and idempotency.lease_time < now() and idempotency.body_sha256 = ${hash})`),
    )
    .returning("claim")
    .executeTakeFirst()
    .catch((error: unknown) => {
      // The row may be there with its answer lost; nobody works under this claim.
      if (isUnavailable(error)) releaseLater(holder(db, request, id).release, 20);
      throw error;
    });
  if (won !== undefined) return { state: "new", ...holder(db, request, id) };
  const row = await at(db.selectFrom("idempotency"), request)
    .select(["body_sha256", "status", "response"])
    .executeTakeFirst();
  // It was released between the two statements.
  if (row === undefined) return { state: "running" };
  if (Buffer.compare(row.body_sha256, hash) !== 0) throw new IdempotencyConflict(request.key);
  if (row.status === null || row.response === null) return { state: "running" };
  return { state: "done", response: row.response };
}

/**
 * Does the work once per key: a repeat gets the first answer, a repeat that comes while the first is at work waits for
 * it. Work that throws leaves no trace, so that a repeat tries again. `work` may settle in its own transaction; if it
 * does not, its answer is kept after it. Without a key the work is simply done.
 */
export async function once(
  db: Queries,
  request: KeyedRequest,
  work: (settle: Settle) => Promise<Uint8Array>,
  signal: AbortSignal,
  options: IdempotencyOptions = {},
): Promise<Uint8Array> {
  if (request.key === "") return work(async () => {});
  for (let waitMs = 20; ; waitMs = Math.min(waitMs * 2, 500)) {
    signal.throwIfAborted();
    const found = await claim(db, request, options);
    if (found.state === "done") return found.response;
    if (found.state === "new") return settled(db, found.settle, found.release, work);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

async function settled(
  db: Queries,
  settle: Settle,
  release: () => Promise<void>,
  work: (settle: Settle) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  let kept = false;
  try {
    const answer = await work(async (trx, response) => {
      await settle(trx, response);
      kept = true;
    });
    if (!kept) await settle(db, answer);
    return answer;
  } catch (error) {
    // The work failed and says why. Where something was away, the answer does not wait for it a second time.
    if (isUnavailable(error)) releaseLater(release, 20);
    else await release().catch(() => releaseLater(release));
    throw error;
  }
}

// The database is away: a repeat shall not wait for the lease once it is back. Where it stays away for longer, or this
// process ends, the claim does end by its lease.
function releaseLater(release: () => Promise<void>, waitMs = 500): void {
  if (waitMs > 64_000) return;
  setTimeout(() => release().catch(() => releaseLater(release, waitMs * 2)), waitMs).unref();
}

function holder(
  db: Queries,
  request: KeyedRequest,
  id: string,
): { settle: Settle; release: () => Promise<void> } {
  return {
    settle: async (queries, response) => {
      const changed = await at(queries.updateTable("idempotency"), request)
        .set({ status: 0, response })
        .where("claim", "=", id)
        .executeTakeFirst();
      if (changed.numUpdatedRows === 1n) return;
      throw new Error(
        `cannot keep the answer to ${request.rpc}: its claim ran out and a repeat has taken it over`,
      );
    },
    release: async () => {
      await at(db.deleteFrom("idempotency"), request)
        .where("claim", "=", id)
        .where("status", "is", null)
        .execute();
    },
  };
}

interface Filtered<Q> {
  where(column: "client_id" | "rpc" | "idempotency_key", operator: "=", value: string): Q;
}

function at<Q extends Filtered<Q>>(query: Q, request: KeyedRequest): Q {
  return query
    .where("client_id", "=", request.clientId)
    .where("rpc", "=", request.rpc)
    .where("idempotency_key", "=", request.key);
}
