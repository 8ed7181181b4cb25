import type { Argument, Flag, Verb } from "./spec.ts";

const INTENT: Argument = {
  name: "intent",
  optional: true,
  rest: true,
  help: 'what the function should do, in words; "-" reads stdin',
};
const PROGRAM: Argument = { name: "ID[@VERSION]", help: "a program; its newest version if none is named" };

const INTENT_FLAGS: readonly Flag[] = [
  { name: "file", short: "f", value: "FILE", help: "read the words from a file" },
  {
    name: "example",
    short: "e",
    value: "JSON",
    repeated: true,
    help: `an example, such as '{"inputs":[1,2],"output":3}'`,
  },
  {
    name: "contract",
    value: "TEXT",
    repeated: true,
    help: "a clause or sentence that must hold, such as 'result >= 0'",
  },
  { name: "signature", short: "s", value: "TEXT", help: "names and types, such as '(xs: list<int>) -> int'" },
  { name: "module", value: "NAME", help: "the module of a stored context" },
  { name: "function", value: "NAME", help: "the function of a stored context" },
  { name: "language", value: "TAG", help: "BCP 47 tag of the words" },
];

/** Verbs that make, show, check and run programs. */
export const WORK_VERBS: readonly Verb[] = [
  {
    name: "generate",
    group: "work",
    summary: "from words and examples to a stored program; the verb that a bare sentence means",
    args: [INTENT],
    flags: [
      ...INTENT_FLAGS,
      { name: "analysis", value: "ID", help: "solve a stored analysis in place of words" },
      { name: "program", value: "ID", help: "store the result as a new version of this program" },
      {
        name: "effort",
        value: "LEVEL",
        choices: ["quick", "standard", "deep"],
        help: "how much work; standard by default",
      },
      {
        name: "budget",
        value: "PARTS",
        help: "parts of it, such as cpu=10,wall=30,programs=1000000,tokens=0",
      },
      { name: "wall", value: "TIME", help: "the same as --budget wall=" },
      { name: "seed", value: "N", help: "for a replay; drawn if absent" },
      {
        name: "pace",
        value: "N",
        help: "programs that the search runs for each token of a model; a power of two",
      },
      {
        name: "model",
        value: "NAME",
        help: "NAME, NAME@ALIAS or NAME@VERSION; none for search alone; by default the newest",
      },
      { name: "candidates", value: "N", help: "how many candidates are wanted" },
      { name: "min-confidence", value: "P", help: "abstain below this confidence, from 0 to 1" },
      {
        name: "require",
        value: "CHECKS",
        help: "verify the result and exit 3 if a check fails, such as types,examples",
      },
      {
        name: "on-disconnect",
        value: "WHAT",
        choices: ["cancel", "continue"],
        help: "what a lost connection means; cancel by default",
      },
      { name: "max", value: "N", help: "stop after N events and exit 0" },
      { name: "dry-run", help: "check the request and stop" },
    ],
    calls: true,
    exits: [3, 5, 130, 143],
    samples: [
      {
        command: `anrf "sum the even numbers" -e '{"inputs":[[1,2,4]],"output":6}'`,
        does: "streams on a terminal and shows the program",
      },
      { command: "anrf generate -f intent.md -o jsonl", does: "one event a line, completed or failed last" },
    ],
  },
  {
    name: "analyze",
    group: "work",
    summary: "what the platform understands of words and examples",
    args: [INTENT],
    flags: [...INTENT_FLAGS, { name: "dry-run", help: "check the request and stop" }],
    calls: true,
    exits: [],
    samples: [
      {
        command: 'anrf analyze "the longest word of a sentence"',
        does: "shows signature, examples and doubts",
      },
    ],
  },
  {
    name: "view",
    group: "work",
    summary: "a program in a form for people or tools; a .anrf file needs no server",
    args: [{ name: "ID[@VERSION]|FILE", help: "a program, or a .anrf file" }],
    flags: [
      {
        name: "format",
        value: "NAME",
        choices: ["pseudocode", "structure", "text", "typescript", "python", "graph", "json"],
        help: "pseudocode by default",
      },
    ],
    calls: true,
    exits: [],
    samples: [
      { command: "anrf view 01912f3e-…", does: "the program in plain words" },
      { command: "anrf view sum.anrf --format text", does: "the canonical text of a file" },
      { command: "anrf view sum.anrf --format typescript", does: "a module that runs on Node as it is" },
    ],
  },
  {
    name: "diff",
    group: "work",
    summary: "what changed between two programs, by meaning: moved, renamed, changed; files need no server",
    args: [
      { name: "ID[@VERSION]|FILE", help: "the older program: one of the platform, a text or a .anrf file" },
      { name: "ID[@VERSION]|FILE", help: "the newer one" },
    ],
    flags: [{ name: "exit-code", help: "exit 8 on any difference, not only on one that breaks callers" }],
    calls: true,
    exits: [8],
    samples: [
      { command: "anrf diff sum.anrf.txt new.anrf.txt", does: "shows what went and what came" },
      {
        command: "anrf diff 01912f3e-…@1 01912f3e-…@2 --exit-code",
        does: "exits 8 unless both are the same",
      },
    ],
  },
  {
    name: "verify",
    group: "work",
    summary: "what can be said of a program before it runs; of a file: structure and types, offline",
    args: [{ name: "ID[@VERSION]|FILE", help: "a program, or a .anrf file" }],
    flags: [
      {
        name: "checks",
        value: "NAMES",
        help: "structure, types, examples, separated by commas; all by default",
      },
      { name: "fail-on", value: "STATUS", choices: ["fail", "warn"], help: "what exits 3; fail by default" },
    ],
    calls: true,
    exits: [3],
    samples: [{ command: "anrf verify 01912f3e-… --checks types,examples", does: "exits 3 on a FAIL" }],
  },
  {
    name: "check",
    group: "work",
    summary: "everything that is wrong with a program, offline; without a file, the project's own check",
    args: [
      {
        name: "FILE",
        optional: true,
        rest: true,
        help: 'texts, .anrf files, functions in .py or .ts; "-" is stdin',
      },
    ],
    flags: [
      { name: "fail-on", value: "STATUS", choices: ["fail", "warn"], help: "what exits 3; fail by default" },
    ],
    calls: false,
    exits: [3],
    samples: [
      { command: "anrf check sum.anrf.txt", does: "shows each problem with its place and its patch" },
      {
        command: "anrf check sum.anrf.txt -o json",
        does: "the answer of CheckProgram: diagnostics, text, digest, examples",
      },
      { command: "anrf check", does: "types, format, layers, contract and generated files of the project" },
    ],
  },
  {
    name: "fmt",
    group: "work",
    summary: "the canonical text of programs, offline",
    args: [{ name: "FILE", rest: true, help: 'texts or .anrf files; "-" is stdin' }],
    flags: [
      { name: "write", short: "w", help: "write it back in place of the text" },
      { name: "check", help: "name the files that are laid out otherwise, and exit 3 if there are any" },
    ],
    calls: false,
    exits: [3],
    samples: [
      { command: "anrf fmt -w sum.anrf.txt", does: "lays the text out in place" },
      { command: "anrf fmt --check *.anrf.txt", does: "for a pipeline" },
    ],
  },
  {
    name: "import",
    group: "work",
    summary:
      "a function of Python or TypeScript as a program, offline; what cannot keep its meaning is refused",
    args: [{ name: "FILE", help: 'a .py or .ts file; "-" is Python from stdin' }],
    flags: [
      { name: "function", value: "NAME", help: "which one; by default the last that no other calls" },
      {
        name: "signature",
        short: "s",
        value: "TEXT",
        help: "types of parameters and result, such as '(xs: list<int>) -> int', where the source has none or others",
      },
      { name: "out", value: "FILE", help: "write a .anrf file instead of the text" },
    ],
    calls: false,
    exits: [3],
    samples: [
      { command: "anrf import total.py", does: "prints the program as text" },
      {
        command: "anrf import total.py --function total -s '(xs: list<int>) -> int' --out total.anrf",
        does: "writes a file that runs, verifies and is stored like any other",
      },
    ],
  },
  {
    name: "explain",
    group: "work",
    summary: "what a diagnostic means, with an example and its fix; without a code, all of them",
    args: [{ name: "CODE", optional: true, help: "such as V12 or P10" }],
    flags: [],
    calls: false,
    exits: [],
    samples: [{ command: "anrf explain V12", does: "prints its page" }],
  },
  {
    name: "run",
    alias: "execute",
    group: "work",
    summary: "run a program on inputs, within limits",
    args: [
      PROGRAM,
      { name: "inputs", optional: true, help: "JSON: an object by parameter name, or a list by position" },
    ],
    flags: [
      { name: "inputs", short: "i", value: "JSON", help: "the inputs; @FILE reads a file, - reads stdin" },
      { name: "call", value: "NAME", help: "a function of the program in place of its entry" },
      { name: "engine", value: "NAME", choices: ["auto", "wasm", "interpreter"], help: "auto by default" },
      {
        name: "contracts",
        value: "WHAT",
        choices: ["report", "enforce", "off"],
        help: "what a broken clause does; report by default",
      },
      { name: "fuel", value: "N", help: "steps" },
      { name: "memory", value: "PAGES", help: "pages of 64 KiB" },
      { name: "depth", value: "N", help: "units of depth" },
      { name: "wall", value: "TIME", help: "wall time of the run" },
      { name: "record", help: "keep inputs and output in the record" },
      { name: "dry-run", help: "check the request and stop" },
    ],
    calls: true,
    exits: [6, 7],
    samples: [
      { command: `anrf run 01912f3e-… '{"xs":[1,2,4]}'`, does: "prints the result" },
      { command: "anrf run 01912f3e-…@2 --inputs @big.json -o json", does: "the whole answer" },
    ],
  },
];
