import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./clients/run.ts";

/** Why no certificates can be made here; "" where they can. */
export const NO_CERTIFICATES = await run("openssl", ["version"]).then(
  ({ status }) => (status === 0 ? "" : "there is no openssl here"),
  () => "there is no openssl here",
);

/** Makes a key with a certificate that it signed itself, for localhost and a URI: `name.key` and `name.crt`. */
export async function makeCertificate(folder: string, name: string, uri: string): Promise<void> {
  const files = ["-keyout", join(folder, `${name}.key`), "-out", join(folder, `${name}.crt`)];
  // A section of its own takes any URI, one with a comma too.
  const config = join(folder, `${name}.cnf`);
  const names = `[names]\nURI.1 = ${uri}\nDNS.1 = localhost\nIP.1 = 127.0.0.1\n`;
  const sections =
    "[req]\ndistinguished_name = dn\nx509_extensions = ext\n[dn]\n[ext]\nsubjectAltName = @names\n";
  await writeFile(config, sections + names);
  const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const subject = ["-config", config, "-subj", `/CN=${name}`];
  const { status, stderr } = await run("openssl", ["req", ...kind, ...subject, ...files]);
  if (status !== 0) throw new Error(stderr);
}
