import { DEPLOYED, type EnvoySettings } from "./settings.ts";

/** What installations make of the configuration; lint and `--mode validate` look at each. */
export const VARIANTS: Readonly<Record<string, EnvoySettings>> = {
  deployed: DEPLOYED,
  "with TLS": { ...DEPLOYED, tlsFolder: "/etc/envoy/tls" },
  "with TLS and client certificates": {
    ...DEPLOYED,
    tlsFolder: "/etc/envoy/tls",
    clientCa: true,
    clientSans: ["spiffe://anrf/ci"],
  },
  "with traces": { ...DEPLOYED, otlp: { host: "collector", port: 4318, ratio: 1 } },
  "limiting loopback": { ...DEPLOYED, limitLoopback: true, corsOrigins: ["https://app.example"] },
  "open to every page": { ...DEPLOYED, corsOrigins: ["*"] },
};
