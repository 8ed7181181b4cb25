import type { Verb } from "./spec.ts";

/** What writes a log of its own: the platform in one process, or its parts behind Envoy. */
export const PARTS = [
  "platform",
  "supervisor",
  "postgres",
  "envoy",
  "generation",
  "intent",
  "view",
  "verification",
  "execution",
  "registry",
  "control",
  "auth",
] as const;

const NONE = { args: [], calls: false, exits: [] } as const;

/** Verbs that run the platform and the project. */
export const PLATFORM_VERBS: readonly Verb[] = [
  {
    ...NONE,
    name: "demo",
    group: "platform",
    summary: "five intents from sentence to executed result, on a platform of its own",
    flags: [{ name: "keep", help: "leave the platform running afterwards" }],
    samples: [{ command: "anrf demo", does: "starts, shows, cleans up" }],
  },
  {
    ...NONE,
    name: "up",
    group: "platform",
    summary: "the platform in the background; returns when it is ready",
    flags: [
      {
        name: "port",
        value: "N",
        env: "ANRF_PORT",
        help: "of the gateway; 8080 by default, 0 for a free one",
      },
      {
        name: "profile",
        value: "NAME",
        choices: ["embedded", "postgres"],
        help: "embedded by default; postgres: yours, by ANRF_DATABASE_URL",
      },
      {
        name: "gateway",
        value: "NAME",
        choices: ["edge", "envoy"],
        help: "edge by default: all in one process; envoy: a process a service behind a real Envoy",
      },
      { name: "headless", help: "write no profile for the command line" },
      { name: "json", help: "print url, metricsUrl, apiKey, pid, dataDir and logDir" },
    ],
    samples: [
      { command: "anrf up", does: "opens http://127.0.0.1:8080" },
      { command: "ANRF_DATA=/tmp/try anrf up --port 0 --json", does: "a second platform beside it" },
      { command: "anrf up --gateway envoy", does: "the services as processes, as in production" },
    ],
  },
  {
    ...NONE,
    name: "down",
    group: "platform",
    summary: "drain and end the platform with its database; leaves no process",
    flags: [{ name: "json", help: "print what was ended" }],
    samples: [{ command: "anrf down", does: "ends what runs in the data folder" }],
  },
  {
    ...NONE,
    name: "status",
    group: "platform",
    summary: "what runs in the data folder; exits 78 if nothing answers",
    flags: [{ name: "json", help: "print it as JSON" }],
    exits: [78],
    samples: [{ command: "anrf status", does: "addresses, processes, needs" }],
  },
  {
    ...NONE,
    name: "logs",
    group: "platform",
    summary: "the platform's log",
    flags: [
      { name: "follow", short: "f", help: "go on as it grows" },
      { name: "lines", short: "n", value: "N", help: "how many lines at first; 100 by default" },
      {
        name: "of",
        value: "PART",
        choices: PARTS,
        help: "by default the platform's, or Envoy's where it is the gateway",
      },
    ],
    samples: [{ command: "anrf logs -f", does: "follows it until Ctrl-C" }],
  },
  {
    ...NONE,
    name: "doctor",
    group: "platform",
    summary: "one line a check with its fix; exits 1 if one fails",
    flags: [{ name: "json", help: "print the checks as JSON" }],
    samples: [{ command: "anrf doctor", does: "looks at set-up, data folder and platform" }],
  },
  {
    ...NONE,
    name: "reset",
    group: "platform",
    summary: "end the platform and delete its data folder, after asking",
    flags: [{ name: "yes", short: "y", help: "do not ask" }],
    samples: [{ command: "anrf reset --yes", does: "all programs and keys are gone" }],
  },
  {
    ...NONE,
    name: "test",
    group: "project",
    summary: "every check and test of the project; the last line counts them",
    args: [
      {
        name: "arguments",
        optional: true,
        rest: true,
        help: "go to the test runner; --full runs the long suites",
      },
    ],
    flags: [],
    samples: [{ command: "anrf test", does: "N passed, N failed, N skipped" }],
  },
  {
    ...NONE,
    name: "check",
    group: "project",
    summary: "types, format, layers, contract and generated files",
    args: [{ name: "arguments", optional: true, rest: true, help: "go to the check" }],
    flags: [],
    samples: [{ command: "anrf check", does: "one line a step" }],
  },
  {
    ...NONE,
    name: "bench",
    group: "project",
    summary: "measurements of the project",
    args: [{ name: "arguments", optional: true, rest: true, help: "go to the bench" }],
    flags: [],
    samples: [{ command: "anrf bench tasks", does: "solves the task sets" }],
  },
  {
    ...NONE,
    name: "help",
    group: "project",
    summary: "help of all verbs, of one, or of the exit codes",
    args: [{ name: "topic", optional: true, rest: true, help: "a verb, or exit-codes" }],
    flags: [],
    samples: [{ command: "anrf help exit-codes", does: "what each code means" }],
  },
];
