import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { parse, stringify, type TomlTable } from "smol-toml";
import { EXIT } from "./exit-codes.ts";
import { Failure } from "./failure.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** One profile of the configuration file. */
export interface Profile {
  readonly address?: string;
  readonly apiKey?: string;
  readonly apiKeyFile?: string;
  readonly protocol?: string;
}

/** Where profiles are kept. */
export function profilesFile(env: Env): string {
  const home = env["XDG_CONFIG_HOME"] || join(env["HOME"] || homedir(), ".config");
  return join(home, "anrf", "config.toml");
}

/** A profile by name, or the default one; undefined if no name is given and there is no default. */
export async function readProfile(env: Env, name: string | undefined): Promise<Profile | undefined> {
  const file = profilesFile(env);
  const config = await readConfig(file);
  const wanted = name ?? textOf(config, "default");
  if (wanted === undefined) return undefined;
  const profiles = config["profiles"];
  const found = isTable(profiles) ? profiles[wanted] : undefined;
  if (!isTable(found)) {
    throw new Failure(
      EXIT.NO_KEY,
      `cannot use profile ${wanted}`,
      `${file} has none of that name`,
      "write one there, or run anrf up",
    );
  }
  const address = textOf(found, "address");
  const apiKey = textOf(found, "api_key");
  const apiKeyFile = textOf(found, "api_key_file");
  const protocol = textOf(found, "protocol");
  return {
    ...(address === undefined ? {} : { address }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(apiKeyFile === undefined ? {} : { apiKeyFile }),
    ...(protocol === undefined ? {} : { protocol }),
  };
}

/** Writes a profile; it becomes the default if there is none. */
export async function writeProfile(env: Env, name: string, profile: Profile): Promise<string> {
  const file = profilesFile(env);
  const config = await readConfig(file);
  const profiles = isTable(config["profiles"]) ? config["profiles"] : {};
  const entry: TomlTable = {};
  if (profile.address !== undefined) entry["address"] = profile.address;
  if (profile.apiKeyFile !== undefined) entry["api_key_file"] = profile.apiKeyFile;
  const text = stringify({
    ...config,
    default: textOf(config, "default") ?? name,
    profiles: { ...profiles, [name]: entry },
  });
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return file;
}

async function readConfig(file: string): Promise<TomlTable> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch {
    return {};
  }
  try {
    return parse(text);
  } catch (error) {
    const why = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    throw new Failure(
      EXIT.NO_KEY,
      `cannot read the profiles in ${file}`,
      why,
      "mend the file, or move it away",
    );
  }
}

function isTable(value: unknown): value is TomlTable {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function textOf(table: TomlTable, key: string): string | undefined {
  const value = table[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}
