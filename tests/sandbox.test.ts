import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Sandbox, type SandboxJob } from "#platform/sandbox/pool.ts";
import { commandOf, descendants, lives, until } from "./platform.ts";
import { type System, startSystem } from "./system.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SECRET = "a variable of the service, such as a database's password";

let system: System;
let anrfId = "";
beforeAll(async () => {
  process.env["ANRF_TEST_SECRET"] = SECRET;
  system = await startSystem({ ANRF_EXECUTION_WORKERS: "2" });
  anrfId = await system.put("fn one(n: int) -> int { n + 1 }");
  await system.rest().post(`/execute/${anrfId}`, { inputs: [1] });
  await system.rest().get(`/verify/${anrfId}`);
});
afterAll(async () => {
  delete process.env["ANRF_TEST_SECRET"];
  await system?.[Symbol.asyncDispose]();
});

async function sandboxes(): Promise<readonly number[]> {
  const all = await descendants(process.pid);
  const commands = await Promise.all(all.map(commandOf));
  return all.filter((_, index) => commands[index]?.includes("sandbox/child.ts"));
}

describe("the processes in which strangers' programs run", () => {
  it("have no environment, no way to write or to start others, and stand in a code folder", async () => {
    const found = await sandboxes();
    // Execution's and verification's at the least.
    expect(found.length).toBeGreaterThanOrEqual(2);
    for (const pid of found) {
      const words = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0");
      expect(words).toContain("--permission");
      const allowed = words.filter((word) => word.startsWith("--allow-"));
      const reads = ["anrf", "gen", "services", "node_modules", "package.json"];
      expect(allowed.sort()).toEqual(
        ["--allow-worker", ...reads.map((name) => `--allow-fs-read=${ROOT}${name}`)].sort(),
      );
      expect(await readFile(`/proc/${pid}/environ`, "utf8")).toBe("");
      expect(await readlink(`/proc/${pid}/cwd`)).toBe(join(ROOT, "services"));
    }
  });

  it("open no file of the data folder and no socket to the database", async () => {
    for (const pid of await sandboxes()) {
      const links = await Promise.all(
        (await readdir(`/proc/${pid}/fd`)).map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => "")),
      );
      expect(links.filter((link) => link.startsWith(system.folder))).toEqual([]);
    }
  });

  it("are replaced when they are killed, while requests get their answers", async () => {
    const before = await sandboxes();
    const asks = Array.from({ length: 20 }, (_, n) =>
      system.rest().post(`/execute/${anrfId}`, { inputs: [n] }),
    );
    for (const pid of before) process.kill(pid, "SIGKILL");
    const answers = await Promise.all(asks);
    expect(answers.map(({ body }) => body["output"])).toEqual(asks.map((_, n) => ({ result: n + 1 })));
    await until("the old ones have gone", async () => !(await Promise.all(before.map(lives))).includes(true));
    expect((await system.rest().get(`/verify/${anrfId}?checks=types`)).body["verdict"]).toBe("PASS");
  });
});

describe("a job that turned against us", () => {
  let sandbox: Sandbox;
  beforeAll(() => {
    const module = new URL("../services/platform/sandbox/testdata/job.ts", import.meta.url);
    sandbox = new Sandbox({ module, workers: 1 });
  });
  afterAll(() => sandbox?.[Symbol.asyncDispose]());

  const run = (kind: string, text = ""): Promise<Uint8Array> => {
    const job: SandboxJob = { kind, payload: new TextEncoder().encode(text), clientId: "c", wallMs: 20_000 };
    return sandbox.run(job, new AbortController().signal);
  };

  it("reads no key, no stored program, and nothing else of the data folder", async () => {
    const files = (await readdir(system.folder, { recursive: true, withFileTypes: true })).filter((one) =>
      one.isFile(),
    );
    const paths = files.map((one) => join(one.parentPath, one.name));
    expect(paths.filter((path) => path.includes("first-key"))).toHaveLength(1);
    expect(paths.filter((path) => path.endsWith(".anrf")).length).toBeGreaterThan(0);
    for (const path of [...paths, system.folder])
      await expect(run("read", path)).rejects.toThrow(/restricted/);
  });

  it("sees no variable of the service", async () => {
    expect(new TextDecoder().decode(await run("environment"))).toBe("{}");
    await expect(run("read", `/proc/${process.pid}/environ`)).rejects.toThrow(/restricted/);
  });
});
