import { transact } from "#platform/data/database.ts";
import type { Task } from "#platform/data/jobs.ts";
import { appendEvents } from "#platform/data/outbox.ts";
import type { Call } from "#platform/rpc/call.ts";
import { notFound, permissionDenied } from "#platform/rpc/error.ts";
import { anrfDeleted } from "./events.ts";
import type { RegistryDeps } from "./put.ts";
import * as store from "./store.ts";

/** Hides a program at once; its bytes go with the sweep. Deleting again is NOT_FOUND, like any id that is not there. */
export async function deleteAnrf(anrfId: string, deps: RegistryDeps, call: Call): Promise<void> {
  const { clientId } = call.client;
  const known = await store.findAnrf(deps.database.db, clientId, anrfId);
  if (known !== undefined && known.clientId !== clientId) {
    throw permissionDenied("NOT_OWNER", `anrf ${anrfId} is PUBLIC and another client's`);
  }
  await transact(deps.database.db, async (trx) => {
    if (!(await store.hideAnrf(trx, clientId, anrfId))) throw notFound("anrf", anrfId);
    await appendEvents(trx, [anrfDeleted(clientId, anrfId)]);
  });
}

/** Programs erased in one sweep; the rest wait for the next hour. */
const BATCH = 200;

/** Erases bytes and rows of programs that were deleted `days` ago, and of those that never got a version. */
export function eraseTask(deps: RegistryDeps, days: number): Task {
  return {
    cron: "41 * * * *",
    run: async (_payload, signal) => {
      for (const anrfId of await store.erasable(deps.database.db, days, BATCH)) {
        if (signal.aborted) return;
        for await (const key of deps.objects.list(`anrf/${anrfId}/`)) await deps.objects.remove(key);
        await store.eraseAnrf(deps.database.db, anrfId);
      }
    },
  };
}
