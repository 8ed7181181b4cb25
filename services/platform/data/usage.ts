import { sql } from "kysely";
import type { Queries } from "./database.ts";

/** What a key spends: model tokens, milliseconds of CPU, fuel of programs. */
export type UsageKind = "tokens" | "cpu_ms" | "fuel";

/** Whose purse it is. */
export interface Spender {
  readonly clientId: string;
  readonly keyId: string;
}

/** Adds what was spent to the purse of the UTC day of `at`. Nothing is refused here: charge at the end, cancelled too. */
export async function charge(
  db: Queries,
  spender: Spender,
  amounts: Readonly<Partial<Record<UsageKind, bigint>>>,
  at: Date,
): Promise<void> {
  const rows = Object.entries(amounts)
    .filter(([, amount]) => amount > 0n)
    // One order for all, so that two charges at once cannot wait for each other's rows.
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, amount]) => ({
      client_id: spender.clientId,
      key_id: spender.keyId,
      day: utcDay(at),
      kind,
      amount,
    }));
  if (rows.length === 0) return;
  await db
    .insertInto("usage")
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(["client_id", "key_id", "day", "kind"])
        .doUpdateSet({ amount: sql<bigint>`usage.amount + excluded.amount` }),
    )
    .execute();
}

/** What the key has spent of this kind on the UTC day of `at`. */
export async function spent(db: Queries, spender: Spender, kind: UsageKind, at: Date): Promise<bigint> {
  const row = await db
    .selectFrom("usage")
    .select("amount")
    .where("client_id", "=", spender.clientId)
    .where("key_id", "=", spender.keyId)
    .where("day", "=", utcDay(at))
    .where("kind", "=", kind)
    .executeTakeFirst();
  return row?.amount ?? 0n;
}

/** Seconds from `at` to the next UTC day, when the purse is full again: at least 1. */
export function secondsToNextDay(at: Date): number {
  const next = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() + 1);
  return Math.max(1, Math.ceil((next - at.getTime()) / 1000));
}

function utcDay(at: Date): string {
  return at.toISOString().slice(0, 10);
}
