import { create } from "@bufbuild/protobuf";
import { expect, it, vi } from "vitest";
import {
  type GenerationEvent,
  GenerationEventSchema,
  GenerationProgress_Phase,
} from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { plainView, terminalView } from "./generation-view.ts";
import type { Io } from "./io.ts";

const PLAIN = { bold: String, dim: String, green: String, yellow: String, red: String };

function recorded(): { readonly io: Io; text(): string } {
  let text = "";
  const io = {
    err: (more: string) => {
      text += more;
    },
    columns: 60,
  } as unknown as Io;
  return { io, text: () => text };
}

const candidate: GenerationEvent = create(GenerationEventSchema, {
  event: {
    case: "candidate",
    value: { pseudocode: "The result is \u001b]0;x\u0007bad.", examplesPassed: 2, examples: 2, score: 0.8 },
  },
});
const progress: GenerationEvent = create(GenerationEventSchema, {
  event: {
    case: "progress",
    value: { phase: GenerationProgress_Phase.SEARCH, programs: 1234, solved: 1, examples: 2 },
  },
});

it("draws phases, the best program and a tally in place, and leaves the terminal clean", () => {
  const { io, text } = recorded();
  const view = terminalView(io, PLAIN);
  view.event(progress);
  view.event(candidate);
  view.end();
  expect(text()).toContain("analyze → generate → check → verify → store");
  expect(text()).toContain("The result is \\u{1b}]0;x\\u{7}bad.");
  expect(text()).toContain("1,234 programs");
  expect(text().endsWith("\u001b[3A\u001b[0J")).toBe(true);
});

it("shows what a model writes as it grows, sample by sample, and then the candidate", () => {
  const { io, text } = recorded();
  const view = terminalView(io, PLAIN);
  const token = (sample: number, written: string, ids: number[]): GenerationEvent =>
    create(GenerationEventSchema, {
      event: { case: "token", value: { sample, tokenIds: ids, text: new TextEncoder().encode(written) } },
    });
  view.event(token(0, "def f(x):\n", []));
  view.event(token(0, "    return x", [1, 2]));
  view.note("");
  expect(text()).toContain("  def f(x):\n      return x\n");
  expect(text()).toContain("2 tokens");
  const before = text().length;
  view.event(token(1, "def g(x):\n", []));
  view.note("");
  expect(text().slice(before)).toMatch(/ {2}def g\(x\):\n2 tokens/);
  view.event(candidate);
  view.end();
  expect(text()).toContain("The result is ");
});

it("says one line every two seconds without a terminal", () => {
  vi.useFakeTimers({ now: 0 });
  const { io, text } = recorded();
  const view = plainView(io);
  view.event(progress);
  vi.advanceTimersByTime(4_100);
  view.end();
  vi.advanceTimersByTime(10_000);
  vi.useRealTimers();
  const lines = text().trimEnd().split("\n");
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^1970-01-01T00:00:02\.000Z generate: 1 of 2 examples · 1,234 programs/);
});
