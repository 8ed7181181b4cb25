import { createServer, type Server as HttpServer } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ShownTask } from "./solve.ts";
import { apiSolver } from "./solve-api.ts";

type Body = Readonly<Record<string, unknown>>;

const asked: { path: string; key: string | undefined; body: Body }[] = [];
let answers: Readonly<Record<string, readonly [number, Body]>> = {};
let server: HttpServer;
let url = "";

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const path = request.url ?? "";
    asked.push({ path, key: request.headers.authorization, body: JSON.parse(text) as Body });
    const [status, body] = answers[path] ?? [404, { code: "NOT_FOUND" }];
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  url = typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : "";
});
afterAll(() => server.close());

const task: ShownTask = {
  id: "t",
  text: "Add them.",
  params: [
    { name: "a", type: "int" },
    { name: "b", type: "int" },
  ],
  returns: "int",
  shown: [{ inputs: [1, 2], output: 3 }],
  seed: 7,
  cpuSeconds: 2,
};

const analysis: Body = { structuredIntent: { goal: {} }, constraints: [{ id: "c" }], analysisId: "an-1" };
const accepted: Body = {
  outcome: "ACCEPTED",
  anrfId: "id-1",
  digest: "anrf1:ab",
  confidenceScore: 0.75,
  confidence: { pCorrect: 0.8, errorPValue: 0.1, setSizeFor90: 2 },
  usage: { cpuSeconds: 1.5, programsEvaluated: 100, programsKept: 40, tokens: 0, budgetEnd: "GRACE" },
  timings: { firstCandidateSeconds: 0.2 },
  overfitRisk: true,
};

describe("apiSolver", () => {
  it("analyzes, generates from the analysis alone, and executes", async () => {
    answers = {
      "/intent/analyze": [200, analysis],
      "/generate": [200, accepted],
      "/execute/id-1": [200, { output: { result: 9 } }],
    };
    asked.length = 0;
    await using solver = await apiSolver({ url, key: "k" });
    const solved = await solver.solve(task);
    expect(solved).toMatchObject({
      outcome: "ACCEPTED",
      confidence: { score: 0.75, pCorrect: 0.8, errorPValue: 0.1, setSizeFor90: 2 },
      cpuSeconds: 1.5,
      firstCandidateSeconds: 0.2,
      evaluated: 100,
      kept: 40,
      budgetEnd: "GRACE",
    });
    expect(solved.ranked[0]).toMatchObject({ digest: "anrf1:ab", overfitRisk: true });
    expect(await solved.ranked[0]?.run([[4, 5]])).toEqual([{ output: 9 }]);
    expect(asked.map(({ path, key }) => [path, key])).toEqual([
      ["/intent/analyze", "Bearer k"],
      ["/generate", "Bearer k"],
      ["/execute/id-1", "Bearer k"],
    ]);
    expect(asked[0]?.body).toMatchObject({
      inputText: "Add them.",
      signature: { params: task.params, returns: "int" },
      examples: [{ inputs: { a: 1, b: 2 }, output: 3 }],
    });
    expect(asked[1]?.body).toMatchObject({ ...analysis, budget: { cpuSeconds: 2 }, seed: 7 });
    expect(JSON.stringify(asked[1]?.body)).not.toContain("Add them.");
    expect(asked[2]?.body).toEqual({ inputs: { a: 4, b: 5 } });
  });

  it("reads an abstention and a trap", async () => {
    const abstained = { outcome: "ABSTAINED", anrfId: "", abstainReason: "AMBIGUOUS" };
    answers = { "/intent/analyze": [200, analysis], "/generate": [200, abstained] };
    await using solver = await apiSolver({ url, key: "k" });
    expect(await solver.solve(task)).toMatchObject({ outcome: "ABSTAINED", reason: "AMBIGUOUS", ranked: [] });
    answers = {
      ...answers,
      "/generate": [200, accepted],
      "/execute/id-1": [200, { trap: { code: "DIV_ZERO", message: "x" } }],
    };
    const solved = await solver.solve(task);
    expect(await solved.ranked[0]?.run([[1, 0]])).toEqual([{ trap: "DIV_ZERO" }]);
  });

  it("gives a refusal the code of the answer, and nothing of the task", async () => {
    answers = { "/intent/analyze": [429, { error: "Add them. is too much", code: "RESOURCE_EXHAUSTED" }] };
    await using solver = await apiSolver({ url, key: "k" });
    await expect(solver.solve(task)).rejects.toMatchObject({
      name: "RESOURCE_EXHAUSTED",
      message: "POST intent was answered with 429",
    });
  });
});
