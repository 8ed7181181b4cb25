/**
 * The project's benchmarks, by name: `npm run bench -- NAME …`. A name is a key of CASES; each is loaded only when it is
 * asked for.
 */
type Case = (args: readonly string[]) => Promise<number>;

const CASES: Readonly<Record<string, { readonly says: string; load(): Promise<Case> }>> = {
  tasks: {
    says: "solve a set of synthesis tasks, judged on unseen examples; restartable",
    load: async () => (await import("./tasks-command.ts")).tasksCommand,
  },
  sentences: {
    says: "ten sentences without examples against a running system, judged on cases that it never sees",
    load: async () => (await import("./model/sentences.ts")).sentences,
  },
  compare: {
    says: "two result files of `tasks`: which were won and lost",
    load: async () => (await import("./tasks-command.ts")).compareCommand,
  },
  intent: {
    says: "signatures, doctests and spans that the intent analysis reads right out of public task texts",
    load: async () => (await import("./intent.ts")).intentBench,
  },
  hints: {
    says: "how often a model's types are right where words alone leave them open (FILE.gguf)",
    load: async () => (await import("./model/hints.ts")).hintsBench,
  },
  core: {
    says: "nodes checked, fuel interpreted, programs evaluated and kept, each a second on one core",
    load: async () => (await import("./core-command.ts")).coreCommand,
  },
  inference: {
    says: "a model's decode loop beside a bare one, requests side by side, cancels, memory ([FILE.gguf])",
    load: async () => (await import("./inference/command.ts")).inferenceCommand,
  },
  hop: {
    says: "CPU of one service hop, beside a bare grpc-js echo of the same messages",
    load: async () => (await import("./mesh/hop.ts")).hop,
  },
  gateway: {
    says: "latency and CPU that Envoy adds to a unary RPC, beside a direct call (needs Envoy)",
    load: async () => (await import("./mesh/gateway.ts")).gateway,
  },
  edge: {
    says: "CPU of one REST request at the edge, beside FastAPI (installed by pip at the first call)",
    load: async () => (await import("./mesh/edge.ts")).edge,
  },
};

function usage(): string {
  const names = Object.entries(CASES).map(([name, { says }]) => `  ${name.padEnd(10)} ${says}`);
  return ["usage: npm run bench -- NAME …", ...names].join("\n");
}

const [name = "", ...args] = process.argv.slice(2);
const chosen = Object.hasOwn(CASES, name) ? CASES[name] : undefined;
if (chosen === undefined) {
  console.error(usage());
  process.exitCode = 2;
} else {
  process.exitCode = await (await chosen.load())(args);
}
