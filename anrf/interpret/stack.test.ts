import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "./meter.ts";

/** The stack of a sandbox worker, in MiB. The programs below end the same way on a quarter of it. */
const STACK_MB = 64;

/** Programs that nest without end, each by another way through the engine. */
const BOTTOMLESS = {
  "a call as an operand": "fn f(n: int) -> int { 1 + f(n + 1) }",
  "a call below many operators":
    "fn f(n: int) -> int { 1 + (2 + (3 + (4 + (5 + (6 + (7 + (8 + (9 + (10 + f(n + 1)))))))))) }",
  "a call in an arm": "fn f(n: int) -> int { match some(n) { some(k) => 1 + f(k + 1), none => 0 } }",
  "a call under ensures": "fn f(n: int) -> int\n  ensures result > 0\n{ f(n + 1) }",
  "a call in a loop":
    "fn f(n: int) -> int { (loop (i, s) = (0, 0) while i < 2 { (i + 1, s + f(n + 1)) }).1 }",
  "a call in a lambda": "fn f(n: int) -> int { [n].map((x) => f(x + 1)).sum() }",
  "a call in lambdas in lambdas":
    "fn f(n: int) -> int { [n].map((x) => [x].fold(0, (s, y) => s + [y].map((z) => f(z + 1)).sum())).sum() }",
  "a call in the key of a sort":
    "fn f(n: int) -> int { [[n], [n]].sort_by((x) => [x[0] + f(n + 1)]).length() }",
  "two functions by turns":
    "fn g(n: int) -> int;\n\nfn h(n: int) -> int { 1 + g(n + 1) }\n\nfn g(n: int) -> int { 1 + h(n + 1) }\n\nfn f(n: int) -> int { g(n) }",
  "a lambda that is called by itself":
    "fn f(n: int) -> int { let g: (int) -> int = (x) => 1 + f(x + 1); g(n) }",
  "a comparison of a very deep value":
    "variant T { End, On(T) }\n\nfn t(n: int) -> T { (loop (k, t) = (0, T.End) while k < n { (k + 1, T.On(t)) }).1 }\n\nfn f(n: int) -> bool { t(100000) == t(100000) }",
  "a search for a very deep value":
    "variant T { End, On(list<T>) }\n\nfn t(n: int) -> T { (loop (k, t) = (0, T.End) while k < n { (k + 1, T.On([t])) }).1 }\n\nfn f(n: int) -> bool { [t(100000)].contains(t(100000)) }",
} as const;

interface Report {
  readonly code: string;
  readonly backstop: boolean;
}

/** Runs the programs in one worker of that stack and says how each ended. */
function runInWorker(texts: readonly string[]): Promise<readonly Report[]> {
  const urls = ["../text/parse.ts", "../program/program.ts", "../program/trap.ts", "./interpret.ts"];
  const [parse, program, trap, interpret] = urls.map((path) =>
    JSON.stringify(new URL(path, import.meta.url).href),
  );
  const code = `
    const { parentPort, workerData } = require("node:worker_threads");
    (async () => {
      const [{ parse }, { openProgram }, { trapName }, { runProgram }] = await Promise.all([
        import(${parse}), import(${program}), import(${trap}), import(${interpret}),
      ]);
      parentPort.postMessage(workerData.map((text) => {
        const read = parse(text);
        if (!read.ok) throw new Error(read.diagnostics[0].message);
        const { trap } = runProgram(openProgram(read.program.module), [1]);
        return { code: trap === undefined ? "none" : trapName(trap.code), backstop: trap?.backstop };
      }));
    })();`;
  return new Promise((resolve, reject) => {
    const worker = new Worker(code, {
      eval: true,
      workerData: texts,
      resourceLimits: { stackSizeMb: STACK_MB },
    });
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (status) => reject(new Error(`the worker ended with ${status}`)));
  });
}

describe(`the depth limit of ${DEFAULT_LIMITS.depth} on a stack of ${STACK_MB} MiB`, () => {
  it("comes before the host's own, whatever nests", async () => {
    const reports = await runInWorker(Object.values(BOTTOMLESS));
    const found = Object.keys(BOTTOMLESS).map((name, index) => ({ name, ...reports[index] }));
    expect(found).toEqual(Object.keys(BOTTOMLESS).map((name) => ({ name, code: "DEPTH", backstop: false })));
  });
});
