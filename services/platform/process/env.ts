import { readFileSync } from "node:fs";

/** What configuration is read from: variables by name. */
export type Env = Readonly<Record<string, string | undefined>>;

/** The variables of this process; no other place of the platform reads them. */
export function processEnv(): Env {
  return process.env;
}

/** Configuration that cannot be used, with every mistake in it. */
export class ConfigError extends Error {
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(`cannot use the configuration:\n${mistakes.map((mistake) => `  ${mistake}`).join("\n")}`);
    this.name = "ConfigError";
    this.mistakes = mistakes;
  }
}

/** Bounds of a number. */
export interface Range {
  readonly min?: number;
  readonly max?: number;
}

/**
 * Reads single variables. An empty one counts as absent. A value that cannot be used is noted and the fallback stands
 * in for it, so that reading goes on to the next mistake.
 */
export interface Vars {
  text(name: string): string | undefined;
  text(name: string, fallback: string): string;
  int(name: string, fallback: number, range?: Range): number;
  number(name: string, fallback: number, range?: Range): number;
  /** true, 1, yes, on, allow; false, 0, no, off, deny. */
  flag(name: string, fallback: boolean): boolean;
  choice<T extends string>(name: string, values: readonly T[], fallback: T): T;
  /** Parts separated by commas. */
  list(name: string, fallback: readonly string[]): readonly string[];
  /** An absolute URL with one of these schemes, such as "postgres:". */
  url(name: string, schemes: readonly string[]): string | undefined;
  /** The content of the file that the variable names, without white space around it. */
  file(name: string): string | undefined;
  /** Notes a mistake that no single variable shows. */
  mistake(text: string): void;
}

/** Reads a configuration; throws one ConfigError with all mistakes. */
export function readConfig<T>(env: Env, read: (vars: Vars) => T): T {
  const mistakes: string[] = [];
  const config = read(varsOf(env, mistakes));
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return config;
}

function varsOf(env: Env, mistakes: string[]): Vars {
  const text = (name: string): string | undefined => {
    const value = env[name]?.trim();
    return value === "" ? undefined : value;
  };
  const parsed = <T>(
    name: string,
    fallback: T,
    wanted: string,
    parse: (value: string) => T | undefined,
  ): T => {
    const value = text(name);
    if (value === undefined) return fallback;
    const result = parse(value);
    if (result !== undefined) return result;
    mistakes.push(`${name}=${JSON.stringify(value.slice(0, 100))}: expected ${wanted}`);
    return fallback;
  };
  return {
    text: ((name: string, fallback?: string) => text(name) ?? fallback) as Vars["text"],
    int: (name, fallback, range = {}) =>
      parsed(name, fallback, `a whole number${bounds(range)}`, (value) =>
        /^[+-]?\d+$/.test(value) ? within(Number(value), range) : undefined,
      ),
    number: (name, fallback, range = {}) =>
      parsed(name, fallback, `a number${bounds(range)}`, (value) =>
        Number.isFinite(Number(value)) ? within(Number(value), range) : undefined,
      ),
    flag: (name, fallback) => parsed(name, fallback, "true or false", flagOf),
    choice: (name, values, fallback) =>
      parsed(name, fallback, `one of ${values.join(", ")}`, (value) => values.find((one) => one === value)),
    list: (name, fallback) =>
      text(name)
        ?.split(",")
        .map((part) => part.trim())
        .filter((part) => part !== "") ?? fallback,
    url: (name, schemes) => {
      const value = text(name);
      if (value === undefined) return undefined;
      if (URL.canParse(value) && schemes.includes(new URL(value).protocol)) return value;
      // The value may hold a password, so it is not shown.
      mistakes.push(
        `${name}: expected a URL that starts with ${schemes.map((scheme) => `${scheme}//`).join(" or ")}`,
      );
      return undefined;
    },
    file: (name) => fileOf(name, text(name), mistakes),
    mistake: (mistake) => mistakes.push(mistake),
  };
}

function fileOf(name: string, path: string | undefined, mistakes: string[]): string | undefined {
  if (path === undefined) return undefined;
  try {
    const content = readFileSync(path, "utf8").trim();
    if (content !== "") return content;
    mistakes.push(`${name}=${path}: the file is empty`);
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : String(error);
    mistakes.push(`${name}=${path}: cannot read the file (${why})`);
  }
  return undefined;
}

function within(value: number, { min = -Infinity, max = Infinity }: Range): number | undefined {
  return value >= min && value <= max ? value : undefined;
}

function bounds({ min, max }: Range): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? "" : ` of at most ${max}`;
}

function flagOf(value: string): boolean | undefined {
  if (/^(true|1|yes|on|allow)$/i.test(value)) return true;
  return /^(false|0|no|off|deny)$/i.test(value) ? false : undefined;
}
