import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isAlive } from "../data/postgres-lock.ts";
import { Feed } from "./feed.ts";
import { Sandbox, type SandboxJob, type SandboxOptions } from "./pool.ts";
import { SandboxError } from "./sandbox-error.ts";

const text = (found: Uint8Array): string => new TextDecoder().decode(found);
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);
const never = new AbortController().signal;
const module = new URL("./testdata/job.ts", import.meta.url);

const losses: string[] = [];
const open = (options: Partial<SandboxOptions> = {}): Sandbox =>
  new Sandbox({ module, workers: 2, readyMs: 30_000, onLoss: (why) => losses.push(why), ...options });
const job = (kind: string, over: Partial<SandboxJob> = {}): SandboxJob => ({
  kind,
  payload: new Uint8Array(),
  clientId: "client",
  wallMs: 30_000,
  ...over,
});
const outcome = (sandbox: Sandbox, work: SandboxJob, signal = never): Promise<string> =>
  sandbox
    .run(work, signal)
    .then(text, (error: unknown) => (error instanceof SandboxError ? error.code : String(error)));

describe("Sandbox", () => {
  let sandbox: Sandbox;
  beforeAll(() => {
    sandbox = open();
    sandbox.warm();
  });
  afterAll(() => sandbox[Symbol.asyncDispose]());

  it("answers each of many jobs with its own result", async () => {
    const asked = Array.from({ length: 300 }, (_, index) => `job ${index}`);
    const got = await Promise.all(
      asked.map((name) => outcome(sandbox, job("echo", { payload: bytes(name) }))),
    );
    expect(got).toEqual(asked);
    const big = new Uint8Array(3_000_000).map((_, index) => index & 255);
    expect(Buffer.compare(await sandbox.run(job("echo", { payload: big }), never), big)).toBe(0);
    expect(sandbox.load).toEqual({ running: 0, queued: 0, workers: 2 });
  });

  it("hands on what jobs send, in order and before their result", async () => {
    const sent: string[] = [];
    const result = await outcome(
      sandbox,
      job("count", { payload: bytes("20"), onMessage: (message) => sent.push(text(message)) }),
    );
    expect(result).toBe("counted");
    expect(sent).toEqual(Array.from({ length: 20 }, (_, index) => `${index + 1}`));
  });

  it.each(["shared", "slice"])("takes a result that is only a view (%s)", async (kind) => {
    expect((await sandbox.run(job(kind), never)).length).toBe(kind === "shared" ? 4 : 2);
  });

  it("lets jobs recurse deep", async () => {
    expect(await outcome(sandbox, job("recurse"))).toBe("200000");
  });

  it("reports what a job throws, at once or later, and goes on", async () => {
    await expect(sandbox.run(job("throw"), never)).rejects.toThrow(/thrown by the job/);
    await expect(sandbox.run(job("throw later"), never)).rejects.toThrow(/nobody catches this/);
    await expect(sandbox.run(job("unknown"), never)).rejects.toThrow(/no job unknown/);
    expect(await outcome(sandbox, job("echo", { payload: bytes("on") }))).toBe("on");
  });

  it("ends a job that spins at its wall limit, without harm to others", async () => {
    const other = outcome(sandbox, job("count", { payload: bytes("200") }));
    expect(await outcome(sandbox, job("spin", { wallMs: 60 }))).toBe("TIME");
    expect(await other).toBe("counted");
    expect(await outcome(sandbox, job("echo", { payload: bytes("on") }))).toBe("on");
  });

  it("answers an abort at once with its reason; the worker is free again soon", async () => {
    const gone = new AbortController();
    const running = [1, 2].map(() => outcome(sandbox, job("spin"), gone.signal));
    setTimeout(() => gone.abort(new Error("the caller left")), 40);
    expect(await Promise.all(running)).toEqual(Array(2).fill("Error: the caller left"));
    expect(await outcome(sandbox, job("echo", { payload: bytes("on") }))).toBe("on");
    expect(await outcome(sandbox, job("echo"), gone.signal)).toBe("Error: the caller left");
  });

  it("asks a job to stop and takes what it has", async () => {
    const stop = new AbortController();
    const work = job("spin until stopped", {
      stop: stop.signal,
      onMessage: () => stop.abort(),
    });
    expect(await outcome(sandbox, work)).toBe("stopped after some turns");
    expect(await outcome(sandbox, job("spin until stopped", { stop: stop.signal }))).toMatch(/stopped after/);
  });

  it("feeds a job while it runs, in order, and wakes it up to stop", async () => {
    const feed = new Feed();
    feed.push(bytes("before it began"));
    const heard: string[] = [];
    const onMessage = (message: Uint8Array): void => {
      heard.push(text(message));
      if (heard.length === 1) for (let at = 0; at < 50; at++) feed.push(bytes(`${at}`));
      if (heard.length === 52) feed.push(bytes("enough"));
    };
    expect(await outcome(sandbox, job("echo what it is fed", { feed, onMessage }))).toBe("fed");
    expect(heard).toEqual(["hungry", "before it began", ...Array.from({ length: 50 }, (_, at) => `${at}`)]);
    const stop = new AbortController();
    const waits = job("echo what it is fed", {
      feed: new Feed(),
      stop: stop.signal,
      onMessage: () => stop.abort(),
    });
    expect(await outcome(sandbox, waits)).toBe("told to stop");
    expect(await outcome(sandbox, job("starve"))).toBe("nothing came");
  });

  it("moves two jobs at once", async () => {
    const stop = new AbortController();
    const heard = { a: 0, b: 0 };
    const run = (name: "a" | "b"): Promise<string> =>
      outcome(
        sandbox,
        job("count until stopped", {
          stop: stop.signal,
          onMessage: () => {
            heard[name]++;
            if (heard.a >= 10 && heard.b >= 10) stop.abort();
          },
        }),
      );
    // Neither ends before both have sent ten messages.
    expect(await Promise.all([run("a"), run("b")])).toEqual(["stopped", "stopped"]);
  });

  it("refuses what a cancelled job leaves in the queue, and nothing else", async () => {
    const gone = new AbortController();
    const blockers = [1, 2].map(() => outcome(sandbox, job("count", { payload: bytes("60") })));
    const waiting = outcome(sandbox, job("echo", { payload: bytes("waits") }));
    const cancelled = outcome(sandbox, job("echo"), gone.signal);
    gone.abort(new Error("cancelled"));
    expect(await cancelled).toBe("Error: cancelled");
    expect(await waiting).toBe("waits");
    expect(await Promise.all(blockers)).toEqual(["counted", "counted"]);
  });
});

