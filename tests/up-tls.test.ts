import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findTool } from "../scripts/tools.ts";
import { makeCertificate, NO_CERTIFICATES } from "./certificates.ts";
import { run } from "./clients/run.ts";
import { type Collector, startCollector } from "./collector.ts";
import { GATEWAYS } from "./parity/ways.ts";
import { until } from "./platform.ts";
import type { Json } from "./rest.ts";

const SAN = "spiffe://anrf/ci";
const CLI = join(import.meta.dirname, "../clients/cli/anrf.ts");
const hasEnvoy = (await findTool("envoy")) !== undefined;
const gateways = hasEnvoy ? GATEWAYS : (["edge"] as const);
const hasCurl = await run("curl", ["--version"]).then(
  ({ status }) => status === 0,
  () => false,
);
const missing = NO_CERTIFICATES !== "" ? NO_CERTIFICATES : hasCurl ? "" : "there is no curl here";
const reason = missing === "" ? "" : ` (skipped: ${missing})`;
const alone = hasEnvoy ? "" : " (the edge alone: there is no Envoy here)";

/** The command line as people start it, with a data folder of its own. */
function anrf(folder: string, args: readonly string[], cwd = folder) {
  const env = {
    PATH: process.env["PATH"],
    HOME: folder,
    ANRF_DATA: join(folder, "data"),
    ANRF_DURABLE: "false",
    ...(process.env["ENVOY_BIN"] ? { ENVOY_BIN: process.env["ENVOY_BIN"] } : {}),
  };
  return new Promise<{ readonly code: number; readonly out: string; readonly err: string }>((resolve) => {
    const words = ["--disable-warning=ExperimentalWarning", CLI, ...args];
    execFile(process.execPath, words, { env, cwd }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

describe.skipIf(missing !== "").each(gateways)(
  `anrf up with TLS and traces${reason}${alone}, gateway %s`,
  (gateway) => {
    let folder = "";
    let collector: Collector;
    let up: { readonly tlsUrl: string; readonly apiKey: string };

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "anrf-up-tls-"));
      collector = await startCollector();
      for (const name of ["server", "next"]) await makeCertificate(folder, name, "spiffe://anrf/gateway");
      await makeCertificate(folder, "ours", SAN);
      // Files are named as seen from where the command is given.
      const own = ["--tls-cert", "server.crt", "--tls-key", "server.key", "--tls-port", "0"];
      const tls = [...own, "--tls-client-ca", "ours.crt", "--tls-client-san", SAN];
      const flags = ["--gateway", gateway, "--port", "0", "--json", "--headless", "--otlp", collector.url];
      const { code, out, err } = await anrf(folder, ["up", ...flags, ...tls]);
      expect([code, err]).toEqual([0, ""]);
      up = JSON.parse(out) as typeof up;
    }, 240_000);
    afterAll(async () => {
      const { code } = await anrf(folder, ["down"]);
      expect(code).toBe(0);
      await collector[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    }, 120_000);

    const shown = (): Promise<string> =>
      new Promise((resolve, reject) => {
        const { hostname, port } = new URL(up.tlsUrl);
        const own = {
          cert: readFileSync(join(folder, "ours.crt")),
          key: readFileSync(join(folder, "ours.key")),
        };
        const options = { host: hostname, port: Number(port), rejectUnauthorized: false, ...own };
        const socket = connect(options, () => {
          resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? "");
          socket.destroy();
        });
        socket.on("error", reject);
      });
    const fingerprint = (name: string): string =>
      new X509Certificate(readFileSync(join(folder, name))).fingerprint256;

    it("answers curl over HTTPS, and the trace of the request reaches the collector", async () => {
      const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
      const args = ["-sS", "--cacert", join(folder, "server.crt"), "-w", "\n%{http_version} %{http_code}"];
      const headers = [
        "-H",
        `x-api-key: ${up.apiKey}`,
        "-H",
        `traceparent: 00-${traceId}-00f067aa0ba902b7-01`,
      ];
      const own = ["--cert", join(folder, "ours.crt"), "--key", join(folder, "ours.key")];
      const asked = [...args, ...headers, `${up.tlsUrl}/v1/self`];
      const { status, stdout, stderr } = await run("curl", [...own, ...asked]);
      expect([status, stderr]).toEqual([0, ""]);
      const [body = "", end = ""] = stdout.split(/\n(?=[\d.]+ \d+$)/);
      expect(end).toBe("2 200");
      expect((JSON.parse(body) as Json)["tier"]).toBe("UNLIMITED");
      const entry = gateway === "edge" ? "anrf-edge" : "anrf-gateway";
      await until("the spans of gateway and service have arrived", async () => {
        const names = collector.spans
          .filter((span) => span.traceId === traceId)
          .map(({ service }) => service);
        return names.includes(entry) && names.includes("anrf-auth");
      });
    });

    it("refuses a caller that shows no certificate", async () => {
      const args = ["-sS", "--cacert", join(folder, "server.crt"), "-H", `x-api-key: ${up.apiKey}`];
      const { status, stdout } = await run("curl", [...args, `${up.tlsUrl}/v1/self`]);
      expect([status === 0, stdout]).toEqual([false, ""]);
    });

    it("takes a certificate that replaces the old one", async () => {
      expect(await shown()).toBe(fingerprint("server.crt"));
      const next = fingerprint("next.crt");
      // Halfway they do not belong together: the old pair stays.
      await copyFile(join(folder, "next.crt"), join(folder, "server.crt"));
      await copyFile(join(folder, "next.key"), join(folder, "server.key"));
      await until("it shows the new one", async () => (await shown()) === next, 30_000);
    });

    it("is named with its address of TLS by a second up", async () => {
      const { code, out } = await anrf(folder, ["up", "--json", "--headless"]);
      expect([code, (JSON.parse(out) as { tlsUrl?: string }).tlsUrl]).toEqual([0, up.tlsUrl]);
    });
  },
);

describe.skipIf(NO_CERTIFICATES !== "")(`anrf up with a certificate that cannot be used${reason}`, () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "anrf-up-bad-"));
    for (const name of ["a", "b"]) await makeCertificate(folder, name, "spiffe://anrf/gateway");
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([
    ["a key of another one", ["--tls-cert", "a.crt", "--tls-key", "b.key"], /b\.key: it is not the key of/],
    ["no key", ["--tls-cert", "a.crt"], /belong together: set both/],
    [
      "a file that is not there",
      ["--tls-cert", "c.crt", "--tls-key", "a.key"],
      /cannot read .*c\.crt \(ENOENT\)/,
    ],
    [
      "names of clients without an authority",
      ["--tls-client-san", "spiffe://x"],
      /without .* there is no TLS/,
    ],
  ])(
    "says so and starts nothing: %s",
    async (_, flags, said) => {
      const { code, err } = await anrf(folder, ["up", "--port", "0", "--headless", ...flags]);
      expect(code).not.toBe(0);
      expect(err).toMatch(said);
      expect((await anrf(folder, ["status"])).code).toBe(78);
    },
    60_000,
  );
});
