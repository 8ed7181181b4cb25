import { describe, expect, it } from "vitest";
import { CHECKS } from "#anrf/verify/verify.ts";
import { intentOf } from "../../tests/generation.ts";
import { Judge } from "./judge.ts";
import { clusterShares, HAND_WEIGHTS, rank } from "./rank.ts";
import { type SolveEnd, type SolveEvent, solve } from "./solve.ts";
import { readTask } from "./task.ts";

const settings = { seed: 1n, programs: 100_000, memoryBytes: 2 ** 28, candidates: 16, checks: CHECKS };

function solved(
  json: Parameters<typeof intentOf>[0],
  over: Partial<typeof settings> & { readonly repairs?: number } = {},
  texts?: readonly string[],
) {
  const intent = intentOf(json);
  const { task } = readTask(intent, intent.constraints);
  if (task === undefined) throw new Error("the task is not supported");
  const source = { intent, constraints: intent.constraints, analysisId: "", text: "" };
  const queue = texts?.map((text, index) => ({ index, turn: 1, text })) ?? [];
  const samples =
    texts === undefined ? undefined : { programsATurn: 2 ** 30, of: () => [], next: () => queue.shift() };
  const events: SolveEvent[] = [...solve(task, source, { ...settings, ...over }, () => undefined, samples)];
  const end = events.at(-1);
  if (end?.kind !== "end") throw new Error("the last event is no end");
  return { task, events, end };
}

const KEEP = {
  signature: { name: "keep", params: [{ name: "xs", type: "list<int>" }], returns: "list<int>" },
  examples: [{ inputs: { xs: [4, 5, 6] }, output: [4, 5, 6] }],
};
const atMostThree = {
  id: "c",
  kind: "POSTCONDITION",
  text: "at most 3",
  clauses: ["result.length() <= 3"],
  enforced: "CHECKED",
};

const digests = (end: SolveEnd): readonly string[] => end.ranked.map(({ judged }) => judged.digest);

describe("solve", () => {
  it("gives equal events for equal tasks", () => {
    const kinds = ({ events }: ReturnType<typeof solved>) => events.map((event) => event.kind);
    const [first, second] = [solved(KEEP), solved(KEEP)];
    expect(digests(second.end)).toEqual(digests(first.end));
    expect(kinds(second)).toEqual(kinds(first));
  });

  it("announces a program before it takes it back, and ranks none that it took back", () => {
    const { events, end } = solved({ ...KEEP, constraints: [atMostThree] });
    const announced = new Set<string>();
    const taken: string[] = [];
    for (const event of events) {
      if (event.kind === "candidate") announced.add(event.scored.judged.digest);
      if (event.kind !== "retracted") continue;
      expect(announced).toContain(event.digest);
      expect(event.input).toHaveProperty("xs");
      taken.push(event.digest);
    }
    expect(taken.length).toBeGreaterThan(0);
    for (const digest of taken) expect(digests(end)).not.toContain(digest);
    expect(end.ranked.length).toBeGreaterThan(0);
  });

  it("puts the program that a sample means before one that only behaves like it", () => {
    const task = {
      goal: { summary: "whether a text is a number" },
      signature: { name: "f", params: [{ name: "text", type: "string" }], returns: "bool" },
      examples: [{ inputs: { text: "python" }, output: false }],
    };
    const wordy =
      'def f(text: str) -> bool:\n    return text.startswith("-zq") and len(text) > 40 and text.endswith("7")\n';
    const { end } = solved(task, {}, [wordy]);
    const [best, ...others] = end.ranked.map(({ judged }) => judged);
    expect(best?.lane).toBe("llm");
    expect(others.some((one) => one.cluster === best?.cluster && one.bits < (best?.bits ?? 0))).toBe(true);
    expect(end.agreement).toMatchObject({ votes: 0.25, noVotes: 0, repaired: 0 });
  });

  it("mends a near miss in one place where no sample gives the examples", () => {
    const task = {
      goal: { summary: "the sum of the squares of the first n even numbers" },
      signature: { name: "f", params: [{ name: "n", type: "int" }], returns: "int" },
      examples: [
        { inputs: { n: 2 }, output: 20 },
        { inputs: { n: 5 }, output: 220 },
      ],
    };
    const near = "def f(n: int) -> int:\n    return sum(i * i for i in range(2, n + 1, 2))\n";
    const { events, end } = solved(task, { programs: 0, repairs: 5_000 }, [near]);
    expect(end.ranked[0]?.judged.lane).toBe("repair");
    expect(end.agreement).toMatchObject({ votes: 0, noVotes: 1, repaired: 1 });
    const lanes = events.flatMap((event) => (event.kind === "candidate" ? [event.scored.judged.lane] : []));
    expect(lanes[0]).toBe("repair");
  });

  it("asks about the smallest input on which the two best kinds of program differ", () => {
    const { end } = solved({
      signature: { name: "f", params: [{ name: "a", type: "int" }], returns: "int" },
      examples: [{ inputs: [2], output: 4 }],
    });
    const [best] = end.ranked;
    const rival = end.ranked.find(({ judged }) => judged.cluster !== best?.judged.cluster);
    expect(rival).toBeDefined();
    expect(end.question?.text).toMatch(/^What should f give for a = -?\d+\?$/);
    expect(end.question?.answers.map(({ digest }) => digest)).toEqual([
      best?.judged.digest,
      rival?.judged.digest,
    ]);
    const [one, other] = end.question?.answers ?? [];
    expect(one?.outcome).not.toBe(other?.outcome);
  });

  it("lets an example outrank a clause that it breaks", () => {
    const tooFew = { ...atMostThree, clauses: ["result.length() <= 2"] };
    const { end } = solved({ ...KEEP, constraints: [tooFew] });
    expect(end.warnings).toHaveLength(1);
    expect(end.ranked.length).toBeGreaterThan(0);
  });

  it("knows a guess from an answer", () => {
    const signature = KEEP.signature;
    expect(solved({ signature }).end.isGuess).toBe(true);
    const goal = { summary: "backwards", hints: [{ builtin: "list.reverse", weight: 0.9 }] };
    const { end } = solved({ signature, goal });
    expect(end.isGuess).toBe(false);
    expect(end.ranked[0]?.judged.builtins).toContain("list.reverse");
  });
});