describe("a job", () => {
  let sandbox: Sandbox;
  let folder = "";
  beforeAll(async () => {
    sandbox = open();
    folder = await mkdtemp(join(tmpdir(), "anrf-sandbox-"));
    await writeFile(join(folder, "key"), "secret");
  });
  afterAll(async () => {
    await sandbox[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const root = fileURLToPath(new URL("../../..", import.meta.url));
  it.each([
    ["the data folder", () => join(folder, "key")],
    ["the machine's users", () => "/etc/passwd"],
    ["a home folder", () => homedir()],
    ["the environment of the service", () => `/proc/${process.pid}/environ`],
    ["its own environment by another way", () => "/proc/self/environ"],
    ["files of the project that are not code", () => join(root, "package-lock.json")],
  ])("cannot read %s", async (_name, path) => {
    await expect(sandbox.run(job("read", { payload: bytes(path()) }), never)).rejects.toThrow(/restricted/);
  });

  it("can read the code", async () => {
    expect(await outcome(sandbox, job("read", { payload: bytes(fileURLToPath(import.meta.url)) }))).toContain(
      "describe",
    );
  });

  it("cannot write, even to the code, or start a process", async () => {
    for (const path of [join(folder, "new"), join(root, "services", "new")]) {
      await expect(sandbox.run(job("write", { payload: bytes(path) }), never)).rejects.toThrow(/restricted/);
    }
    await expect(sandbox.run(job("spawn"), never)).rejects.toThrow(/restricted/);
  });

  it("has no environment", async () => {
    expect(await outcome(sandbox, job("environment"))).toBe("{}");
  });
});

describe("Sandbox under loss", () => {
  it("runs jobs again whose child was lost, and answers them all", async () => {
    await using sandbox = open();
    const starts: string[] = [];
    const innocent = outcome(
      sandbox,
      job("count", { payload: bytes("150"), onStart: () => starts.push("innocent") }),
    );
    const guilty = await outcome(sandbox, job("kill child", { onStart: () => starts.push("guilty") }));
    expect(guilty).toBe("LOST");
    expect(await innocent).toBe("counted");
    expect(starts.filter((name) => name === "guilty")).toHaveLength(2);
    expect(starts.filter((name) => name === "innocent")).toHaveLength(2);
    expect(await outcome(sandbox, job("echo", { payload: bytes("on") }))).toBe("on");
  });

  it("feeds a job that starts over from the start", async () => {
    await using sandbox = open();
    const feed = new Feed();
    for (const one of ["first", "second", "enough"]) feed.push(bytes(one));
    let starts = 0;
    const heard: string[] = [];
    const work = job("echo what it is fed", {
      feed,
      onStart: () => starts++,
      onMessage: (message) => heard.push(text(message)),
    });
    // Its first child dies with the one that kills it, before or after it was fed.
    const [fed] = await Promise.all([outcome(sandbox, work), outcome(sandbox, job("kill child"))]);
    expect(fed).toBe("fed");
    expect(heard.slice(-3)).toEqual(["hungry", "first", "second"]);
    expect(starts).toBeGreaterThanOrEqual(1);
  });

  it("loses a worker that leaves without taking others along", async () => {
    await using sandbox = open();
    const innocent = outcome(sandbox, job("count", { payload: bytes("50") }));
    expect(await outcome(sandbox, job("leave worker"))).toBe("LOST");
    expect(await innocent).toBe("counted");
  });

  it("stops a heap that blows up", async () => {
    await using sandbox = open({ heapMb: 40 });
    const innocent = outcome(sandbox, job("count", { payload: bytes("50") }));
    expect(await outcome(sandbox, job("heap"))).toBe("MEMORY");
    expect(await innocent).toBe("counted");
    expect(await outcome(sandbox, job("echo", { payload: bytes("on") }))).toBe("on");
  });

  it("stops buffers that no heap limit counts", async () => {
    await using sandbox = open({ maxRssMb: 400, recycleRssMb: 300 });
    expect(await outcome(sandbox, job("buffers"))).toBe("MEMORY");
    expect(await outcome(sandbox, job("echo", { payload: bytes("on") }))).toBe("on");
  });

  it("says what is wrong with a job module that does not load", async () => {
    await using sandbox = open({ module: new URL("./testdata/missing.ts", import.meta.url) });
    await expect(sandbox.run(job("echo"), never)).rejects.toThrow(/could not be loaded.*missing\.ts/s);
  });

  it("replaces workers after their number of jobs", async () => {
    await using sandbox = open({ maxJobs: 3 });
    const asked = Array.from({ length: 40 }, (_, index) => `${index}`);
    const got = await Promise.all(
      asked.map((name) => outcome(sandbox, job("echo", { payload: bytes(name) }))),
    );
    expect(got).toEqual(asked);
  });

  it("refuses jobs over the bound of its queue, and says when to come again", async () => {
    await using sandbox = open({ workers: 1, queueJobs: 2 });
    const stop = new AbortController();
    const ahead: number[] = [];
    const work = job("spin until stopped", { stop: stop.signal, onQueued: (count) => ahead.push(count) });
    const started = new Promise<void>((resolve) => {
      void outcome(sandbox, { ...work, onStart: resolve });
    });
    await started;
    const waiting = [1, 2].map(() => outcome(sandbox, work));
    await expect(sandbox.run(work, never)).rejects.toMatchObject({ code: "BUSY", retryAfterMs: 1_000 });
    stop.abort();
    expect(await Promise.all(waiting)).toEqual(Array(2).fill(expect.stringMatching(/stopped/)));
    expect(ahead.slice(-2)).toEqual([0, 1]);
  });

  it("ends with a service that is killed, busy workers included", async () => {
    const pool = new URL("./pool.ts", import.meta.url).href;
    const script = `
      const { Sandbox } = await import(${JSON.stringify(pool)});
      const sandbox = new Sandbox({ module: new URL(${JSON.stringify(module.href)}) });
      const run = (kind) => sandbox.run({ kind, payload: new Uint8Array(), clientId: "c", wallMs: 1e6 },
        new AbortController().signal);
      console.log(new TextDecoder().decode(await run("pid")));
      void run("spin");`;
    const service = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pid = await new Promise<number>((resolve) =>
      service.stdout.once("data", (piece) => resolve(Number(piece))),
    );
    expect(isAlive(pid)).toBe(true);
    service.kill("SIGKILL");
    while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
  });

  it("leaves no process and no open job behind", async () => {
    const sandbox = open();
    const pid = Number(await outcome(sandbox, job("pid")));
    const running = outcome(sandbox, job("spin"));
    await sandbox[Symbol.asyncDispose]();
    expect(await running).toBe("CLOSED");
    expect(await outcome(sandbox, job("echo"))).toBe("CLOSED");
    expect(isAlive(pid)).toBe(false);
  });
});
