// Starting and ending platforms: the supervisor is a child process, never imported.
import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { EXIT } from "./exit-codes.ts";
import { Failure } from "./failure.ts";
import { type LocalPlatform, ROOT } from "./local-platform.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** What is to be started. */
export interface Launch {
  readonly env: Env;
  /** 0 for a free one; undefined: the usual one, or whatever one runs on already. */
  readonly port: number | undefined;
  readonly profile: string;
  /** undefined: the usual one, or whatever one runs with already. */
  readonly gateway?: string | undefined;
  /** Hears what takes long. */
  readonly note?: (text: string) => void;
  /** The platform ends with this process, unless it is kept. */
  readonly attached: boolean;
}

/** A platform that answers. */
export interface Launched {
  readonly platform: LocalPlatform;
  /** It ran before. */
  readonly already: boolean;
  /** Lets an attached platform live on. */
  keep(): void;
  /** Ends an attached platform: it drains, then its database stops. */
  stop(): Promise<void>;
}

type Report =
  | { readonly type: "ready"; readonly state: LocalPlatform; readonly already: boolean }
  | { readonly type: "failed"; readonly kind: string; readonly message: string };

const SUPERVISOR = join(ROOT, "services/supervise.ts");
/** Where Node keeps compiled code between starts; it checks each entry against its source. */
const NODE_COMPILE_CACHE = join(ROOT, "node_modules/.cache/compile");
const NODE_FLAGS = ["--disable-warning=ExperimentalWarning"];

/** Starts a supervisor and waits until its platform answers; throws a Failure with what it said otherwise. */
export async function launch(wanted: Launch): Promise<Launched> {
  const port = wanted.port === undefined ? [] : ["--port", String(wanted.port)];
  const gateway = wanted.gateway === undefined ? [] : ["--gateway", wanted.gateway];
  const args = [...NODE_FLAGS, SUPERVISOR, "up", ...port, ...gateway, "--profile", wanted.profile];
  // A session of its own: what is typed at this terminal is not meant for it.
  const child = spawn(process.execPath, wanted.attached ? [...args, "--attached"] : args, {
    detached: true,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: { NODE_COMPILE_CACHE, ...wanted.env },
    cwd: ROOT,
  });
  const report = await reportOf(child, wanted.note ?? (() => {}));
  child.stderr?.destroy();
  if (report.type === "failed") throw failureOf(report);
  if (!wanted.attached) release(child);
  return {
    platform: report.state,
    already: report.already,
    keep: () => {
      child.send("keep", () => release(child));
    },
    stop: () => ended(child, () => child.kill("SIGTERM")),
  };
}

function release(child: ChildProcess): void {
  if (child.connected) child.disconnect();
  child.unref();
}

function ended(child: ChildProcess, end: () => void): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once("exit", () => resolve());
    return end();
  });
}

function reportOf(child: ChildProcess, note: (text: string) => void): Promise<Report> {
  return new Promise((resolve) => {
    let said = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString("utf8");
    });
    const hear = (message: unknown): void => {
      const said = message as Report | { readonly type: "note"; readonly text: string };
      if (said.type === "note") note(said.text);
      else {
        child.off("message", hear);
        resolve(said);
      }
    };
    child.on("message", hear);
    child.once("error", (error) => resolve({ type: "failed", kind: "start", message: error.message }));
    child.once("close", () =>
      resolve({ type: "failed", kind: "start", message: said.trim() || "the supervisor ended" }),
    );
  });
}

function failureOf({ kind, message }: { readonly kind: string; readonly message: string }): Failure {
  const [what = "", ...more] = message.split("\n");
  // What the person can mend by another word on the command line is usage.
  const exit = kind === "start" ? EXIT.FAULT : EXIT.USAGE;
  const fix = kind === "port" ? "anrf up --port 0 takes a free one" : kind === "data" ? "" : "anrf doctor";
  return new Failure(exit, what, more.join(" · "), fix);
}

/** Ends all that runs in the data folder of an environment, orphans included; says what was ended. */
export async function bringDown(
  env: Env,
): Promise<{ readonly dataDir: string; readonly ended: readonly string[] }> {
  const child = spawn(process.execPath, [...NODE_FLAGS, SUPERVISOR, "down"], {
    stdio: ["ignore", "pipe", "pipe"],
    env,
    cwd: ROOT,
  });
  let out = "";
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString("utf8");
  });
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString("utf8");
  });
  await new Promise((resolve) => child.once("close", resolve));
  const last = out.trim().split("\n").at(-1) ?? "";
  const report =
    last === "" ? undefined : (JSON.parse(last) as { dataDir?: string; ended?: string[]; message?: string });
  if (report?.dataDir !== undefined) return { dataDir: report.dataDir, ended: report.ended ?? [] };
  throw new Failure(EXIT.FAULT, "cannot end the platform", report?.message ?? said.trim(), "anrf doctor");
}

/** The first key of a platform; empty if it has none. */
export async function firstKey(platform: LocalPlatform): Promise<string> {
  return (await readFile(platform.keyFile, "utf8").catch(() => "")).trim();
}
