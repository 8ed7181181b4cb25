// node services/main.ts <target…|all|migrate>: read, start, wait for a signal, drain, dispose.
import { openDataFolder } from "#platform/data/folder-layout.ts";
import { migrate } from "#platform/data/migrate.ts";
import { startPostgres } from "#platform/data/postgres.ts";
import { readProcessConfig } from "#platform/process/config.ts";
import { ConfigError, processEnv } from "#platform/process/env.ts";
import { startHost } from "#platform/process/host.ts";
import { loadTargets } from "./targets.ts";
import { isTargetName, type TargetName, TOPOLOGY } from "./topology.ts";

const USAGE = `usage: main.ts all | migrate | <target…>; targets: ${TOPOLOGY.map(({ name }) => name).join(", ")}`;
const EXIT_USAGE = 2;

async function main(words: readonly string[]): Promise<void> {
  if (words.length === 1 && words[0] === "migrate") return migrateOnce();
  await run(namesOf(words));
}

function namesOf(words: readonly string[]): readonly TargetName[] {
  const wanted = words.includes("all") ? TOPOLOGY.map(({ name }) => name) : [...new Set(words)];
  const unknown = wanted.filter((word) => !isTargetName(word));
  if (unknown.length > 0) throw new ConfigError([`no target ${unknown.join(", ")}; ${USAGE}`]);
  if (wanted.length === 0) throw new ConfigError([USAGE]);
  return wanted.filter(isTargetName);
}

async function run(names: readonly TargetName[]): Promise<void> {
  const stopping = signalled();
  const host = await startHost({
    topology: TOPOLOGY,
    targets: await loadTargets(names),
    env: processEnv(),
    image: new URL("../gen/anrf.binpb", import.meta.url),
  });
  const fail = (error: unknown): void => {
    host.log.fatal({ err: error }, "a fault that nobody caught; the process ends");
    process.exit(1);
  };
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  host.log.info(
    { targets: names, opsPort: host.opsPort, meshPorts: Object.fromEntries(host.meshPorts) },
    "ready",
  );
  const signal = await stopping;
  host.log.info({ signal }, "stopping");
  await host[Symbol.asyncDispose]();
  host.log.info({}, "stopped");
}

/** The first signal that asks to stop; a second one ends the process at once. */
function signalled(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first = true;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (!first) process.exit(130);
      first = false;
      resolve(signal);
    };
    process.on("SIGTERM", onSignal);
    process.on("SIGINT", onSignal);
  });
}

async function migrateOnce(): Promise<void> {
  const config = readProcessConfig(processEnv(), false);
  const { databaseUrl } = config;
  await using embedded = new AsyncDisposableStack();
  let url = databaseUrl;
  if (url === undefined) {
    const server = await startPostgres(await openDataFolder(config.dataRoot), { durable: config.durable });
    embedded.defer(() => server.stop());
    url = server.url;
  }
  const ran = await migrate(url);
  console.log(ran.length === 0 ? "the schema is up to date" : `migrated: ${ran.join(", ")}`);
}

main(process.argv.slice(2)).then(
  // What still holds a handle, such as a keep-alive socket, is not waited for.
  () => process.exit(0),
  (error: unknown) => {
    console.error(
      error instanceof Error ? (error instanceof ConfigError ? error.message : error.stack) : error,
    );
    process.exit(error instanceof ConfigError ? EXIT_USAGE : 1);
  },
);
