import type { Database } from "../data/database.ts";
import { openDatabase } from "../data/database.ts";
import { openFolderStore } from "../data/folder.ts";
import { type FolderLayout, openDataFolder } from "../data/folder-layout.ts";
import { checkSchema, migrate } from "../data/migrate.ts";
import type { ObjectStore } from "../data/objects.ts";
import { startPostgres } from "../data/postgres.ts";
import { openS3Store, type S3Options } from "../data/s3.ts";
import type { Logger } from "./log.ts";

/** Where a process keeps its data. */
export interface StoresOptions {
  /** The data folder; touched only by what is embedded. */
  readonly dataRoot: string;
  /** Your PostgreSQL, migrated by `main.ts migrate`; undefined: an embedded one, which the process migrates itself. */
  readonly databaseUrl: string | undefined;
  /** Undefined: a folder. */
  readonly s3: S3Options | undefined;
  /** False for tests: nothing is forced to the disk. */
  readonly durable: boolean;
}

/** The shared stores of a process, each opened when somebody first asks. Disposing closes what was opened. */
export interface Stores extends AsyncDisposable {
  database(): Promise<Database>;
  objects(): Promise<ObjectStore>;
}

/** Makes the stores; opens nothing yet. */
export function createStores(options: StoresOptions, log: Logger): Stores {
  const opened = new AsyncDisposableStack();
  const layout = once(() => openDataFolder(options.dataRoot));
  const database = once(async () => {
    const url = options.databaseUrl ?? (await startEmbedded(await layout(), options.durable, opened));
    const pool = openDatabase(url, {
      applicationName: "anrf",
      onIdleError: (error) => log.warn({ err: error }, "a database connection broke while idle"),
    });
    opened.use(pool);
    await checkSchema(pool);
    return pool;
  });
  const objects = once(async () => {
    if (options.s3 !== undefined) return openS3Store(options.s3);
    return openFolderStore((await layout()).objects, { durable: options.durable });
  });
  return { database, objects, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

async function startEmbedded(
  layout: FolderLayout,
  durable: boolean,
  opened: AsyncDisposableStack,
): Promise<string> {
  const server = await startPostgres(layout, { durable });
  opened.defer(() => server.stop());
  await migrate(server.url);
  return server.url;
}

/** One attempt for all who ask; after a failure the next one tries again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
