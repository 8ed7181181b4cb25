import type { Transaction } from "kysely";
import { toJson } from "./database.ts";
import type { Tables } from "./tables.ts";

/** Something that happened, named like "anrf.version.created"; `data` is its ProtoJSON. */
export interface BusinessEvent {
  readonly clientId: string;
  readonly type: string;
  readonly data: unknown;
}

/** Appends events in the transaction of the change they tell of: both become visible, or neither. */
export async function appendEvents(
  trx: Transaction<Tables>,
  events: readonly BusinessEvent[],
): Promise<void> {
  if (events.length === 0) return;
  await trx
    .insertInto("outbox")
    .values(
      events.map((event) => ({ client_id: event.clientId, type: event.type, data: toJson(event.data) })),
    )
    .execute();
}
