import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Found, Ran, ShownTask, Solved, Solver } from "./solve.ts";

/** Wall seconds allowed for each CPU second of the budget: the machine may be shared. */
const WALL_PER_CPU = 6;

/** A running system. */
export interface Server {
  readonly url: string;
  readonly key: string;
}

/** The platform as a black box, over REST: analyze, generate, execute. Without a server, one is started and stopped. */
export async function apiSolver(server: Server | undefined): Promise<Solver> {
  const started = server === undefined ? await startServer() : undefined;
  const api = new Api(started?.server ?? server ?? { url: "", key: "" });
  return {
    versions: { protocol: "rest" },
    solve: (task) => solve(api, task),
    [Symbol.asyncDispose]: async () => started?.stop(),
  };
}

async function startServer(): Promise<{ readonly server: Server; stop(): Promise<void> }> {
  const run = promisify(execFile);
  const bin = join(import.meta.dirname, "../bin/anrf");
  const data = await mkdtemp(join(tmpdir(), "anrf-bench-data-"));
  const env = { ...process.env, ANRF_DATA: data };
  const stop = async () => {
    await run(bin, ["down"], { env });
    await rm(data, { recursive: true, force: true });
  };
  try {
    const { stdout } = await run(bin, ["up", "--json", "--port", "0"], { env });
    const { url, apiKey } = JSON.parse(stdout) as { readonly url: string; readonly apiKey: string };
    return { server: { url, key: apiKey }, stop };
  } catch (error) {
    await stop().catch(() => undefined);
    throw new Error("could not start the system with bin/anrf up", { cause: error });
  }
}

type Json = Readonly<Record<string, unknown>>;

/** Calls of a running system by REST; what is not answered with success is thrown under the name of its code. */
export class Api {
  readonly #server: Server;

  constructor(server: Server) {
    this.#server = server;
  }

  async post(path: string, body: Json): Promise<Json> {
    const response = await fetch(new URL(path, this.#server.url), {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${this.#server.key}` },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as Json;
    if (response.ok) return answer;
    const error = new Error(`POST ${path.split("/")[1]} was answered with ${response.status}`);
    error.name = String(answer["code"] ?? response.status);
    throw error;
  }
}

async function solve(api: Api, task: ShownTask): Promise<Solved> {
  const named = (inputs: readonly unknown[]): Json =>
    Object.fromEntries(task.params.map((param, index) => [param.name, inputs[index]]));
  const analysis = await api.post("/intent/analyze", {
    inputText: task.text,
    context: { module: "", function: "" },
    signature: { params: task.params, returns: task.returns },
    examples: task.shown.map(({ inputs, output }) => ({ inputs: named(inputs), output })),
  });
  const answer = await api.post("/generate", {
    structuredIntent: analysis["structuredIntent"],
    constraints: analysis["constraints"],
    analysisId: analysis["analysisId"],
    profile: "STANDARD",
    budget: { cpuSeconds: task.cpuSeconds, wallSeconds: task.cpuSeconds * WALL_PER_CPU },
    seed: task.seed,
  });
  return solvedOf(answer, (id) => foundOf(api, answer, id, named));
}

function solvedOf(answer: Json, found: (id: string) => Found): Solved {
  const id = textAt(answer, "anrfId");
  const accepted = answer["outcome"] === "ACCEPTED" && id !== "";
  const confidence = objectAt(answer, "confidence");
  const usage = objectAt(answer, "usage");
  const first = objectAt(answer, "timings")["firstCandidateSeconds"];
  return {
    outcome: accepted ? "ACCEPTED" : "ABSTAINED",
    reason: accepted ? undefined : textAt(answer, "abstainReason"),
    ranked: accepted ? [found(id)] : [],
    confidence: accepted
      ? {
          score: numberAt(answer, "confidenceScore"),
          pCorrect: numberAt(confidence, "pCorrect"),
          errorPValue: numberAt(confidence, "errorPValue"),
          setSizeFor90: numberAt(confidence, "setSizeFor90"),
        }
      : undefined,
    cpuSeconds: numberAt(usage, "cpuSeconds"),
    firstCandidateSeconds: typeof first === "number" ? first : undefined,
    evaluated: numberAt(usage, "programsEvaluated"),
    kept: numberAt(usage, "programsKept"),
    tokens: numberAt(usage, "tokens"),
    budgetEnd: textAt(usage, "budgetEnd"),
  };
}

function foundOf(api: Api, answer: Json, id: string, named: (inputs: readonly unknown[]) => Json): Found {
  return {
    digest: textAt(answer, "digest"),
    size: undefined,
    lane: "",
    overfitRisk: answer["overfitRisk"] === true,
    run: async (all) => {
      const ran: Ran[] = [];
      for (const inputs of all) {
        const { output, trap } = await api.post(`/execute/${id}`, { inputs: named(inputs) });
        ran.push(ranOf(output, trap));
      }
      return ran;
    },
  };
}

function ranOf(output: unknown, trap: unknown): Ran {
  if (typeof output === "object" && output !== null && "result" in output) return { output: output.result };
  return {
    trap: typeof trap === "object" && trap !== null && "code" in trap ? String(trap.code) : "UNKNOWN",
  };
}

function objectAt(from: Json, key: string): Json {
  const value = from[key];
  return typeof value === "object" && value !== null ? (value as Json) : {};
}

function textAt(from: Json, key: string): string {
  const value = from[key];
  return typeof value === "string" ? value : "";
}

function numberAt(from: Json, key: string): number {
  const value = from[key];
  return typeof value === "number" ? value : 0;
}
