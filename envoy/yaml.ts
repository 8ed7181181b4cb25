import { stringify } from "yaml";
import type { Json } from "./any.ts";

/** A configuration as Envoy reads it: `no` and `OFF` are truth values to its reader, so YAML 1.1 says what is quoted; nothing is shared by YAML aliases, so that a diff shows what changed. */
export function envoyYaml(config: Json): string {
  return `# Printed by npm run generate from services/topology.ts and the contract; do not edit.\n${stringify(
    config,
    {
      aliasDuplicateObjects: false,
      lineWidth: 110,
      version: "1.1",
    },
  )}`;
}
