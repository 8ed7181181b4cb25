import { randomUUID } from "node:crypto";
import { chmod, link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";

/** The layout version that this build reads and writes. It changes only when a path below changes its meaning. */
export const LAYOUT_VERSION = 1;

/** The paths of one data folder. Nothing else in the project spells a path below it. */
export interface FolderLayout {
  readonly root: string;
  readonly version: string;
  readonly postgres: string;
  readonly objects: string;
  readonly keys: string;
  readonly run: string;
  readonly logs: string;
  /** Copies of model files by their digest; what is missing is fetched again. */
  readonly models: string;
}

/** What names the data folder: the three variables, whoever reads them. */
export interface FolderVariables {
  readonly ANRF_DATA?: string | undefined;
  readonly XDG_DATA_HOME?: string | undefined;
  readonly HOME?: string | undefined;
}

/** The data folder: $ANRF_DATA, else $XDG_DATA_HOME/anrf, else ~/.local/share/anrf. Empty variables count as absent. */
export function dataRoot(variables: FolderVariables): string {
  if (variables.ANRF_DATA) return resolve(variables.ANRF_DATA);
  if (variables.XDG_DATA_HOME) return resolve(variables.XDG_DATA_HOME, "anrf");
  return resolve(variables.HOME || homedir(), ".local", "share", "anrf");
}

/** The paths below a data folder; touches nothing. */
export function folderLayout(root: string): FolderLayout {
  const at = resolve(root);
  return {
    root: at,
    version: join(at, "version"),
    postgres: join(at, "postgres"),
    objects: join(at, "objects"),
    keys: join(at, "keys"),
    run: join(at, "run"),
    logs: join(at, "logs"),
    models: join(at, "models"),
  };
}

/**
 * Makes the folder where it is missing and returns its layout. Throws when the folder was written by a newer build,
 * or holds a version that is no number: then nothing is changed.
 */
export async function openDataFolder(root: string): Promise<FolderLayout> {
  const layout = folderLayout(root);
  const found = await readVersion(layout);
  // Others may pass through the root (PostgreSQL runs as another user under root) but not list it.
  await mkdir(layout.root, { recursive: true, mode: 0o711 });
  if (found === undefined) await chmod(layout.root, 0o711);
  for (const folder of [layout.objects, layout.keys, layout.run, layout.logs]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
  if (found === undefined) await writeFile(layout.version, `${LAYOUT_VERSION}\n`, { mode: 0o644 });
  return layout;
}

async function readVersion(layout: FolderLayout): Promise<number | undefined> {
  let text: string;
  try {
    text = await readFile(layout.version, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return undefined;
    throw new Error(`cannot read the version of the data folder ${layout.root}`, { cause: error });
  }
  const version = /^\s*([1-9][0-9]{0,8})\s*$/.exec(text)?.[1];
  if (version === undefined) {
    throw new Error(
      `cannot open the data folder ${layout.root}: its file "version" holds no number; set ANRF_DATA to another folder`,
    );
  }
  if (Number(version) > LAYOUT_VERSION) {
    throw new Error(
      `cannot open the data folder ${layout.root}: its layout is version ${version}, written by a newer build, ` +
        `and this one reads up to ${LAYOUT_VERSION}; update this clone, or set ANRF_DATA to another folder`,
    );
  }
  return Number(version);
}

/**
 * The text of a secret file of one line (0600); made by `make` where there is none. Of several at once one makes it and
 * all read the same: the file appears whole or not at all.
 */
export async function readOrMake(file: string, make: () => string): Promise<string> {
  const found = await readFile(file, "utf8").catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  });
  if (found !== undefined) return found.trim();
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${randomUUID()}`;
  try {
    await writeFile(temporary, `${make()}\n`, { flag: "wx", mode: 0o600, flush: true });
    await link(temporary, file);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  return (await readFile(file, "utf8")).trim();
}

/** Whether an error carries this code (`ENOENT`, `EEXIST`, or a five-letter SQLSTATE). */
export function hasCode(error: unknown, code: string): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === code;
}
