import { MODEL_VERBS } from "./models/spec.ts";
import { PLATFORM_VERBS } from "./spec-platform.ts";
import { RESOURCE_VERBS } from "./spec-resources.ts";
import { WORK_VERBS } from "./spec-work.ts";

/** A flag of a verb. */
export interface Flag {
  /** Without its dashes. */
  readonly name: string;
  readonly short?: string;
  /** What stands for its value in help; absent: the flag takes none. */
  readonly value?: string;
  readonly repeated?: boolean;
  readonly choices?: readonly string[];
  /** The variable that stands in for it. */
  readonly env?: string;
  readonly help: string;
}

/** A positional argument. */
export interface Argument {
  readonly name: string;
  readonly optional?: boolean;
  /** Takes all that is left. */
  readonly rest?: boolean;
  readonly help: string;
}

/** A command line with what it does. */
export interface Sample {
  readonly command: string;
  readonly does: string;
}

/** One verb: all that parser, help and docs know of it. */
export interface Verb {
  /** One or two words, such as "keys create". */
  readonly name: string;
  readonly alias?: string;
  readonly group: Group;
  readonly summary: string;
  readonly args: readonly Argument[];
  readonly flags: readonly Flag[];
  /** Whether it calls the platform: then the flags of CALL_FLAGS apply. */
  readonly calls: boolean;
  /** Exit codes beyond 0, 1 and 2, and beyond those of a call. */
  readonly exits: readonly number[];
  readonly samples: readonly Sample[];
}

/** Headings of the help. */
export const GROUPS = {
  work: "Work",
  resources: "Resources",
  platform: "Platform",
  project: "Project",
} as const;
/** A heading of the help. */
export type Group = keyof typeof GROUPS;

/** Flags of every verb. */
export const COMMON_FLAGS: readonly Flag[] = [
  {
    name: "output",
    short: "o",
    value: "FORMAT",
    choices: ["text", "json", "jsonl", "none"],
    help: "what stdout gets; text by default",
  },
  { name: "color", value: "WHEN", choices: ["always", "never", "auto"], help: "auto by default" },
  { name: "verbose", short: "v", help: "say on stderr what is called" },
  { name: "help", short: "h", help: "show the help of the verb" },
];

/** Flags of the verbs that call the platform. */
export const CALL_FLAGS: readonly Flag[] = [
  {
    name: "address",
    value: "URL",
    env: "ANRF_ADDRESS",
    help: "the gateway; else of the profile, else of the platform that runs here",
  },
  { name: "api-key", value: "KEY", env: "ANRF_API_KEY", help: "the key; a file is safer: api-key-file" },
  { name: "api-key-file", value: "FILE", env: "ANRF_API_KEY_FILE", help: "a file that holds the key" },
  {
    name: "profile",
    value: "NAME",
    env: "ANRF_PROFILE",
    help: "a profile of $XDG_CONFIG_HOME/anrf/config.toml",
  },
  { name: "protocol", value: "NAME", choices: ["connect", "grpc", "grpc-web"], help: "connect by default" },
  {
    name: "timeout",
    value: "TIME",
    help: "deadline of the call, such as 500ms, 10s or 2m; else the server's own",
  },
];

/** Every verb of this release. */
export const VERBS: readonly Verb[] = [...WORK_VERBS, ...RESOURCE_VERBS, ...MODEL_VERBS, ...PLATFORM_VERBS];

/** The verb that runs when the first word is a sentence. */
export const DEFAULT_VERB = "generate";

/** Finds a verb by its name or alias. */
export function verbOf(name: string): Verb | undefined {
  return VERBS.find((verb) => verb.name === name || verb.alias === name);
}

/** All flags of a verb: its own first. */
export function flagsOf(verb: Verb): readonly Flag[] {
  return [...verb.flags, ...(verb.calls ? CALL_FLAGS : []), ...COMMON_FLAGS];
}
