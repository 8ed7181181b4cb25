import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { INT, listOf } from "#anrf/program/type.ts";
import {
  Answer_Finish,
  type InferEvent,
  InferEventSchema,
  type InferRequestSchema,
} from "#gen/anrf/inference/v1/inference_service_pb.ts";
import { type LaneSays, LlmLane, type LlmToken } from "./lane.ts";
import type { Question } from "./prompt.ts";
import type { SampleVerdict } from "./sample.ts";

import { SEARCH_LEAD, TOKENS_A_TURN, TurnGate, turnOfToken } from "./turns.ts";

type Asked = MessageInitShape<typeof InferRequestSchema>;

const XS = listOf(INT);
const QUESTION: Question = {
  name: "twice",
  params: [{ name: "xs", type: XS }],
  result: XS,
  examples: [{ args: [[1, 2]], expected: { value: [2, 4] } }],
};
/** A turn after all turns. */
const LAST_TURN = 2 ** 31;

/** What a model answers, one text a sample; requests after the first take what is left. */
class Script {
  readonly asked: Asked[] = [];
  tokens = 0;
  readonly #answers: string[];

  constructor(answers: readonly string[]) {
    this.#answers = [...answers];
  }

  async *infer(request: Asked, signal: AbortSignal): AsyncGenerator<InferEvent> {
    this.asked.push(request);
    const event = (made: MessageInitShape<typeof InferEventSchema>["event"]): InferEvent =>
      create(InferEventSchema, made === undefined ? {} : { event: made });
    yield event({ case: "started", value: {} });
    for (let answer = 0; answer < (request.sampling?.n ?? 1); answer++) {
      const text = this.#answers.shift() ?? "    return xs\n";
      // The last character is held back, as one is that a stop text may begin with.
      const rest = new TextEncoder().encode(text.slice(-1));
      const pieces = text.slice(0, -1).match(/.{1,4}/gs) ?? [];
      for (const piece of pieces) {
        if (signal.aborted) return;
        this.tokens++;
        const text = new TextEncoder().encode(piece);
        yield event({ case: "tokens", value: { answer, ids: [this.tokens], text, logprobs: [-0.5] } });
      }
      yield event({
        case: "answer",
        value: { answer, finish: Answer_Finish.STOP, tokens: pieces.length, rest },
      });
    }
    yield event({ case: "completed", value: {} });
  }
}

/** A lane whose judge answers at once, by the text of the sample. */
async function ran(
  answers: readonly string[],
  judge: (text: string, index: number) => SampleVerdict,
  samples = 8,
): Promise<{ script: Script; lane: LlmLane; shown: LlmToken[]; fed: LaneSays[] }> {
  const script = new Script(answers);
  const shown: LlmToken[] = [];
  const fed: LaneSays[] = [];
  const lane = new LlmLane({
    question: QUESTION,
    words: "Double every number.",
    model: { name: "m@1", digest: `sha256:${"0".repeat(64)}`, weights: "" },
    budget: { samples, tokens: 2_000, repair: true },
    seed: 1n,
    patienceMs: 60_000,
    infer: (request, signal) => script.infer(request, signal),
    tell: (said) => {
      fed.push(said);
      if (said.kind === "sample")
        queueMicrotask(() => lane.judged(judge(said.sample.text, said.sample.index)));
    },
    show: (token) => shown.push(token),
    onWait: () => {},
  });
  lane.turnEnded(LAST_TURN);
  await lane.run();
  return { script, lane, shown, fed };
}

const passes =
  (cluster: number, isShared = false) =>
  (_text: string, index: number): SampleVerdict => ({
    index,
    kind: "PASSED",
    cluster,
    isShared,
  });
const WRONG = "twice([1, 2]) gives [1, 2], but it should give [2, 4].";
const heads = (fed: readonly LaneSays[]): readonly string[] =>
  fed.flatMap((one) => (one.kind === "sample" ? [one.sample.text] : []));

