import { any, type Json } from "./any.ts";

/** A server's certificate with its key, or the authorities that sign certificates of clients, by paths of files. */
export type Secret =
  | { readonly certificateFile: string; readonly keyFile: string }
  | { readonly clientCaFile: string };

/** The content of the file that Envoy watches for a secret of this name. */
export function secretFile(name: "certificate" | "clients", secret: Secret): string {
  const resource = { ...any("extensions.transport_sockets.tls.v3.Secret"), name, ...bodyOf(secret) };
  return JSON.stringify({ resources: [resource] });
}

function bodyOf(secret: Secret): Json {
  const file = (filename: string): Json => ({ filename });
  if ("clientCaFile" in secret) return { validation_context: { trusted_ca: file(secret.clientCaFile) } };
  return {
    tls_certificate: {
      certificate_chain: file(secret.certificateFile),
      private_key: file(secret.keyFile),
    },
  };
}
