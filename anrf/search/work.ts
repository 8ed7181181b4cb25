import type { Meter } from "./scope.ts";
import type { CandidateEvent, SearchOptions, SearchTask } from "./search.ts";

/** Most terms run after the first candidate. */
const GRACE = 1_500_000;
/** The same where the examples are few: the words choose, so programs that use them need their turn. */
const LONG_GRACE = 3_000_000;
const FEW_EXAMPLES = 3;
/** From so many examples on they leave little to choose. */
const MANY_EXAMPLES = 5;
/** Bits above the best candidate's score up to which the search goes on: agreement needs some others. */
const MARGIN = 1;

/** The work of one search over all its attempts, and when it ends. */
export class Work implements Meter {
  evaluated = 0;
  kept = 0;
  halted = false;
  reason = "EXHAUSTED";
  found = 0;
  best = Number.POSITIVE_INFINITY;
  bytes: () => number = () => 0;
  readonly digests = new Set<string>();
  readonly #task: SearchTask;
  readonly #options: SearchOptions;
  #graceEnd = Number.POSITIVE_INFINITY;

  constructor(task: SearchTask, options: SearchOptions) {
    this.#task = task;
    this.#options = options;
  }

  pulse(): void {
    const reason = this.#options.stop?.();
    const { programs, memoryBytes } = this.#task.limits;
    if (reason !== undefined) this.halt(reason);
    else if (this.evaluated >= programs) this.halt("WORK");
    else if (this.evaluated >= this.#graceEnd) this.halt("GRACE");
    else if (this.bytes() > memoryBytes) this.halt("MEMORY");
  }

  charge(terms: number): void {
    const before = Math.floor(this.evaluated / 1000);
    this.evaluated += terms;
    if (Math.floor(this.evaluated / 1000) > before) this.pulse();
  }

  halt(reason: string): void {
    if (!this.halted) this.reason = reason;
    this.halted = true;
  }

  /** Counts a candidate that was handed out: the first one opens a grace, in which better ones may follow. */
  handedOut(candidate: CandidateEvent): void {
    this.found++;
    if (this.found >= (this.#options.candidates ?? Number.POSITIVE_INFINITY)) this.halt("CANDIDATES");
    if (candidate.overfitRisk) return;
    this.best = Math.min(this.best, candidate.score);
    const isFew = this.#task.examples.length <= FEW_EXAMPLES;
    const most = (isFew ? 0.6 : 0.2) * this.#task.limits.programs;
    this.#graceEnd = Math.min(this.#graceEnd, this.evaluated + Math.min(most, this.#graceOf(candidate)));
  }

  /** Many examples leave little to choose between, unless the program is put together of many parts. */
  #graceOf(candidate: CandidateEvent): number {
    if (this.#task.examples.length <= FEW_EXAMPLES) return LONG_GRACE;
    if (this.#task.examples.length < MANY_EXAMPLES) return GRACE;
    if (candidate.origin === "BRANCH") return GRACE / 2;
    return (candidate.origin === "CONCATENATION" ? GRACE / 6 : GRACE / 15) + 2 * this.evaluated;
  }

  /** A level is finished: every program that is still unseen costs more. */
  finished(level: number): void {
    if (level >= this.best + MARGIN) this.halt("GRACE");
  }
}
