import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { S3Options } from "#platform/data/s3.ts";
import { freePort } from "#platform/process/ports.ts";
import { findTool } from "../scripts/tools.ts";

/** The S3 servers that tests know. */
export type S3Kind = "weed" | "versitygw";

/** A running S3 server for tests, with a folder of its own. Disposing it ends it and removes the folder. */
export interface S3Server extends AsyncDisposable {
  readonly options: S3Options;
  readonly port: number;
  /** Ends it by a signal; what it had stored stays. */
  stop(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Starts it again, on the same port and folder; resolves when it answers. */
  start(): Promise<void>;
}

interface Plan {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const KEYS = { accessKey: "test", secretKey: "test-secret" };

/** Starts SeaweedFS, or versitygw; answers why not, where the program is missing or does not come up. */
export async function startS3(kind: S3Kind = "weed"): Promise<S3Server | string> {
  const program = await findTool(kind);
  if (program === undefined)
    return `no S3 server: ${kind} is not installed; run node scripts/tools.ts ${kind}`;
  const folder = await mkdtemp(join(tmpdir(), "anrf-s3-"));
  const port = await freePort();
  const plan = kind === "weed" ? await planWeed(folder, port) : await planVersity(folder, port);
  const endpoint = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  const stop = async (signal: "SIGTERM" | "SIGKILL"): Promise<void> => {
    if (child !== undefined) await ended(child, signal);
    child = undefined;
  };
  const start = async (): Promise<void> => {
    child = spawn(program, plan.args, {
      stdio: "ignore",
      cwd: folder,
      env: { ...process.env, ...plan.env },
    });
    child.on("error", () => {});
    if (!(await isUp(endpoint, child))) throw new Error(`${kind} did not come up in ${START_MS / 1000} s`);
  };
  const dispose = async (): Promise<void> => {
    await stop("SIGTERM");
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await dispose();
    return `no S3 server: ${error instanceof Error ? error.message : String(error)}`;
  }
  const options = { endpoint, bucket: "anrf-test", ...KEYS };
  return { options, port, stop, start, [Symbol.asyncDispose]: dispose };
}

/** The options, through a proxy on another port: requests are signed for the port that they are sent to. */
export function through(options: S3Options, port: number): S3Options {
  return { ...options, endpoint: `http://127.0.0.1:${port}` };
}

async function planWeed(folder: string, port: number): Promise<Plan> {
  const identity = { name: "t", credentials: [KEYS], actions: ["Admin", "Read", "Write", "List", "Tagging"] };
  await writeFile(join(folder, "s3.json"), JSON.stringify({ identities: [identity] }));
  const names = ["master", "volume", "filer", "admin", "s3"].flatMap((name) => [
    `${name}.port`,
    `${name}.port.grpc`,
  ]);
  const ports = await Promise.all(
    names.filter((name) => name !== "s3.port").map(async (name) => `-${name}=${await freePort()}`),
  );
  const args = [
    "mini",
    `-dir=${folder}`,
    "-ip=127.0.0.1",
    "-ip.bind=127.0.0.1",
    `-s3.port=${port}`,
    `-s3.config=${join(folder, "s3.json")}`,
    "-s3.iam=false",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
    "-admin.ui=false",
    "-webdav=false",
    "-master.telemetry=false",
    ...ports,
  ];
  return { args, env: {} };
}

async function planVersity(folder: string, port: number): Promise<Plan> {
  const data = join(folder, "data");
  await mkdir(data);
  const args = ["--port", `127.0.0.1:${port}`, "posix", data];
  return { args, env: { ROOT_ACCESS_KEY: KEYS.accessKey, ROOT_SECRET_KEY: KEYS.secretKey } };
}

const START_MS = 60_000;

// Both answer 403 to a stranger as soon as they serve.
async function isUp(endpoint: string, child: ChildProcess): Promise<boolean> {
  for (const limit = Date.now() + START_MS; Date.now() < limit && child.exitCode === null; ) {
    const status = await fetch(endpoint, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 403) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

async function ended(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await gone;
  clearTimeout(timer);
}
