import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "#platform/process/ports.ts";
import { type BenchServer, cpuOf, inParallel, median, startServer } from "./processes.ts";
import { fastApiPython, toolsFolder } from "./rivals.ts";

const CALLERS = 16;
const RUNS = 5;
const ID = "018f0000-0000-7000-8000-000000000001";
const BODY = JSON.stringify({
  anrfId: ID,
  version: 3,
  kind: "COMMENT",
  comment: "the answer is right for every list that I tried, but the empty one deserves a word of its own",
  generationId: ID,
});

/** Server CPU for one REST request at the edge, beside FastAPI doing the same work: a ratio, not milliseconds. */
export async function edge(args: readonly string[]): Promise<number> {
  const calls = Number(args[0] ?? 4_000);
  const python = await fastApiPython(toolsFolder(process.env));
  const folder = await mkdtemp(join(tmpdir(), "anrf-edge-"));
  using ours = await startServer(
    new URL("./edge-server.ts", import.meta.url),
    [folder],
    join(folder, "ours.log"),
  );
  const key = (await readFile(join(folder, "data", "keys", "first-key"), "utf8")).trim();
  using rival = await startFastApi(python, key, join(folder, "fastapi.log"));
  const rows = [
    { name: "edge", server: ours, found: [] as number[] },
    { name: "FastAPI", server: rival, found: [] as number[] },
  ] as const;
  for (let run = -1; run < RUNS; run++) {
    for (const { server, found } of rows) {
      const used = await measure(server, key, calls);
      // The first round warms both.
      if (run >= 0) found.push(used);
    }
  }
  const [mine, theirs] = rows.map(({ found }) => median(found)) as [number, number];
  console.log(
    `edge: POST ${BODY.length} bytes, ${CALLERS} callers, ${calls} requests a run, median of ${RUNS} runs`,
  );
  for (const { name, found } of rows) {
    const each = found.map((one) => one.toFixed(0)).join(" ");
    console.log(`${name.padEnd(10)} ${median(found).toFixed(1)} µs server CPU a request  (${each})`);
  }
  console.log(`the edge serves ${(theirs / mine).toFixed(2)} × the requests of FastAPI for the same CPU`);
  await rm(folder, { recursive: true, force: true });
  return 0;
}

async function startFastApi(python: string, key: string, log: string): Promise<BenchServer> {
  const port = await freePort();
  const out = openSync(log, "a");
  const flags = ["--host", "127.0.0.1", "--port", String(port), "--no-access-log", "--log-level", "warning"];
  const child = spawn(
    python,
    ["-m", "uvicorn", "--app-dir", import.meta.dirname, ...flags, "fastapi_edge:app"],
    {
      stdio: ["ignore", out, "inherit"],
      env: { PATH: process.env["PATH"], BENCH_KEY: key, PYTHONDONTWRITEBYTECODE: "1" },
    },
  );
  closeSync(out);
  const pid = child.pid ?? 0;
  const server = { pid, port, cpu: () => cpuOf(pid), [Symbol.dispose]: () => void child.kill("SIGTERM") };
  for (const limit = Date.now() + 30_000; Date.now() < limit && child.exitCode === null; ) {
    if (await isOpen(port)) return server;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  server[Symbol.dispose]();
  throw new Error(`FastAPI did not start: ${(await readFile(log, "utf8")).slice(-2_000)}`);
}

function isOpen(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/openapi.json`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function measure(server: BenchServer, key: string, calls: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CALLERS });
  const one = (): Promise<void> => post(agent, server.port, key);
  await inParallel(CALLERS * 4, CALLERS, one);
  const before = await server.cpu();
  await inParallel(calls, CALLERS, one);
  const used = (await server.cpu()) - before;
  agent.destroy();
  return used / calls;
}

function post(agent: Agent, port: number, key: string): Promise<void> {
  const headers = { "content-type": "application/json", "content-length": BODY.length, "x-api-key": key };
  const path = "/v1/feedback";
  return new Promise((resolve, reject) => {
    const sent = request({ agent, port, host: "127.0.0.1", method: "POST", path, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => {
        text += piece;
      });
      response.on("end", () => {
        const answer = JSON.parse(text) as { readonly feedback?: { readonly anrfId?: string } };
        if (response.statusCode === 200 && answer.feedback?.anrfId === ID) resolve();
        else reject(new Error(`${response.statusCode} ${text.slice(0, 300)}`));
      });
    });
    sent.on("error", reject);
    sent.end(BODY);
  });
}
