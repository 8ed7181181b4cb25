import { readFile } from "node:fs/promises";
import { EXIT } from "./exit-codes.ts";
import { Failure, usage } from "./failure.ts";
import { dataFolder, localPlatform } from "./local-platform.ts";
import type { Flags } from "./parse.ts";
import { type Profile, readProfile } from "./profiles.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** How the platform is called. */
export type Protocol = "connect" | "grpc" | "grpc-web";

/** Where and as whom a command calls. */
export interface Settings {
  readonly address: string;
  readonly key: string;
  readonly protocol: Protocol;
  /** Deadline of each call; undefined: the server's own. */
  readonly timeoutMs: number | undefined;
}

/**
 * Flag, then variable, then profile, then the platform that runs in the data folder. A data folder that is named by
 * ANRF_DATA goes before the default profile.
 */
export async function readSettings(flags: Flags, env: Env): Promise<Settings> {
  const fallback = await fallbackOf(flags, env);
  const address = flags.text("address") ?? fallback?.address;
  if (address === undefined) {
    throw new Failure(
      EXIT.NO_KEY,
      "cannot call the platform",
      "no address is given, no profile is set, and none runs in the data folder",
      "start one: anrf up",
    );
  }
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) {
    throw usage(
      `cannot call ${address}`,
      "it is no http or https address",
      "write it such as http://127.0.0.1:8080",
    );
  }
  const key = await keyOf(flags, fallback);
  const seconds = flags.seconds("timeout");
  return {
    address: address.replace(/\/+$/, ""),
    key,
    protocol: protocolOf(flags.text("protocol") ?? fallback?.protocol),
    timeoutMs: seconds === undefined ? undefined : Math.max(1, Math.round(seconds * 1000)),
  };
}

async function fallbackOf(flags: Flags, env: Env): Promise<Profile | undefined> {
  const named = flags.text("profile");
  if (named !== undefined) return readProfile(env, named);
  const given =
    flags.text("address") !== undefined &&
    (flags.text("api-key") ?? flags.text("api-key-file")) !== undefined;
  if (given) return undefined;
  const local = async (): Promise<Profile | undefined> => {
    const found = await localPlatform(dataFolder(env));
    return found === undefined ? undefined : { address: found.url, apiKeyFile: found.keyFile };
  };
  if (env["ANRF_DATA"]) return (await local()) ?? readProfile(env, undefined);
  return (await readProfile(env, undefined)) ?? local();
}

async function keyOf(flags: Flags, fallback: Profile | undefined): Promise<string> {
  const key = flags.text("api-key");
  if (key !== undefined) return checked(key, "the key");
  const file = flags.text("api-key-file");
  if (file !== undefined) return readKey(file);
  if (fallback?.apiKey !== undefined) return checked(fallback.apiKey, "the key of the profile");
  if (fallback?.apiKeyFile !== undefined) return readKey(fallback.apiKeyFile);
  throw new Failure(
    EXIT.NO_KEY,
    "cannot call the platform",
    "no API key is given",
    "set ANRF_API_KEY_FILE, or use --api-key-file",
  );
}

async function readKey(file: string): Promise<string> {
  try {
    return checked((await readFile(file, "utf8")).trim(), `the key in ${file}`);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(
      EXIT.NO_KEY,
      `cannot read the API key from ${file}`,
      error instanceof Error ? error.message : "",
    );
  }
}

function checked(key: string, what: string): string {
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new Failure(
    EXIT.NO_KEY,
    `cannot use ${what}`,
    "it is empty or holds a character that a header cannot carry",
  );
}

function protocolOf(text: string | undefined): Protocol {
  if (text === undefined || text === "connect") return "connect";
  if (text === "grpc" || text === "grpc-web") return text;
  throw usage(`cannot call by ${text}`, "the protocol is one of connect, grpc, grpc-web");
}
