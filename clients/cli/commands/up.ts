import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { usage } from "../failure.ts";
import type { Io } from "../io.ts";
import { firstKey, launch } from "../launcher.ts";
import { dataFolder, type LocalPlatform } from "../local-platform.ts";
import { installGpu } from "../models/gpu.ts";
import { formatOf, table, writeJson } from "../output.ts";
import type { Flags } from "../parse.ts";
import { writeProfile } from "../profiles.ts";

/** Starts the platform in the background; one that runs already is named. */
export const run: Command = async ({ flags }, io) => {
  const folder = dataFolder(io.env);
  const fresh = await access(join(folder, "keys", "first-key")).then(
    () => false,
    () => true,
  );
  if (flags.has("gpu")) await installGpu(io);
  const launched = await launch({
    env: { ...io.env, ...variables(flags) },
    port: portOf(flags, "port"),
    profile: flags.text("profile") ?? "embedded",
    gateway: flags.text("gateway"),
    note: (text) => io.err(`${text}\n`),
    attached: false,
  });
  const { platform, already } = launched;
  const apiKey = await firstKey(platform);
  const { url, tlsUrl, metricsUrl, pid, dataDir, logDir } = platform;
  const format = formatOf(flags);
  const profile = apiKey === "" || flags.has("headless") ? undefined : await profileOf(platform, io);
  const secure = tlsUrl === "" ? {} : { tlsUrl };
  if (format !== "text") writeJson(io, format, { url, ...secure, metricsUrl, apiKey, pid, dataDir, logDir });
  if (format === "none") return EXIT.OK;
  if (already) io.err(`the platform of ${dataDir} runs already\n`);
  if (format === "text") {
    io.out(
      table(
        [
          ["gateway", url],
          ["with TLS", tlsUrl],
          ["metrics", metricsUrl],
          ["key", fresh && apiKey !== "" ? apiKey : apiKey === "" ? "" : `in ${platform.keyFile}`],
          ["profile", profile ?? ""],
          ["data", dataDir],
          ["logs", logDir],
          ["process", String(pid)],
        ].filter((row) => row[1] !== ""),
      ),
    );
    io.err(`next: bin/anrf "the sum of the even numbers" -e '{"inputs":[[1,2,4]],"output":6}'\n`);
  }
  return EXIT.OK;
};

/** The variables of the services that flags stand for: those say nothing of the gateway, which is either of two. */
function variables(flags: Flags): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const set = (name: string, value: string | undefined): void => {
    if (value !== undefined) found[name] = value;
  };
  // The platform runs in another folder than this command.
  const file = (name: string): string | undefined => {
    const path = flags.text(name);
    return path === undefined ? undefined : resolve(path);
  };
  const port = portOf(flags, "tls-port");
  set("ANRF_EDGE_TLS_CERT_FILE", file("tls-cert"));
  set("ANRF_EDGE_TLS_KEY_FILE", file("tls-key"));
  set("ANRF_EDGE_TLS_PORT", port === undefined ? undefined : String(port));
  set("ANRF_EDGE_TLS_CLIENT_CA_FILE", file("tls-client-ca"));
  set("ANRF_EDGE_TLS_CLIENT_SANS", flags.text("tls-client-san"));
  set("ANRF_OTLP_ENDPOINT", flags.text("otlp"));
  return found;
}

function portOf(flags: Flags, name: string): number | undefined {
  const text = flags.text(name);
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw usage(`cannot open port ${text}`, "a port is a number from 0 to 65535");
}

// A folder named by ANRF_DATA is found by that variable; the profile is for the one that everybody means.
async function profileOf(platform: LocalPlatform, io: Io): Promise<string | undefined> {
  if (io.env["ANRF_DATA"]) return undefined;
  const file = await writeProfile(io.env, "local", { address: platform.url, apiKeyFile: platform.keyFile });
  return `local, in ${file}`;
}
