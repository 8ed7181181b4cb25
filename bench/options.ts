import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BACKENDS, MODES, type Mode, type ModelOptions, SAMPLES } from "./solve.ts";
import { PROTOCOLS, SETS, type SetName } from "./task-files.ts";

/** What `bench tasks` was asked to do. */
export interface TaskOptions {
  readonly set: SetName;
  readonly mode: Mode;
  readonly k: number;
  readonly words: boolean;
  readonly cpuSeconds: number;
  readonly seed: number;
  readonly out: string;
  /** At most so many tasks, chosen by hash. */
  readonly sample: number | undefined;
  /** Every so many-th of them, for processes side by side. */
  readonly shard: Shard;
  /** Of the own tasks: which part of the split. */
  readonly part: "tune" | "calibrate" | "report" | "all";
  /** Whether ids that training may use are run as well. */
  readonly allIds: boolean;
  readonly rival: boolean;
  /** Where the shared sets are. */
  readonly folder: string;
  /** A running system, for the mode api; undefined: one is started. */
  readonly server: { readonly url: string; readonly key: string } | undefined;
  /** For the mode model. */
  readonly model: ModelOptions;
}

/** One part of many of the same size. */
export interface Shard {
  /** From 0. */
  readonly index: number;
  readonly of: number;
}

const FLAGS = {
  set: { type: "string" },
  mode: { type: "string", default: "inproc" },
  k: { type: "string" },
  words: { type: "string" },
  cpu: { type: "string" },
  seed: { type: "string", default: "1" },
  out: { type: "string" },
  sample: { type: "string" },
  shard: { type: "string", default: "1/1" },
  part: { type: "string", default: "all" },
  ids: { type: "string", default: "untouched" },
  rival: { type: "string", default: "on" },
  url: { type: "string" },
  key: { type: "string" },
  model: { type: "string" },
  samples: { type: "string" },
  repair: { type: "string", default: "on" },
  search: { type: "string", default: "on" },
  cache: { type: "string" },
  backend: { type: "string", default: "cpu" },
} as const;

/** The usage text of the command. */
export const TASKS_USAGE = `usage: npm run bench -- tasks --set ${SETS.join("|")} [--mode ${MODES.join("|")}]
  [--k N] [--words on|off] [--cpu SECONDS] [--seed N] [--sample N] [--shard I/N] [--out FILE]
  [--part tune|calibrate|report|all] [--ids untouched|all] [--rival on|off] [--url URL --key KEY]
  --mode model --model FILE.gguf [--samples N] [--repair on|off] [--search on|off] [--cache DIR] [--backend ${BACKENDS.join("|")}]
Without --out the lines go to a fresh file in the temporary folder. The shared sets are read from $ANRF_TASKS, else ../shared/data/tasks.`;

/** Reads the command's arguments; a text says what is wrong with them. */
export function readTaskOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): TaskOptions | string {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const set = oneOf(SETS, values.set);
  const mode = oneOf(MODES, values.mode);
  const part = oneOf(["tune", "calibrate", "report", "all"] as const, values.part);
  if (set === undefined) return `--set is one of ${SETS.join(", ")}`;
  if (mode === undefined) return `--mode is one of ${MODES.join(", ")}`;
  if (part === undefined) return "--part is one of tune, calibrate, report, all";
  const protocol = PROTOCOLS[set];
  const numbers = {
    k: count(values.k, protocol.k),
    seed: count(values.seed, 1),
    sample: count(values.sample, 1_000_000),
    samples: count(values.samples, 8),
  };
  const cpuSeconds = Number(values.cpu ?? protocol.cpuSeconds);
  for (const [flag, number] of Object.entries(numbers)) {
    if (number === undefined) return `--${flag} is a whole number of 0 or more`;
  }
  if (!(cpuSeconds > 0)) return "--cpu is a number of seconds above 0";
  const shard = shardOf(values.shard);
  if (shard === undefined) return "--shard is I/N, the I-th of N parts, from 1";
  const backend = oneOf(BACKENDS, values.backend);
  if (backend === undefined) return `--backend is one of ${BACKENDS.join(", ")}`;
  if (mode === "model" && values.model === undefined) return "--mode model needs --model FILE.gguf";
  const url = values.url ?? env["ANRF_URL"];
  return {
    set,
    mode,
    part,
    k: numbers.k ?? protocol.k,
    words: values.words === undefined ? protocol.words : values.words === "on",
    cpuSeconds,
    seed: numbers.seed ?? 1,
    sample: values.sample === undefined ? undefined : numbers.sample,
    shard,
    out: values.out ?? join(tmpdir(), `anrf-bench-${set}-${mode}-${process.pid}.jsonl`),
    allIds: values.ids === "all",
    rival: values.rival !== "off",
    folder: env["ANRF_TASKS"] ?? join(import.meta.dirname, "../../shared/data/tasks"),
    model: {
      file: values.model ?? "",
      samples: numbers.samples ?? 8,
      repair: values.repair !== "off",
      search: values.search !== "off",
      cache: values.cache ?? SAMPLES,
      backend,
    },
    server: url === undefined ? undefined : { url, key: values.key ?? env["ANRF_API_KEY"] ?? "" },
  };
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: FLAGS, strict: true }).values;
}

function oneOf<const T extends string>(names: readonly T[], given: string | undefined): T | undefined {
  return names.find((name) => name === given);
}

function shardOf(given: string): Shard | undefined {
  const [, place, of] = /^([0-9]+)\/([0-9]+)$/.exec(given)?.map(Number) ?? [];
  if (place === undefined || of === undefined || place < 1 || place > of) return undefined;
  return { index: place - 1, of };
}

function count(given: string | undefined, otherwise: number): number | undefined {
  if (given === undefined) return otherwise;
  return /^[0-9]+$/.test(given) ? Number(given) : undefined;
}
