import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { folderLayout } from "#platform/data/folder-layout.ts";
import { stopOrphan } from "#platform/data/postgres.ts";
import { descendants, type Platform, socketsOf, startPlatform } from "./platform.ts";
import { objectAt, restClient } from "./rest.ts";

/** One socket as /proc/net shows it. */
interface Socket {
  readonly local: string;
  readonly remote: string;
  readonly inode: string;
  readonly state: string;
}

const LISTEN = "0A";

let folder = "";
let platform: Platform;
const seen = new Map<string, Socket>();
let watching: NodeJS.Timeout;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "anrf-silence-"));
  platform = await startPlatform(folder, { ANRF_OPS_PORT: "0" });
  watching = setInterval(() => void look(), 25);
});
afterAll(async () => {
  clearInterval(watching);
  await platform?.[Symbol.asyncDispose]();
  await stopOrphan(folderLayout(folder));
  await rm(folder, { recursive: true, force: true });
});

/** Notes every socket of the platform and of all below it: PostgreSQL, sandboxes, whatever they start. */
async function look(): Promise<void> {
  const pids = [platform.pid, ...(await descendants(platform.pid))];
  const ours = new Set((await Promise.all(pids.map(socketsOf))).flatMap((inodes) => [...inodes]));
  for (const socket of await sockets()) {
    if (ours.has(socket.inode)) seen.set(`${socket.local} ${socket.remote} ${socket.state}`, socket);
  }
}

async function sockets(): Promise<readonly Socket[]> {
  const tables = await Promise.all(
    ["tcp", "tcp6", "udp", "udp6"].map((name) => readFile(`/proc/net/${name}`, "utf8").catch(() => "")),
  );
  return tables.flatMap((text) =>
    text
      .split("\n")
      .slice(1)
      .flatMap((line) => {
        const [, local, remote, state, , , , , , inode] = line.trim().split(/\s+/);
        if (local === undefined || remote === undefined || inode === undefined) return [];
        return [{ local: addressOf(local), remote: addressOf(remote), state: state ?? "", inode }];
      }),
  );
}

/** `0100007F:1F90` → `127.0.0.1:8080`; the kernel writes each word of 32 bits in the order of the machine. */
function addressOf(hex: string): string {
  const [address = "", port = ""] = hex.split(":");
  const words = address.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) =>
    (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)),
  );
  const mapped = bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255;
  const short = mapped ? bytes.slice(12) : bytes;
  const text =
    short.length === 4 ? short.join(".") : short.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${text}:${Number.parseInt(port, 16)}`;
}

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|0{31}1):\d+$/;
const NOBODY = /^(0\.0\.0\.0|0{32}):0$/;

describe("a platform at work", { timeout: 120_000 }, () => {
  it("opens and reaches loopback only, from its start to its last request", async () => {
    const key = (await readFile(join(folder, "keys", "first-key"), "utf8")).trim();
    const rest = restClient(platform.url, key);
    const analysis = await rest.post("/intent/analyze", {
      inputText: "double the number",
      signature: { params: [{ name: "x", type: "int" }], returns: "int" },
      examples: [2, 5].map((x) => ({ inputs: { x }, output: 2 * x })),
    });
    const generated = await rest.post("/generate", { analysisId: analysis.body["analysisId"] });
    const { anrfId } = generated.body;
    await rest.get(`/view/${anrfId}`);
    await rest.get(`/verify/${anrfId}`);
    const run = await rest.post(`/execute/${anrfId}`, { inputs: { x: 21 } });
    expect(objectAt(run.body, "output")["result"]).toBe(42);
    await look();
    const listening = [...seen.values()].filter(({ state }) => state === LISTEN);
    // The edge, the ops port and PostgreSQL at the least: an empty table would prove nothing.
    expect(listening.length).toBeGreaterThanOrEqual(3);
    expect(listening.map(({ local }) => local)).toContain(`127.0.0.1:${new URL(platform.url).port}`);
    const strange = [...seen.values()].filter(
      ({ local, remote, state }) =>
        !LOOPBACK.test(local) || !(LOOPBACK.test(remote) || (NOBODY.test(remote) && state === LISTEN)),
    );
    expect(strange).toEqual([]);
  });

  it("names no host but loopback in its log", async () => {
    const lines = platform.lines.filter((line) => /https?:\/\//.test(line));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(/https?:\/\/127\.0\.0\.1[:/]/);
  });
});
