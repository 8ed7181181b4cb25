// node services/supervise.ts up | down: keeps a platform running in a data folder, or ends all that runs there.
import { stat } from "node:fs/promises";
import { parseArgs } from "node:util";
import { dataRoot, type FolderLayout, folderLayout, openDataFolder } from "#platform/data/folder-layout.ts";
import { stopOrphan } from "#platform/data/postgres.ts";
import { type Env, processEnv } from "#platform/process/env.ts";
import { claim, endProcess, type RunState, readState, removeState, runs } from "./run-state.ts";
import {
  DRAIN_MS,
  endOrphans,
  Failure,
  type FailureKind,
  type Gateway,
  messageOf,
  Supervised,
  type Wish,
} from "./supervised.ts";

/** What a starter hears over its channel. */
export type Report =
  /** Any number of these before the others. */
  | { readonly type: "note"; readonly text: string }
  | { readonly type: "ready"; readonly state: RunState; readonly already: boolean }
  | { readonly type: "failed"; readonly kind: FailureKind; readonly message: string };

const SUPERVISOR = "services/supervise.ts";
const DEFAULT_PORT = 8080;
const ALREADY_MS = 60_000;

async function up(wish: Wish, env: Env): Promise<void> {
  const layout = await openDataFolder(rootOf(env)).catch((error: unknown) => {
    throw new Failure("data", messageOf(error), error);
  });
  const claimed = await claim(layout, SUPERVISOR);
  if (claimed === undefined) return report(await alreadyUp(layout, wish));
  const platform = new Supervised(layout, wish, env, (text) => void report({ type: "note", text }));
  const stopping = signalled(wish.attached);
  try {
    await Promise.race([platform.start(), stopping.promise]);
    if (!stopping.asked()) {
      await report({ type: "ready", state: platform.state, already: false });
      if (!wish.attached) process.disconnect?.();
    }
    await stopping.promise;
  } finally {
    await platform.stop(stopping.twice);
    await removeState(layout);
    await claimed.release();
  }
}

/** One that lives in this folder answers for us; one that still starts is waited for. */
async function alreadyUp(layout: FolderLayout, wish: Wish): Promise<Report> {
  for (const limit = Date.now() + ALREADY_MS; Date.now() < limit; ) {
    const state = await readState(layout);
    if (state?.phase === "ready") {
      const port = Number(new URL(state.url).port);
      if (wish.insistsOnGateway && wish.gateway !== state.gateway)
        throw new Failure(
          "port",
          `cannot start with gateway ${wish.gateway}: the platform of ${layout.root} runs already, with ${state.gateway}; run "anrf down" first`,
        );
      if (wish.insistsOnTls && state.tlsUrl === "")
        throw new Failure(
          "port",
          `cannot start with TLS: the platform of ${layout.root} runs already, without it; run "anrf down" first`,
        );
      if (!wish.insists || wish.port === 0 || wish.port === port)
        return { type: "ready", state, already: true };
      throw new Failure(
        "port",
        `cannot open port ${wish.port}: the platform of ${layout.root} runs already, on port ${port}; run "anrf down" first`,
      );
    }
    await sleep(50);
  }
  throw new Failure(
    "start",
    `cannot start: another supervisor holds ${layout.root} and does not become ready; see "anrf logs"`,
  );
}

async function down(env: Env): Promise<void> {
  const layout = folderLayout(rootOf(env));
  const ended: string[] = [];
  if (await stat(layout.run).catch(() => undefined)) {
    const state = await readState(layout);
    if (state !== undefined && runs(state.pid, SUPERVISOR)) {
      // Several processes drain wave by wave.
      const patience = state.gateway === "edge" ? DRAIN_MS : 3 * DRAIN_MS;
      const drained = await endProcess(state.pid, "SIGTERM", patience);
      if (!drained) await endProcess(state.pid, "SIGKILL", 5_000);
      ended.push("supervisor");
    }
    ended.push(...(await endOrphans(state)));
    if (await stopOrphan(layout)) ended.push("postgres");
    await removeState(layout);
  }
  process.stdout.write(`${JSON.stringify({ dataDir: layout.root, ended })}\n`);
}

function rootOf(env: Env): string {
  return dataRoot({
    ANRF_DATA: env["ANRF_DATA"],
    XDG_DATA_HOME: env["XDG_DATA_HOME"],
    HOME: env["HOME"],
  });
}

/** Resolves with the first signal, or with the end of the starter if it is attached; the second signal ends at once. */
function signalled(attached: boolean): {
  readonly promise: Promise<void>;
  readonly twice: AbortSignal;
  asked(): boolean;
} {
  const first = Promise.withResolvers<void>();
  const twice = new AbortController();
  let asked = false;
  const onSignal = (): void => {
    if (asked) twice.abort();
    asked = true;
    first.resolve();
  };
  process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
  let kept = !attached;
  process.on("message", (message) => {
    if (message !== "keep") return;
    kept = true;
    process.disconnect?.();
  });
  process.on("disconnect", () => {
    if (!kept && !asked) onSignal();
  });
  return { promise: first.promise, twice: twice.signal, asked: () => asked };
}

/** Resolves when the starter has it. */
function report(message: Report): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected && process.send !== undefined)
      process.send(message, undefined, undefined, () => resolve());
    else process.stdout.write(`${JSON.stringify(message)}\n`, () => resolve());
  });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function gatewayOf(word = "edge"): Gateway {
  if (word === "edge" || word === "envoy") return word;
  throw new Failure("usage", `cannot start with gateway ${word}: there are edge and envoy`);
}

async function main(words: readonly string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      port: { type: "string" },
      profile: { type: "string" },
      gateway: { type: "string" },
      attached: { type: "boolean" },
    },
  });
  if (positionals[0] === "down") return down(processEnv());
  const wish = {
    port: Number(values.port ?? DEFAULT_PORT),
    insists: values.port !== undefined,
    profile: values.profile ?? "embedded",
    gateway: gatewayOf(values.gateway),
    insistsOnGateway: values.gateway !== undefined,
    insistsOnTls: Boolean(processEnv()["ANRF_EDGE_TLS_CERT_FILE"]),
    attached: values.attached ?? false,
  };
  // Whoever started it may be gone; nothing here may end with its pipes.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  await up(wish, processEnv());
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  async (error: unknown) => {
    const kind = error instanceof Failure ? error.kind : "start";
    await report({ type: "failed", kind, message: messageOf(error) });
    process.exit(1);
  },
);