describe("the lane of a model", () => {
  it("asks with words, signature, example and the answer begun, and hands over whole functions", async () => {
    const { script, fed, shown } = await ran(["    return [2 * x for x in xs]\n"], passes(0), 1);
    const [first] = script.asked;
    const texts = first?.messages?.map(({ text }) => text ?? "") ?? [];
    expect(texts[1]).toContain("Double every number.");
    expect(texts[1]).toContain("twice([1, 2]) == [2, 4]");
    expect(texts[2]).toBe("```python\ndef twice(xs: list[int]) -> list[int]:\n");
    expect(first?.sampling).toMatchObject({ n: 1, greedyFirst: true, seed: 1n });
    expect(heads(fed)).toEqual(["def twice(xs: list[int]) -> list[int]:\n    return [2 * x for x in xs]\n"]);
    expect(shown[0]).toMatchObject({ forced: true, ids: [] });
    const text = shown.map((one) => new TextDecoder().decode(one.text)).join("");
    expect(text).toBe(heads(fed)[0]);
    expect(fed.at(-1)).toEqual({ kind: "end" });
  });

  it.each([
    ["three samples that behave alike", passes(0), 3],
    ["one that the search found too", passes(0, true), 1],
    [
      "a lead that cannot be lost",
      (text: string, index: number) => passes(index === 1 ? 1 : 0)(text, index),
      6,
    ],
  ])("ends early after %s", async (_name, judge, samples) => {
    const { fed, script } = await ran([], judge);
    expect(heads(fed)).toHaveLength(samples);
    expect(script.asked).toHaveLength(1);
  });

  it.each([0, 1, 7, 8, 9, 16])(
    "hands over a sample of %i tokens before its turn has passed",
    async (tokens) => {
      const answers = Array.from({ length: 3 }, () => "x".repeat(4 * tokens));
      const { fed } = await ran(answers, (text, index) => passes(index)(text, index), 3);
      let passed = 0;
      for (const said of fed) {
        if (said.kind === "turn") passed = said.turn;
        // The judge has not begun this turn yet: it waits until the model has passed it.
        if (said.kind === "sample") expect(said.sample.turn).toBeGreaterThanOrEqual(passed);
      }
      const last = fed.findLast((one) => one.kind === "sample");
      expect(passed).toBeGreaterThan(last?.kind === "sample" ? last.sample.turn : 0);
      expect(heads(fed)).toHaveLength(3);
    },
  );

  it("sends the nearest sample back once, with what is wrong with it, where none passes", async () => {
    const near = (_text: string, index: number): SampleVerdict => ({
      index,
      kind: "FAILED",
      wrong: WRONG,
      solved: index === 1 ? 1 : 0,
    });
    const { script, fed } = await ran(
      ["    return xs\n", "    return xs + xs\n", "    return []\n"],
      near,
      3,
    );
    expect(script.asked).toHaveLength(2);
    const texts = script.asked[1]?.messages?.map(({ text }) => text ?? "") ?? [];
    expect(texts[2]).toContain("return xs + xs");
    expect(texts[3]).toContain("but it should give [2, 4]");
    expect(script.asked[1]?.sampling).toMatchObject({ n: 1 });
    expect(heads(fed)).toHaveLength(4);
  });

  it("says what went wrong and ends, so that the search goes on", async () => {
    const fed: string[] = [];
    const lane = new LlmLane({
      question: QUESTION,
      words: "",
      model: { name: "m@1", digest: "", weights: "" },
      budget: { samples: 2, tokens: 100, repair: true },
      seed: 1n,
      patienceMs: 60_000,
      // biome-ignore lint/correctness/useYield: it fails before it has anything to say.
      infer: async function* () {
        throw new Error("no node");
      },
      tell: (said) => fed.push(said.kind),
      show: () => {},
      onWait: () => {},
    });
    await lane.run();
    expect(lane.warnings.join()).toContain("the model m@1 gave up");
    expect(fed.at(-1)).toBe("end");
  });

  it("gives up a model that says nothing more, after its first words too", async () => {
    const fed: string[] = [];
    const script = new Script(["    return xs\n"]);
    const lane = new LlmLane({
      question: QUESTION,
      words: "",
      model: { name: "m@1", digest: "", weights: "" },
      budget: { samples: 1, tokens: 100, repair: true },
      seed: 1n,
      patienceMs: 20,
      infer: async function* (request, signal) {
        for await (const event of script.infer(request, signal)) {
          yield event;
          if (event.event.case !== "tokens") continue;
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          throw signal.reason;
        }
      },
      tell: (said) => fed.push(said.kind),
      show: () => {},
      onWait: () => {},
    });
    await lane.run();
    expect(lane.warnings).toEqual(["the model m@1 gave up: no token came for 0.02 s"]);
    expect(script.tokens).toBe(1);
    expect(fed.at(-1)).toBe("end");
  });

  it("stops decoding as soon as it is told to, also while it waits for a verdict", async () => {
    const script = new Script([]);
    const lane = new LlmLane({
      question: QUESTION,
      words: "",
      model: { name: "m@1", digest: "", weights: "" },
      budget: { samples: 8, tokens: 2_000, repair: true },
      seed: 1n,
      patienceMs: 60_000,
      infer: (request, signal) => script.infer(request, signal),
      tell: (said) => {
        if (said.kind === "sample") setImmediate(() => lane.stop());
      },
      show: () => {},
      onWait: () => {},
    });
    await lane.run();
    const one = "    return xs\n".match(/.{1,4}/gs)?.length ?? 0;
    expect(script.tokens).toBe(one);
    expect(lane.warnings).toEqual([]);
  });
});

describe("turns", () => {
  it("hands on what the model says once the search has ended the turn before", () => {
    const shown: number[] = [];
    const gate = new TurnGate<number>((token) => shown.push(token));
    const last = 3 * TOKENS_A_TURN;
    for (let token = 0; token < last; token++) gate.pass(turnOfToken(token), token);
    expect(shown).toEqual([]);
    for (let turn = 0; turn < SEARCH_LEAD - 1; turn++) gate.ended(turn);
    expect(shown).toEqual([]);
    gate.ended(SEARCH_LEAD - 1);
    expect(shown).toHaveLength(TOKENS_A_TURN);
    // A search that starts over ends turns again, and nothing is shown twice.
    gate.ended(0);
    gate.ended(LAST_TURN);
    expect(shown).toEqual(Array.from({ length: last }, (_, token) => token));
    gate.pass(turnOfToken(last), last);
    expect(shown.at(-1)).toBe(last);
  });
});
