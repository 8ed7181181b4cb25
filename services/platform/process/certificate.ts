import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";

/** Files of a server's certificate, in PEM. */
export interface CertificateFiles {
  /** The certificate, then those of the authorities between. */
  readonly certFile: string;
  readonly keyFile: string;
  /** Authorities that sign certificates of clients; undefined: clients show none. */
  readonly clientCaFile: string | undefined;
}

/** What the files hold: a certificate, and the key that belongs to it. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly clientCa: string | undefined;
}

/** Reads the files; throws where one cannot be used, or where key and certificate do not belong together. */
export function readCertificate({ certFile, keyFile, clientCaFile }: CertificateFiles): Certificate {
  const cert = textOf(certFile);
  const key = textOf(keyFile);
  const own = parsed(certFile, "a certificate", () => new X509Certificate(cert));
  const secret = parsed(keyFile, "a private key without a password", () => createPrivateKey(key));
  if (!own.checkPrivateKey(secret))
    throw new Error(`cannot use ${keyFile}: it is not the key of the certificate in ${certFile}`);
  const clientCa = clientCaFile === undefined ? undefined : textOf(clientCaFile);
  if (clientCa !== undefined)
    parsed(clientCaFile ?? "", "a certificate", () => new X509Certificate(clientCa));
  return { cert, key, clientCa };
}

/** Hears of new content of certificate files. */
export interface CertificateListener {
  changed(certificate: Certificate): void;
  /** New content that cannot be used; the old one stays in use. */
  failed(error: unknown): void;
}

const LOOK_MS = 1_000;

/**
 * Looks for new content each second, however it came there: by a move, an edit, or another target of a symbolic link.
 * A pair that was replaced halfway is tried again until it fits.
 */
export function watchCertificate(files: CertificateFiles, listener: CertificateListener): Disposable {
  const paths = Object.values(files).filter((path): path is string => path !== undefined);
  let seen = versionOf(paths);
  let complained = "";
  const look = (): void => {
    const now = versionOf(paths);
    if (now === seen) return;
    try {
      const certificate = readCertificate(files);
      seen = now;
      complained = "";
      listener.changed(certificate);
    } catch (error) {
      // Once for each state of the files.
      if (complained !== now) listener.failed(error);
      complained = now;
    }
  };
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function versionOf(paths: readonly string[]): string {
  return paths
    .map((path) => {
      try {
        const { ino, mtimeMs, size } = statSync(path);
        return `${ino} ${mtimeMs} ${size}`;
      } catch {
        return "absent";
      }
    })
    .join("\n");
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new Error(`cannot read ${path} (${why})`, { cause: error });
  }
}

function parsed<T>(path: string, what: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new Error(`cannot use ${path}: it does not hold ${what} in PEM`, { cause });
  }
}
