import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findTool } from "../scripts/tools.ts";
import { run } from "./clients/run.ts";
import { type Gateways, startGateways } from "./gateways.ts";

const SAN = "spiffe://anrf/ci";
const hasEnvoy = (await findTool("envoy")) !== undefined;
const hasOpenssl = await run("openssl", ["version"]).then(
  ({ status }) => status === 0,
  () => false,
);
const reason = !hasEnvoy
  ? " (skipped: there is no Envoy here)"
  : hasOpenssl
    ? ""
    : " (skipped: there is no openssl here)";

let folder = "";
let port = 0;
let gateways: Gateways;

/** A key with a certificate that it signed itself, for a URI. */
async function makeCertificate(name: string, uri: string): Promise<void> {
  const files = ["-keyout", join(folder, `${name}.key`), "-out", join(folder, `${name}.crt`)];
  const san = ["-addext", `subjectAltName=URI:${uri},DNS:localhost`];
  const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const { status, stderr } = await run("openssl", ["req", ...kind, "-subj", `/CN=${name}`, ...san, ...files]);
  if (status !== 0) throw new Error(stderr);
}

/** The file that Envoy watches for a secret. */
async function writeSecret(name: string, body: object): Promise<void> {
  const type = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";
  await writeFile(
    join(folder, `${name}.yaml`),
    JSON.stringify({ resources: [{ "@type": type, name, ...body }] }),
  );
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** The status of an answer over TLS, with a client certificate or without; 0 where the connection is refused. */
async function ask(client: string | undefined): Promise<number> {
  const own =
    client === undefined
      ? {}
      : {
          cert: await readFile(join(folder, `${client}.crt`)),
          key: await readFile(join(folder, `${client}.key`)),
        };
  const ca = await readFile(join(folder, "server.crt"));
  return new Promise((resolve) => {
    const options = { host: "127.0.0.1", servername: "localhost", port, path: "/v1/self", ca, agent: false };
    const asked = request({ ...options, ...own, headers: { "x-api-key": gateways.key } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.on("error", () => resolve(0));
    asked.end();
  });
}

describe.skipIf(reason !== "")(`TLS at Envoy${reason}`, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "anrf-tls-"));
    await makeCertificate("server", "spiffe://anrf/gateway");
    await makeCertificate("ours", SAN);
    await makeCertificate("theirs", "spiffe://elsewhere/ci");
    const both = await Promise.all(
      ["ours", "theirs"].map((name) => readFile(join(folder, `${name}.crt`), "utf8")),
    );
    await writeFile(join(folder, "clients.crt"), both.join(""));
    const filename = (name: string) => ({ filename: join(folder, name) });
    const pair = { certificate_chain: filename("server.crt"), private_key: filename("server.key") };
    await writeSecret("certificate", { tls_certificate: pair });
    await writeSecret("clients", { validation_context: { trusted_ca: filename("clients.crt") } });
    port = await freePort();
    gateways = await startGateways({ settings: { tlsFolder: folder, clientSans: [SAN], tlsPort: port } });
  }, 180_000);
  afterAll(async () => {
    await gateways?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it("lets in a client whose certificate has a listed name, and no other", async () => {
    expect([await ask("ours"), await ask("theirs"), await ask(undefined)]).toEqual([200, 0, 0]);
  });

  it("offers HTTP/2 and HTTP/1.1", async () => {
    const ca = await readFile(join(folder, "server.crt"));
    const [cert, key] = [await readFile(join(folder, "ours.crt")), await readFile(join(folder, "ours.key"))];
    for (const protocol of ["h2", "http/1.1"]) {
      const chosen = await new Promise<string | false | null>((resolve, reject) => {
        const options = { host: "127.0.0.1", port, ca, cert, key, servername: "localhost" };
        const socket: TLSSocket = connect({ ...options, ALPNProtocols: [protocol] }, () => {
          resolve(socket.alpnProtocol);
          socket.destroy();
        });
        socket.on("error", reject);
      });
      expect(chosen).toBe(protocol);
    }
  });
});
