import { type ChildProcess, spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Json } from "./any.ts";
import { bootstrap } from "./config.ts";
import { envoyDescriptors } from "./descriptors.ts";
import { drainEnvoy, envoyFlags } from "./flags.ts";
import type { EnvoySettings } from "./settings.ts";
import { envoyYaml } from "./yaml.ts";

/** A running Envoy. */
export interface RunningEnvoy extends AsyncDisposable {
  readonly process: ChildProcess;
  /** Everything that it wrote so far: its own log and the access log. */
  output(): string;
  /** Stops taking new work in the way that balancers notice, then ends it. */
  drain(): Promise<void>;
}

const CONTRACT = new URL("../gen/anrf.binpb", import.meta.url);
const START_MS = 20_000;

/** Writes configuration and descriptors into a folder; returns the path of the configuration. */
export async function writeConfig(
  folder: string,
  settings: EnvoySettings,
  adjust: (config: Json) => Json = (config) => config,
): Promise<string> {
  const path = join(folder, "envoy.yaml");
  await writeFile(settings.descriptorsPath, envoyDescriptors(await readFile(CONTRACT)));
  await writeFile(path, envoyYaml(adjust(bootstrap(settings))));
  return path;
}

/**
 * Starts the binary and waits until it is ready; throws with what it wrote where it is not. `adjust` makes another
 * configuration of the one that the settings give.
 */
export async function startEnvoy(
  binary: string,
  folder: string,
  settings: EnvoySettings,
  meshToken: string,
  adjust?: (config: Json) => Json,
): Promise<RunningEnvoy> {
  const path = await writeConfig(folder, settings, adjust);
  const child = spawn(binary, envoyFlags(path, settings), {
    env: { ANRF_MESH_TOKEN: meshToken },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  const output = (): string => Buffer.concat(chunks).toString();
  const admin = `http://127.0.0.1:${settings.adminPort}`;
  for (const limit = Date.now() + START_MS; ; await pause(50)) {
    if (child.exitCode !== null || Date.now() > limit) {
      child.kill("SIGKILL");
      throw new Error(`envoy did not become ready:\n${lastLines(output())}`);
    }
    if (await answers(`${admin}/ready`)) break;
  }
  return {
    process: child,
    output,
    drain: () => drainEnvoy(settings.adminPort),
    [Symbol.asyncDispose]: () => ended(child),
  };
}

/** The last lines, each by its beginning and its end: a complaint quotes the configuration between them. */
function lastLines(text: string): string {
  const short = (line: string): string =>
    line.length < 1200 ? line : `${line.slice(0, 900)} … ${line.slice(-200)}`;
  return text.trimEnd().split("\n").slice(-12).map(short).join("\n");
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await gone;
  clearTimeout(timer);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
