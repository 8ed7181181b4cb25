import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCertificate } from "./certificate.ts";

let folder = "";
const path = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "anrf-certificate-"));
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  await writeFile(path("key.pem"), privateKey.export({ type: "pkcs8", format: "pem" }));
  await writeFile(path("text.pem"), "no certificate");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

// Pairs that fit, and their renewal, need a certificate: tests/parity-tls.test.ts and tests/up-tls.test.ts make some.
describe("readCertificate", () => {
  it.each([
    ["a file that is not there", "none.pem", /^cannot read .*none\.pem \(ENOENT\)$/],
    ["a text", "text.pem", /^cannot use .*text\.pem: it does not hold a certificate in PEM$/],
    ["a key", "key.pem", /^cannot use .*key\.pem: it does not hold a certificate in PEM$/],
  ])("refuses %s as a certificate", (_, name, said) => {
    const files = { certFile: path(name), keyFile: path("key.pem"), clientCaFile: undefined };
    expect(() => readCertificate(files)).toThrow(said);
  });
});