describe("Judge", () => {
  it("keeps no probe that a precondition refuses", () => {
    const positive = {
      id: "p",
      kind: "PRECONDITION",
      text: "positive",
      clauses: ["a > 0"],
      enforced: "CHECKED",
    };
    const intent = intentOf({
      signature: { name: "f", params: [{ name: "a", type: "int" }], returns: "int" },
      examples: [{ inputs: [1], output: 1 }],
      constraints: [positive],
    });
    const { task } = readTask(intent, intent.constraints);
    const probes = task === undefined ? [] : new Judge(task, 1).probes;
    expect(probes.length).toBeGreaterThan(5);
    for (const [a] of probes) expect(Number(a)).toBeGreaterThan(0);
  });
});

describe("rank", () => {
  it("spreads one unit of weight over clusters, and orders by score", () => {
    const { end, task } = solved({
      signature: { name: "f", params: [{ name: "a", type: "int" }], returns: "int" },
      examples: [{ inputs: [2], output: 4 }],
    });
    const all = end.ranked.map(({ judged }) => judged);
    const total = [...clusterShares(all).values()].reduce((sum, share) => sum + share, 0);
    expect(total).toBeCloseTo(1, 9);
    const scores = rank(all, task, HAND_WEIGHTS).map((one) => one.score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
  });
});

describe("a clause that says what comes out", () => {
  const task = {
    signature: { name: "top", params: [{ name: "xs", type: "list<int>" }], returns: "int" },
    examples: [{ inputs: { xs: [3, 9, 4] }, output: 9 }],
  };
  const whenEmpty = {
    id: "c",
    kind: "CASE",
    text: "0 if the list is empty",
    clauses: ["not (xs.is_empty()) or result == 0"],
    enforced: "CHECKED",
  };
  const outcomes = (judged: { readonly outcomes: readonly string[] }) => judged.outcomes[0];

  it("is broken by a program that traps there", () => {
    const free = solved(task).end.ranked;
    expect(free.map(({ judged }) => outcomes(judged))).toContain("!NONE");
    const { end } = solved({ ...task, constraints: [whenEmpty] });
    expect(end.ranked.length).toBeGreaterThan(0);
    expect(new Set(end.ranked.map(({ judged }) => outcomes(judged)))).toEqual(new Set(["0"]));
  });

  it("gives way to an example that wants the trap", () => {
    const examples = [...task.examples, { inputs: { xs: [] }, trap: "NONE" }];
    const { end } = solved({ ...task, examples, constraints: [whenEmpty] });
    expect(end.warnings.join()).toContain("0 if the list is empty");
    expect(outcomes(end.ranked[0]?.judged ?? { outcomes: [] })).toBe("!NONE");
  });
});

describe("words that name a function of the textbook", () => {
  const signature = { name: "count_primes", params: [{ name: "xs", type: "list<int>" }], returns: "int" };

  it("give a program that calls it, and that passes every check", () => {
    const { end } = solved({
      goal: { summary: "how many primes are in the list" },
      signature,
      examples: [{ inputs: { xs: [2, 3, 4, 9, 11] }, output: 3 }],
    });
    const [first] = end.ranked;
    expect(first?.judged.built.module.functions.map(({ name }) => name)).toEqual([
      "count_primes",
      "is_prime",
    ]);
    expect(first?.features.named).toBeGreaterThan(0.3);
  });

  it("are enough where no example is given", () => {
    const { end } = solved({
      goal: { summary: "whether the number is prime" },
      signature: { name: "is_prime", params: [{ name: "n", type: "int" }], returns: "bool" },
    });
    expect(end.isGuess).toBe(false);
    expect(end.ranked[0]?.judged.built.module.functions.map(({ name }) => name)).toEqual(["is_prime"]);
    expect(end.ranked[0]?.features.named).toBeGreaterThan(0.5);
  });
});
