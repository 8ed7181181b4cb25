import { copyFile, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "#platform/process/ports.ts";
import { secretFile } from "../envoy/secrets.ts";
import { findTool } from "../scripts/tools.ts";
import { makeCertificate, NO_CERTIFICATES } from "./certificates.ts";
import { type Gateways, startGateways } from "./gateways.ts";
import { doubles, Seen } from "./parity/doubles.ts";
import { GATEWAYS, type Gateway } from "./parity/ways.ts";
import { until } from "./platform.ts";

const SAN = "spiffe://anrf/ci";
const hasEnvoy = (await findTool("envoy")) !== undefined;
const gateways: readonly Gateway[] = hasEnvoy ? GATEWAYS : ["edge"];
const reason = NO_CERTIFICATES === "" ? "" : ` (skipped: ${NO_CERTIFICATES})`;
const alone = hasEnvoy ? "" : " (the edge alone: there is no Envoy here)";

let folder = "";
let behind: Gateways;

const fileOf = (name: string): string => join(folder, name);
/** What a client needs for a connection, with a certificate of its own or without. */
async function options(gateway: Gateway, client: string | undefined) {
  const own =
    client === undefined
      ? {}
      : { cert: await readFile(fileOf(`${client}.crt`)), key: await readFile(fileOf(`${client}.key`)) };
  const ca = [await readFile(fileOf("first.crt")), await readFile(fileOf("second.crt"))];
  return { host: "127.0.0.1", servername: "localhost", port: behind.tlsPorts[gateway], ca, ...own };
}

/** The status of an answer over TLS; 0 where the connection is refused. */
async function ask(gateway: Gateway, client: string | undefined): Promise<number> {
  const given = { ...(await options(gateway, client)), path: "/v1/self", agent: false };
  return new Promise((resolve) => {
    const asked = request({ ...given, headers: { "x-api-key": behind.key } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.on("error", () => resolve(0));
    asked.end();
  });
}

/** The version of HTTP that the gateway chooses, and the name on its certificate. */
async function greet(gateway: Gateway, protocols: readonly string[]): Promise<[string, string]> {
  const given = await options(gateway, "ours");
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({ ...given, ALPNProtocols: [...protocols] }, () => {
      const name = socket.getPeerCertificate().subject.CN;
      resolve([String(socket.alpnProtocol), String(name)]);
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

/** Events of a stream over TLS until its end; tells when the first one is there. */
async function follow(gateway: Gateway, opened: () => void): Promise<number> {
  const body = JSON.stringify({ model: "ticks 60 100" });
  const given = {
    ...(await options(gateway, "ours")),
    agent: false,
    method: "POST",
    path: "/generate/stream",
  };
  const headers = { "x-api-key": behind.key, "content-length": body.length };
  return new Promise((resolve, reject) => {
    const asked = request({ ...given, headers }, (answer) => {
      let events = 0;
      answer.on("data", (chunk: Buffer) => {
        events += chunk.toString().split("data: ").length - 1;
        opened();
      });
      answer.on("end", () => resolve(events));
      answer.on("error", reject);
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

/** Puts another certificate in the place of the one in use, as the owners of either gateway do. */
async function rotate(gateway: Gateway, name: string): Promise<void> {
  if (gateway === "edge") {
    await copyFile(fileOf(`${name}.crt`), fileOf("edge.crt"));
    await copyFile(fileOf(`${name}.key`), fileOf("edge.key"));
    return;
  }
  const pair = { certificateFile: fileOf(`${name}.crt`), keyFile: fileOf(`${name}.key`) };
  await writeFile(fileOf("fresh"), secretFile("certificate", pair));
  await rename(fileOf("fresh"), fileOf("certificate.yaml"));
}

describe.skipIf(reason !== "")(`TLS${reason}${alone}`, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "anrf-tls-"));
    for (const name of ["first", "second"]) await makeCertificate(folder, name, "spiffe://anrf/gateway");
    await makeCertificate(folder, "ours", SAN);
    await makeCertificate(folder, "theirs", "spiffe://elsewhere/ci");
    // Its one name has the listed one within it, between commas.
    await makeCertificate(folder, "sly", `spiffe://x/a, URI:${SAN}, b`);
    const signed = ["ours", "theirs", "sly"].map((name) => readFile(fileOf(`${name}.crt`), "utf8"));
    await writeFile(fileOf("clients.crt"), (await Promise.all(signed)).join(""));
    await writeFile(fileOf("clients.yaml"), secretFile("clients", { clientCaFile: fileOf("clients.crt") }));
    await rotate("edge", "first");
    await rotate("envoy", "first");
    behind = await startGateways({
      doubles: doubles(new Seen()),
      settings: { tlsFolder: folder, clientCa: true, clientSans: [SAN], tlsPort: await freePort(0) },
      env: {
        ANRF_EDGE_TLS_CERT_FILE: fileOf("edge.crt"),
        ANRF_EDGE_TLS_KEY_FILE: fileOf("edge.key"),
        ANRF_EDGE_TLS_PORT: "0",
        ANRF_EDGE_TLS_CLIENT_CA_FILE: fileOf("clients.crt"),
        ANRF_EDGE_TLS_CLIENT_SANS: SAN,
      },
    });
  }, 180_000);
  afterAll(async () => {
    await behind?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(gateways)(
    "lets in a client whose certificate has a listed name, and no other (%s)",
    async (gateway) => {
      const told = ["ours", "theirs", "sly", undefined].map((client) => ask(gateway, client));
      expect(await Promise.all(told)).toEqual([200, 0, 0, 0]);
    },
  );

  it.each(gateways)("offers HTTP/2 and HTTP/1.1 (%s)", async (gateway) => {
    for (const protocol of ["h2", "http/1.1"])
      expect(await greet(gateway, [protocol])).toEqual([protocol, "first"]);
    expect(await greet(gateway, ["http/1.1", "h2"])).toEqual(["h2", "first"]);
  });

  it.each(gateways)("takes a new certificate while streams run on (%s)", async (gateway) => {
    const opened = Promise.withResolvers<void>();
    const streamed = follow(gateway, () => opened.resolve());
    await opened.promise;
    await rotate(gateway, "second");
    await until("it shows the new one", async () => (await greet(gateway, ["h2"]))[1] === "second", 20_000);
    expect(await ask(gateway, "ours")).toBe(200);
    expect(await streamed).toBe(61);
  });
});
