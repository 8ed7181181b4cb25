import { type ParseArgsConfig, parseArgs } from "node:util";
import { usage } from "./failure.ts";
import { DEFAULT_VERB, type Flag, flagsOf, VERBS, type Verb, verbOf } from "./spec.ts";
import { nearest } from "./suggest.ts";
import { secondsOf } from "./units.ts";

/** A command line that was understood. */
export interface Input {
  readonly verb: Verb;
  readonly args: readonly string[];
  readonly flags: Flags;
}

type Env = Readonly<Record<string, string | undefined>>;

/** The values of flags, with their variables standing in. */
export class Flags {
  readonly #values: ReadonlyMap<string, readonly string[]>;
  readonly #known: ReadonlyMap<string, Flag>;
  readonly #env: Env;

  constructor(values: ReadonlyMap<string, readonly string[]>, known: readonly Flag[], env: Env) {
    this.#values = values;
    this.#known = new Map(known.map((flag) => [flag.name, flag]));
    this.#env = env;
  }

  /** Whether a flag without value was given. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The last value that was given, else that of the variable. */
  text(name: string): string | undefined {
    const given = this.#values.get(name)?.at(-1);
    if (given !== undefined) return given;
    const variable = this.#known.get(name)?.env;
    return (variable === undefined ? undefined : this.#env[variable]) || undefined;
  }

  /** All values, in order. */
  texts(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** A number; throws a usage failure for anything else. */
  number(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (text.trim() !== "" && Number.isFinite(value)) return value;
    throw usage(`cannot read --${name} ${text}`, "it is no number");
  }

  /** A whole number of at least `least`. */
  integer(name: string, least = 0): number | undefined {
    const value = this.number(name);
    if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return value;
    throw usage(`cannot read --${name} ${value}`, `it is no whole number of at least ${least}`);
  }

  /** A span of time in seconds, written such as 500ms, 10s, 2m, 12h or 30d. */
  seconds(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = secondsOf(text);
    if (value !== undefined) return value;
    throw usage(`cannot read --${name} ${text}`, "it is no time", "write it such as 500ms, 10s or 2m");
  }
}

/** Reads a command line; throws a usage failure with a suggestion where it can. */
export function parse(argv: readonly string[], env: Env): Input {
  const { verb, rest } = findVerb(argv);
  if (verb.group === "project" && verb.name !== "help" && rest[0] !== "--help" && rest[0] !== "-h") {
    return { verb, args: rest, flags: new Flags(new Map(), [], env) };
  }
  const known = flagsOf(verb);
  const { args, values } = split(verb, known, rest);
  const flags = new Flags(values, known, env);
  if (!flags.has("help")) checkArgs(verb, args);
  return { verb, args, flags };
}

function findVerb(argv: readonly string[]): { readonly verb: Verb; readonly rest: readonly string[] } {
  const [first = "help", second = ""] = argv;
  if (first === "--help" || first === "-h") return { verb: known("help"), rest: argv.slice(1) };
  const pair = verbOf(`${first} ${second}`);
  if (pair !== undefined) return { verb: pair, rest: argv.slice(2) };
  const single = verbOf(first);
  if (single !== undefined) return { verb: single, rest: argv.slice(1) };
  const group = VERBS.filter((verb) => verb.name.startsWith(`${first} `)).map((verb) => verb.name);
  if (group.length > 0) {
    const near = nearest(`${first} ${second}`, group);
    throw usage(
      `cannot run "${first}${second === "" ? "" : ` ${second}`}"`,
      `${first} needs one of ${group.map((name) => name.slice(first.length + 1)).join(", ")}`,
      near === undefined ? `anrf help ${group[0]}` : `anrf ${near}`,
    );
  }
  // A sentence, or flags before one.
  if (/\s/.test(first) || first.startsWith("-")) return { verb: known(DEFAULT_VERB), rest: argv };
  const near = nearest(
    first,
    VERBS.flatMap((verb) => [verb.name, ...(verb.alias === undefined ? [] : [verb.alias])]),
  );
  if (near !== undefined && argv.length < 4)
    throw usage(`cannot run "${first}"`, "there is no such verb", `did you mean "anrf ${near}"?`);
  throw usage(
    `cannot run "${first}"`,
    "there is no such verb",
    argv.length > 1 ? `put a sentence in quotes: anrf ${JSON.stringify(argv.join(" "))}` : "anrf help",
  );
}

function known(name: string): Verb {
  const verb = verbOf(name);
  if (verb === undefined) throw new Error(`the verb ${name} is not in the table`);
  return verb;
}

function split(
  verb: Verb,
  flags: readonly Flag[],
  rest: readonly string[],
): { readonly args: readonly string[]; readonly values: ReadonlyMap<string, readonly string[]> } {
  const options: NonNullable<ParseArgsConfig["options"]> = {};
  for (const flag of flags) {
    options[flag.name] = {
      type: flag.value === undefined ? "boolean" : "string",
      ...(flag.short === undefined ? {} : { short: flag.short }),
    };
  }
  const { tokens } = parseArgs({
    args: [...rest],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const args: string[] = [];
  const values = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === "positional") args.push(token.value);
    if (token.kind !== "option") continue;
    const flag = flags.find((one) => one.name === token.name);
    if (flag === undefined) throw unknownFlag(verb, flags, token.rawName);
    values.set(flag.name, [...(values.get(flag.name) ?? []), givenValue(flag, token)]);
  }
  return { args, values };
}

function unknownFlag(verb: Verb, flags: readonly Flag[], raw: string): Error {
  const near = nearest(
    raw.replace(/^-+/, ""),
    flags.map((flag) => flag.name),
  );
  return usage(
    `cannot run "anrf ${verb.name}"`,
    `it has no flag ${raw}`,
    near === undefined ? `anrf help ${verb.name}` : `did you mean --${near}?`,
  );
}

function givenValue(
  flag: Flag,
  token: {
    readonly rawName: string;
    readonly value?: string | undefined;
    readonly inlineValue?: boolean | undefined;
  },
): string {
  const { value } = token;
  if (flag.value === undefined) {
    if (value === undefined) return "";
    throw usage(`cannot read ${token.rawName}=${value}`, "the flag takes no value");
  }
  if (value === undefined || (token.inlineValue !== true && value.startsWith("--"))) {
    throw usage(`cannot read ${token.rawName}`, `it needs a value: ${flag.value}`);
  }
  if (flag.choices !== undefined && !flag.choices.includes(value)) {
    const near = nearest(value, flag.choices);
    throw usage(
      `cannot use ${token.rawName} ${value}`,
      `it is one of ${flag.choices.join(", ")}`,
      near === undefined ? "" : `did you mean ${near}?`,
    );
  }
  return value;
}

function checkArgs(verb: Verb, args: readonly string[]): void {
  const needed = verb.args.filter((arg) => arg.optional !== true);
  const missing = needed[args.length];
  if (missing !== undefined)
    throw usage(
      `cannot run "anrf ${verb.name}"`,
      `${missing.name} is missing: ${missing.help}`,
      `anrf help ${verb.name}`,
    );
  if (args.length > verb.args.length && verb.args.at(-1)?.rest !== true) {
    throw usage(
      `cannot run "anrf ${verb.name}"`,
      `there is an argument too many: ${args[verb.args.length]}`,
      `anrf help ${verb.name}`,
    );
  }
}
