import { blobKey, signatureKey } from "#platform/data/blobs.ts";
import { transact } from "#platform/data/database.ts";
import type { Task } from "#platform/data/jobs.ts";
import type { ModelsDeps } from "./import.ts";
import * as store from "./store.ts";
import { dropPieces } from "./upload.ts";

const BATCH = 100;
const UPLOAD_HOURS = 24;

/** Erases what nothing needs any more: uploads of a day ago, and versions that were deleted `days` ago. */
export function sweepTask(deps: ModelsDeps, days: number): Task {
  return {
    cron: "47 * * * *",
    run: async (_payload, signal) => {
      await sweepUploads(deps, signal);
      await sweepVersions(deps, days, signal);
    },
  };
}

async function sweepUploads(deps: ModelsDeps, signal: AbortSignal): Promise<void> {
  for (const upload of await store.oldUploads(deps.database.db, UPLOAD_HOURS, BATCH)) {
    if (signal.aborted) return;
    await dropPieces(upload, deps.objects);
    await dropUnused([upload.sha256], deps);
    await store.removeUpload(deps.database.db, upload.clientId, upload.id);
  }
}

async function sweepVersions(deps: ModelsDeps, days: number, signal: AbortSignal): Promise<void> {
  for (const row of await store.erasable(deps.database.db, days, BATCH)) {
    if (signal.aborted) return;
    for (const name of ["manifest.json", "model.sig"])
      await deps.objects.remove(`models/${row.name}/${row.version}/${name}`);
    await store.eraseVersion(deps.database.db, row.id);
    await dropUnused([...row.files, row.manifestSha256], deps);
  }
}

/** Removes files that no version has; an import at the same time waits, and then finds them gone. */
async function dropUnused(sha256s: readonly string[], deps: ModelsDeps): Promise<void> {
  await transact(deps.database.db, async (trx) => {
    await store.lockFiles(trx);
    for (const sha256 of sha256s) {
      if (await store.isUsed(trx, sha256)) continue;
      await deps.objects.remove(blobKey(sha256));
      await deps.objects.remove(signatureKey(sha256));
    }
  });
}
