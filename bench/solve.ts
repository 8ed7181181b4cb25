import { homedir } from "node:os";
import { join } from "node:path";
import type { TaskCase } from "../training/load-tasks.ts";

/** What a solver may know of a task: never the cases that judge. */
export interface ShownTask {
  readonly id: string;
  /** The words, or "". */
  readonly text: string;
  readonly params: readonly { readonly name: string; readonly type: string }[];
  readonly returns: string;
  readonly shown: readonly TaskCase[];
  readonly seed: number;
  readonly cpuSeconds: number;
}

/** What one run of a program gave: plain JSON, or the name of its trap. */
export type Ran = { readonly output: unknown } | { readonly trap: string };

/** A program that a solver proposes. */
export interface Found {
  readonly digest: string;
  /** Nodes; undefined where the solver does not see them. */
  readonly size: number | undefined;
  readonly lane: string;
  readonly overfitRisk: boolean;
  /** Runs the program on each list of inputs. */
  run(inputs: readonly (readonly unknown[])[]): Promise<readonly Ran[]>;
}

/** What a solver made of a task. */
export interface Solved {
  readonly outcome: "ACCEPTED" | "ABSTAINED" | "FAILED";
  /** Why there is no program: a reason of the platform, never content of the task. */
  readonly reason: string | undefined;
  /** Best first; empty without a program. The first one is the answer. */
  readonly ranked: readonly Found[];
  readonly confidence:
    | {
        readonly score: number;
        readonly pCorrect: number;
        readonly errorPValue: number;
        readonly setSizeFor90: number;
      }
    | undefined;
  /** Seconds of all threads, from the request to the last event. */
  readonly cpuSeconds: number;
  readonly firstCandidateSeconds: number | undefined;
  readonly evaluated: number;
  readonly kept: number;
  readonly tokens: number;
  readonly budgetEnd: string;
  /** What stands behind the answer where a model took part. */
  readonly agreement?: Readonly<Record<string, number>>;
}

/** One way to solve tasks; disposed at the end of the run. */
export interface Solver extends AsyncDisposable {
  /** What a result depends on: engine, scorer, models. */
  readonly versions: Readonly<Record<string, string>>;
  solve(task: ShownTask): Promise<Solved>;
}

/** How the platform is reached: its functions in this process, its REST interface, or its lanes with a model. */
export const MODES = ["inproc", "api", "model"] as const;
/** One of them. */
export type Mode = (typeof MODES)[number];

/** Which model takes part, and how. */
export interface ModelOptions {
  /** A GGUF file that writes chatml. */
  readonly file: string;
  readonly samples: number;
  readonly repair: boolean;
  /** Whether the search runs beside it. */
  readonly search: boolean;
  /** Where samples are kept. */
  readonly cache: string;
  /** What the model runs on; results are told apart by their `--out`. */
  readonly backend: (typeof BACKENDS)[number];
}

/** What a model may run on. */
export const BACKENDS = ["cpu", "cuda", "vulkan", "metal"] as const;

/** Where samples are kept unless one says otherwise. */
export const SAMPLES = join(homedir(), ".cache", "anrf-samples");
