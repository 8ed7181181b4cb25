// What people see of a generation while it runs.
import {
  type GenerationEvent,
  GenerationProgress_Phase,
  type GenerationToken,
} from "#gen/anrf/generation/v1/generation_service_pb.ts";
import { safe, safeLine } from "./escape.ts";
import type { Io } from "./io.ts";
import type { Paint } from "./output.ts";
import { countText, timeText } from "./units.ts";

/** Shows events as they come. */
export interface GenerationView {
  event(event: GenerationEvent): void;
  note(text: string): void;
  /** Leaves the terminal clean. */
  end(): void;
}

/** Shows nothing. */
export const NO_VIEW: GenerationView = { event: () => {}, note: () => {}, end: () => {} };

const PHASES = ["analyze", "generate", "check", "verify", "store"] as const;
type Phase = (typeof PHASES)[number];

/** What has happened so far. */
class Tally {
  phase: Phase = "generate";
  waiting = "";
  programs = 0;
  solved = 0;
  examples = 0;
  drawn = 0;
  passing = 0;
  proved = 0;
  /** What is to be seen: what the model writes, until a candidate takes its place as pseudocode. */
  code = "";
  score = 0;
  tokens = 0;
  #sample: number | undefined;
  #decoder = new TextDecoder();
  readonly began = performance.now();
  firstMs: number | undefined;

  take({ event }: GenerationEvent): void {
    switch (event.case) {
      case "queued":
        this.waiting = `waiting, ${event.value.position} before`;
        return;
      case "progress":
        this.waiting = "";
        this.phase = phaseOf(event.value.phase) ?? this.phase;
        this.programs = event.value.programs;
        this.solved = event.value.solved;
        this.examples = event.value.examples;
        return;
      case "candidate":
        this.firstMs ??= performance.now() - this.began;
        this.drawn++;
        if (event.value.examplesPassed === event.value.examples) this.passing++;
        this.code = event.value.pseudocode;
        this.score = event.value.score;
        this.phase = "check";
        this.#sample = undefined;
        return;
      case "token":
        this.waiting = "";
        this.phase = "generate";
        this.tokens += event.value.tokenIds.length;
        this.#write(event.value);
        return;
      case "verdict":
        this.phase = "verify";
        if (event.value.status === 1) this.proved++;
        return;
      default:
        return;
    }
  }

  #write({ sample, text }: GenerationToken): void {
    if (this.#sample !== sample) {
      this.#sample = sample;
      this.#decoder = new TextDecoder();
      this.code = "";
      this.score = 0;
    }
    this.code += this.#decoder.decode(text, { stream: true });
  }

  line(): string {
    const parts = [
      this.waiting,
      this.tokens > 0 ? `${countText(this.tokens)} tokens` : "",
      this.examples > 0 ? `${this.solved} of ${this.examples} examples` : "",
      this.programs > 0 ? `${countText(this.programs)} programs` : "",
      this.drawn > 0 ? `${this.drawn} drawn / ${this.passing} pass / ${this.proved} checks hold` : "",
      timeText((performance.now() - this.began) / 1000),
    ];
    return parts.filter((part) => part !== "").join(" · ");
  }
}

function phaseOf(phase: GenerationProgress_Phase): Phase | undefined {
  if (phase === GenerationProgress_Phase.SEARCH || phase === GenerationProgress_Phase.DECODE)
    return "generate";
  if (phase === GenerationProgress_Phase.FILTER) return "check";
  if (phase === GenerationProgress_Phase.VERIFY) return "verify";
  return phase === GenerationProgress_Phase.STORE ? "store" : undefined;
}

/** For a terminal: a phase line, the best program so far, a tally; redrawn in place on stderr. */
export function terminalView(io: Io, paint: Paint): GenerationView {
  const tally = new Tally();
  let drawn = 0;
  let latest = 0;
  const clear = (): void => {
    if (drawn > 0) io.err(`\u001b[${drawn}A\u001b[0J`);
    drawn = 0;
  };
  const draw = (): void => {
    clear();
    const phases = PHASES.map((phase) => (phase === tally.phase ? paint.bold(phase) : paint.dim(phase)));
    // Of a program that still grows, the end is what is new.
    const rows = tally.code === "" ? [] : safe(tally.code).trimEnd().split("\n");
    const code = tally.score > 0 ? rows.slice(0, 12) : rows.slice(-12);
    const score = tally.score > 0 ? `  ${tally.score.toFixed(2)}` : "";
    const lines = [
      phases.join(paint.dim(" → ")),
      ...code.map(
        (line, index) =>
          `  ${tint(paint, tally.score)(cut(line, io.columns - 10))}${index === 0 ? paint.dim(score) : ""}`,
      ),
      paint.dim(cut(tally.line(), io.columns - 1)),
    ];
    io.err(`${lines.join("\n")}\n`);
    drawn = lines.length;
    latest = performance.now();
  };
  const timer = setInterval(draw, 200);
  draw();
  return {
    event: (event) => {
      tally.take(event);
      // Many events a second would only flicker.
      if (performance.now() - latest > 40 || event.event.case === "candidate") draw();
    },
    note: (text) => {
      clear();
      io.err(`${text}\n`);
      draw();
    },
    end: () => {
      clearInterval(timer);
      clear();
    },
  };
}

function tint(paint: Paint, score: number): (text: string) => string {
  if (score >= 0.9) return paint.green;
  return score >= 0.5 ? paint.yellow : (text) => text;
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(1, width - 1))}…`;
}

/** Without a terminal: one line with its time every two seconds on stderr. */
export function plainView(io: Io): GenerationView {
  const tally = new Tally();
  const say = (text: string): void => io.err(`${new Date().toISOString()} ${safeLine(text)}\n`);
  const timer = setInterval(() => say(`${tally.phase}: ${tally.line()}`), 2_000);
  return { event: (event) => tally.take(event), note: say, end: () => clearInterval(timer) };
}
