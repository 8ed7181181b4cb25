// A platform whose targets run in processes of their own behind a real Envoy.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type FolderLayout, readOrMake } from "#platform/data/folder-layout.ts";
import { readProcessConfig } from "#platform/process/config.ts";
import type { Env } from "#platform/process/env.ts";
import { ADDRESS, freeOffset, freePort } from "#platform/process/ports.ts";
import { bootstrap } from "../envoy/config.ts";
import { envoyDescriptors } from "../envoy/descriptors.ts";
import { drainEnvoy, envoyFlags, openRequests, unhealthyClusters } from "../envoy/flags.ts";
import { DEPLOYED, type EnvoySettings } from "../envoy/settings.ts";
import { readEdgeConfig } from "./edge/config.ts";
import { publishCertificate } from "./envoy-certificate.ts";
import type { Member } from "./fleet.ts";
import { isOk, nodeMember, type PlatformPlan } from "./platform-member.ts";
import { PROCESSES, type ProcessPlan, stopWaves, TOPOLOGY } from "./topology.ts";

const CONTRACT = new URL("../gen/anrf.binpb", import.meta.url);
const TOOLS = join(import.meta.dirname, "../scripts/tools.ts");
const INSTALL_MS = 6 * 60_000;
/** An ops port stands this far above the first mesh port of its process. */
const OPS_OFFSET = 4_000;
/** The services are at the same ports each time where those are free. */
const USUAL_OFFSET = -30_000;
/** How long a started Envoy may wait for services that do not pass its health checks. */
const HEALTHY_MS = 20_000;
/** How long a slow reader may take for the last bytes when the services have ended. */
const LAST_BYTES_MS = 5_000;

/** The services in their waves, then Envoy; writes the mesh token and Envoy's configuration. */
export async function meshMembers(plan: PlatformPlan): Promise<readonly (readonly Member[])[]> {
  const { layout, env } = plan;
  const binary = await envoyBinary(env, plan.note);
  const tokenFile = join(layout.keys, "mesh-token");
  const token = await readOrMake(tokenFile, () => randomBytes(32).toString("base64url"));
  const mesh = TOPOLOGY.filter((target) => !("gateway" in target)).map(({ port }) => port);
  const given = env["ANRF_MESH_PORT_OFFSET"];
  const offset = given
    ? Number(given)
    : await freeOffset([...mesh, ...PROCESSES.map(opsPortOf)], USUAL_OFFSET);
  const shared = {
    ANRF_MESH_PORT_OFFSET: String(offset),
    ANRF_MESH_TOKEN_FILE: tokenFile,
    // The only gateway has drained before: nobody has to notice anything.
    ANRF_DRAIN_DELAY_MS: env["ANRF_DRAIN_DELAY_MS"] || "0",
  };
  const services = stopWaves().map((wave) =>
    wave.map((process) =>
      nodeMember(plan, {
        name: process.name,
        targets: process.targets,
        logFile: join(layout.logs, `${process.name}.log`),
        opsPort: opsPortOf(process) + offset,
        env: shared,
      }),
    ),
  );
  return [...services, [await envoyMember(plan, binary, token, offset)]];
}

/** The path of Envoy's configuration in a data folder. */
export function envoyConfigFile(layout: FolderLayout): string {
  return join(layout.run, "envoy.json");
}

function opsPortOf(process: ProcessPlan): number {
  const ports = TOPOLOGY.filter(({ name }) => process.targets.includes(name)).map(({ port }) => port);
  return Math.min(...ports) + OPS_OFFSET;
}

async function envoyMember(
  plan: PlatformPlan,
  binary: string,
  token: string,
  offset: number,
): Promise<Member> {
  // Whom a gateway lets in is said by the same variables, whichever gateway it is.
  const { corsOrigins, peerRate, limitLoopback, tls } = readEdgeConfig(plan.env);
  const settings: EnvoySettings = {
    ...DEPLOYED,
    corsOrigins,
    peerRate,
    limitLoopback,
    bind: ADDRESS,
    port: plan.port,
    tlsPort: plan.tlsPort,
    tlsFolder: tls === undefined ? undefined : await publishCertificate(plan, tls),
    clientSans: tls?.clientSans ?? [],
    clientCa: tls?.clientCaFile !== undefined,
    otlp: otlpOf(plan.env),
    adminPort: await freePort(0),
    statsPort: plan.metricsPort,
    address: (_, port) => ({ host: ADDRESS, port: port + offset }),
    // All share the cores of one machine: a moment without one is no outage of auth.
    checkSeconds: 5,
    descriptorsPath: join(plan.layout.run, "descriptors.binpb"),
  };
  const config = envoyConfigFile(plan.layout);
  await writeFile(settings.descriptorsPath, envoyDescriptors(await readFile(CONTRACT)), { mode: 0o600 });
  // JSON is what needs no printer; the committed one for people is YAML of the same object.
  await writeFile(config, JSON.stringify(bootstrap(settings)), { mode: 0o600 });
  return {
    name: "envoy",
    program: binary,
    args: envoyFlags(config, settings),
    env: { PATH: plan.env["PATH"], HOME: plan.env["HOME"], ANRF_MESH_TOKEN: token },
    marker: config,
    opsUrl: "",
    logFile: join(plan.layout.logs, "envoy.log"),
    answers: envoyAnswers(settings.adminPort),
    gateway: {
      drain: () => drainEnvoy(settings.adminPort),
      idle: async () => {
        for (const limit = Date.now() + LAST_BYTES_MS; Date.now() < limit; ) {
          if ((await openRequests(settings.adminPort)) === 0) return;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      },
    },
  };
}

/**
 * Where Envoy sends traces: the same collector as the services, by the same variables. It is asked over plain HTTP.
 */
function otlpOf(env: Env): EnvoySettings["otlp"] {
  const { otlpEndpoint, traceRatio } = readProcessConfig(env, false);
  if (otlpEndpoint === undefined) return undefined;
  const { protocol, hostname, port, pathname } = new URL(otlpEndpoint);
  if (protocol !== "http:" || pathname !== "/")
    throw new Error(
      `cannot send Envoy's traces to ${otlpEndpoint}: name a collector as http://host:port, such as one beside the platform that sends them on`,
    );
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 80), ratio: traceRatio };
}

/**
 * Ready when it has found its services healthy: before that it would answer 503. One that is down for long is no
 * reason to have no gateway.
 */
function envoyAnswers(adminPort: number): () => Promise<boolean> {
  let since: number | undefined;
  return async () => {
    if (!(await isOk(`http://${ADDRESS}:${adminPort}/ready`))) {
      since = undefined;
      return false;
    }
    since ??= Date.now();
    if (Date.now() - since > HEALTHY_MS) return true;
    const unhealthy = await unhealthyClusters(adminPort).catch(() => ["unknown"]);
    return unhealthy.length === 0;
  };
}

/** Finds the binary or installs it; a program of its own does that, as nothing of ours imports the tools. */
async function envoyBinary(env: Env, note: (text: string) => void): Promise<string> {
  const timer = setTimeout(() => note("installing Envoy by pip; this happens once"), 1_500);
  try {
    return await new Promise((resolve, reject) => {
      const options = { env: { ...env }, timeout: INSTALL_MS };
      execFile(process.execPath, [TOOLS, "envoy"], options, (error, out, said) => {
        if (error === null) resolve(out.trim().split("\n").at(-1) ?? "");
        else reject(new Error(`${said.trim() || error.message}; set ENVOY_BIN to a binary of 1.40 or newer`));
      });
    });
  } finally {
    clearTimeout(timer);
  }
}
