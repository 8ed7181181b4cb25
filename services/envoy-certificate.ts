// A certificate as Envoy watches it.
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Certificate,
  type CertificateFiles,
  readCertificate,
  watchCertificate,
} from "#platform/process/certificate.ts";
import { secretFile } from "../envoy/secrets.ts";
import type { PlatformPlan } from "./platform-member.ts";

/**
 * Puts the certificate where Envoy looks for it, and each later one, for as long as this process lives; answers with the
 * folder. Envoy gets copies, each pair whole: it notices neither an edit in place nor a link that changes.
 */
export async function publishCertificate(plan: PlatformPlan, files: CertificateFiles): Promise<string> {
  const folder = join(plan.layout.run, "tls");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700 });
  let generation = 0;
  const publish = async (certificate: Certificate): Promise<void> => {
    const number = ++generation;
    const write = async (name: string, text: string): Promise<string> => {
      const path = join(folder, `${number}-${name}.pem`);
      await writeFile(path, text, { mode: 0o600 });
      return path;
    };
    const { cert, key, clientCa } = certificate;
    const chain = await write("cert", cert);
    const secret = { certificateFile: chain, keyFile: await write("key", key) };
    await replace(folder, "certificate", secretFile("certificate", secret));
    if (clientCa === undefined) return;
    await replace(folder, "clients", secretFile("clients", { clientCaFile: await write("ca", clientCa) }));
  };
  await publish(readCertificate(files));
  watchCertificate(files, {
    changed: (certificate) => {
      publish(certificate).then(
        () => plan.log(`a new certificate is in use: ${files.certFile}`),
        (error: unknown) => plan.log(`a new certificate could not be handed to Envoy: ${String(error)}`),
      );
    },
    failed: (error) =>
      plan.log(`the certificate was changed and cannot be used, the old one stays: ${String(error)}`),
  });
  return folder;
}

/** By a move: that is what Envoy watches for. */
async function replace(folder: string, name: string, text: string): Promise<void> {
  const fresh = join(folder, `.${name}`);
  await writeFile(fresh, text, { mode: 0o600 });
  await rename(fresh, join(folder, `${name}.yaml`));
}
